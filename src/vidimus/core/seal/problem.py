"""What a server answers when it cannot do what it was asked: concise problem details.

    {-1: "Rejected", -2: "cannot withdraw a draft letter"}

RFC 9290, application/concise-problem-details+cbor; title and detail are both required by
SCRAPI (draft-ietf-scitt-scrapi-11 section 2), which also defines the titles below. A client
goes by the title, never by the status alone. See spec/receipt.md, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vidimus.core.seal import cbor, loose, sign1
from vidimus.errors import (
    Conflict,
    Damaged,
    FormatError,
    NotAllowed,
    NotFound,
    OutsideFailed,
    TooLarge,
    Unreadable,
    UsageError,
    VerificationFailed,
    VidimusError,
)

MEDIA_TYPE = "application/concise-problem-details+cbor"
LONGEST = 2_000

_TITLE, _DETAIL = -1, -2


@dataclass(frozen=True, slots=True)
class Kind:
    """A title, the HTTP status that goes with it, and the detail if there is nothing to add."""

    status: int
    title: str
    detail: str


# SCRAPI section 2, for any request.
MALFORMED = Kind(400, "Malformed request", "the request could not be parsed")
# Section 2.2, one key.
NO_SUCH_KEY = Kind(404, "No such key", "no key of this log has this key id")
# Section 2.3, registration. That a policy wants a proof of possession, or a payload that came
# by another way, does not happen here; the titles are known to those who read other logs.
BAD_ALGORITHM = Kind(
    400, "Bad Signature Algorithm", "a statement is signed with ES256 or EdDSA (Ed25519)"
)
CONFIRMATION_MISSING = Kind(
    400, "Confirmation Missing", "the statement does not prove that its key is held"
)
PAYLOAD_MISSING = Kind(400, "Payload Missing", "the statement must hold its payload")
REJECTED = Kind(400, "Rejected", "the rules of this registry refuse the statement")
INVALID_LOCATOR = Kind(400, "Invalid locator", "this is not the name of an entry")
TOO_MANY_REQUESTS = Kind(429, "Too Many Requests", "come back after the time in Retry-After")
# Section 2.4, a receipt.
NOT_FOUND = Kind(404, "Not Found", "there is no entry of this name")
REGISTRATION_FAILED = Kind(404, "Registration Failed", "the entry was not registered")
# Beyond SCRAPI, under the names of RFC 9110: every answer of 400 and above is a problem.
NOT_ALLOWED_HERE = Kind(405, "Method Not Allowed", "this address does not take such requests")
NOT_ACCEPTABLE = Kind(406, "Not Acceptable", "nothing here comes in a form that you accept")
TOO_SLOW = Kind(408, "Request Timeout", "the request did not arrive in time")
CONFLICT = Kind(409, "Conflict", "somebody else changed it in between")
TOO_LARGE = Kind(413, "Content Too Large", "the request is longer than this server reads")
UNSUPPORTED = Kind(415, "Unsupported Media Type", "a statement comes as application/cose")
INTERNAL = Kind(500, "Internal Server Error", "the server failed; the fault is not yours")
UNAVAILABLE = Kind(503, "Service Unavailable", "the server cannot do this now; try again")

KINDS: dict[str, Kind] = {
    kind.title: kind
    for kind in (
        MALFORMED, NO_SUCH_KEY, BAD_ALGORITHM, CONFIRMATION_MISSING, PAYLOAD_MISSING, REJECTED,
        INVALID_LOCATOR, TOO_MANY_REQUESTS, NOT_FOUND, REGISTRATION_FAILED, NOT_ALLOWED_HERE,
        NOT_ACCEPTABLE, TOO_SLOW, CONFLICT, TOO_LARGE, UNSUPPORTED, INTERNAL, UNAVAILABLE,
    )
}  # fmt: skip

# Which title an error of ours gets. An error that is none of these is a fault of ours.
_OF_ERROR: dict[type[VidimusError], Kind] = {
    FormatError: MALFORMED,
    UsageError: MALFORMED,
    Unreadable: MALFORMED,
    VerificationFailed: REJECTED,
    Damaged: UNAVAILABLE,
    NotAllowed: REJECTED,
    NotFound: NOT_FOUND,
    TooLarge: TOO_LARGE,
    Conflict: CONFLICT,
    OutsideFailed: UNAVAILABLE,
}


def kind_of(error: VidimusError) -> Kind:
    named = (_OF_ERROR[sort] for sort in type(error).__mro__ if sort in _OF_ERROR)
    return next(named, INTERNAL)


def of_statement(body: bytes, error: VidimusError) -> Kind:
    """Which title a statement gets that was not registered for this reason."""
    if isinstance(error, NotFound):
        return REJECTED  # of what it names, and not of the address
    if not isinstance(error, FormatError):
        return kind_of(error)
    try:
        found = loose.read_sign1(body)
    except FormatError:
        return MALFORMED
    if not sign1.is_algorithm(found.header.get(sign1.ALG)):
        return BAD_ALGORITHM
    return PAYLOAD_MISSING if found.payload is None else MALFORMED


def problem(title: str, detail: str) -> bytes:
    """The body of an answer. Any text will do: an answer about a fault must not fail itself."""
    return cbor.encode({_TITLE: _told(title), _DETAIL: _told(detail)})


def read(encoded: bytes) -> tuple[str, str]:
    """Title and detail of an answer by any server, empty where it gave none. Raises FormatError.

    RFC 9290 leaves both out at will and lets others stand beside them; a text in a stated
    language (tag 38) is not read.
    """
    if len(encoded) > 20 * LONGEST:
        raise FormatError(f"malformed problem details: {len(encoded)} bytes")
    entries = loose.decode(encoded)
    if not isinstance(entries, Mapping) or any(type(key) not in (int, str) for key in entries):
        raise FormatError("malformed problem details: not a map")
    title, detail = entries.get(_TITLE, ""), entries.get(_DETAIL, "")
    return (
        _told(title) if isinstance(title, str) else "",
        _told(detail) if isinstance(detail, str) else "",
    )


def _told(text: str) -> str:
    """The text as it can stand in a log or a terminal: no control signs, and not endless."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text[: LONGEST + 1])
    return seen if len(seen) <= LONGEST else seen[: LONGEST - 1] + "…"
