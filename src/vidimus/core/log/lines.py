"""Numbers and bytes as they stand on a line of a note: one text for one value.

    7           decimal, no sign, no leading zero, below 2**63
    aGk=        base64, RFC 4648 section 4, padded, no stray bits

See spec/log.md, section 1. `int()` and `b64decode()` forgive "+7", "1_0", full-width
digits and stray characters. Two texts for one value would let a log show different
people different bytes of the same thing, so the readers here take only what the
writers write.
"""

from __future__ import annotations

import base64
import binascii
import re

from vidimus.errors import FormatError

# Sizes and indices fit a signed 64-bit integer, in every database and language.
LIMIT = 2**63

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def to_decimal(number: int) -> str:
    if not 0 <= number < LIMIT:
        raise FormatError(f"the number {number} cannot be written: it is not from 0 to 2**63 - 1")
    return str(number)


def from_decimal(text: str) -> int:
    """Read a number. Raises FormatError."""
    if not _DECIMAL.fullmatch(text) or int(text) >= LIMIT:
        raise FormatError(
            f"not a number in its one form: {text[:40]!r}",
            hint="plain decimal digits, no sign, no leading zero, below 2**63",
        )
    return int(text)


def to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read base64 in its one form. Raises FormatError."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"not base64: {text[:40]!r}") from error
    # The last character before the padding may carry bits that decoding drops.
    if to_base64(content) != text:
        raise FormatError(f"base64 not in its one form: {text[:40]!r}")
    return content
