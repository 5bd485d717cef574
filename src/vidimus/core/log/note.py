"""Signed notes: a text, and under it the lines of those who signed it.

    letters.example.org/log
    7
    kSCSOuTIjEn2ZnKSTv8VgqwrgVRsOoX9ZMC2bFlyGIU=

    — letters.example.org/log Zm9v...

C2SP signed-note v1.0.0, with the signature type 0x01 (Ed25519). See spec/log.md, section 3.
A signature line carries base64(key id || signature); a key is pinned as its verifier key
text, `name+keyid+base64(0x01 || public key)`. What witnesses add, type 0x04, is the business
of `cosignature.py`; here their lines are let be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from vidimus.core.log.lines import from_base64, to_base64
from vidimus.core.seal.keys import require_ed25519_point
from vidimus.errors import FormatError, UsageError, VerificationFailed

ED25519 = b"\x01"
DASH = "\u2014 "

# The standard asks for at least 16 signatures; post-quantum ones take up to 5 kB each.
MOST_SIGNATURES = 100
LONGEST = 1_000_000


def key_id(name: str, kind: bytes, key: bytes) -> bytes:
    """Four bytes that pick a key out of a list; a label, not a strong hash."""
    return sha256(name.encode() + b"\n" + kind + key).digest()[:4]


def write_vkey(name: str, kind: bytes, key: bytes) -> str:
    return f"{name}+{key_id(name, kind, key).hex()}+{to_base64(kind + key)}"


def read_vkey(vkey: str) -> tuple[str, bytes, bytes]:
    """(name, the byte of the signature type, key) of any verifier key, in its one form."""
    # The base64 may hold a "+" itself; a name never does.
    name, _, rest = vkey.partition("+")
    _key_id, _, encoded = rest.partition("+")
    check_name(name)
    blob = from_base64(encoded)
    if not blob:
        raise FormatError(f"malformed verifier key of {name!r}: signature type missing")
    if write_vkey(name, blob[:1], blob[1:]) != vkey:
        raise FormatError(f"malformed verifier key of {name!r}: the key id is not this key's")
    return name, blob[:1], blob[1:]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that may sign notes under a name."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        require_ed25519_point(self.key)

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, ED25519, self.key)

    def __str__(self) -> str:
        return write_vkey(self.name, ED25519, self.key)

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read a verifier key; only the exact text `str()` would write is accepted."""
        name, kind, key = read_vkey(vkey)
        if kind != ED25519:
            raise FormatError(
                f"malformed verifier key of {name!r}: signature type {kind.hex()}",
                hint="a text is signed by type 01, Ed25519; 04 is the cosignature of a witness",
            )
        return cls(name, key)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raises VerificationFailed."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except InvalidSignature as error:
            raise VerificationFailed(f"the signature by {self.name} does not hold") from error


@dataclass(frozen=True, slots=True)
class Signer:
    """A verifier and the means to sign as it: bytes in, the 64 bytes of Ed25519 out."""

    verifier: Verifier
    sign: Callable[[bytes], bytes]

    @classmethod
    def of(cls, name: str, private: Ed25519PrivateKey) -> Signer:
        return cls(Verifier(name, private.public_key().public_bytes_raw()), private.sign)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line. `blob` is what follows the four bytes of the key id."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {to_base64(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures: from `open`, the verified ones alone."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))


def sign(text: str, signer: Signer) -> str:
    """The signed note of a text that ends in a newline. Raises FormatError."""
    _check_text(text)
    signed = Signature(signer.verifier.name, signer.verifier.key_id, signer.sign(text.encode()))
    return str(Note(text, (signed,)))


def parse(note: str) -> Note:
    """Take a note apart and believe nothing: all signature lines, known or not, unverified."""
    if len(note) > LONGEST:
        raise FormatError(f"malformed note: {len(note)} characters, more than {LONGEST}")
    # The text may hold blank lines, so the last one divides.
    text, divider, below = note.rpartition("\n\n")
    if not divider:
        raise FormatError("malformed note: no signature lines under a blank line")
    text += "\n"
    _check_text(text)
    return Note(text, parse_signatures(below))


def parse_signatures(below: str) -> tuple[Signature, ...]:
    """The signature lines alone, as they stand under a text; at least one, unverified."""
    if len(below) > LONGEST:
        raise FormatError(f"malformed note: {len(below)} characters, more than {LONGEST}")
    lines = below.split("\n")
    if lines.pop() != "" or not lines:
        raise FormatError("malformed note: no signature lines under a blank line")
    if len(lines) > MOST_SIGNATURES:
        raise FormatError(f"malformed note: {len(lines)} signatures, over {MOST_SIGNATURES}")
    return tuple(map(_parse_signature, lines))


def open(note: str, verifiers: Sequence[Verifier]) -> Note:
    """The note with the signatures that hold, at least one. Raises FormatError, VerificationFailed.

    A signature by an unknown key is ignored (that is how keys rotate and witnesses join); a
    bad signature by a known key condemns the whole note.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    if len(known) != len(verifiers):
        raise UsageError("two verifiers share one name and key id")
    claimed = parse(note)
    message = claimed.text.encode()
    verified: dict[tuple[str, bytes], Signature] = {}
    for signature in claimed.signatures:
        key = (signature.name, signature.key_id)
        if key in known:
            known[key].verify(message, signature.blob)
            verified.setdefault(key, signature)
    if not verified:
        raise VerificationFailed(
            "nobody whom we know signed this note",
            hint="known keys: " + (", ".join(sorted(name for name, _ in known)) or "none"),
        )
    return Note(claimed.text, tuple(verified.values()))


def _parse_signature(line: str) -> Signature:
    if not line.startswith(DASH) or line.count(" ") != 2:
        raise FormatError(f"malformed note: not a signature line: {line[:80]!r}")
    _, name, encoded = line.split(" ")
    check_name(name)
    blob = from_base64(encoded)
    if len(blob) < 5:
        raise FormatError(f"malformed note: the signature by {name!r} is too short")
    return Signature(name, blob[:4], blob[4:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise FormatError("malformed note: the text does not end in a newline")
    if any(character < " " and character != "\n" for character in text):
        raise FormatError("malformed note: a control character in the text")
    _check_unicode(text)


def check_name(name: str) -> None:
    """Refuse what is no name of a key. Raises FormatError."""
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise FormatError(
            f"malformed key name: {name[:80]!r}",
            hint="not empty, no spaces, no plus sign, no control characters",
        )
    _check_unicode(name)


def _check_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FormatError("malformed note: not Unicode text") from error
