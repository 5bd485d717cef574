"""The log asks its witnesses: what it takes from them, and what it makes of the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.acts.world import World, world
from tests.log.test_cosignature import LOG, ORIGIN
from tests.log.test_policy import cosigner, vkey
from tests.trust.chains import following
from tests.witness.parts import TREES, head, root, signed

from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.log import merkle, note, witness
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vidimus.core.log.cosignature import cosign
from vidimus.core.log.policy import parse
from vidimus.core.log.witness import SIZE, TEXT, Cosigned
from vidimus.core.log.witnessed import UNCONFIRMED
from vidimus.errors import FormatError, OutsideFailed, VerificationFailed
from vidimus.operations.ports import Addition, Head, Reply
from vidimus.operations.witness_policy import PolicyInForce
from vidimus.operations.witnessing import Round, Witnessing, ask, confirmed

NOW = 1_932_890_400  # 2031-04-02 10:00 UTC
POLICY = parse(
    "".join(f"witness w{n} {vkey(n)} http://w{n}.example.org\n" for n in (1, 2, 3))
    + "group two-of-three 2 w1 w2 w3\nquorum two-of-three\n"
)
Answering = Callable[[bytes], Reply | OutsideFailed | None]


@dataclass
class Honest:
    """A witness in memory, by the rules of core/log/witness.py."""

    number: int
    latest: Cosigned | None = None
    now: int = NOW
    asked: list[int] = field(default_factory=list)

    def __call__(self, body: bytes) -> Reply:
        request = witness.parse(body)
        self.asked.append(request.old)
        answer = witness.decide(
            request, [LOG.verifier], self.latest, cosigner(self.number), self.now
        )
        self.latest = answer.keep or self.latest
        return Reply(answer.status, answer.content_type, answer.body.encode())


class Fake:
    """A Courier without a network; a witness that answers None is silent."""

    def __init__(self, witnesses: dict[str, Answering]) -> None:
        self.witnesses = witnesses
        self.back: deque[tuple[str, Reply | OutsideFailed]] = deque()
        self.closed = False

    def send(self, name: str, url: str, body: bytes) -> None:
        assert url == f"http://{name}.example.org"
        reply = self.witnesses[name](body)
        if reply is not None:
            self.back.append((name, reply))

    def receive(self) -> tuple[str, Reply | OutsideFailed] | None:
        return self.back.popleft() if self.back else None

    def close(self) -> None:
        self.closed = True


def three(**others: Answering) -> dict[str, Answering]:
    return {f"w{n}": others.get(f"w{n}", Honest(n)) for n in (1, 2, 3)}


def asked(
    witnesses: dict[str, Answering], size: int = 9, *, sizes: dict[str, int] | None = None
) -> Round:
    courier = Fake(witnesses)
    found = ask(
        signed(size),
        POLICY,
        lambda old, new: merkle.consistency(old, new, TREES["true"].read),
        courier,
        sizes={} if sizes is None else sizes,
        now=lambda: NOW,
    )
    assert courier.closed
    # Whatever the others did, what is given back is the log's checkpoint with lines that hold.
    assert open_checkpoint(found.checkpoint, LOG.verifier, ORIGIN) == head(size)
    assert found.witnessed.false == ()
    assert found.checkpoint.startswith(signed(size))
    lines = note.parse(found.checkpoint).signatures
    assert len(lines) == 1 + len(found.witnessed.names)
    assert set(found.witnessed.names) | set(found.failures) == {"w1", "w2", "w3"}
    return found


def test_all_sign_and_the_next_time_they_are_asked_with_what_they_have_seen() -> None:
    witnesses = three()
    sizes: dict[str, int] = {}
    for size in (5, 9, 9, 100):
        found = asked(witnesses, size, sizes=sizes)
        assert found.witnessed.names == ("w1", "w2", "w3")
        assert found.witnessed.met and found.witnessed.time == NOW
        assert found.failures == {}
    assert [each.asked for each in witnesses.values()] == [[0, 5, 9, 9]] * 3  # type: ignore[attr-defined]


def test_a_conflict_is_followed() -> None:
    """C2SP tlog-witness: a client without information MAY ask with zero, and gets the size."""
    witnesses = three()
    asked(witnesses, 5)
    found = asked(witnesses, 9)  # the sizes were forgotten
    assert found.witnessed.names == ("w1", "w2", "w3")
    assert [each.asked for each in witnesses.values()] == [[0, 0, 5]] * 3  # type: ignore[attr-defined]


def test_one_that_is_away_blocks_nothing() -> None:
    found = asked(three(w2=lambda _body: None))
    assert found.witnessed.names == ("w1", "w3") and found.witnessed.met
    assert found.failures["w2"].sentence == "did not answer in time"


def test_two_that_are_away_leave_the_quorum_open() -> None:
    away: Answering = lambda _body: OutsideFailed("cannot be asked: Connection refused")  # noqa: E731
    found = asked(three(w1=away, w2=away))
    assert found.witnessed.names == ("w3",)
    assert not found.witnessed.met and found.witnessed.time is None
    assert found.failures["w1"].sentence == "cannot be asked: Connection refused"


def line(number: int, time: int = NOW, text: str = str(head(9)), name: str = "") -> str:
    made = cosign(text, time, cosigner(number))
    return str(note.Signature(name or made.name, made.key_id, made.blob))


def says(body: str | bytes, status: int = 200, kind: str = TEXT) -> Answering:
    content = body.encode() if isinstance(body, str) else body
    return lambda _body: Reply(status, kind, content)


def growing(_body: bytes) -> Reply:
    """Always has seen one entry more than it is asked with."""
    return Reply(409, SIZE, b"%d\n" % (witness.parse(_body).old + 1))


NOTHING = "answers what no witness answers"
KEY = "does not sign with the key that the policy names"
FALSE = "gave a cosignature that does not hold"
ITSELF = "contradicts itself about what it has seen"
LIARS: dict[str, tuple[Answering, str, bool]] = {
    "the key of another": (says(line(1)), KEY, False),
    "the name of another": (says(line(2, name="witness.example.org/w3")), KEY, False),
    "another text": (says(line(2, text=str(head(8)))), FALSE, False),
    "a fork": (says(line(2, text=str(head(9, "forked")))), FALSE, False),
    "a good line and a bad one": (says(line(2) + line(2, text=str(head(8)))), FALSE, False),
    "a signature of a text, not of a time": (
        says(str(note.parse(signed(9)).signatures[0])),
        KEY,
        False,
    ),
    "long ago": (says(line(2, NOW - 301)), "differs from ours by 301 seconds", False),
    "far ahead": (says(line(2, NOW + 301)), "differs from ours by 301 seconds", False),
    "the end of time": (says(line(2, 2**63 - 1)), "differs from ours", False),
    "nothing": (says(""), NOTHING, False),
    "no lines": (says("thank you\n"), NOTHING, False),
    "a whole note": (says(signed(9) + line(2)), NOTHING, False),
    "no end of line": (says(line(2)[:-1]), NOTHING, False),
    "a flood of lines": (says(line(2) * 101), NOTHING, False),
    "no text": (says(b"\xff\xfe"), NOTHING, False),
    "a page": (says("<html>welcome</html>", 200, "text/html"), NOTHING, False),
    "created": (says(line(2), 201), "answers with the status 201", False),
    "elsewhere": (says("", 302), "answers with the status 302", False),
    "broken": (says("", 500), "answers with the status 500", False),
    "who are you": (says("", 404), "does not watch this log", False),
    "another key": (says("", 403), "does not know the key by which this log signs", False),
    "too often": (says("", 429), "is asked too often", False),
    "a size that is none": (says("many\n", 409, SIZE), NOTHING, False),
    "a size in another form": (says("07\n", 409, SIZE), NOTHING, False),
    "a size without an end": (says("7", 409, SIZE), NOTHING, False),
    "a size as a page": (says("7\n", 409), NOTHING, False),
    "a negative size": (says("-1\n", 409, SIZE), NOTHING, False),
    "the size that it was asked with": (says("0\n", 409, SIZE), ITSELF, False),
    "always one more": (growing, ITSELF, False),
    "it has seen more": (says("10\n", 409, SIZE), "has seen 10 entries of this log", True),
    "it does not extend": (says("", 422), "does not extend the one that it has seen", True),
}


@pytest.mark.parametrize("name", LIARS)
def test_a_liar_is_named_and_passed_over(name: str) -> None:
    """And it cannot keep the others from making the quorum."""
    liar, sentence, alarm = LIARS[name]
    found = asked(three(w2=liar))
    assert found.witnessed.names == ("w1", "w3") and found.witnessed.met
    assert sentence in found.failures["w2"].sentence
    assert found.failures["w2"].alarm is alarm


@pytest.mark.parametrize("name", LIARS)
def test_liars_never_make_a_quorum(name: str) -> None:
    liar = LIARS[name][0]
    found = asked(three(w2=liar, w3=says(line(1))))
    assert found.witnessed.names == ("w1",) and not found.witnessed.met


def test_lines_of_strangers_are_left_away() -> None:
    """C2SP tlog-witness: the client MUST ignore any cosignatures from unknown keys."""
    found = asked(three(w2=says(line(9) + line(2) + line(1))))
    assert found.witnessed.names == ("w1", "w2", "w3")


def test_a_witness_without_an_address_is_not_asked() -> None:
    policy = parse(f"witness w1 {vkey(1)}\nquorum w1\n")
    found = ask(signed(9), policy, lambda _old, _new: (), Fake({}), sizes={}, now=lambda: NOW)
    assert not found.witnessed.met
    assert found.failures["w1"].sentence == "has no address in the policy"


# --- over a store ---------------------------------------------------------------------------


class HandClock:
    def __init__(self) -> None:
        self.seconds = NOW

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


def opener(text: str) -> Checkpoint:
    return open_checkpoint(text, LOG.verifier, ORIGIN)


def grow(log: SqliteLog, size: int, history: str = "true") -> None:
    """Make it as long as that, with the hashes of one of the two histories."""
    start = log.head().size
    additions = [
        Addition(
            n,
            b"%d" % n,
            b"%032d" % n,
            NOW,
            "",
            None,
            merkle.added(n, TREES[history].read(0, n), TREES[history].read),
        )
        for n in range(start, size)
    ]
    log.append(additions, signed(size, history))


@pytest.fixture
def log(tmp_path: Path) -> SqliteLog:
    made = SqliteLog(tmp_path / "log.sqlite", create=True)
    grow(made, 9)
    return made


def test_a_quorum_is_kept_and_an_answer_says_so(log: SqliteLog) -> None:
    """And when entries follow, or a day passes, that nobody else has seen this."""
    witnesses, clock = three(), HandClock()
    witnessing = Witnessing(log, opener, lambda: POLICY, lambda: Fake(witnesses), clock)
    first = confirmed(log, opener, POLICY, asked=9, at=NOW)
    assert first.sentence == f"Not witnessed yet: {UNCONFIRMED}"
    found = witnessing.round()
    assert found is not None and found.witnessed.met
    assert log.witnessed() == Head(9, found.checkpoint)
    said = confirmed(log, opener, POLICY, asked=9, at=NOW)
    assert said.met and "Witnessed by 3 of 3 at 2031-04-02 10:00 UTC (entry 8)" in said.sentence
    grow(log, 12)
    said = confirmed(log, opener, POLICY, asked=12, at=NOW)
    assert said.sentence == (f"Not witnessed since 2031-04-02 10:00 UTC (entry 8): {UNCONFIRMED}")
    assert confirmed(log, opener, POLICY, asked=9, at=NOW).met, "of the log as it was, it is said"
    assert not confirmed(log, opener, POLICY, asked=9, at=NOW + 90_000).met
    assert witnessing.round() is not None
    assert confirmed(log, opener, POLICY, asked=12, at=NOW).met
    assert [each.asked for each in witnesses.values()] == [[0, 9]] * 3  # type: ignore[attr-defined]


def test_after_a_start_they_are_asked_with_what_was_kept(log: SqliteLog) -> None:
    witnesses = three()
    for size in (9, 12):
        grow(log, size)
        fresh = Witnessing(log, opener, lambda: POLICY, lambda: Fake(witnesses), HandClock())
        fresh.round()
    assert [each.asked for each in witnesses.values()] == [[0, 9]] * 3  # type: ignore[attr-defined]


def test_a_missed_quorum_leaves_the_last_one(log: SqliteLog) -> None:
    witnesses = three()
    away: Answering = lambda _body: None  # noqa: E731
    couriers = [Fake(witnesses), Fake(three(w1=away, w2=away))]
    witnessing = Witnessing(log, opener, lambda: POLICY, lambda: couriers.pop(0), HandClock())
    assert witnessing.round() is not None
    kept = log.witnessed()
    grow(log, 12)
    found = witnessing.round()
    assert found is not None and not found.witnessed.met and found.size == 12
    assert log.witnessed() == kept


def test_the_same_head_is_witnessed_anew(log: SqliteLog) -> None:
    """Nothing happened for a day; that is worth hearing from witnesses too."""
    clock = HandClock()
    witnesses = three()
    witnessing = Witnessing(log, opener, lambda: POLICY, lambda: Fake(witnesses), clock)
    witnessing.round()
    clock.seconds += 90_000
    for each in witnesses.values():
        each.now = clock.seconds  # type: ignore[attr-defined]
    assert not confirmed(log, opener, POLICY, asked=9, at=clock.seconds).met
    witnessing.round()
    assert confirmed(log, opener, POLICY, asked=9, at=clock.seconds).met


def test_nobody_and_nothing_to_ask(tmp_path: Path, log: SqliteLog) -> None:
    empty = SqliteLog(tmp_path / "empty.sqlite", create=True)
    for policy, store in ((None, log), (parse("quorum none\n"), log), (POLICY, empty)):
        witnessing = Witnessing(store, opener, lambda p=policy: p, lambda: Fake({}), HandClock())  # type: ignore[misc]
        assert witnessing.round() is None
    assert confirmed(log, opener, None, asked=9, at=NOW).sentence == (
        f"No witness is asked by this log: {UNCONFIRMED}"
    )


def test_a_log_that_the_witnesses_did_not_see_is_refused(tmp_path: Path, log: SqliteLog) -> None:
    """An older or another log, put in its place: no answer is given from it."""
    found = Witnessing(log, opener, lambda: POLICY, lambda: Fake(three()), HandClock()).round()
    assert found is not None
    for name, size, history in (
        ("older", 7, "true"),
        ("other", 9, "forked"),
        ("more", 12, "forked"),
    ):
        other = SqliteLog(tmp_path / name, create=True)
        grow(other, size, history)
        other.keep_witnessed(Head(9, found.checkpoint), NOW)
        with pytest.raises(VerificationFailed, match="not the one of 9 entries"):
            confirmed(other, opener, POLICY, asked=size, at=NOW)


def test_what_was_kept_is_believed_only_for_its_signatures(log: SqliteLog) -> None:
    stranger = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x55" * 32))
    forged = sign_checkpoint(Checkpoint(ORIGIN, 9, root(9)), stranger)
    log.keep_witnessed(Head(9, forged), NOW)
    with pytest.raises(VerificationFailed):
        confirmed(log, opener, POLICY, asked=9, at=NOW)
    log.keep_witnessed(Head(9, signed(9)), NOW + 1)
    assert not confirmed(log, opener, POLICY, asked=9, at=NOW).met


def test_a_damaged_store_is_not_shown_to_witnesses(tmp_path: Path, log: SqliteLog) -> None:
    """A witness would take it for a log that went back."""
    witnesses = three()
    witnessing = Witnessing(log, opener, lambda: POLICY, lambda: Fake(witnesses), HandClock())
    witnessing.round()
    grow(log, 12)
    with log._file.write() as connection:
        connection.execute("UPDATE subtrees SET hash = zeroblob(32) WHERE level = 0 AND n = 8")
    with pytest.raises(VerificationFailed, match="do not lead to the signed root"):
        witnessing.round()
    assert all(each.asked == [0] for each in witnesses.values())  # type: ignore[attr-defined]


# --- whom it asks ---------------------------------------------------------------------------


def authority_on(log: SqliteLog, found: World) -> None:
    """The acts of a made-up registry, as they lie in a store; more of them each time."""
    start = log.head().size
    additions = [
        Addition(n, e.raw, sha256(e.raw).digest(), NOW, "authority", e.document, ())
        for n, e in enumerate(found.log[start:], start)
    ]
    log.append(additions, "a checkpoint")


def test_the_founders_word_goes_before_the_operators(tmp_path: Path) -> None:
    """And it is followed as the log grows."""
    log = SqliteLog(tmp_path / "founders.sqlite", create=True)
    in_force = PolicyInForce(log, lambda: POLICY)
    assert in_force() == POLICY
    found = world()
    authority_on(log, found)
    assert in_force() == POLICY
    for witnesses, names in ((f"witness n {vkey(4)}\nquorum n\n", ["n"]), ("quorum none\n", [])):
        found.root(following(found, witnesses=witnesses))
        authority_on(log, found)
        policy = in_force()
        assert policy is not None and [each.name for each in policy.witnesses] == names
        assert PolicyInForce(log, lambda: None)() == policy
    found.root(following(found, witnesses="what is this"))
    authority_on(log, found)
    with pytest.raises(FormatError):
        in_force()
