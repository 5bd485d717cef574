"""Cosignatures: what a witness signs is the whole checkpoint and the time, in one form."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.log import lines, note
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vidimus.core.log.cosignature import CosignatureVerifier, Cosigner, cosign
from vidimus.errors import FormatError, VerificationFailed

ORIGIN = "letters.example.org/log"
NAME = "witness.example.org/w1"
LOG = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
COSIGNER = Cosigner.of(NAME, PRIVATE)
WITNESS = COSIGNER.verifier
HEAD = Checkpoint(ORIGIN, 7, b"\x07" * 32)
TEXT = str(HEAD)
TIME = 1_679_315_147
LINE = cosign(TEXT, TIME, COSIGNER)


def test_what_is_cosigned_holds_and_gives_its_time() -> None:
    assert WITNESS.verify(TEXT, LINE) == TIME


def test_the_bytes_are_those_of_the_standard() -> None:
    """C2SP tlog-cosignature: key id, header line, time line, whole text, u64 and signature."""
    raw = PRIVATE.public_key().public_bytes_raw()
    key_id = hashlib.sha256(NAME.encode() + b"\n\x04" + raw).digest()[:4]
    signed = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    blob = key_id + (1679315147).to_bytes(8, "big") + PRIVATE.sign(signed)
    assert str(LINE) == f"— {NAME} {base64.b64encode(blob).decode()}\n"
    vkey = f"{NAME}+{key_id.hex()}+{base64.b64encode(bytes([4]) + raw).decode()}"
    assert str(WITNESS) == vkey
    assert CosignatureVerifier.parse(vkey) == WITNESS


def test_the_line_in_the_standard_is_read() -> None:
    """The example of C2SP tlog-cosignature: 72 bytes behind the key id, of this time."""
    (signature,) = note.parse_signatures(
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZC"
        "B9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    assert int.from_bytes(signature.blob[:8], "big") == TIME
    assert len(signature.blob) == 72


def test_other_peoples_lines_are_let_be() -> None:
    """C2SP signed-note: a witness's line under a checkpoint is nothing to who knows the log."""
    signed = sign_checkpoint(HEAD, LOG) + str(LINE)
    assert open_checkpoint(signed, LOG.verifier, ORIGIN) == HEAD


def test_the_same_key_signs_texts_and_checkpoints_under_two_key_ids() -> None:
    """One seed, types 01 and 04: neither signature passes for the other."""
    as_log = note.Signer.of(NAME, PRIVATE)
    assert as_log.verifier.key_id != WITNESS.key_id
    assert not WITNESS.wrote(note.parse(note.sign(TEXT, as_log)).signatures[0])
    for vkey in (
        str(as_log.verifier),
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    ):
        with pytest.raises(FormatError):
            CosignatureVerifier.parse(vkey)
    with pytest.raises(FormatError):
        note.Verifier.parse(str(WITNESS))


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        LINE.blob[:-1],
        LINE.blob + b"\x00",
        LINE.blob[8:],
        bytes(8) + LINE.blob[8:],
        (TIME + 1).to_bytes(8, "big") + LINE.blob[8:],
        (2**63 + TIME).to_bytes(8, "big") + LINE.blob[8:],
        b"\xff" * 8 + LINE.blob[8:],
        LINE.blob[:8] + PRIVATE.sign(TEXT.encode()),
        LINE.blob[:8] + bytes(64),
    ],
)
def test_anything_else_does_not_hold(blob: bytes) -> None:
    with pytest.raises(VerificationFailed):
        WITNESS.verify(TEXT, note.Signature(NAME, WITNESS.key_id, blob))


def test_the_line_of_another_name_or_key_id_does_not_hold() -> None:
    for name, key_id in ((ORIGIN, WITNESS.key_id), (NAME, LOG.verifier.key_id)):
        with pytest.raises(VerificationFailed):
            WITNESS.verify(TEXT, note.Signature(name, key_id, LINE.blob))


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_a_time_that_says_nothing_is_not_signed(time: int) -> None:
    """C2SP tlog-witness: the timestamp MUST NOT be zero; and it MUST NOT exceed 2^63 - 1."""
    with pytest.raises(FormatError):
        cosign(TEXT, time, COSIGNER)


def test_the_last_time_there_is_can_be_signed() -> None:
    assert WITNESS.verify(TEXT, cosign(TEXT, 2**63 - 1, COSIGNER)) == 2**63 - 1


def test_a_witnesss_key_has_one_text() -> None:
    vkey = str(WITNESS)
    name, key_id, encoded = vkey.split("+", 2)
    off_curve = lines.to_base64(b"\x04" + bytes(32))
    for bad in (
        "",
        name,
        vkey + "\n",
        vkey + "=",
        vkey.upper(),
        f"{name}+00000000+{encoded}",
        f"a b+{key_id}+{encoded}",
        note.write_vkey(NAME, b"\x04", WITNESS.key[:31]),
        note.write_vkey(NAME, b"\x04", bytes(32)),
        note.write_vkey(NAME, b"\x06", bytes(1312)),
        f"{name}+{key_id}+{off_curve}",
    ):
        with pytest.raises(FormatError):
            CosignatureVerifier.parse(bad)


@given(
    st.integers(0, len(TEXT) - 1), st.characters(exclude_categories=["Cs"]), st.binary(max_size=80)
)
def test_no_other_text_and_no_other_bytes_hold(at: int, character: str, blob: bytes) -> None:
    other = TEXT[:at] + character + TEXT[at + 1 :]
    if other != TEXT:
        with pytest.raises(VerificationFailed):
            WITNESS.verify(other, LINE)
    with pytest.raises(VerificationFailed):
        WITNESS.verify(TEXT, note.Signature(NAME, WITNESS.key_id, blob))


@given(st.text())
def test_any_text_is_signature_lines_or_malformed(text: str) -> None:
    for attempt in (text, str(LINE) + text, f"— {text}\n"):
        try:
            read = note.parse_signatures(attempt)
        except FormatError:
            continue
        assert "".join(map(str, read)) == attempt
