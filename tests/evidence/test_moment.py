"""The moment of evidence: the log's own word alone says how old it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.cases import dumps, run
from tests.operations.ministry import THIRD, Ministry, build, no_passphrase
from tests.trust.test_policy import NORTH, POLICY
from tests.trust.test_rotation import add, finish, trust

from vidimus import wiring
from vidimus.core.acts.document import from_base64, to_base64
from vidimus.core.copies.answers import Headline
from vidimus.core.evidence import bundle as bundles
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.cosignature import cosign
from vidimus.core.seal import receipt, statement
from vidimus.core.trust import root as roots
from vidimus.operations import bundle_desk
from vidimus.operations.bundle_desk import BundleDesk
from vidimus.operations.ports import Head
from vidimus.operations.trusting import Sort


def opened(content: bytes, pinned: roots.TrustRoot | None = None) -> BundleDesk:
    return bundle_desk.opened(bundles.read(content), wiring.reader(), pinned)


@dataclass
class Before:
    """A registry with a witness, and the bundle on a letter from before its withdrawal."""

    m: Ministry
    letter: str
    bundle: bytes

    def desk(self, value: Any) -> BundleDesk:
        return opened(dumps(value))

    @property
    def value(self) -> Any:
        return json.loads(self.bundle)

    def receipt(self, piece: Any, head: Checkpoint, path: tuple[bytes, ...], time: int) -> str:
        entry = from_base64(piece["entry"])
        return to_base64(
            receipt.write(
                index=piece["index"],
                size=head.size,
                path=path,
                issuer=head.origin,
                subject=statement.parse(entry).subject,
                issued_at=time,
                root=head.root,
                signer=self.m.registry.receipt_signer,
            )
        )


@pytest.fixture
def before(tmp_path: Path) -> Before:
    m = build(tmp_path / "registry")
    trust(m, witnesses=POLICY)
    letter = m.released(THIRD)
    made = wiring.make_bundle(m.folder, letter, no_passphrase)[1]
    m.clock.pass_(days=2)
    m.do("ben", "withdraw", letter=letter)
    return Before(m, letter, made)


def later(m: Ministry, days: int = 0) -> int:
    return int(m.clock.now().timestamp()) + days * 86_400


def test_a_fresh_cosignature_makes_no_old_bundle_new(before: Before, tmp_path: Path) -> None:
    """Anybody can have a witness sign the tree again that it saw last, with today's time."""
    m, value = before.m, before.value
    plain = opened(before.bundle)
    value["checkpoint"] += str(cosign(note.parse(value["checkpoint"]).text, later(m, 3), NORTH))
    desk = before.desk(value)
    assert desk.the_letter().answer.headline is Headline.STANDS, "so it stood then"
    assert desk.proved.time == plain.proved.time < m.clock.now()
    evidence = bundle_desk.evidence(desk)
    live = replace(evidence, root=replace(evidence.root, mode="live"))
    assert "is 2 days old" in live.beside(desk.the_letter().answer, m.clock.now()).not_checked[0]
    assert live.to_json(m.clock.now())["age_seconds"] >= 2 * 86_400
    # And that somebody saw this tree is told in words that say nothing of today.
    assert desk.proved.told.met
    said = desk.proved.told.sentence
    assert said.startswith("1 of 1 witnesses signed that they saw this very log")
    assert "That says nothing of its age" in said
    assert not any(each in said for each in ("2031", "20:", "UTC", "since"))
    assert not plain.proved.told.met
    assert plain.proved.told.sentence.startswith("Too few witnesses signed it, 0 of 1: nobody else")


def test_the_moment_is_that_of_the_latest_good_receipt_of_this_head(before: Before) -> None:
    """A receipt says that the log had this very size when it was issued, and the log signed it."""
    value = before.value
    head = opened(before.bundle).proved.head
    piece = value["entries"][-1]
    last = statement.parse(from_base64(piece["entry"])).issued_at
    path = tuple(map(from_base64, piece["path"]))
    for entry in value["entries"]:
        entry["receipts"] = []
    assert before.desk(value).proved.time.timestamp() == last
    piece["receipts"] = [before.receipt(piece, head, path, last + each) for each in (-9, 3600, 60)]
    desk = before.desk(value)
    assert desk.proved.time.timestamp() == last + 3600
    assert (desk.proved.receipts, desk.proved.spoilt) == (3, 0)
    piece["receipts"] = piece["receipts"][:1]
    assert before.desk(value).proved.time.timestamp() == last


