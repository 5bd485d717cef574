"""CBOR in one form only: the bytes that we accept are the bytes that we would write.

RFC 8949 section 4.2.1 (core deterministic encoding): shortest heads, definite lengths, map
keys in the bytewise order of their encodings (not the length-first order of the older rule,
section 4.2.3), and no key twice. Narrowed to what statements need: integers of 64 bits, byte
strings, text, arrays, maps keyed by integers or text, true, false and null. No floats; a tag
only at the very beginning, when the caller names it. See spec/statement.md, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NoReturn

import cbor2

from vidimus.errors import FormatError

# A statement nests three deep. A shallow limit bounds every recursion below.
DEEPEST = 8

_AS_IT_IS = frozenset((bytes, str, bool))

# Tags that cbor2 6 would turn into dates, regular expressions, shared references and so on.
# Every other tag reaches the tag hook; and a tag that some later version learns still fails,
# because what it makes is not written back as the same bytes.
_BUILT_IN = (
    *range(6), 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip


def encode(value: object, *, tag: int | None = None) -> bytes:
    """The one encoding of `value`, under `tag` if given. Raises FormatError."""
    try:
        body = cbor2.dumps(_ordered(value, DEEPEST))
    except (cbor2.CBOREncodeError, UnicodeError) as error:
        raise FormatError(f"cannot be written as CBOR: {error}") from error
    return body if tag is None else _head(tag) + body


def decode(encoded: bytes, *, tag: int | None = None) -> Any:
    """The value of the one encoding, which must begin with `tag` if given. Raises FormatError.

    Arrays come back as lists or tuples, maps as dictionaries or read-only mappings.
    """
    head = b"" if tag is None else _head(tag)
    if not encoded.startswith(head):
        raise FormatError(f"malformed CBOR: does not begin with tag {tag}")
    try:
        value = cbor2.loads(
            encoded[len(head) :],
            tag_hook=_refuse,
            semantic_decoders=dict.fromkeys(_BUILT_IN, _refuse),
            max_depth=DEEPEST,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
    except (cbor2.CBORDecodeError, UnicodeError, ValueError, TypeError) as error:
        raise FormatError(f"malformed CBOR: {error}") from error
    # loads() stops at the end of the first item, and forgives long heads and any order of keys.
    if encode(value, tag=tag) != encoded:
        raise FormatError(
            "malformed CBOR: not in its one form",
            hint="deterministic encoding of RFC 8949 section 4.2.1, and nothing after it",
        )
    return value


def _ordered(value: object, depth: int) -> object:
    """The same value with its maps in order, if it is of the few kinds that we write."""
    if depth == 0:
        raise FormatError(f"cannot be written as CBOR: nested more than {DEEPEST} deep")
    # Exact types: a bool is an int to isinstance(), a date would write itself as a tag.
    kind = type(value)
    if kind in _AS_IT_IS or value is None:
        return value
    if isinstance(value, int):
        if not -(2**64) <= value < 2**64:
            raise FormatError("cannot be written as CBOR: an integer of more than 64 bits")
        return value
    if isinstance(value, list | tuple):
        return [_ordered(item, depth - 1) for item in value]
    if isinstance(value, dict | Mapping):  # the common kind first: it is the cheaper question
        return {key: _ordered(value[key], depth - 1) for key in _sorted(value)}
    raise FormatError(f"cannot be written as CBOR here: a {kind.__name__}")


def _sorted(keys: Iterable[Any]) -> Iterable[Any]:
    """In the bytewise order of their encodings."""
    kinds = {type(key) for key in keys}
    if not kinds <= {int, str}:
        raise FormatError("cannot be written as CBOR: a key that is neither integer nor text")
    if str in kinds:
        return sorted(keys, key=cbor2.dumps)
    # Longer heads begin with greater bytes, and negative integers come after the others.
    return sorted(keys, key=lambda key: (key < 0, abs(key)))


@cache
def _head(tag: int) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(tag, None))[:-1]


def _refuse(*_found: object) -> NoReturn:
    raise ValueError("a tag has no place here")
