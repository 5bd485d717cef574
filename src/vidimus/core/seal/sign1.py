"""What statements and receipts have in common: a COSE_Sign1, and a few kinds of values.

    18([ << protected header >>, { unprotected header }, payload / nil, signature ])

RFC 9052 section 4.2; the claims of label 15 are those of RFC 8392 and RFC 9597.
"""

from __future__ import annotations

import re

from vidimus.core.seal.keys import EDDSA, ES256, PublicKey
from vidimus.errors import VerificationFailed

TAG = 18

# Header labels, and the claims in label 15.
ALG, CRITICAL, KID, CLAIMS, TYP = 1, 2, 4, 15, 16
ISSUER, SUBJECT, ISSUED_AT = 1, 2, 6

# Visible ASCII: names that look alike in other scripts must not stand for two offices.
_IDENTIFIER = re.compile(r"[!-~]{1,255}")
_LATEST = 253_402_300_799  # the last second of the year 9999


def require_key(alg: int, kid: bytes, key: PublicKey) -> None:
    """Refuse a key that is not the one named. Raises VerificationFailed."""
    if (alg, kid) != (key.alg, key.kid):
        raise VerificationFailed(
            f"signed by the key {kid.hex()[:16]}…, not by {key.kid.hex()[:16]}…"
        )


def is_algorithm(value: object) -> bool:
    return is_int(value) and value in (ES256, EDDSA)


def is_identifier(value: object) -> bool:
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None


def is_time(value: object) -> bool:
    return type(value) is int and 0 <= value <= _LATEST


def is_hash(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == 32


def is_int(value: object) -> bool:
    return type(value) is int  # True is an int to isinstance()
