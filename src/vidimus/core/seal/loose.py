"""CBOR and COSE_Sign1 as others write them: safe to read, though not in our one form.

Others may put keys in any order, use longer heads than they need, and say more than we know.
Refused all the same, because two readers could take it for two things: a key twice, lengths
left open, anything after the end, deep nesting, labels that are neither integers nor text,
and a label in both headers. What stands under a tag comes back as `UNREAD`.

Nothing read here may ever become an entry of the log: for those there is `cbor.py`.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from vidimus.core.seal import layout, sign1
from vidimus.core.seal.keys import EDDSA, ES256, PublicKey, one_form
from vidimus.errors import FormatError, VerificationFailed

LONGEST = 1_000_000
DEEPEST = 16
UNREAD: Final = object()

# RFC 9864 gave the algorithms numbers that name the curve too: one algorithm, two numbers.
_ALGORITHMS = {ES256: ES256, -9: ES256, EDDSA: EDDSA, -19: EDDSA}


@dataclass(frozen=True, slots=True)
class Sign1:
    """A COSE_Sign1 that somebody wrote. `protected` is the header as it was signed."""

    header: Mapping[int | str, Any]
    unprotected: Mapping[int | str, Any]
    protected: bytes
    payload: bytes | None
    signature: bytes

    @property
    def claims(self) -> Mapping[int | str, Any]:
        """Label 15 of the protected header (RFC 9597); empty if there is none."""
        return _labelled(self.header.get(sign1.CLAIMS, {}), "claims")

    def verify(self, payload: bytes, keys: Iterable[PublicKey]) -> PublicKey:
        """The first of the keys that signed this payload. Raises VerificationFailed.

        A key id is the writer's own affair: every key of the right algorithm is tried.
        """
        alg = self.header.get(sign1.ALG)
        if not sign1.is_int(alg) or alg not in _ALGORITHMS:
            raise VerificationFailed("signed by an algorithm that is not known here")
        message = layout.to_be_signed(self.protected, payload)
        for key in keys:
            if key.alg != _ALGORITHMS[alg]:
                continue
            try:
                # Others need not take the lower s, the only one that a key of ours accepts.
                key.verify(message, one_form(key.alg, self.signature))
            except (FormatError, VerificationFailed):
                continue
            return key
        raise VerificationFailed("signed by none of the keys that are trusted here")


def read_sign1(encoded: bytes) -> Sign1:
    """Read a tagged COSE_Sign1. Raises FormatError."""
    if encoded[:1] != b"\xd2":
        raise FormatError("malformed COSE_Sign1: does not begin with tag 18")
    parts = decode(encoded[1:])
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise FormatError("malformed COSE_Sign1: not four parts")
    protected, unprotected, payload, signature = parts
    if not isinstance(protected, bytes) or not isinstance(signature, bytes):
        raise FormatError("malformed COSE_Sign1: a header or signature that is no byte string")
    if payload is not None and not isinstance(payload, bytes):
        raise FormatError("malformed COSE_Sign1: a payload that is no byte string")
    # RFC 9052 section 3: an empty header may be written as an empty string.
    header = _labelled(decode(protected) if protected else {}, "protected header")
    unprotected = _labelled(unprotected, "unprotected header")
    if header.keys() & unprotected.keys():
        raise FormatError("malformed COSE_Sign1: a label in both headers")
    # Whatever its writer wants understood before anybody believes him, we may not know.
    if sign1.CRITICAL in header or sign1.CRITICAL in unprotected:
        raise FormatError("a COSE_Sign1 with critical headers, which are not taken here")
    return Sign1(header, unprotected, protected, payload, signature)


def decode(encoded: bytes) -> Any:
    """The value of one item of CBOR with nothing after it. Raises FormatError."""
    if len(encoded) > LONGEST:
        raise FormatError(f"malformed CBOR: {len(encoded)} bytes, more than {LONGEST}")
    stream = io.BytesIO(encoded)
    try:
        value = cbor2.CBORDecoder(
            stream,
            tag_hook=_unread,
            semantic_decoders=_EVERY_TAG,
            max_depth=DEEPEST,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        ).decode()
    except (cbor2.CBORDecodeError, UnicodeError, ValueError, TypeError) as error:
        raise FormatError(f"malformed CBOR: {error}") from error
    if stream.tell() != len(encoded):
        raise FormatError("malformed CBOR: something stands after the end")
    return value


def _labelled(value: object, what: str) -> Mapping[int | str, Any]:
    # 1, 1.0 and true are one key to Python, and three to the one who wrote them.
    if not isinstance(value, Mapping) or any(type(label) not in (int, str) for label in value):
        raise FormatError(f"malformed COSE_Sign1: the {what} is no map of labels")
    return value


def _unread(*_found: object) -> object:
    return UNREAD


# cbor2 would make dates, regular expressions and shared references of some of these: two
# hundred bytes of the last can stand for 2**40 items.
_EVERY_TAG = dict.fromkeys((*range(1_100), 43_000, 55_799), _unread)
