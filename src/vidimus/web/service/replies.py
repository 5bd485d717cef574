"""What this door answers with: COSE, COSE keys, static bytes, and problems in CBOR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import Send

from vidimus.core.seal import problem
from vidimus.core.seal.problem import Kind
from vidimus.errors import VidimusError

COSE = b"application/cose"
CBOR = b"application/cbor"
STILL = b"public, max-age=31536000, immutable"
MOVING = b"no-store"

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    media: bytes
    body: bytes
    headers: Headers = ()
    cache: bytes = MOVING

    async def send(self, send: Send, *, only_head: bool = False) -> None:
        headers = [
            (b"content-type", self.media),
            (b"content-length", str(len(self.body)).encode()),
            (b"cache-control", self.cache),
            (b"x-content-type-options", b"nosniff"),
            # Evidence is for everybody's own programs, also those in a browser.
            (b"access-control-allow-origin", b"*"),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if only_head else self.body})


def refusal(kind: Kind, detail: str = "", headers: Headers = ()) -> Reply:
    body = problem.problem(kind.title, detail or kind.detail)
    return Reply(kind.status, problem.MEDIA_TYPE.encode(), body, headers)


def of_error(error: VidimusError, kind: Kind | None = None) -> Reply:
    kind = kind or problem.kind_of(error)
    detail = f"{error.fact} ({error.hint})" if error.hint else error.fact
    retry = kind in (problem.TOO_MANY_REQUESTS, problem.UNAVAILABLE)
    return refusal(kind, detail, [(b"retry-after", b"5")] if retry else ())
