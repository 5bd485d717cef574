"""A seal on paper has one text, binds host, letter, copy and words, and is made by a key alone."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from hashlib import sha256

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.log.test_spec import ROOT, blocks

from vidimus.core.seal import paper, statement
from vidimus.core.seal.keys import MemorySigner, PublicKey
from vidimus.core.seal.paper import Kind, PaperSeal
from vidimus.errors import FormatError, VerificationFailed

KEY = MemorySigner(ec.derive_private_key(2031, ec.SECP256R1()))
OTHER = MemorySigner(ec.derive_private_key(2032, ec.SECP256R1()))
HOST = "letters.example.org"
SEAL = PaperSeal(HOST, "QF3MZJ2K7XW4TB5A", 2, 22347, Kind.LETTER, sha256(b"a letter").digest(), 31)
TEXT = paper.write(SEAL, KEY)


def keys_at(_index: int) -> list[PublicKey]:
    return [OTHER.public, KEY.public]


seals = st.builds(
    PaperSeal,
    host=st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?(:[1-9][0-9]{0,4})?", fullmatch=True),
    letter=st.from_regex(r"[A-Z2-7]{16}", fullmatch=True),
    copy=st.integers(1, paper.MOST_COPIES),
    day=st.integers(0, 2_932_896),
    kind=st.sampled_from(list(Kind)),
    digest=st.binary(min_size=32, max_size=32),
    index=st.integers(0, 2**63 - 1),
)


@given(seals)
def test_what_is_written_is_read_again(seal: PaperSeal) -> None:
    text = paper.write(seal, KEY)
    assert paper.verify(text, seal.host, keys_at) == seal
    assert len(text) <= paper.LONGEST
    assert paper.write(seal, KEY) == text


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_no_other_text_is_the_seal(at: int, other: str) -> None:
    """Spec 2.1: one seal has one text; another sign anywhere is malformed or false."""
    changed = TEXT[:at] + other + TEXT[at + 1 :]
    if changed != TEXT:
        with pytest.raises((FormatError, VerificationFailed)):
            paper.verify(changed, HOST, keys_at)


@given(st.text() | st.from_regex(r"HTTPS://[A-Z.]+/C/[A-Z2-7]{16}\.[0-9]{1,6}#[A-Z2-7]*"))
def test_a_reader_refuses_and_never_breaks(text: str) -> None:
    with pytest.raises(FormatError):
        paper.read(text)


@given(st.binary(max_size=200))
def test_bytes_of_a_stranger_are_refused(encoded: bytes) -> None:
    with pytest.raises(FormatError):
        paper.read(f"{SEAL.address}#{base64.b32encode(encoded).decode().rstrip('=')}")


@pytest.mark.parametrize(
    "other",
    [
        replace(SEAL, copy=3),
        replace(SEAL, letter="QF3MZJ2K7XW4TB5B"),
        replace(SEAL, host="letters.example.net"),
    ],
)
def test_the_address_is_signed(other: PaperSeal) -> None:
    """Spec 3.3: host, letter and copy are external data."""
    moved = f"{other.address}#{TEXT.partition('#')[2]}"
    with pytest.raises(VerificationFailed):
        paper.verify(moved, other.host, keys_at)


def test_another_host_is_false_though_its_seal_holds() -> None:
    with pytest.raises(VerificationFailed, match="leads to"):
        paper.verify(TEXT, "letters.example.net", keys_at)


def test_a_strangers_key_seals_nothing() -> None:
    with pytest.raises(VerificationFailed, match="none of this register's"):
        paper.verify(TEXT, HOST, lambda _index: [OTHER.public])


def test_the_keys_are_those_that_count_at_the_entry_of_the_release() -> None:
    asked = []

    def at(index: int) -> list[PublicKey]:
        asked.append(index)
        return [KEY.public]

    paper.verify(TEXT, HOST, at)
    assert asked == [SEAL.index]


def test_a_statement_of_the_same_key_is_no_seal() -> None:
    """Spec 3.3: no signature of this key passes for one of another use."""
    entry = statement.write(
        issuer="office:treasury",
        subject="letter:1",
        issued_at=1_933_000_000,
        digest=SEAL.digest,
        content_type="application/vnd.vidimus.act+json",
        signer=KEY,
    )
    untagged = base64.b32encode(entry[1:]).decode().rstrip("=")
    with pytest.raises(FormatError):
        paper.read(f"{SEAL.address}#{untagged}")


@pytest.mark.parametrize(
    "spoilt",
    [
        replace(SEAL, host="Letters.example.org"),
        replace(SEAL, host="letters_example"),
        replace(SEAL, letter="QF3MZJ2K7XW4TB51"),
        replace(SEAL, copy=0),
        replace(SEAL, copy=100_000),
        replace(SEAL, day=-1),
        replace(SEAL, day=2_932_897),
        replace(SEAL, digest=b"short"),
        replace(SEAL, index=-1),
    ],
)
def test_what_could_not_be_read_again_is_not_written(spoilt: PaperSeal) -> None:
    with pytest.raises(FormatError):
        paper.write(spoilt, KEY)


def test_a_seal_is_made_with_es256_alone() -> None:
    with pytest.raises(FormatError, match="ES256"):
        paper.write(SEAL, MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)))


def test_the_example_of_the_document_is_the_vector() -> None:
    text, diagnostic, key = blocks("paper.md")
    vector = (ROOT / "vectors" / "v1" / "paper-seal" / "seal.txt").read_text()
    assert text.strip() == vector
    sealed = paper.read(vector)
    assert sealed.verify([PublicKey.from_text(key.strip())]) == sealed.seal
    written = [bytes.fromhex(one) for one in re.findall(r"h'([0-9a-f\s]+)'", diagnostic)]
    assert written == [sealed.key_name, sealed.seal.digest, sealed.signature]
    values = cbor2.loads(sealed.payload)
    assert f"[1, {values[1]}, 1, h'" in diagnostic
    assert f"', {values[4]}]" in diagnostic
    assert f"day {values[1]} (2031-03-09)" in (ROOT / "spec" / "paper.md").read_text()
