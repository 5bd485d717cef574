"""Every error a person can meet, drawn as one tree.

    VidimusError            code            exit http what it means
    ├── FormatError         malformed       2    400   these bytes are not what they claim to be
    ├── UsageError          usage           2    400   the question cannot be answered as it was put
    ├── TooLarge            too-large       2    413   beyond a limit that we set to stay answerable
    ├── Unreadable          unreadable      2    422   well formed, but nothing in it can be read
    ├── NotAllowed          not-allowed     1    403   the rules of the registry refuse this act
    ├── NotFound            not-found       2    404   nothing of that name is here
    ├── Conflict            conflict        2    409   somebody else changed it in between
    ├── VerificationFailed  false           1    422   a signature, a hash or a proof does not hold
    │   └── Damaged         damaged         3    503   … of what is stored here: it answers nobody
    └── OutsideFailed       outside-failed  3    503   a tool, a disk or a network let us down

An error states the fact with its values; the hint says what to do next.
Only the doors (`cli`, `web`) print.
"""

from __future__ import annotations

from typing import ClassVar


class VidimusError(Exception):
    """A fact, and a hint what to do next. `str()` gives the fact alone."""

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 2
    http_status: ClassVar[int] = 400

    def __init__(self, fact: str, *, hint: str = "") -> None:
        super().__init__(fact)
        self.fact = fact
        self.hint = hint


class FormatError(VidimusError, ValueError):
    code = "malformed"


class UsageError(VidimusError):
    code = "usage"


class TooLarge(VidimusError):
    code = "too-large"
    http_status = 413


class Unreadable(VidimusError):
    code = "unreadable"
    http_status = 422


class NotAllowed(VidimusError):
    code = "not-allowed"
    exit_status = 1
    http_status = 403


class NotFound(VidimusError):
    code = "not-found"
    http_status = 404


class Conflict(VidimusError):
    code = "conflict"
    http_status = 409


class VerificationFailed(VidimusError):
    code = "false"
    exit_status = 1
    http_status = 422


class Damaged(VerificationFailed):
    code = "damaged"
    exit_status = 3
    http_status = 503


class OutsideFailed(VidimusError):
    code = "outside-failed"
    exit_status = 3
    http_status = 503
