"""Whatever goes wrong at this door, as one value: a fact, a hint, a status.

    {"type": "urn:vidimus:problem:too-large", "code": "too-large", "status": 413,
     "title": "this file has 40,000,000 bytes; up to 33,554,432 are read",
     "detail": "send the pages in question, or a smaller picture", "exercise": false}

RFC 9457. A page shows the same two sentences.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException

from vidimus.errors import VerificationFailed, VidimusError


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    fact: str
    hint: str
    headers: dict[str, str] = field(default_factory=dict)

    def to_json(self, *, exercise: bool) -> dict[str, Any]:
        return {
            "type": f"urn:vidimus:problem:{self.code}",
            "code": self.code,
            "status": self.status,
            "title": self.fact,
            "detail": self.hint,
            "exercise": exercise,
        }


class Refused(Exception):
    """The door itself says no; the registry was not asked."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.fact)
        self.problem = problem


# The same bytes for the number of a draft and for one that nobody ever gave.
NO_LETTER = Problem(
    404,
    "not-found",
    "no public letter has this number",
    "compare it with the paper, sign by sign; or check the words of the paper instead",
)
# The same bytes for a sealed document and for one that never was.
NO_DOCUMENT = Problem(
    404,
    "not-found",
    "no public document has this number",
    "the log's page shows which entries are public",
)
BROKEN = Problem(
    500,
    "broken",
    "something broke here, and it is not your fault",
    "try again; if it stays so, tell the office that runs this register",
)
UNSUPPORTED = Problem(
    415,
    "unsupported-media-type",
    "this kind of body is not read here",
    "send multipart/form-data, or the bytes as application/pdf, image/… or text/plain",
)
LATE_BODY = Problem(
    408, "too-slow", "the copy did not arrive in time", "try again on a faster connection"
)


def too_large(limit: int) -> Problem:
    return Problem(
        413,
        "too-large",
        f"this request is larger than {limit:,} bytes",
        "send the pages in question only, or smaller pictures",
    )


def busy(fact: str, seconds: int) -> Problem:
    return Problem(
        503,
        "busy",
        fact,
        f"try again in {seconds} seconds; nothing that you sent was kept",
        {"Retry-After": str(seconds)},
    )


def too_many(seconds: int) -> Problem:
    return Problem(
        429,
        "too-many-requests",
        "too many requests came from your address",
        f"try again in {seconds} seconds",
        {"Retry-After": str(seconds)},
    )


def of_error(error: VidimusError) -> Problem:
    # Nothing that a visitor sends can be false here: it is the register that does not hold, and
    # that says nothing of his copy.
    status = 503 if isinstance(error, VerificationFailed) else error.http_status
    headers = {"Retry-After": "30"} if status == 503 else {}
    return Problem(status, error.code, error.fact, error.hint, headers)


def of_http(error: HTTPException) -> Problem:
    """What the router refuses: no such page, or not in this way."""
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return Problem(
            404, "not-found", "there is no such page", "begin at the first page", headers
        )
    if error.status_code == 405:
        allowed = headers.get("Allow", headers.get("allow", ""))
        return Problem(
            405,
            "method-not-allowed",
            "this page is not asked in this way",
            f"allowed here: {allowed}",
            headers,
        )
    status = HTTPStatus(error.status_code)
    return Problem(
        error.status_code,
        status.phrase.lower().replace(" ", "-"),
        f"the request was refused: {status.phrase.lower()}",
        "begin at the first page",
        headers,
    )
