"""A statement on its way to the log, with what it names travelling in its unprotected header.

    18([ protected, { -91621: document, -91622: text }, digest, signature ])

RFC 9943 section 6.3 has the unprotected header emptied before a statement enters a log, so
nothing in it is ever part of an entry. We let the act's document ride there, and a text
where the act makes one public, so that one request registers an act. Both may be left out
and sent before by their digests. The labels are from the range for private use (below
-65536). See spec/service.md, section 2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from vidimus.core.seal import cbor, layout, sign1
from vidimus.errors import FormatError, TooLarge

DOCUMENT, TEXT = -91621, -91622

LONGEST_DOCUMENT = 64 * 1024
LONGEST_TEXT = 1024 * 1024
LONGEST = 65_535 + LONGEST_DOCUMENT + LONGEST_TEXT + 64


@dataclass(frozen=True, slots=True)
class Submitted:
    """`entry` has an empty unprotected header; it may still be no statement of ours."""

    entry: bytes
    document: bytes | None = None
    text: bytes | None = None


def write(entry: bytes, document: bytes, text: bytes | None = None) -> bytes:
    """The body of a request that registers this statement. Raises FormatError."""
    protected, _, payload, signature = _parts(entry)
    beside = {DOCUMENT: document} if text is None else {DOCUMENT: document, TEXT: text}
    return cbor.encode([protected, beside, payload, signature], tag=sign1.TAG)


def read(body: bytes) -> Submitted:
    """Take a request apart. Raises FormatError or TooLarge; the statement is not looked at."""
    if len(body) > LONGEST:
        raise TooLarge(f"a statement of {len(body)} bytes, at most {LONGEST}")
    protected, beside, payload, signature = _parts(body)
    if not isinstance(beside, Mapping) or not set(beside) <= {DOCUMENT, TEXT}:
        raise FormatError(
            "malformed statement: unprotected headers that have no place here",
            hint=f"the act's document may travel under {DOCUMENT}, a text under {TEXT}",
        )
    for label, longest in ((DOCUMENT, LONGEST_DOCUMENT), (TEXT, LONGEST_TEXT)):
        value = beside.get(label, b"")
        if not isinstance(value, bytes):
            raise FormatError("malformed statement: what travels beside it is no byte string")
        if len(value) > longest:
            raise TooLarge(f"{len(value)} bytes beside a statement, at most {longest}")
    return Submitted(_entry(protected, payload, signature), beside.get(DOCUMENT), beside.get(TEXT))


def _entry(protected: object, payload: object, signature: object) -> bytes:
    if not (
        isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)
    ):
        return cbor.encode([protected, {}, payload, signature], tag=sign1.TAG)
    # The same for less, since most are of this kind.
    header = b"\xd2\x84" + layout.octets(protected) + b"\xa0"
    return header + layout.octets(payload) + layout.octets(signature)


def _parts(encoded: bytes) -> tuple[object, object, object, object]:
    parts = cbor.decode(encoded, tag=sign1.TAG)
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise FormatError("malformed statement: not the four parts of a COSE_Sign1")
    return parts[0], parts[1], parts[2], parts[3]


def text_named(document: bytes) -> bytes | None:
    """The SHA-256 of the text that an act speaks of, if it does; the act is not checked here."""
    if b'"text"' not in document:  # the one way to write it in a document's one form
        return None
    try:
        value = json.loads(document)
        text = value["body"]["text"]
        return bytes.fromhex(text) if len(text) == 64 else None
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
