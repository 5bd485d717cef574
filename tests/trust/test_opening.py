"""A sealed act that is opened to somebody entitled was there, at that index, and no other was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.operations.ministry import OTHER, Ministry, build

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.trust import opening as openings
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import UsageError, VidimusError
from vidimus.operations.opening import opening


@pytest.fixture(scope="module")
def m(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    built = build(tmp_path_factory.mktemp("opening") / "registry")
    built.released()
    built.draft(OTHER)
    return built


@pytest.fixture(scope="module")
def root(m: Ministry) -> TrustRoot:
    return wiring.trust_root(m.folder)


def sealed(m: Ministry) -> list[int]:
    size = m.registry.log.head().size
    return [each.index for each in m.registry.log.entries(0, size) if each.document is None]


def test_every_sealed_act_can_be_opened(m: Ministry, root: TrustRoot) -> None:
    """Issue: opening one later to an entitled person proves that it was there at that index."""
    assert len(sealed(m)) >= 3
    for index in sealed(m):
        content = openings.write(opening(m.registry, index))
        shown = openings.check(openings.read(content), root)
        assert shown.index == index
        assert shown.act == m.registry.entry(next(m.registry.log.entries(index, index + 1))).act


def test_the_public_face_says_neither_office_nor_letter(m: Ministry) -> None:
    """Issuer = the registry, subject = random; all sealed entries are as long as each other."""
    raws = [next(m.registry.log.entries(index, index + 1)).raw for index in sealed(m)]
    assert len({len(raw) for raw in raws}) == 1
    for raw in raws:
        assert b"ministry/" not in raw.replace(m.registry.settings.origin.encode(), b"")
        for letter in m.registry.letters():
            assert letter.id.encode() not in raw


def test_what_is_public_needs_no_opening(m: Ministry) -> None:
    with pytest.raises(UsageError):
        opening(m.registry, 0)


def test_no_other_act_can_be_shown_in_its_place(m: Ministry, root: TrustRoot) -> None:
    """Another document, the same act under another salt, another entry's proof, another key."""
    one, two = (opening(m.registry, index) for index in sealed(m)[:2])
    true = documents.read_sealed(one.document.encode())
    salted = documents.write_sealed(documents.Sealed(true.act, b"\0" * 32, true.statement))
    for false in (
        replace(one, document=two.document),
        replace(one, document=salted.decode()),
        replace(one, entry=two.entry),
        replace(one, proof=two.proof),
        replace(one, key=m.keys["gus"].public.to_text()),
        replace(one, entry=next(m.registry.log.entries(0, 1)).raw),
    ):
        with pytest.raises(VidimusError):
            openings.check(false, root)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_flipped_bit_holds(m: Ministry, root: TrustRoot, place: int, bit: int) -> None:
    content = bytearray(openings.write(opening(m.registry, sealed(m)[0])))
    content[place % len(content)] ^= 1 << bit
    with pytest.raises(VidimusError):
        openings.check(openings.read(bytes(content)), root)
