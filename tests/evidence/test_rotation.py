"""Evidence from before and after the registry's own keys changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.evidence.cases import dumps, run
from tests.operations.ministry import TEXT, Ministry, build, no_passphrase
from tests.trust.test_rotation import add, finish

from vidimus import wiring
from vidimus.core.copies.answers import Headline
from vidimus.core.evidence import bundle as bundles
from vidimus.core.evidence.proved import prove
from vidimus.core.log import claim as claims
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import VerificationFailed
from vidimus.operations import bundle_desk
from vidimus.operations.bundle_desk import BundleDesk
from vidimus.operations.trusting import Sort


def opened(content: bytes, pinned: TrustRoot | None = None) -> BundleDesk:
    return bundle_desk.opened(bundles.read(content), wiring.reader(), pinned)


def bundle(m: Ministry, letter: str) -> bytes:
    return wiring.make_bundle(m.folder, letter, no_passphrase)[1]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ministry, list[bytes], list[Path]]:
    """A bundle and a pack from before, from the overlap, and from after."""
    folder = tmp_path_factory.mktemp("changed")
    m = build(folder / "registry")
    letter = m.released()
    made, packs = [], []
    for step in (lambda _m, _s: None, add, finish):
        for sort in Sort:
            step(m, sort)
        made.append(bundle(m, letter))
        packs.append(folder / f"{len(packs)}.pack")
        wiring.make_pack(m.folder, packs[-1], no_passphrase)
    return m, made, packs


def test_a_change_of_keys_breaks_no_older_evidence_and_no_older_trust(
    changed: tuple[Ministry, list[bytes], list[Path]], tmp_path: Path
) -> None:
    """Issue 3: a rotated key breaks no older answer; an older pinned root leads to the newer."""
    _, made, packs = changed
    known = [opened(each).proved.root for each in made]
    assert [each.version for each in known] == sorted({each.version for each in known})
    for content in made:
        for pinned in (None, *known):
            desk = opened(content, pinned)
            assert desk.the_letter().answer.headline is Headline.STANDS
            assert desk.proved.receipts > 0
    for pack in packs:
        for pinned in known:
            (tmp_path / "trust.json").write_bytes(roots.write(pinned))
            command = ("check", "-", "--pack", str(pack), "--trust", str(tmp_path / "trust.json"))
            assert run(*command, stdin=TEXT.encode())[0] == 0


def test_a_trust_root_older_than_the_log_beside_it_is_refused(
    changed: tuple[Ministry, list[bytes], list[Path]],
) -> None:
    """Keys that ended since would count again."""
    _, made, _ = changed
    values = [json.loads(each) for each in made]
    for older, newer in ((0, 1), (0, 2), (1, 2)):
        with pytest.raises(VerificationFailed):
            opened(dumps({**values[newer], "trust": values[older]["trust"]}))
        with pytest.raises(VerificationFailed):
            opened(dumps({**values[older], "trust": values[newer]["trust"]}))


def test_a_key_that_ended_vouches_for_nothing_later(tmp_path: Path) -> None:
    """Whoever finds the old key in a drawer cannot make evidence of today with it."""
    m = build(tmp_path / "registry")
    letter = m.released()
    old = m.registry.log_signer
    for step in (add, finish):
        step(m, Sort.LOG)
    value = json.loads(bundle(m, letter))
    proved = prove(bundles.read(dumps(value)))
    head, said = proved.head, claims.claim(proved.head, dict(proved.claim.subjects))
    forged = {
        "claim": claims.sign_claim(said, old),
        "checkpoint": sign_checkpoint(Checkpoint(head.origin, head.size, head.root), old),
    }
    for names in (["claim"], ["checkpoint"], ["claim", "checkpoint"]):
        with pytest.raises(VerificationFailed):
            opened(dumps({**value, **{name: forged[name] for name in names}}))
