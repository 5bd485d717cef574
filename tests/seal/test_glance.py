"""A glance at an entry sees what a full reading sees."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from vidimus.core.seal import statement
from vidimus.core.seal.glance import glance
from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import FormatError

SIGNERS = (
    MemorySigner(ec.derive_private_key(7, ec.SECP256R1())),
    MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)),
)
names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)
media = st.from_regex(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}", fullmatch=True)


@st.composite
def written(draw: st.DrawFn) -> bytes:
    return statement.write(
        issuer=draw(names),
        subject=draw(names),
        issued_at=draw(st.integers(0, 253_402_300_799)),
        digest=draw(st.binary(min_size=32, max_size=32)),
        content_type=draw(media),
        signer=draw(st.sampled_from(SIGNERS)),
    )


GOOD = statement.write(
    issuer="letters.example.org/o/press",
    subject="letters.example.org/c/QF3MZJ2K7XW4TB5A",
    issued_at=1_900_000_000,
    digest=b"\x02" * 32,
    content_type="application/vnd.vidimus.act+json",
    signer=SIGNERS[0],
)


def alike(entry: bytes) -> None:
    said, seen = statement.parse(entry), glance(entry)
    assert seen == (said.subject, said.issued_at, said.content_type)


@given(written())
def test_what_is_written_is_seen_as_it_is_read(entry: bytes) -> None:
    alike(entry)


@given(written(), st.data())
@example(GOOD, None)
def test_no_change_makes_a_glance_see_another_thing(entry: bytes, data: st.DataObject) -> None:
    """Else an act could be filed under another subject than its own, and so be hidden."""
    at = data.draw(st.integers(0, len(entry))) if data else 0
    gone = data.draw(st.integers(0, 3)) if data else 1
    put = data.draw(st.binary(max_size=3)) if data else b""
    changed = entry[:at] + put + entry[at + gone :]
    try:
        statement.parse(changed)
    except FormatError:
        return
    alike(changed)


@pytest.mark.parametrize("entry", [b"", b"\xd2\x84", GOOD[:-1], GOOD + b"\x00", b"\x80" + GOOD])
def test_what_is_no_statement_is_refused(entry: bytes) -> None:
    with pytest.raises(FormatError):
        glance(entry)
