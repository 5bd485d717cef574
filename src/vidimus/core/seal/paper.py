"""The seal on paper: a signed line in a QR code that binds words, letter, copy and host.

    HTTPS://LETTERS.EXAMPLE.ORG/C/ABCDEFGHIJKLMNOP.2#QRAQ2AJGARECAAA…

Before the `#` is where to ask, after it a COSE_Sign1 in base32 (RFC 4648 section 6, without
padding), untagged to keep the code small:

    [ << {1: -7, 4: kid[8]} >>, {}, << [1, day, kind, SHA-256, index] >>, signature ]

The signature covers everything before the `#` as external data (RFC 9052 section 4.3): host,
letter and copy number are signed without taking any room. See spec/paper.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from vidimus.core.seal import cbor
from vidimus.core.seal.keys import (
    ES256,
    PublicKey,
    Signer,
    one_form,
    require_signature_form,
)
from vidimus.errors import FormatError, VerificationFailed

VERSION = 1
EXERCISE_LINE = "EXERCISE — nothing here is real"  # on every page of an exercise
KEY_NAME = 8  # bytes of the kid: enough to find a key, too few to be believed for one
LONGEST = 600  # characters; the longest that we write has some 470
LONGEST_HOST = 120
MOST_COPIES = 99_999
_LATEST_DAY = 2_932_896  # the last day of the year 9999
_ALG, _KID = 1, 4  # RFC 9052

# Upper case and few signs: a QR code holds these letters in five and a half bits each.
_TEXT = re.compile(
    r"HTTPS://(?P<host>[A-Z0-9](?:[A-Z0-9.-]{0,111}[A-Z0-9])?(?::[1-9][0-9]{0,4})?)"
    r"/C/(?P<letter>[A-Z2-7]{16})\.(?P<copy>[1-9][0-9]{0,4})#(?P<seal>[A-Z2-7]+)"
)


class Kind(IntEnum):
    """What was sealed. An exercise says so in its seal too, for whoever has no network."""

    LETTER = 1
    EXERCISE = 2


@dataclass(frozen=True, slots=True)
class PaperSeal:
    """What a seal says: copy `copy` of `letter`, whose canonical text has this SHA-256.

    `index` is the log's entry of the release, `day` its day by the log, counted from 1970.
    """

    host: str  # as in letters.example.org, perhaps with a port
    letter: str
    copy: int
    day: int
    kind: Kind
    digest: bytes
    index: int

    @property
    def address(self) -> str:
        """Everything before the `#`."""
        return f"HTTPS://{self.host.upper()}/C/{self.letter}.{self.copy}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal that was read; nobody's word yet."""

    seal: PaperSeal
    key_name: bytes
    protected: bytes
    payload: bytes
    signature: bytes

    def verify(self, keys: Sequence[PublicKey]) -> PaperSeal:
        """The seal, if one of these keys made it. Raises VerificationFailed."""
        message = _to_be_signed(self.protected, self.seal.address, self.payload)
        for key in keys:
            if key.alg == ES256 and key.kid[:KEY_NAME] == self.key_name:
                key.verify(message, self.signature)
                return self.seal
        raise VerificationFailed(
            f"this seal is by the key {self.key_name.hex()}…, which is none of this register's at"
            f" entry {self.seal.index}",
            hint="the paper is of another register, or somebody made the seal himself",
        )


def write(seal: PaperSeal, signer: Signer) -> str:
    """The text of the QR code. Raises FormatError."""
    if signer.alg != ES256:
        raise FormatError("a seal on paper is signed with ES256", hint="make a seal key on P-256")
    protected = cbor.encode({_ALG: ES256, _KID: signer.kid[:KEY_NAME]})
    payload = cbor.encode([VERSION, seal.day, int(seal.kind), seal.digest, seal.index])
    message = _to_be_signed(protected, seal.address, payload)
    signature = one_form(ES256, signer.sign(message))
    encoded = cbor.encode([protected, {}, payload, signature])
    text = f"{seal.address}#{_to_base32(encoded)}"
    if read(text).seal != seal:
        raise FormatError("this is no seal that could be read again", hint="see spec/paper.md")
    return text


