"""Where the fields of a statement stand in its bytes, so that a whole log is read quickly.

    d2 84                            tag 18, four parts
    58 aa                            the protected header, a byte string:
       a6 01 26 04 58 20 <kid>         algorithm, key id
          0f a3 01 78 1b <issuer>      claims: issuer,
                02 78 2e <subject>       subject,
                06 1a 72 cb 9c d8        seconds since 1970
          10 78 26 <type>              the type of all statements
          19 0102 2f 19 0103 …         SHA-256; the type of what the digest is of
    a0                               the empty unprotected header
    58 20 <digest> 58 40 <signature>

`statement.py` says what each of them may be, and reads with a CBOR decoder whatever does
not lie exactly so. Here the places are guessed, and then all of it is written anew from
what was found there: only the same bytes pass (RFC 8949 section 4.2.1: one form).
"""

from __future__ import annotations

from typing import NamedTuple

_BEGIN = bytes.fromhex("d284")
_KEY_ID = bytes.fromhex("045820")
_ISSUER = bytes.fromhex("0fa301")
_TYPE = bytes.fromhex("10")
_HASH = bytes.fromhex("1901022f190103")
_DIGEST = bytes.fromhex("a05820")
_SIGNATURE = bytes.fromhex("5840")
_AFTER_HEADER = len(_DIGEST) + 32 + len(_SIGNATURE) + 64

_BYTES, _TEXT, _ARRAY = 0x40, 0x60, 0x80  # major types 2, 3 and 4 of RFC 8949
_SIZES = {0x18: 1, 0x19: 2, 0x1A: 4, 0x1B: 8}  # of the number after such a byte


class Fields(NamedTuple):
    alg: int
    kid: bytes
    issuer: str
    subject: str
    issued_at: int
    content_type: str
    digest: bytes
    protected: bytes
    signature: bytes


def take_apart(entry: bytes, typ: str) -> Fields | None:
    """The fields of an entry in its one form, all texts in ASCII; None for any other bytes."""
    end = len(entry) - _AFTER_HEADER
    start = 4 if entry[2:3] == b"\x58" else 5  # a header of up to 255 bytes, or of more
    protected = entry[start:end]
    middle = b"".join((_TYPE, _head(_TEXT, len(typ)), typ.encode(), _HASH))
    issuer, at = _text(protected, 41)
    subject, at = _text(protected, at + 1)
    time, at = _number(protected, at + 1)
    content_type, at = _text(protected, at + len(middle))
    alg, kid = protected[2:3], protected[6:38]
    digest, signature = entry[end + 3 : end + 35], entry[end + 37 :]
    again = b"".join(
        (
            *(b"\xa6\x01", alg, _KEY_ID, kid),
            *(_ISSUER, _head(_TEXT, len(issuer)), issuer),
            *(b"\x02", _head(_TEXT, len(subject)), subject),
            *(b"\x06", _head(0, time)),
            *(middle, _head(_TEXT, len(content_type)), content_type),
        )
    )
    whole = (_BEGIN, _head(_BYTES, len(again)), again, _DIGEST, digest, _SIGNATURE, signature)
    if b"".join(whole) != entry or not 0x20 <= alg[0] < 0x38:
        return None
    if len(kid) != 32 or len(digest) != 32 or len(signature) != 64:
        return None
    if not (issuer.isascii() and subject.isascii() and content_type.isascii()):
        return None
    return Fields(
        0x1F - alg[0],  # a negative number: -1 is 0x20
        kid,
        issuer.decode(),
        subject.decode(),
        time,
        content_type.decode(),
        digest,
        again,
        signature,
    )


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """RFC 9052 section 4.4: the array “Signature1”, header, no external data, payload."""
    head = b"\x84\x6aSignature1" + _head(_BYTES, len(protected))
    return b"".join((head, protected, _head(_BYTES, 0), _head(_BYTES, len(payload)), payload))


def number(value: int) -> bytes:
    """A whole number, 0 or more."""
    return _head(0, value)


def text(value: str) -> bytes:
    encoded = value.encode()
    return _head(_TEXT, len(encoded)) + encoded


def octets(value: bytes) -> bytes:
    return _head(_BYTES, len(value)) + value


def array_head(count: int) -> bytes:
    return _head(_ARRAY, count)


def _text(encoded: bytes, at: int) -> tuple[bytes, int]:
    """The bytes of a text of up to 255 whose head is at this place, and where it ends."""
    head = encoded[at] if at < len(encoded) else _TEXT
    if head == 0x78:
        start, length = at + 2, encoded[at + 1] if at + 1 < len(encoded) else 0
    else:
        start, length = at + 1, head & 0x1F
    return encoded[start : start + length], start + length


def _number(encoded: bytes, at: int) -> tuple[int, int]:
    head = encoded[at] if at < len(encoded) else 0
    size = _SIZES.get(head)
    if size is None:
        return head & 0x1F, at + 1
    return int.from_bytes(encoded[at + 1 : at + 1 + size]), at + 1 + size


def _head(major: int, number: int) -> bytes:
    """RFC 8949 section 3: the shortest head."""
    if number < 24:
        return bytes((major | number,))
    size = 1 if number < 2**8 else 2 if number < 2**16 else 4 if number < 2**32 else 8
    return bytes((major | 23 + size.bit_length(),)) + number.to_bytes(size)
