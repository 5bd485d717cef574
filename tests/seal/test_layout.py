"""Reading a statement by its places is reading it with a decoder, or it is not done."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.seal.test_statement import GOOD, OFFICE, REGISTRY, resigned, written

from vidimus.core.seal import cbor, layout, statement
from vidimus.errors import FormatError, VerificationFailed

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)


def both(entry: bytes) -> None:
    """Spec statement 4: one form. What the quick way reads, the slow way reads just so."""
    try:
        slow: object = statement._read(entry)
    except FormatError as error:
        slow = type(error)
    try:
        quick: object = statement._quick(entry) or slow
    except FormatError as error:
        quick = type(error)
    assert quick == slow


@given(
    st.sampled_from([OFFICE, REGISTRY]),
    NAMES,
    NAMES,
    st.one_of(
        st.integers(0, 253_402_300_799),
        st.sampled_from([0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32]),
    ),
    st.binary(min_size=1, max_size=9),
)
def test_whatever_is_written_is_read_by_its_places(
    signer: object, issuer: str, subject: str, time: int, seed: bytes
) -> None:
    """Else a replay would be slow again and nobody would notice why."""
    digest = sha256(seed).digest()
    entry = written(signer, issuer, subject, time, digest)  # type: ignore[arg-type]
    assert statement._quick(entry) == statement._read(entry)


@given(st.data())
def test_a_changed_entry_is_read_both_ways_or_neither(data: st.DataObject) -> None:
    entry = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(entry) - 1))
        match data.draw(st.sampled_from(["set", "drop", "add"])):
            case "set":
                entry[at] = data.draw(st.integers(0, 255))
            case "drop":
                del entry[at]
            case "add":
                entry.insert(at, data.draw(st.integers(0, 255)))
    both(bytes(entry))


def test_every_byte_changed_to_every_value_is_read_both_ways_or_neither() -> None:
    for at in range(len(GOOD) - 96):  # behind that are the digest and the signature
        for value in (0, 1, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x20, 0x26, 0x40, 0x58, 0x78, 0x7F, 0xFF):
            both(GOOD[:at] + bytes((value,)) + GOOD[at + 1 :])


@given(st.one_of(st.binary(max_size=400), st.integers(0, len(GOOD)).map(lambda at: GOOD[:at])))
def test_any_bytes_are_read_both_ways_or_neither(entry: bytes) -> None:
    both(entry)


@pytest.mark.parametrize("claim", [{1: "é", 2: "b", 6: 1}, {1: "", 2: "b", 6: 1}, {1: "a", 2: "b"}])
def test_texts_that_we_do_not_write_are_left_to_the_decoder(claim: dict[int, object]) -> None:
    header = cbor.decode(statement.read(GOOD).protected)
    assert statement._quick(resigned({**header, 15: claim})) is None


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_is_signed_is_the_structure_of_the_rfc(protected: bytes, payload: bytes) -> None:
    """RFC 9052 section 4.4."""
    structure = ["Signature1", protected, b"", payload]
    assert layout.to_be_signed(protected, payload) == cbor.encode(structure)


def test_a_key_that_it_held_with_says_nothing_of_another() -> None:
    """A statement remembers who signed it, and that somebody else did not."""
    signed = statement.read(GOOD)
    for _ in range(2):
        assert signed.verify(OFFICE.public) == signed.statement
        with pytest.raises(VerificationFailed):
            signed.verify(REGISTRY.public)
    assert signed.held == [OFFICE.public]
    forged = statement.read(GOOD[:-1] + bytes((GOOD[-1] ^ 1,)))
    for _ in range(2):
        with pytest.raises(VerificationFailed):
            forged.verify(OFFICE.public)
    assert forged.held == []
