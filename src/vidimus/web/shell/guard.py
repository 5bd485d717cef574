"""The outermost layer: headers on every answer, a limit on every client, no traceback ever.

No cookie is set, nothing of a request is logged: of an unforeseen error only its type and
the line of code are, since its message might quote somebody's letter.
"""

from __future__ import annotations

import ipaddress
import logging
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vidimus.web.limits import Limits
from vidimus.web.shell.problems import BROKEN, Problem, too_many

LOG = logging.getLogger("vidimus.web")

CONTENT_SECURITY = (
    "default-src 'none'; img-src data: 'self'; style-src 'self'; script-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What a page says can change with the next act, and what a check says is nobody's
    # business: nothing is kept unless its own answer says otherwise.
    "Cache-Control": "no-store",
}

Show = Callable[[Request, Problem], Awaitable[Response]]


class Buckets:
    """A token bucket for each client address. In memory, bounded, forgotten when full."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def charge(self, client: str, cost: float) -> None:
        """Take it afterwards, also from a bucket that does not hold as much: it must fill first."""
        level, now = self._level(client)
        self._levels[client] = (max(level - cost, -self._limits.bucket), now)

    def _level(self, client: str) -> tuple[float, float]:
        """How full it is by now; the bucket is taken out."""
        now = self._monotonic()
        level, last = self._levels.pop(client, (self._limits.bucket, now))
        return min(self._limits.bucket, level + (now - last) * self._limits.refill), now

    def take(self, client: str, cost: float) -> float:
        """0 if the client may go on, else the seconds until it may."""
        level, now = self._level(client)
        missing = cost - level
        if missing <= 0:
            level -= cost
        self._levels[client] = (level, now)
        while len(self._levels) > self._limits.clients:
            self._levels.popitem(last=False)
        return max(0.0, missing / self._limits.refill)


def client_of(scope: Scope) -> str:
    """The address; of IPv6 the /64, since one household has all of it."""
    host = (scope.get("client") or ("unknown", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Guard:
    def __init__(self, app: ASGIApp, *, limits: Limits, buckets: Buckets, show: Show) -> None:
        self._app = app
        self._limits = limits
        self._buckets = buckets
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        request = Request(scope, receive)
        cost = self._limits.check_cost if scope["method"] == "POST" else 1.0
        wait = self._buckets.take(client_of(scope), cost)
        if wait:
            refusal = await self._show(request, too_many(int(wait) + 1))
            await refusal(scope, receive, guarded)
            return
        try:
            await self._app(scope, receive, guarded)
        except Exception as error:
            LOG.error("%s at %s", type(error).__name__, _place(error))
            if started:
                # Half an answer is on its way: cutting it off is the only honest end.
                raise RuntimeError("the answer broke off") from None
            response = await self._show(request, BROKEN)
            await response(scope, receive, guarded)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