def read(text: str) -> Sealed:
    """Read a seal; only the exact text `write()` could have written. Raises FormatError."""
    found = _TEXT.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise FormatError(
            "malformed seal: not HTTPS://HOST/C/NUMBER.COPY# and base32 in upper case",
            hint="this code is none of ours, or it was read wrongly",
        )
    parts = cbor.decode(_from_base32(found["seal"]))
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise FormatError("malformed seal: not the four parts of a COSE_Sign1")
    protected, unprotected, payload, signature = parts
    if not isinstance(unprotected, Mapping) or unprotected:
        raise FormatError("malformed seal: the unprotected header is not empty")
    if not all(isinstance(each, bytes) for each in (protected, payload, signature)):
        raise FormatError("malformed seal: a part that is no byte string")
    header = cbor.decode(protected)
    if not isinstance(header, Mapping) or set(header) != {_ALG, _KID} or header[_ALG] != ES256:
        raise FormatError("malformed seal: other headers than ES256 and a key's name")
    key_name = header[_KID]
    if not isinstance(key_name, bytes) or len(key_name) != KEY_NAME:
        raise FormatError(f"malformed seal: a key's name that is not {KEY_NAME} bytes")
    require_signature_form(ES256, signature)
    day, kind, digest, index = _said(cbor.decode(payload))
    copy = int(found["copy"])
    seal = PaperSeal(found["host"].lower(), found["letter"], copy, day, kind, digest, index)
    return Sealed(seal, key_name, protected, payload, signature)


def verify(text: str, host: str, keys_at: Callable[[int], Sequence[PublicKey]]) -> PaperSeal:
    """Read a seal and check that a key of the register at this host made it.

    `keys_at` tells the seal keys that count at an entry: `seal_keys` of the trust root. Raises
    FormatError or VerificationFailed. The words of the paper are not looked at here.
    """
    sealed = read(text)
    if sealed.seal.host != host:
        raise VerificationFailed(
            f"this seal leads to {sealed.seal.host}, not to {host}",
            hint="a paper of another register, or a copied code on a look-alike address",
        )
    return sealed.verify(keys_at(sealed.seal.index))


def host_of(origin: str) -> str:
    """Where the register of this log is asked: letters.example.org of letters.example.org/log."""
    return origin.partition("/")[0]


def grouped(letter: str) -> str:
    """A letter's number as it is printed: ABCD-EFGH-IJKL-MNOP."""
    return "-".join(letter[start : start + 4] for start in range(0, len(letter), 4))


def copy_line(copy: int, of: int) -> str:
    return f"copy {copy} of {of}"


def _said(value: object) -> tuple[int, Kind, bytes, int]:
    if not isinstance(value, list | tuple) or len(value) != 5:
        raise FormatError("malformed seal: its payload is not five values")
    version, day, kind, digest, index = value
    if type(version) is not int or version != VERSION:
        raise FormatError(f"malformed seal: another version than {VERSION}")
    if type(day) is not int or not 0 <= day <= _LATEST_DAY:
        raise FormatError("malformed seal: a day before 1970 or after 9999")
    if type(kind) is not int or kind not in list(Kind):
        raise FormatError("malformed seal: a kind of paper that is not known")
    if not isinstance(digest, bytes) or len(digest) != 32:
        raise FormatError("malformed seal: a digest that is not 32 bytes")
    if type(index) is not int or not 0 <= index < 2**63:
        raise FormatError("malformed seal: no entry of a log")
    return day, Kind(kind), digest, index


def _to_be_signed(protected: bytes, address: str, payload: bytes) -> bytes:
    """RFC 9052 section 4.4. Statements have no external data, so neither passes for the other."""
    return cbor.encode(["Signature1", protected, address.encode(), payload])


def _to_base32(encoded: bytes) -> str:
    return base64.b32encode(encoded).decode().rstrip("=")


def _from_base32(text: str) -> bytes:
    try:
        encoded = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise FormatError("malformed seal: no base32 has this length") from error
    # The last letter has bits to spare, and b32decode() forgives what stands in them.
    if _to_base32(encoded) != text:
        raise FormatError("malformed seal: stray bits at its end")
    return encoded
