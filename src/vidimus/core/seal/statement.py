"""A signed statement: who says, of what, when, and the digest of the act's document.

    18([ << { 1: -7, 4: kid, 15: {1: iss, 2: sub, 6: iat},
              16: "application/vnd.vidimus.statement+cose",
              258: -16, 259: "application/vnd.vidimus.act+json" } >>,
         {}, digest, signature ])

COSE_Sign1 (RFC 9052) as a SCITT signed statement (RFC 9943) with a hash envelope (RFC 9995):
the payload is the SHA-256 of the act's document, never the document. These exact bytes are
an entry of the log. See spec/statement.md, section 4.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from vidimus.core.seal import cbor, layout
from vidimus.core.seal.keys import (
    EDDSA,
    ES256,
    PublicKey,
    Signer,
    one_form,
    require_signature_form,
)
from vidimus.errors import FormatError, VerificationFailed

COSE_SIGN1 = 18
LONGEST_ENTRY = 65_535  # entry bundles put the length into two bytes (C2SP tlog-tiles)
TYP = "application/vnd.vidimus.statement+cose"
SHA_256 = -16

# Header labels: RFC 9052 (1, 4), RFC 9597 (15), RFC 9596 (16), RFC 9995 (258, 259).
_ALG, _KID, _CLAIMS, _TYP, _HASH_ALG, _CONTENT_TYPE = 1, 4, 15, 16, 258, 259
# Claims in label 15: RFC 8392.
_ISS, _SUB, _IAT = 1, 2, 6

# Visible ASCII: names that look alike in other scripts must not stand for two offices.
_IDENTIFIER = re.compile(r"[!-~]{1,255}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}")
_LATEST = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement says. `issued_at` is the issuer's own word, in seconds since 1970."""

    issuer: str
    subject: str
    issued_at: int
    alg: int
    kid: bytes
    digest: bytes
    content_type: str
    entry: bytes


