"""Asking another registry's server: the copy is sent there, and its answer comes back.

The server is a stranger too: its answer is read within a limit and must have our shape.
"""

from __future__ import annotations

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
AXES = ("text", "authority", "release", "standing")


def check(
    address: str, parts: Sequence[bytes], *, office: str | None, at: str | None
) -> dict[str, Any]:
    """The answer of `POST /check` at this address."""
    boundary = f"vidimus-{secrets.token_hex(16)}"
    request = urllib.request.Request(
        f"{address.rstrip('/')}/check",
        data=_multipart(boundary, parts, {"office": office, "at": at}),
        headers={
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Accept": "application/json",
        },
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            return _answer(response.read(MOST_BYTES + 1))
    except urllib.error.HTTPError as error:
        raise _problem(address, error.code, error.read(64 * 1024)) from error
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise OutsideFailed(
            f"{address} does not answer: {reason}", hint="check the address and the network"
        ) from error


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
    try:
        document = json.loads(body)
        Headline(document["headline"])
        for axis in AXES:
            document[axis]["answer"]
        document["exercise"], document["as_of"]["tree_size"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError("the server's answer is not one of a Vidimus registry") from error
    if len(body) > MOST_BYTES or not isinstance(document, dict):
        raise FormatError("the server's answer is too large")
    return document


def _problem(address: str, status: int, body: bytes) -> Exception:
    try:
        problem = json.loads(body)
        fact, hint = str(problem["title"]), str(problem.get("detail", ""))
    except (ValueError, KeyError, TypeError, RecursionError):
        return OutsideFailed(f"{address} answers with the status {status}")
    if status in (413, 422):
        return Unreadable(fact, hint=hint)
    return UsageError(fact, hint=hint) if status < 500 else OutsideFailed(fact, hint=hint)
