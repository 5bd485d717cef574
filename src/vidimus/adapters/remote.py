"""Asking another registry's server: the copy is sent there, and its answer comes back.

The server is a stranger too: its answer is read within a limit and must have our shape.
"""

from __future__ import annotations

import http.client
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from vidimus.core.copies.answers import Headline
from vidimus.errors import FormatError, OutsideFailed, Unreadable, UsageError

MOST_BYTES = 4 * 1024 * 1024
SECONDS = 300.0

_DIFFERENCE = {"kind": str, "registered": str, "copy": str, "page": int}
_MISSING = {
    "words": int,
    "begins": str,
    "ends": str,
    "at": [int],
    "after_page": (None, int),
    "before_page": (None, int),
    "sheets": [int],
}
_LETTER = {"id": str, "reference": str, "office": str, "office_title": str, "date": str}
# A tuple: one of these. A list: any number of this.
ANSWER: dict[str, Any] = {
    "headline": str,
    "sentence": str,
    "exercise": bool,
    "registry": str,
    "letter": (None, _LETTER),
    "text": {
        "answer": str,
        "version": (None, int),
        "seen": {"words": int, "of": int},
        "differences": [_DIFFERENCE],
        "unread": [_DIFFERENCE],
        "missing": [_MISSING],
    },
    "authority": {"answer": str, "detail": str},
    "release": {"answer": str, "detail": str},
    "standing": {"answer": str, "detail": str, "successor": (None, str)},
    "as_of": {"tree_size": int, "time": str},
    "reasons": [str],
    "checked": [str],
    "not_checked": [str],
    "alternatives": [str],
    "quotations": [
        {
            "text": str,
            "headline": (None, str),
            "said": str,
            "letter": (None, _LETTER),
            "at": (None, [int]),
            "paragraph": (None, int),
            "context": [{"part": str, "text": str, "copy": str}],
        }
    ],
    "form": (None, {"letter": _LETTER, "letters": int, "own_reference": bool}),
}


def check(
    address: str, parts: Sequence[bytes], *, office: str | None, at: str | None
) -> dict[str, Any]:
    """The answer of `POST /check` at this address."""
    boundary = f"vidimus-{secrets.token_hex(16)}"
    try:
        request = urllib.request.Request(
            f"{address.rstrip('/')}/check",
            data=_multipart(boundary, parts, {"office": office, "at": at}),
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Accept": "application/json",
            },
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            body = response.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise _problem(address, error.code, error.read(64 * 1024)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        # ValueError: an address that is none, as “http://[”.
        reason = getattr(error, "reason", None) or error
        raise OutsideFailed(
            f"{address} does not answer: {reason}", hint="check the address and the network"
        ) from error
    return _answer(body)


def _multipart(boundary: str, parts: Sequence[bytes], fields: dict[str, str | None]) -> bytes:
    lines: list[bytes] = []
    for name, value in fields.items():
        if value is not None:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            lines.append(head.encode() + value.encode() + b"\r\n")
    for part in parts:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="copy"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        lines.append(head.encode() + part + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode()


def _answer(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        raise FormatError("the server's answer is too large")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FormatError("the server's answer is not JSON") from error
    if not _fits(document, ANSWER) or document["headline"] not in [h.value for h in Headline]:
        raise FormatError("the server's answer is not one of a Vidimus registry")
    answer: dict[str, Any] = document
    return answer


def _fits(value: Any, shape: Any) -> bool:
    """Has it at least these fields, of these kinds? More may be added (design, section 9)."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(
            name in value and _fits(value[name], inner) for name, inner in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(each, shape[0]) for each in value)
    if isinstance(shape, tuple):
        return any(_fits(value, each) for each in shape)
    return value is None if shape is None else type(value) is shape


def _problem(address: str, status: int, body: bytes) -> Exception:
    try:
        problem = json.loads(body)
        fact, hint = str(problem["title"]), str(problem.get("detail", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return OutsideFailed(f"{address} answers with the status {status}")
    if status in (413, 422):
        return Unreadable(fact, hint=hint)
    return UsageError(fact, hint=hint) if status < 500 else OutsideFailed(fact, hint=hint)