def write(
    *,
    issuer: str,
    subject: str,
    issued_at: int,
    digest: bytes,
    content_type: str,
    signer: Signer,
) -> bytes:
    """Sign a statement; the result is the entry for the log. Raises FormatError."""
    header = {
        _ALG: signer.alg,
        _KID: signer.kid,
        _CLAIMS: {_ISS: issuer, _SUB: subject, _IAT: issued_at},
        _TYP: TYP,
        _HASH_ALG: SHA_256,
        _CONTENT_TYPE: content_type,
    }
    _check(header, digest)
    protected = cbor.encode(header)
    signature = one_form(signer.alg, signer.sign(_to_be_signed(protected, digest)))
    return cbor.encode([protected, {}, digest, signature], tag=COSE_SIGN1)


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement that was read, with what it takes to check who signed it."""

    statement: Statement
    protected: bytes
    signature: bytes
    # Keys that it was found to be signed with: these bytes never change, nor does the answer.
    held: list[PublicKey] = field(default_factory=list, init=False, repr=False, compare=False)

    def verify(self, key: PublicKey) -> Statement:
        """The statement, if `key` signed it. Raises VerificationFailed."""
        said = self.statement
        if key in self.held:
            return said
        if (said.alg, said.kid) != (key.alg, key.kid):
            raise VerificationFailed(
                f"signed by the key {said.kid.hex()[:16]}…, not by {key.kid.hex()[:16]}…"
            )
        key.verify(_to_be_signed(self.protected, said.digest), self.signature)
        self.held.append(key)
        return said


# On its way onto a log one statement is asked for by everybody who has a part in it. What is no
# statement is not kept, and none is longer than some two thousand bytes.
@lru_cache(maxsize=1024)
def read(entry: bytes) -> Signed:
    """Read a statement; only the exact bytes `write()` could have written. Raises FormatError.

    The signature has the right form, and is not verified yet.
    """
    return _quick(entry) or _read(entry)


def parse(entry: bytes) -> Statement:
    """What a statement says, whoever signed it: see `read`. Raises FormatError."""
    return read(entry).statement


def verify(entry: bytes, key: PublicKey) -> Statement:
    """Read a statement and check that `key` signed it. Raises FormatError, VerificationFailed."""
    return read(entry).verify(key)


def sealed_subject(randomness: bytes) -> str:
    """The subject of a sealed act: 16 random bytes that mean nothing to anybody else.

    Always of one length, so that all sealed entries of a registry are as long as each other.
    """
    if len(randomness) != 16:
        raise FormatError(f"a sealed subject takes 16 random bytes, not {len(randomness)}")
    return base64.urlsafe_b64encode(randomness).decode().rstrip("=")


def _read(entry: bytes) -> Signed:
    if len(entry) > LONGEST_ENTRY:
        raise FormatError(f"malformed statement: {len(entry)} bytes, more than {LONGEST_ENTRY}")
    parts = cbor.decode(entry, tag=COSE_SIGN1)
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise FormatError("malformed statement: not the four parts of a COSE_Sign1")
    protected, unprotected, digest, signature = parts
    # Anybody could add to the unprotected header, and mirrors would hold different leaves.
    if not isinstance(unprotected, Mapping) or unprotected:
        raise FormatError("malformed statement: the unprotected header is not empty")
    if not isinstance(protected, bytes) or not isinstance(signature, bytes):
        raise FormatError("malformed statement: a header or signature that is no byte string")
    header = cbor.decode(protected)
    claims = _check(header, digest)
    require_signature_form(header[_ALG], signature)
    statement = Statement(
        issuer=claims[_ISS],
        subject=claims[_SUB],
        issued_at=claims[_IAT],
        alg=header[_ALG],
        kid=header[_KID],
        digest=digest,
        content_type=header[_CONTENT_TYPE],
        entry=entry,
    )
    return Signed(statement, protected, signature)


def _quick(entry: bytes) -> Signed | None:
    """The same as `_read` at a quarter of its price, or None where that one must decide."""
    found = layout.take_apart(entry, TYP)
    if found is None or not (
        found.alg in (ES256, EDDSA)
        and len(entry) <= LONGEST_ENTRY
        and _matches(_IDENTIFIER, found.issuer)
        and _matches(_IDENTIFIER, found.subject)
        and found.issued_at <= _LATEST
        and _matches(_MEDIA_TYPE, found.content_type)
    ):
        return None
    require_signature_form(found.alg, found.signature)
    said = Statement(
        found.issuer,
        found.subject,
        found.issued_at,
        found.alg,
        found.kid,
        found.digest,
        found.content_type,
        entry,
    )
    return Signed(said, found.protected, found.signature)


def _check(header: Any, digest: object) -> Mapping[int, Any]:
    """The claims of a header that is exactly ours: these labels, these types, these ranges."""
    if not isinstance(header, Mapping) or set(header) != {
        _ALG, _KID, _CLAIMS, _TYP, _HASH_ALG, _CONTENT_TYPE,
    }:  # fmt: skip
        raise FormatError("malformed statement: other protected headers than the six")
    claims = header[_CLAIMS]
    if not isinstance(claims, Mapping) or set(claims) != {_ISS, _SUB, _IAT}:
        raise FormatError("malformed statement: other claims than issuer, subject and time")
    for name, holds in (
        ("algorithm", _is_int(header[_ALG]) and header[_ALG] in (ES256, EDDSA)),
        ("key id", _is_hash(header[_KID])),
        ("issuer", _matches(_IDENTIFIER, claims[_ISS])),
        ("subject", _matches(_IDENTIFIER, claims[_SUB])),
        ("time", _is_int(claims[_IAT]) and 0 <= claims[_IAT] <= _LATEST),
        ("type", header[_TYP] == TYP),
        ("hash algorithm", _is_int(header[_HASH_ALG]) and header[_HASH_ALG] == SHA_256),
        ("content type", _matches(_MEDIA_TYPE, header[_CONTENT_TYPE])),
        ("digest", _is_hash(digest)),
    ):
        if not holds:
            raise FormatError(f"malformed statement: the {name} is not one that we write")
    return claims


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """RFC 9052 section 4.4, without external data."""
    return layout.to_be_signed(protected, payload)


def _is_int(value: object) -> bool:
    return type(value) is int  # True is an int to isinstance()


def _is_hash(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == 32


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
