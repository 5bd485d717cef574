"""The word of a witness under somebody else's checkpoint, and when it was given.

    cosignature/v1
    time 1679315147
    letters.example.org/log
    7
    kSCSOuTIjEn2ZnKSTv8VgqwrgVRsOoX9ZMC2bFlyGIU=

That is what is signed: two lines, and then the whole text of the checkpoint. What stands under
the checkpoint is an ordinary signature line, base64(key id || time || signature), the time in
eight bytes, big-endian. C2SP tlog-cosignature v1.0.1, type 0x04 (Ed25519). See
spec/witness.md, section 1.

It says: at this time, of all the trees of this log that I have seen and found consistent, this
was the largest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from vidimus.core.log import note
from vidimus.core.log.lines import LIMIT, to_decimal
from vidimus.core.seal.keys import SIGNATURE_SIZE, require_ed25519_point
from vidimus.errors import FormatError, VerificationFailed

COSIGNATURE = b"\x04"
HEADER = "cosignature/v1"
TIME_SIZE = 8


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """The public key of a witness, under its name."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        note.check_name(self.name)
        require_ed25519_point(self.key)

    @property
    def key_id(self) -> bytes:
        return note.key_id(self.name, COSIGNATURE, self.key)

    def __str__(self) -> str:
        return note.write_vkey(self.name, COSIGNATURE, self.key)

    @classmethod
    def parse(cls, vkey: str) -> CosignatureVerifier:
        """Read a witness's key; only the exact text `str()` would write is accepted."""
        name, kind, key = note.read_vkey(vkey)
        if kind != COSIGNATURE:
            raise FormatError(
                f"malformed key of the witness {name!r}: signature type {kind.hex()}",
                hint="a witness has a key of type 04, an Ed25519 cosignature",
            )
        return cls(name, key)

    def wrote(self, signature: note.Signature) -> bool:
        """Does this line claim to be by this key? Nothing is verified."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def verify(self, text: str, signature: note.Signature) -> int:
        """The time of a cosignature of this text (of the note, without its signatures).

        Seconds since 1970. Raises VerificationFailed.
        """
        time = int.from_bytes(signature.blob[:TIME_SIZE], "big")
        # A time of zero says “no statement about time”; one that does not fit is not allowed.
        whole = len(signature.blob) == TIME_SIZE + SIGNATURE_SIZE and 0 < time < LIMIT
        try:
            if not whole or not self.wrote(signature):
                raise InvalidSignature
            key = Ed25519PublicKey.from_public_bytes(self.key)
            key.verify(signature.blob[TIME_SIZE:], message(text, time))
        except InvalidSignature as error:
            raise VerificationFailed(
                f"the cosignature by the witness {self.name} does not hold"
            ) from error
        return time


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's key and the means to sign by it: bytes in, the 64 bytes of Ed25519 out."""

    verifier: CosignatureVerifier
    sign: Callable[[bytes], bytes]

    @classmethod
    def of(cls, name: str, private: Ed25519PrivateKey) -> Cosigner:
        verifier = CosignatureVerifier(name, private.public_key().public_bytes_raw())
        return cls(verifier, private.sign)


def message(text: str, time: int) -> bytes:
    """What is signed. Raises FormatError for a time that cannot be written."""
    return f"{HEADER}\ntime {to_decimal(time)}\n{text}".encode()


def cosign(text: str, time: int, cosigner: Cosigner) -> note.Signature:
    """The line of a witness for the text of a checkpoint. Raises FormatError.

    The caller must know that no larger tree of this log was ever cosigned by this key, and
    that this one extends the last: that is `witness.py`.
    """
    if time <= 0:
        raise FormatError("a cosignature without a time says nothing about when")
    signature = cosigner.sign(message(text, time))
    verifier = cosigner.verifier
    return note.Signature(
        verifier.name, verifier.key_id, time.to_bytes(TIME_SIZE, "big") + signature
    )
