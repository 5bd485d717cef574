"""A log that lies is found out, and what it signed convicts it before anybody.

Issue: a rewritten entry, a hidden withdrawal in the server's answer, a forked tree, a
rolled-back tree, a key that was revoked, a back-dated act: each is reported with evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.acts.world import (
    A,
    World,
    key,
    log_key,
    log_signer,
    released_letter,
    sealed_over,
    world,
)
from tests.monitor.served import Clock, Face, Served, face, public
from tests.trust.chains import following, root_of

from vidimus import wiring
from vidimus.adapters import monitor_state
from vidimus.adapters.monitor_state import MonitorState
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.vocabulary import Clear, Hold, LogKey, OwnKey, RevokeKey, Withdraw
from vidimus.core.log import fork, merkle, note, tiles
from vidimus.core.log.cosignature import Cosigner, cosign
from vidimus.core.monitor import evidence, exhibits
from vidimus.core.monitor.finding import Finding, Kind
from vidimus.core.monitor.mirror import Kept
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import log_verifiers
from vidimus.errors import OutsideFailed, UsageError, VidimusError
from vidimus.operations.monitor.rounds import Monitor, Round

MIN = ("p-min", "ministry")
PRESS = ("p-press", "ministry/press")


def shown(found: World, size: int | None = None) -> Served:
    return Served(face(found, size))


@dataclass
class Scene:
    """A monitor on a source that can be made to lie, and its state."""

    folder: Path
    source: Served
    clock: Clock
    trust: bytes
    monitor: Monitor
    state: MonitorState

    def round(self, served: Served | None = None) -> Round:
        if served is not None:
            self.source.files = served.files
        return self.monitor.round()

    def found(self, served: Served | None = None) -> dict[Kind, tuple[Finding, Kept]]:
        """What one round finds, by kind; every finding is checked from its files alone."""
        done = self.round(served)
        for _, kept in done.found:
            self.proved(kept)
        return {finding.kind: (finding, kept) for finding, kept in done.found}

    def only(self, kind: Kind, served: Served | None = None) -> tuple[Finding, str]:
        """The one kind of finding of this round, and what its evidence proves."""
        found = self.found(served)
        assert set(found) == {kind}, {name: each[0].fact for name, each in found.items()}
        finding, kept = found[kind]
        return finding, self.proved(kept)

    def proved(self, kept: Kept) -> str:
        _, shown = wiring.check_evidence(Path(kept.evidence), self.trust)
        said = " ".join(shown.sentences)
        assert shown.proved != ("the monitor alone has seen" in said)
        return said


Begin = Callable[..., Scene]
Spoil = Callable[[Served, str], None]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Opens a monitor that has followed a country so far."""
    opened: list[MonitorState] = []

    def start(found: World, size: int | None = None, *, answers: bool = False) -> Scene:
        source = Served(face(found, size), answers)
        state = MonitorState(tmp_path / f"state-{len(opened)}")
        opened.append(state)
        clock = Clock(found.now)
        trust = roots.write(root_of(found))
        monitor = Monitor(source, state, clock)
        scene = Scene(tmp_path, source, clock, trust, monitor, state)
        if answers:
            answer_truly(scene, found, size)
        assert monitor.round().exit_status == 0
        return scene

    yield start
    for each in opened:
        each.close()


def answer_truly(scene: Scene, found: World, size: int | None = None) -> None:
    """Claims on every subject that there is, as a server would sign them."""
    whole = Face(public(found)[:size])
    for asked, content in claims(whole, index_of(found, size)).items():
        scene.source.files[asked] = content


def index_of(found: World, size: int | None = None) -> dict[str, list[int]]:
    """Subjects and their entries, of everything public."""
    entries: dict[str, list[int]] = {AUTHORITY: []}
    for index, logged in enumerate(found.log[:size]):
        if not logged.sealed:
            subject = found.entry(index, found.folding.authority).act.subject
            entries.setdefault(subject, []).append(index)
    return entries


def claims(whole: Face, said: Mapping[str, list[int]]) -> dict[str, bytes]:
    names = sorted(said)
    return {f"subjects/{','.join(names)}": whole.claim(dict(said))}


def with_more(found: World, steps: int = 3) -> World:
    """… and what happens next."""
    more = found.copy()
    for step in range(steps):
        more.do(*MIN, Clear(A) if step % 2 else Hold(A))
    return more


# --- the six ------------------------------------------------------------------------------------