def test_a_receipt_of_another_head_dates_nothing(before: Before) -> None:
    """Of the larger tree after the withdrawal, of a smaller one, of another entry: none counts."""
    m, value = before.m, before.value
    moment = opened(before.bundle).proved.time
    size = opened(before.bundle).proved.head.size
    piece = value["entries"][-1]
    signed = Checkpoint(m.registry.settings.origin, m.registry.size, b"")
    now = json.loads(wiring.make_bundle(m.folder, before.letter, no_passphrase)[1])
    there = next(each for each in now["entries"] if each["index"] == piece["index"])
    larger = opened(dumps(now)).proved.head
    assert larger.size == signed.size > size
    assert m.desk.entry(piece["index"]).raw == from_base64(piece["entry"])
    fresh = before.receipt(there, larger, tuple(map(from_base64, there["path"])), later(m))
    piece["receipts"] = [fresh, *there["receipts"]]
    desk = before.desk(value)
    assert desk.proved.spoilt >= 1
    assert desk.proved.time <= moment
    # The receipt of this head, on an entry that is not the one that it vouches for.
    good = before.receipt(
        piece, opened(before.bundle).proved.head, tuple(map(from_base64, piece["path"])), later(m)
    )
    value["entries"][0]["receipts"], piece["receipts"] = [good], []
    assert before.desk(value).proved.time <= moment


def test_a_receipt_key_that_ended_dates_nothing_after_its_end(before: Before) -> None:
    """Whoever finds the old key in a drawer must not make an old bundle look new."""
    m, value = before.m, before.value
    old = m.registry.receipt_signer
    head = opened(before.bundle).proved.head
    piece = value["entries"][-1]
    path = tuple(map(from_base64, piece["path"]))
    honest = before.receipt(piece, head, path, later(m))
    add(m, Sort.RECEIPT)
    finish(m, Sort.RECEIPT)
    pinned = opened(wiring.make_bundle(m.folder, before.letter, no_passphrase)[1]).proved.root
    forged = receipt.write(
        index=piece["index"],
        size=head.size,
        path=path,
        issuer=head.origin,
        subject=statement.parse(from_base64(piece["entry"])).subject,
        issued_at=later(m, 30),
        root=head.root,
        signer=old,
    )
    piece["receipts"] = [honest]
    kept = opened(dumps(value), pinned)
    assert kept.proved.time.timestamp() >= later(m) - 3600
    piece["receipts"] = [honest, to_base64(forged)]
    desk = opened(dumps(value), pinned)
    assert (desk.proved.time, desk.proved.spoilt) == (kept.proved.time, 1)


def test_a_pack_tells_no_time_of_its_witnesses(before: Before, tmp_path: Path) -> None:
    m = before.m
    text = m.desk.checkpoint()
    signed = text + str(cosign(note.parse(text).text, later(m, 3), NORTH))
    m.registry.log.keep_witnessed(Head(m.registry.size, signed), 0)
    for name, words in (
        ("seen", "1 of 1 witnesses signed that they saw this very log"),
        ("grown", f"1 of 1 witnesses signed that they saw this log with {m.registry.size} entries"),
    ):
        out = tmp_path / f"{name}.pack"
        wiring.make_pack(m.folder, out, no_passphrase)
        said = json.loads(run("check", "-", "--pack", str(out), "--json", stdin=THIRD.encode())[1])
        (told,) = (
            each for each in (*said["checked"], *said["not_checked"]) if "signed that they" in each
        )
        assert told.startswith(words)
        assert "UTC" not in told and "itnessed" not in told
        assert (told in said["checked"]) is (name == "seen")
        m.draft(f"Another draft after {name}, so that the log is longer than what was seen.")
