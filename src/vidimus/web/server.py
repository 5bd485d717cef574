"""Listening: one uvicorn process that says when it is ready, and keeps no log of visitors.

Whoever connects and asks nothing costs a connection all the same, and there are only so many:
it is closed after ten seconds, or after one where its address has a hundred of them.
"""

from __future__ import annotations

import asyncio
import resource
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp

from vidimus.errors import OutsideFailed, UsageError
from vidimus.web.limits import LONGEST_HEAD

PATIENCE = 10  # seconds without a request, or with one that does not end
MOST_IDLE = 100  # connections of one address that wait for longer than a second


class Announcing(uvicorn.Server):
    """Calls `ready` with its address once it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready
        # A connection that waits → the request that it made last, and for how many seconds.
        self._idle: dict[Any, tuple[object, int]] = {}

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # once a second
            self._look()
        return await super().on_tick(counter)

    def _look(self) -> None:
        """Close what waits. uvicorn itself does so between two requests, and not before one."""
        before, self._idle = self._idle, {}
        connections: list[Any] = list(self.server_state.connections)
        for each in connections:
            if each.cycle is None or each.cycle.response_complete:
                last, seconds = before.get(each, (None, 0))
                same = each in before and last is each.cycle
                self._idle[each] = (each.cycle, seconds + 1 if same else 0)
        crowd = Counter(each.client and each.client[0] for each in self._idle)
        for each, (_last, seconds) in self._idle.items():
            crowded = seconds and crowd[each.client and each.client[0]] > MOST_IDLE
            if each.transport.is_closing():
                # What it was sent last is still on its way; a slow line is given two minutes.
                if seconds >= 12 * PATIENCE:
                    each.transport.abort()
            elif crowded or seconds >= PATIENCE:
                each.transport.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets and self.started:
            self._ready(address_of(sockets[0]))


def protocol() -> type[asyncio.Protocol] | Literal["h11"]:
    """What reads requests: llhttp within bounds, or h11 where httptools is not installed."""
    try:
        from vidimus.web.head_limit import Bounded
    except ModuleNotFoundError:
        return "h11"
    return Bounded


def server(app: ASGIApp, ready: Callable[[str], None]) -> Announcing:
    config = uvicorn.Config(
        app,
        # Who asked for what is nobody's business (design, section 6).
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        # Behind a proxy on this machine the visitor's address is the one that it forwards;
        # from anywhere else such a header is not believed (uvicorn's own default).
        forwarded_allow_ips="127.0.0.1",
        ws="none",
        # Never "auto": that is uvicorn's own protocol, which keeps all of a head without end.
        http=protocol(),
        h11_max_incomplete_event_size=LONGEST_HEAD,
        loop="auto",  # uvloop, or asyncio where that is not installed
        timeout_keep_alive=10,
        timeout_graceful_shutdown=5,
    )
    return Announcing(config, ready)


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted. Port 0 takes any free one."""
    with suppress(ValueError, OSError):
        # As many connections as this machine lets a process have.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with listen(host, port) as listening, suppress(KeyboardInterrupt):
        server(app, ready).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is no port", hint="take one from 1024 to 65535, or 0 for any")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OutsideFailed(
            f"cannot listen on {host}, port {port}: {error.strerror or error}",
            hint="another program may use it: choose another with --port (or PORT=… with make)",
        ) from error

    # Head and body of an answer are two writes. Without this the second one waits for the
    # client's delayed acknowledgement, 40 ms; asyncio sets it on sockets of its own alone.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