def test_an_entry_that_is_served_with_other_bytes_later(begin: Begin) -> None:
    """Its files are read again, and compared byte by byte with one's own copy."""
    found = with_more(released_letter())
    scene = begin(found)
    other = public(found)
    other[4] = other[3]
    scene.source.files[tiles.entries_path(0, len(other))] = tiles.write_entries(
        [raw for raw, _ in other]
    )
    finding, proved = scene.only(Kind.REWRITTEN)
    assert finding.index == 4
    assert "other bytes (served.cose) were served as entry 4" in proved
    files = Path(scene.folder).rglob("served.cose")
    assert next(files).read_bytes() == other[4][0]
    # It is found in every round as long as it lasts, and kept once.
    assert [kept.new for _, kept in scene.round().found] == [False]


def test_an_entry_that_is_served_with_other_bytes_the_first_time(begin: Begin) -> None:
    """Then only its hash is known, from the signed tree; nothing behind it is taken."""
    found = released_letter()
    scene = begin(found)
    more = with_more(found)
    lie = shown(more)
    at = len(found.log) + 1
    pairs = public(more)
    pairs[at] = pairs[3]
    lie.files[tiles.entries_path(0, len(pairs))] = tiles.write_entries([raw for raw, _ in pairs])
    finding, proved = scene.only(Kind.REWRITTEN, lie)
    assert finding.index == at
    assert f"It has another entry {at}." in proved
    assert scene.state.size() == len(found.log)
    assert scene.round(shown(more)).found == ()
    assert scene.state.size() == len(more.log)


