"""The waiting line before the desk: few checks at once, few waiting, the others told at once.

Checks run in threads of their own, because reading a page takes a core for a second; the
pages of letters must not wait behind them.

    reading   the first to ask about a copy          at_once places
    quick     typed words, and copies that are at hand   as many again
    behind    who asks about a copy that is being read waits for that, and not in a place

Who waited behind another is answered no earlier than if his copy had been read for him: else
the time would tell him that somebody else is asking about it (decision 15).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from vidimus.operations.ports import Progress, Shared
from vidimus.web.limits import Limits
from vidimus.web.shell.problems import Refused, busy

Result = TypeVar("Result")
LOOK = 1.0  # seconds between looks whether the visitor is still there


class Gone(Exception):
    """The visitor left; nobody waits for the answer."""


@dataclass(slots=True, eq=False)
class _First:
    """Who is having a copy read, for himself and for those behind him."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    behind: int = 0
    began: float = 0.0
    took: float | None = None  # seconds; None unless it was answered


class Line:
    def __init__(self, limits: Limits, shared: Shared | None = None) -> None:
        self._limits = limits
        self._shared = shared
        self._reading = ThreadPoolExecutor(limits.at_once, thread_name_prefix="check")
        self._quick = ThreadPoolExecutor(limits.at_once, thread_name_prefix="quick")
        self._lock = threading.Lock()
        self._inside = 0
        self._first: dict[bytes, _First] = {}

    def admit(self) -> None:
        """Refuse before the body is read, if there is no place for it."""
        if self._inside >= self._limits.at_once + self._limits.waiting:
            raise Refused(busy("too many copies are being checked at this moment", 10))

    async def run(
        self,
        parts: tuple[bytes, ...],
        work: Callable[[Progress], Result],
        gone: Callable[[], Awaitable[bool]],
    ) -> Result:
        """The result of `work`, in its turn. Raises Refused, Gone or what `work` raises.

        `work` is given what to report its progress to; that raises once nobody waits any more.
        """
        with self._lock:
            self.admit()
            self._inside += 1
        turn = _Turn(gone, time.monotonic() + self._limits.check_seconds)
        try:
            name = b""
            if self._shared is not None:
                name = await run_in_threadpool(self._shared.name, parts)
            with self._shared.awaited(name) if self._shared and name else nullcontext():
                return await self._in_turn(name, work, turn)
        finally:
            turn.left.set()
            if not turn.handed:
                self._leave(None)

    def close(self) -> None:
        self._reading.shutdown(wait=False, cancel_futures=True)
        self._quick.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(
        self, name: bytes, work: Callable[[Progress], Result], turn: _Turn
    ) -> Result:
        if self._shared is None:
            return await self._at_work(self._reading, work, turn)
        if not name or self._shared.at_hand(name):
            return await self._at_work(self._quick, work, turn)
        arrived = time.monotonic()
        while (first := self._first.get(name)) is not None:
            first.behind += 1
            try:
                await turn.until(asyncio.ensure_future(first.ended.wait()))
            finally:
                first.behind -= 1
            if first.took is not None:
                rest = arrived + first.took - time.monotonic()
                if rest > 0 and not self._shared.at_hand(name):
                    await turn.until(asyncio.ensure_future(asyncio.sleep(rest)))
                return await self._at_work(self._quick, work, turn)
        self._first[name] = turn.first = _First()
        try:
            return await self._at_work(self._reading, work, turn)
        finally:
            # While somebody is behind, it is read to its end also where the first one left.
            if turn.future is None or turn.future.done():
                self._ended(name, turn.first)
            else:
                loop, first = asyncio.get_running_loop(), turn.first

                def ended(_future: Future[Any]) -> None:
                    with suppress(RuntimeError):  # the server is being closed
                        loop.call_soon_threadsafe(self._ended, name, first)

                turn.future.add_done_callback(ended)

    def _ended(self, name: bytes, first: _First) -> None:
        if self._first.get(name) is first:
            del self._first[name]
        first.ended.set()

    async def _at_work(
        self, places: ThreadPoolExecutor, work: Callable[[Progress], Result], turn: _Turn
    ) -> Result:
        def done() -> Result:
            began = time.monotonic()
            result = work(turn.progress)
            if turn.first is not None:
                turn.first.took = time.monotonic() - began
            return result

        future = places.submit(done)
        turn.handed, turn.future = True, future
        future.add_done_callback(self._leave)
        waited = asyncio.wrap_future(future)
        await turn.until(waited)
        return waited.result()

    def _leave(self, _future: Future[Result] | None) -> None:
        with self._lock:
            self._inside -= 1


class _Turn:
    """One visitor's way through the line."""

    def __init__(self, gone: Callable[[], Awaitable[bool]], deadline: float) -> None:
        self._gone = gone
        self._deadline = deadline
        self.left = threading.Event()
        self.first: _First | None = None
        self.future: Future[Any] | None = None
        self.handed = False  # the place in the house is given back by the work itself

    async def until(self, waited: asyncio.Future[Result]) -> None:
        """Wait for it, while the visitor does; what still waits behind is dropped."""
        try:
            while not waited.done():
                await asyncio.wait((waited,), timeout=LOOK)
                if waited.done():
                    return
                if time.monotonic() >= self._deadline:
                    raise Refused(busy("the check took too long and was given up", 30))
                if await self._gone():
                    raise Gone
        finally:
            # One that waits for a place is dropped; one at work is stopped by `progress`, and
            # keeps its place until then.
            waited.cancel()

    def progress(self, _what: str, _share: float | None = None) -> None:
        """Called by the reader about twice a second, in the thread of the work."""
        if self.left.is_set() and not (self.first is not None and self.first.behind):
            raise Gone
