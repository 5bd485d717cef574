"""The waiting line before the desk: few checks at once, few waiting, the others told at once.

Checks run in threads of their own, because reading a page takes a core for a second; the
pages of letters must not wait behind them.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from vidimus.web.limits import Limits
from vidimus.web.shell.problems import Refused, busy

Result = TypeVar("Result")
LOOK = 1.0  # seconds between looks whether the visitor is still there


class Gone(Exception):
    """The visitor left; nobody waits for the answer."""


class Line:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._executor = ThreadPoolExecutor(limits.at_once, thread_name_prefix="check")
        self._lock = threading.Lock()
        self._inside = 0

    def admit(self) -> None:
        """Refuse before the body is read, if there is no place for it."""
        if self._inside >= self._limits.at_once + self._limits.waiting:
            raise Refused(busy("too many copies are being checked at this moment", 10))

    async def run(self, work: Callable[[], Result], gone: Callable[[], Awaitable[bool]]) -> Result:
        """The result of `work`, in its turn. Raises Refused, Gone or what `work` raises."""
        with self._lock:
            self.admit()
            self._inside += 1
        try:
            future = self._executor.submit(work)
        except BaseException:
            self._leave(None)
            raise
        future.add_done_callback(self._leave)
        waited = asyncio.wrap_future(future)
        deadline = time.monotonic() + self._limits.check_seconds
        try:
            while not waited.done():
                await asyncio.wait((waited,), timeout=LOOK)
                if waited.done():
                    break
                if time.monotonic() >= deadline:
                    raise Refused(busy("the check took too long and was given up", 30))
                if await gone():
                    raise Gone
        finally:
            # One that still waits is dropped; one at work ends by the reader's own limit,
            # and keeps its place until then.
            waited.cancel()
        return waited.result()

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _leave(self, _future: Future[Result] | None) -> None:
        with self._lock:
            self._inside -= 1
