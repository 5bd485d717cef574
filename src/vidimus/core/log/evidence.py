"""How files of evidence against a log are written and read: canonical JSON, bytes in base64.

    {"evidence":"fork",…,"v":1}      two histories (`fork.py`)
    {"evidence":"claim",…,"v":1}     a false word on a subject (`false_claim.py`)

See spec/trust.md, section 6.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import rfc8785

from vidimus.core.log import merkle
from vidimus.core.log.lines import from_base64, to_base64
from vidimus.core.log.merkle import Hash
from vidimus.errors import FormatError

LONGEST = 4 * 1024 * 1024  # bytes; two notes have at most a million characters each
LONGEST_PATH = 64


def sort_of(file: bytes) -> str:
    """What sort of evidence a file says it is. Raises FormatError."""
    sort = _object(file).get("evidence")
    if not isinstance(sort, str):
        raise FormatError("malformed evidence: it does not say of which sort it is")
    return sort


def parsed(file: bytes, sort: str) -> dict[str, Any]:
    """The members of a file of this sort. Raises FormatError."""
    value = _object(file)
    found = value.get("evidence")
    if found != sort or type(value.get("v")) is not int or value["v"] != 1:
        raise FormatError(f"this is evidence of another sort than “{sort}”: {str(found)[:40]!r}")
    return value


def dumps(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed evidence: it holds what JSON cannot say") from error


def require_form(file: bytes, written: bytes) -> None:
    if file != written:
        raise FormatError("malformed evidence: not in canonical form", hint="written by RFC 8785")


def members(value: Any, wanted: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != wanted:
        raise FormatError(f"malformed evidence: not exactly {', '.join(sorted(wanted))}")
    return value


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise FormatError("malformed evidence: a note that is no text")
    return value


def number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise FormatError("malformed evidence: an index that is no number")
    return value


def content(value: Any) -> bytes:
    if not isinstance(value, str):
        raise FormatError("malformed evidence: bytes are written in base64")
    return from_base64(value)


def digest(value: Any) -> Hash:
    found = content(value)
    if len(found) != merkle.HASH_SIZE:
        raise FormatError("malformed evidence: a hash that is not 32 bytes long")
    return found


def path(value: Any) -> tuple[Hash, ...]:
    if not isinstance(value, list) or len(value) > LONGEST_PATH:
        raise FormatError(f"malformed evidence: a path has at most {LONGEST_PATH} hashes")
    return tuple(map(digest, value))


def texts(hashes: Sequence[Hash]) -> list[str]:
    return [to_base64(each) for each in hashes]


def _object(file: bytes) -> dict[str, Any]:
    if len(file) > LONGEST:
        raise FormatError(f"malformed evidence: {len(file)} bytes, at most {LONGEST}")
    try:
        value = json.loads(file.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed evidence: this is not JSON") from error
    if not isinstance(value, dict):
        raise FormatError("malformed evidence: not a JSON object")
    return value
