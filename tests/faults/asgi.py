"""One request to an ASGI application, without a socket and without a client's library."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


async def ask(
    app: Any, path: str, *, method: str = "GET", body: bytes = b"", media: str = ""
) -> Answer:
    status, headers, parts = 0, {}, [b""]
    sent = False
    over = asyncio.Event()

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await over.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update({k.decode(): v.decode("latin-1") for k, v in message["headers"]})
        else:
            parts.append(message.get("body", b""))

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", media.encode())] if media else [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    over.set()
    return Answer(status, headers, b"".join(parts))


class Living:
    """While this lasts the application is up, as under a server."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __aenter__(self) -> None:
        self._over, up = asyncio.Event(), asyncio.Event()
        begun = False

        async def receive() -> dict[str, str]:
            nonlocal begun
            if begun:
                await self._over.wait()
                return {"type": "lifespan.shutdown"}
            begun = True
            return {"type": "lifespan.startup"}

        async def send(_message: Any) -> None:
            up.set()

        self._task = asyncio.create_task(self._app({"type": "lifespan"}, receive, send))
        await up.wait()

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        with suppress(asyncio.CancelledError):
            await self._task