def test_a_document_that_is_not_the_one_its_entry_names(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    more = with_more(found)
    lie = shown(more)
    at = len(found.log) + 1
    documents = [document for _, document in public(more)]
    documents[at] = documents[at - 1]
    lie.files[tiles.acts_path(0, len(documents))] = tiles.write_documents(documents)
    finding, proved = scene.only(Kind.REWRITTEN, lie)
    assert finding.index == at and "That another document" in proved
    assert scene.state.size() == at, "what stands before it was read"
    assert scene.round(shown(more)).found == ()


def test_a_withdrawal_that_the_server_does_not_speak_of(begin: Begin) -> None:
    """The claim is signed by the log's key; the entry that it leaves out refutes it."""
    found = released_letter()
    scene = begin(found, answers=True)
    found.do(*MIN, Withdraw(A))
    at = len(found.log) - 1
    scene.source.files = face(found)
    said = index_of(found)
    assert said[A].pop() == at
    scene.source.files |= claims(Face(public(found)), said)
    finding, proved = scene.only(Kind.HIDDEN)
    assert finding.index == at
    assert f"it does not name entry {at}, which is on {A}" in proved
    assert finding.signed_by == (f"letters.example.org/log (key {KEY_ID})",)


def test_an_old_claim_hides_no_withdrawal_for_longer_than_a_round(begin: Begin) -> None:
    """It is true of its tree, and silent on what came since; the head is of a larger one."""
    found = released_letter()
    scene = begin(found, answers=True)
    old = dict(scene.source.files)
    found.do(*MIN, Withdraw(A))
    at = len(found.log) - 1
    (asked,) = (name for name in old if name.startswith("subjects/"))
    scene.source.files = face(found) | {asked: old[asked]}
    first = scene.round()
    assert first.exit_status == 0, "a claim may be behind the head for a moment"
    assert any("the next round asks again" in each for each in first.notes)
    finding, proved = scene.only(Kind.STALE_CLAIM)
    assert finding.index == at and f"it is silent on entry {at}" in finding.fact
    assert "the monitor alone has seen" in proved
    assert [kept.new for _, kept in scene.round().found] == [False]
    answer_truly(scene, found)
    healed = scene.round()
    assert healed.exit_status == 0 and healed.over == (finding.key,)


def test_nothing_is_over_that_was_not_looked_at(begin: Begin) -> None:
    """A claim that cannot be had, a head that is not accepted: they end no finding."""
    found = released_letter()
    scene = begin(found, answers=True)
    old = dict(scene.source.files)
    found.root(following(found, witnesses=POLICY))
    scene.source.files = old | face(found)
    scene.trust = roots.write(root_of(found))
    scene.round()
    assert set(scene.found()) == {Kind.UNWITNESSED, Kind.STALE_CLAIM}
    scene.source.files = {"trust.json": scene.trust}
    assert scene.round().over == ()


def test_an_act_that_the_server_puts_on_another_letter(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found, answers=True)
    said = index_of(found)
    said[A] = [said[AUTHORITY].pop(), *said[A]]
    scene.source.files |= claims(Face(public(found)), said)
    found_kinds = scene.found()
    assert set(found_kinds) == {Kind.FALSE_CLAIM, Kind.HIDDEN}


def test_a_claim_on_another_tree_than_the_one_that_is_signed(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found, answers=True)
    other = public(found)
    other[-1] = other[0]
    said = index_of(found)
    (path,) = claims(Face(public(found)), said)
    scene.source.files[path] = Face(other).claim(said)
    finding, proved = scene.only(Kind.FALSE_CLAIM)
    assert "that is not its beginning" in proved and finding.index is None


def test_a_larger_tree_that_does_not_go_on(begin: Begin) -> None:
    """Everything in it is well signed, and it is not the log that was there before."""
    found = released_letter()
    mine, theirs = with_more(found), found.copy()
    theirs.do(*MIN, Withdraw(A))
    forked = with_more(theirs, 4)
    scene = begin(mine)
    finding, proved = scene.only(Kind.FORKED, shown(forked))
    assert finding.index == len(found.log), "the first entry that differs"
    assert "Both cannot be" in proved
    # What was served is not taken in; the log that was there before is still followed.
    assert scene.state.size() == len(mine.log)
    assert scene.round(shown(with_more(found, 5))).found == ()


def test_two_roots_for_one_size(begin: Begin) -> None:
    found = released_letter()
    mine, theirs = found.copy(), found.copy()
    mine.do(*MIN, Hold(A))
    theirs.do(*MIN, Withdraw(A))
    finding, proved = begin(mine).only(Kind.FORKED, shown(theirs))
    assert "two roots were signed for one size" in proved
    assert finding.signed_by == (f"letters.example.org/log (key {KEY_ID})",)


def test_a_smaller_tree_that_is_another_one(begin: Begin) -> None:
    found = released_letter()
    theirs = found.copy()
    theirs.do(*MIN, Withdraw(A))
    scene = begin(with_more(found))
    assert scene.only(Kind.FORKED, shown(theirs))[0].signed_by


def test_a_second_look_that_shows_another_tree(begin: Begin) -> None:
    """A server may show the files one tree and whoever asks it another."""
    found = released_letter()
    scene = begin(found, answers=True)
    theirs = found.copy()
    theirs.do(*MIN, Withdraw(A))
    mine = found.copy()
    mine.do(*MIN, Hold(A))

    class Changing(Served):
        looks = 0

        def read(self, path: str) -> bytes:
            if path == "checkpoint":
                self.looks += 1
                self.files["checkpoint"] = (
                    Face(public((mine, theirs)[self.looks > 1])).checkpoint().encode()
                )
            return super().read(path)

    scene.monitor = Monitor(
        Changing(face(mine), True), scene.state, scene.clock, pinned=roots.read(scene.trust)
    )
    assert Kind.FORKED in scene.found()


def test_a_tree_that_was_rolled_back(begin: Begin) -> None:
    """Both are well signed; that the smaller one came later, the monitor has seen."""
    found = with_more(released_letter())
    scene = begin(found)
    size = len(found.log) - 2
    finding, proved = scene.only(Kind.ROLLED_BACK, shown(found, size))
    assert f"and one of {size}" in proved
    assert finding.signed_by == (f"letters.example.org/log (key {KEY_ID})",)
    assert scene.state.size() == len(found.log)


def test_a_statement_under_a_key_that_was_revoked(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    last = len(found.log) - 1
    found.root(RevokeKey("p-min", key("p-min"), last))
    found.do(*MIN, Hold(A))
    finding, proved = scene.only(Kind.REVOKED_KEY, shown(found))
    assert finding.index == last + 2
    assert f"counts up to entry {last} only" in proved
    assert A not in {
        line.get("letter") for _, line in scene.state.untold() if line["type"] == "act"
    }


def test_a_seal_under_a_key_that_was_retired(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    ended = (OwnKey(key("seal"), len(found.log) - 1), OwnKey(key("seal-2")))
    found.root(following(found, seal_keys=ended))
    found.append(*sealed_over(b"{}", int(found.now.timestamp())))
    scene.trust = roots.write(root_of(found))
    finding, proved = scene.only(Kind.REVOKED_KEY, shown(found))
    assert finding.index == len(found.log) - 1 and "seals up to entry" in proved


def test_a_checkpoint_by_a_key_of_the_log_that_was_retired(begin: Begin) -> None:
    found = released_letter()
    ended = (LogKey(log_key(), len(found.log)), LogKey(log_key("log-2")))
    found.root(following(found, log_keys=ended))
    now = Face(public(found), (log_signer("log-2"),)).files()
    trust = {"trust.json": roots.write(root_of(found))}
    scene = begin(released_letter())
    scene.trust = trust["trust.json"]
    assert scene.round(Served(now | trust)).exit_status == 0, "the new key counts"
    more = with_more(found)
    finding, proved = scene.only(Kind.REVOKED_KEY, Served(Face(public(more)).files() | trust))
    assert "a tree of 19 entries only" in proved and "retired at size 19" in finding.fact
    assert finding.signed_by == (f"letters.example.org/log (key {KEY_ID})",)
    assert scene.state.size() == len(found.log)


def test_an_act_that_bears_an_earlier_time_than_those_before_it(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    found.do(*MIN, Hold(A), later=timedelta(hours=2))
    found.do(*MIN, Withdraw(A), later=timedelta(hours=-1))
    finding, proved = scene.only(Kind.BACK_DATED, shown(found))
    assert finding.index == len(found.log) - 1
    assert proved.count("bears the time") == 2


def test_what_is_published_late_accuses_nobody(begin: Begin) -> None:
    """A mirror that is copied once an hour shows every act late; dated back looks the same."""
    found = live()
    scene = begin(found)
    size = len(found.log)
    scene.clock.time = found.now + timedelta(hours=5)
    assert scene.round().exit_status == 0
    list(map(scene.state.told, [last for last, _ in scene.state.untold()]))
    scene.clock.time += timedelta(hours=1)
    found.do(*MIN, Hold(A), later=timedelta(hours=4))
    found.do(*MIN, Withdraw(A))
    done = scene.round(shown(found))
    assert (done.exit_status, done.found, done.size) == (0, (), size + 2)
    (remark,) = [line for _, line in scene.state.untold() if line["type"] == "remark"]
    assert remark["index"] == size and "signed_by" not in remark
    assert f"published late, or dated back: entry {size} bears" in str(remark["fact"])
    assert f"so with 1 more, up to entry {size + 1}" in str(remark["fact"])


def test_an_old_tree_that_is_cosigned_again_dates_nothing_back(begin: Begin) -> None:
    """A witness signs the size that it knows for anybody and at any time; so of an honest log
    anybody could have got that."""
    found = live()
    scene = begin(found)
    found.root(following(found, witnesses=POLICY))
    trust = root_of(found)
    found.do(*MIN, Withdraw(A))
    whole = Face(public(found))
    size = len(found.log)
    head, path = whole.checkpoint(), merkle.inclusion(size - 1, size, whole.tree.read)
    last = public(found)[-1]
    files = exhibits.entry_files("entry", size - 1, *last, path, head)
    late = cosigned(found, found.now + timedelta(hours=5), size - 1).files["checkpoint"]
    with pytest.raises(VidimusError):
        evidence.check(Kind.BACK_DATED, {**files, "earlier.checkpoint": late}, trust)
    scene.clock.time = found.now + timedelta(hours=6)
    assert scene.round(cosigned(found, scene.clock.time)).exit_status == 0


def test_an_act_of_a_time_that_has_not_come(begin: Begin) -> None:
    """In a live log; the clock of an exercise is its own."""
    found = live()
    scene = begin(found)
    found.do(*MIN, Hold(A), later=timedelta(minutes=4))
    assert scene.round(shown(found)).exit_status == 0, "clocks differ by minutes"
    found.do(*MIN, Withdraw(A), later=timedelta(days=3))
    finding, proved = scene.only(Kind.FUTURE, shown(found))
    assert finding.index == len(found.log) - 1 and "by this machine's clock" in finding.fact
    assert "That this time had not come" in proved
    played = released_letter()
    scene = begin(played)
    played.do(*MIN, Hold(A), later=timedelta(days=3))
    assert scene.round(shown(played)).exit_status == 0


def test_a_few_minutes_are_no_lie(begin: Begin) -> None:
    """Statements arrive out of order by minutes, and clocks differ (decision 12)."""
    found = live()
    scene = begin(found)
    scene.clock.time = found.now + timedelta(minutes=2)
    assert scene.round().exit_status == 0
    found.do(*MIN, Hold(A), later=timedelta(seconds=1))
    found.do(*MIN, Clear(A), later=timedelta(minutes=-4))
    assert scene.round(shown(found)).exit_status == 0


# --- and further ones ---------------------------------------------------------------------------


def test_an_act_without_effect_should_not_have_been_admitted(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    found.do("p-other", "other", Hold(A))
    finding, _ = scene.only(Kind.NO_EFFECT, shown(found))
    assert "by p-other, has no effect" in finding.fact


def test_an_entry_that_nobody_signed(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    found.do(*MIN, Hold(A), seed="somebody")
    finding, proved = scene.only(Kind.FALSE_ENTRY, shown(found))
    assert finding.index == len(found.log) - 1 and "entry.cose" in proved


def test_bytes_that_are_no_statement_at_all(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    lie = Face([*public(found), (b"junk", None)]).files()
    finding, _ = scene.only(Kind.FALSE_ENTRY, Served(lie | {"trust.json": scene.trust}))
    assert "no statement" in finding.fact
    assert scene.round().exit_status == 0, "it is on the log for good, and was reported"


def test_a_sealed_entry_that_lies_open(begin: Begin) -> None:
    found = released_letter()
    scene = begin(world())
    lie = Face([(each.raw, each.document) for each in found.log]).files()
    found_kinds = scene.found(Served(lie | {"trust.json": scene.trust}))
    assert set(found_kinds) == {Kind.OPEN_SEAL}


def test_a_checkpoint_that_nobody_known_signed(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    more = with_more(found)
    lie = Face(public(more), (log_signer("somebody"),)).files() | {"trust.json": scene.trust}
    _, proved = scene.only(Kind.UNSIGNED, Served(lie))
    assert "no checkpoint of this log" in proved


@pytest.mark.parametrize("content", [b"", b"\xff", b"x\n", b"x" * 100_000])
def test_anything_in_place_of_the_checkpoint(begin: Begin, content: bytes) -> None:
    scene = begin(released_letter())
    scene.source.files["checkpoint"] = content
    assert set(scene.found()) == {Kind.UNSIGNED}


def test_a_trust_root_of_another_founding(begin: Begin) -> None:
    scene = begin(released_letter())
    scene.source.files["trust.json"] = roots.write(root_of(world("live")))
    finding, proved = scene.only(Kind.TRUST_CHANGED)
    assert "another founding" in finding.fact
    assert "does not go on from pinned.json" in proved


def test_a_trust_root_that_goes_back(begin: Begin) -> None:
    found = released_letter()
    older = roots.write(root_of(found))
    found.root(following(found))
    scene = begin(found)
    scene.source.files["trust.json"] = older
    assert "ends at version 1" in scene.only(Kind.TRUST_CHANGED)[0].fact


def test_a_trust_root_that_says_what_the_log_does_not(begin: Begin) -> None:
    """Its new version is well signed by the founders, and stands nowhere on the log."""
    found = released_letter()
    scene = begin(found)
    secret = found.copy()
    secret.root(following(secret))
    lie = shown(with_more(found))
    lie.files["trust.json"] = roots.write(root_of(secret))
    done = scene.round(lie)
    (finding, _), *_ = done.found
    assert finding.kind is Kind.TRUST_CHANGED
    assert f"entry {len(found.log)} of the log is not the one in the trust root" in finding.fact


def test_a_new_version_of_the_trust_is_followed_from_the_log_itself(begin: Begin) -> None:
    """The file beside the log may be late; what the log says is as good."""
    found = released_letter()
    scene = begin(found)
    late = scene.source.files["trust.json"]
    both = (LogKey(log_key()), LogKey(log_key("log-2")))
    found.root(following(found, log_keys=both))
    served = shown(found)
    served.files["trust.json"] = late
    assert scene.round(served).exit_status == 0
    assert scene.monitor.trust.version == 2
    only_new = Face(public(with_more(found)), (log_signer("log-2"),)).files()
    served = Served(only_new | {"trust.json": roots.write(root_of(found))})
    assert scene.round(served).exit_status == 0


# --- what cannot be read --------------------------------------------------------------------------


def missing(served: Served, path: str) -> None:
    del served.files[path]


def short(served: Served, path: str) -> None:
    served.files[path] = served.files[path][:-1]


def empty(served: Served, path: str) -> None:
    served.files[path] = b""


@pytest.mark.parametrize("spoil", [missing, short, empty])
@pytest.mark.parametrize("what", ["entries", "acts", "tile", "checkpoint"])
def test_a_gap_is_said_aloud_and_the_position_stays(begin: Begin, what: str, spoil: Spoil) -> None:
    """Issue: never skips a gap silently. The next round tries again, and goes on."""
    found = released_letter()
    scene = begin(found)
    more = with_more(found)
    width = len(more.log)
    paths = {
        "entries": tiles.entries_path(0, width),
        "acts": tiles.acts_path(0, width),
        "tile": tiles.Tile(0, 0, width).path,
        "checkpoint": "checkpoint",
    }
    gap = shown(more)
    spoil(gap, paths[what])
    first = scene.clock.time
    done = scene.round(gap)
    assert {finding.kind for finding, _ in done.found} <= {Kind.UNREADABLE, Kind.UNSIGNED}
    assert done.exit_status in (1, 3)
    assert done.exit_status == 3 or what == "checkpoint"
    assert scene.state.size() == len(found.log)
    scene.clock.time += timedelta(hours=1)
    again = scene.round(gap)
    assert all(kept.since == first and not kept.new for _, kept in again.found)
    healed = scene.round(shown(more))
    assert healed.exit_status == 0 and healed.read == width - len(found.log)
    if what != "checkpoint" or spoil is missing:
        assert healed.over, "and it is said that it is over"


def test_a_document_that_is_withheld_ends_the_reading_there(begin: Begin) -> None:
    """It may be a withdrawal: nothing behind it is judged."""
    found = released_letter()
    scene = begin(found)
    more = with_more(found)
    documents = [document for _, document in public(more)]
    documents[len(found.log) + 1] = None
    gap = shown(more)
    gap.files[tiles.acts_path(0, len(documents))] = tiles.write_documents(documents)
    done = scene.round(gap)
    assert done.exit_status == 3
    assert done.size == len(found.log) + 1
    assert scene.round(shown(more)).exit_status == 0


def test_old_files_that_vanish_are_said_to_be_gone(begin: Begin) -> None:
    found = with_more(released_letter())
    scene = begin(found)
    missing(scene.source, tiles.entries_path(0, len(found.log)))
    finding, _ = scene.only(Kind.UNREADABLE)
    assert "cannot be read again" in finding.fact


def test_a_log_that_nobody_else_confirms(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    found.root(following(found, witnesses=POLICY))
    scene.trust = roots.write(root_of(found))
    finding, proved = scene.only(Kind.UNWITNESSED, shown(found))
    assert "Not witnessed yet" in finding.fact and "none" in proved
    assert scene.round(cosigned(found, scene.clock.time)).over == ("unwitnessed/quorum",)
    more = with_more(found)
    finding, _ = scene.only(Kind.UNWITNESSED, shown(more))
    assert "Not witnessed since" in finding.fact


# --- the country --------------------------------------------------------------------------------


KEY_ID = log_signer().verifier.key_id.hex()
WITNESS = Cosigner.of("witness.example.org/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
POLICY = f"witness north {WITNESS.verifier}\nquorum north\n"


def live() -> World:
    """As `released_letter`, in a registry that is no exercise."""
    found = world("live")
    found.draft(A)
    signed = found.sign(A)
    assert found.valid(found.release([signed], A))
    return found


def cosigned(found: World, time: datetime, size: int | None = None) -> Served:
    served = shown(found, size)
    text = served.files["checkpoint"].decode()
    line = cosign(note.parse(text).text, int(time.timestamp()), WITNESS)
    served.files["checkpoint"] = (text + str(line)).encode()
    return served


def test_the_evidence_of_a_fork_is_the_one_file_that_convicts(begin: Begin) -> None:
    found = released_letter()
    theirs = found.copy()
    theirs.do(*MIN, Withdraw(A))
    _, kept = begin(with_more(found)).found(shown(theirs))[Kind.FORKED]
    content = (Path(kept.evidence) / "fork.json").read_bytes()
    trust = root_of(found).trust
    assert fork.check(fork.read(content), lambda size: log_verifiers(trust, size)).why


def test_evidence_that_was_changed_proves_nothing(begin: Begin) -> None:
    """One flipped bit in any file that is signed or proved, and the check says no."""
    found = released_letter()
    scene = begin(found, answers=True)
    found.do(*MIN, Withdraw(A))
    scene.source.files = face(found)
    said = index_of(found)
    said[A].pop()
    scene.source.files |= claims(Face(public(found)), said)
    _, kept = scene.found()[Kind.HIDDEN]
    path = Path(kept.evidence) / "claim.json"
    content = path.read_bytes()
    for at in range(0, len(content), 7):
        changed = bytearray(content)
        changed[at] ^= 1
        path.write_bytes(changed)
        with pytest.raises(VidimusError):
            scene.proved(kept)
    path.write_bytes(content)
    scene.proved(kept)


def test_what_anybody_can_forge_from_an_honest_log_is_not_proved() -> None:
    """Issue: evidence has to be judged by somebody who trusts nobody, the monitor neither."""
    found = released_letter()
    trust, pairs = root_of(found), public(found)
    whole, size = Face(pairs), len(found.log)
    path = merkle.inclusion(4, size, whole.tree.read)
    entry = exhibits.entry_files("entry", 4, *pairs[4], path, whole.checkpoint())
    leaf = {
        "leaf.json": exhibits.place_file(4, merkle.leaf_hash(pairs[4][0]), path),
        "signed.checkpoint": whole.checkpoint().encode(),
    }
    forged: list[tuple[Kind, dict[str, bytes]]] = [
        (Kind.REWRITTEN, {**entry, "served.cose": b"junk"}),
        (Kind.REWRITTEN, {**entry, "served.json": b"junk"}),
        (Kind.REWRITTEN, {**leaf, "served.cose": b"junk"}),
        (Kind.FALSE_ENTRY, entry),
        (Kind.NO_EFFECT, entry),
        (Kind.UNREADABLE, {}),
        (Kind.UNSIGNED, {"served.checkpoint": b"junk"}),
        (Kind.UNWITNESSED, {"served.checkpoint": whole.checkpoint().encode()}),
        (Kind.TRUST_CHANGED, {"pinned.json": roots.write(trust), "served.json": b"junk"}),
        (
            Kind.ROLLED_BACK,
            {
                "seen.checkpoint": whole.checkpoint().encode(),
                "served.checkpoint": whole.checkpoint(5).encode(),
            },
        ),
        (
            Kind.STALE_CLAIM,
            {
                "seen.checkpoint": whole.checkpoint().encode(),
                "claim.note": whole.claim({AUTHORITY: [0]}, 1),
            },
        ),
    ]
    for kind, files in forged:
        shown = evidence.check(kind, files, trust)
        assert not shown.proved, kind
        assert "the monitor alone has seen" in shown.sentences[-1]


def test_nobody_is_said_to_have_signed_what_nobody_signed(begin: Begin) -> None:
    found = released_letter()
    scene = begin(found)
    path = tiles.entries_path(0, len(found.log))
    raws = [raw for raw, _ in public(found)]
    scene.source.files[path] = tiles.write_entries([*raws[:4], b"junk", *raws[5:]])
    finding, proved = scene.only(Kind.REWRITTEN)
    assert finding.signed_by == ()
    assert finding.tree_signed_by == (f"letters.example.org/log (key {KEY_ID})",)
    assert "served.cose, as entry 4, is signed by nobody." in proved


def test_a_checkpoint_that_nobody_signed_is_under_no_revoked_key() -> None:
    found = released_letter()
    size = len(found.log)
    found.root(following(found, log_keys=(LogKey(log_key(), size), LogKey(log_key("log-2")))))
    trust, whole = root_of(found), Face(public(found))
    by_nobody = Face(public(found), (log_signer("somebody"),)).checkpoint().encode()
    signature = whole.checkpoint().rpartition(" ")[2]
    false = whole.checkpoint().replace(signature, signature[:-9] + "AAAAAAA=\n").encode()
    counting = Face(public(found), (log_signer("log-2"),)).checkpoint().encode()
    for content in (by_nobody, false, counting, whole.checkpoint(size).encode(), b"", b"\xff"):
        with pytest.raises(VidimusError):
            evidence.check(Kind.REVOKED_KEY, {"served.checkpoint": content}, trust)
    shown = evidence.check(
        Kind.REVOKED_KEY, {"served.checkpoint": whole.checkpoint().encode()}, trust
    )
    assert shown.proved


def test_a_claim_by_a_key_of_the_log_that_was_retired(begin: Begin) -> None:
    """The signature holds: it is evidence of who still uses the key, and no network trouble."""
    found = released_letter()
    scene = begin(found, answers=True)
    found.root(
        following(found, log_keys=(LogKey(log_key(), len(found.log)), LogKey(log_key("l2"))))
    )
    now = Face(public(found), (log_signer("l2"),)).files() | {
        "trust.json": roots.write(root_of(found))
    }
    scene.trust = now["trust.json"]
    scene.source.files = now | claims(Face(public(found)), index_of(found))
    finding, proved = scene.only(Kind.REVOKED_KEY)
    assert f"signed a claim of size {len(found.log)}" in proved
    assert finding.signed_by == (f"letters.example.org/log (key {KEY_ID})",)


def test_evidence_brings_the_keys_that_came_later(begin: Begin) -> None:
    """Whoever has an older trust root can judge it, if the one beside it goes on from that."""
    found = released_letter()
    old = roots.write(root_of(found))
    found.root(following(found, log_keys=(LogKey(log_key(), 1), LogKey(log_key("l2")))))
    signers = (log_signer("l2"),)
    scene = begin(released_letter())
    theirs = found.copy()
    theirs.do(*MIN, Withdraw(A))
    found.do(*MIN, Hold(A))
    trust = {"trust.json": roots.write(root_of(found))}
    assert scene.round(Served(Face(public(found), signers).files() | trust)).exit_status == 0
    scene.trust = old
    _, kept = scene.found(Served(Face(public(theirs), signers).files() | trust))[Kind.FORKED]
    beside = Path(kept.evidence) / "trust.json"
    assert beside.read_bytes() == trust["trust.json"]
    scene.trust = trust["trust.json"]
    beside.write_bytes(old)
    scene.proved(kept)
    beside.write_bytes(roots.write(root_of(world("live"))))
    with pytest.raises(VidimusError, match="does not go on from yours"):
        scene.proved(kept)


def test_founders_who_signed_two_versions_are_convicted_and_others_are_not() -> None:
    """A chain with a link left out is a file that anybody can make."""
    found = released_letter()
    one, other = found.copy(), found.copy()
    one.root(following(one))
    other.root(following(other, witnesses="quorum none\n"))
    pinned = {"pinned.json": roots.write(root_of(one))}
    both = {**pinned, "served.json": roots.write(root_of(other))}
    assert evidence.check(Kind.TRUST_CHANGED, both, root_of(one)).proved
    longer = one.copy()
    longer.root(RevokeKey("p-root-b", key("p-root-b"), len(found.log)), cosign=("p-root-c",))
    pinned = {"pinned.json": roots.write(root_of(longer))}
    less = {**pinned, "served.json": roots.write(root_of(one))}
    assert not evidence.check(Kind.TRUST_CHANGED, less, root_of(one)).proved


def test_a_full_disk_loses_no_finding(begin: Begin, tmp_path: Path) -> None:
    """What cannot be written down is found again in the next round."""
    found = released_letter()
    scene = begin(found)
    found.do("p-other", "other", Hold(A))
    (tmp_path / "state-0" / "evidence").write_text("a file in its way")
    with pytest.raises(OutsideFailed):
        scene.round(shown(found))
    (tmp_path / "state-0" / "evidence").unlink()
    assert scene.only(Kind.NO_EFFECT)[0].index == len(found.log) - 1


def test_a_log_that_is_false_throughout_fills_no_disk(begin: Begin) -> None:
    """Each is told; so many have their evidence in a folder, and all are in the mirror."""
    found = released_letter()
    scene = begin(found)
    monitor_state.MOST_EVIDENCE, most = 20, monitor_state.MOST_EVIDENCE
    try:
        for _ in range(30):
            found.do("p-other", "other", Hold(A))
        done = scene.round(shown(found))
    finally:
        monitor_state.MOST_EVIDENCE = most
    assert len(done.found) == 30
    assert sum(bool(kept.evidence) for _, kept in done.found) == 20
    told = [line for _, line in scene.state.untold() if line["type"] == "finding"]
    assert len(told) == 30


@given(
    st.sampled_from(Kind),
    st.dictionaries(
        st.sampled_from(
            [
                *("entry.cose", "entry.json", "entry.tlog-proof", "served.cose", "served.json"),
                *("fork.json", "claim.json", "claim.note", "leaf.json", "past.json"),
                *("served.checkpoint", "seen.checkpoint", "signed.checkpoint", "pinned.json"),
                *("earlier.checkpoint", "revoking.cose", "revoking.json", "revoking.tlog-proof"),
            ]
        ),
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from([b"{}", b"[]", b'{"index":1,"leaf":"","path":[]}', b"{" * 9999]),
        ),
    ),
)
def test_any_files_as_evidence_are_judged_or_refused(kind: Kind, files: dict[str, bytes]) -> None:
    """Evidence comes from strangers too."""
    try:
        assert evidence.check(kind, files, root_of(world()))
    except VidimusError as error:
        assert error.fact


def test_evidence_may_lie_in_any_folder(begin: Begin, tmp_path: Path) -> None:
    """It is sent around; what it shows stands in it, and nothing but its files is looked at."""
    found = released_letter()
    scene = begin(found)
    theirs = found.copy()
    theirs.do(*MIN, Hold(A))
    mine = found.copy()
    mine.do(*MIN, Withdraw(A))
    scene.round(shown(mine))
    _, kept = scene.found(shown(theirs))[Kind.FORKED]
    sent = tmp_path / "sent"
    Path(kept.evidence).rename(sent)
    assert wiring.check_evidence(sent, scene.trust)[0] is Kind.FORKED
    for spoilt in (b"", b"{}", b"[]", b'{"kind":"something"}', b'{"kind":["forked-tree"]}'):
        (sent / "finding.json").write_bytes(spoilt)
        with pytest.raises(UsageError):
            wiring.check_evidence(sent, scene.trust)
    (sent / "finding.json").write_bytes(b'{"kind":"hidden-act"}')
    with pytest.raises(VidimusError):
        wiring.check_evidence(sent, scene.trust)
