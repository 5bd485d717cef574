"""Many visitors with one photo: it is read once, and each has his own answer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from vidimus.operations.ports import Progress
from vidimus.web.check.line import Gone, Line
from vidimus.web.limits import Limits
from vidimus.web.shell.problems import Refused

PHOTO = (b"a photo",)


class Names:
    """Copies by their bytes; `hot` are remembered."""

    def __init__(self, hot: tuple[bytes, ...] = ()) -> None:
        self.hot = hot
        self.asking: list[bytes] = []

    def name(self, parts: tuple[bytes, ...]) -> bytes:
        return b"".join(parts)

    @contextmanager
    def awaited(self, name: bytes) -> Iterator[None]:
        self.asking.append(name)
        try:
            yield
        finally:
            self.asking.remove(name)

    def at_hand(self, name: bytes) -> bool:
        return name in self.hot

    def pictured(self, _parts: object, copy: Any, **_: object) -> Any:
        return copy


async def here() -> bool:
    return False


def played(
    visits: Callable[[Line, Names], Coroutine[Any, Any, None]],
    names: Names | None = None,
    **limits: Any,
) -> None:
    names = names or Names()
    line = Line(replace(Limits(), **limits), names)  # type: ignore[arg-type]
    try:
        asyncio.run(visits(line, names))
    finally:
        line.close()
    assert line._inside == 0
    assert not line._first
    assert not names.asking


def test_who_waits_behind_the_same_copy_takes_no_place_from_others() -> None:
    """Five with one photo and one with another: two are read, and the other need not wait."""
    at_work = [0, 0]
    lock = threading.Lock()

    def work(_progress: Progress) -> str:
        with lock:
            at_work[0] += 1
            at_work[1] = max(at_work)
        time.sleep(0.2)
        with lock:
            at_work[0] -= 1
        return "read"

    def other(_progress: Progress) -> float:
        return time.monotonic()

    async def visits(line: Line, _names: Names) -> None:
        start = time.monotonic()
        same = [asyncio.ensure_future(line.run(PHOTO, work, here)) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert await line.run((b"another",), other, here) - start < 0.2
        assert await asyncio.gather(*same) == ["read"] * 5

    played(visits)
    assert at_work[1] <= 2


def test_who_waited_behind_another_is_answered_no_sooner_than_if_he_were_alone() -> None:
    """Else the time would tell that somebody else asks about the same copy (decision 15)."""

    async def visits(line: Line, names: Names) -> None:
        def reading(_progress: Progress) -> None:
            time.sleep(0.4)

        first = asyncio.ensure_future(line.run(PHOTO, reading, here))
        await asyncio.sleep(0.3)
        start = time.monotonic()
        await line.run(PHOTO, lambda _progress: None, here)
        assert time.monotonic() - start >= 0.35
        await first
        # A copy that many ask about is known to be one: nobody waits for the looks of it.
        names.hot = PHOTO
        start = time.monotonic()
        await line.run(PHOTO, lambda _progress: None, here)
        assert time.monotonic() - start < 0.3

    played(visits)


def test_if_the_first_breaks_down_the_next_one_is_read() -> None:
    tried: list[int] = []

    def work(_progress: Progress) -> str:
        tried.append(1)
        time.sleep(0.1)
        if len(tried) == 1:
            raise ValueError("broke down")
        return "read"

    async def visits(line: Line, _names: Names) -> None:
        all_of_them = [line.run(PHOTO, work, here) for _ in range(4)]
        said = await asyncio.gather(*all_of_them, return_exceptions=True)
        assert [str(each) for each in said] == ["broke down", "read", "read", "read"]

    played(visits)


def until_stopped(stopped: threading.Event, seconds: float) -> Callable[[Progress], str]:
    def work(progress: Progress) -> str:
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                time.sleep(0.02)
                progress("reading", None)
        except Gone:
            stopped.set()
            raise
        return "read"

    return work


def test_the_work_of_a_visitor_who_left_is_stopped() -> None:
    stopped = threading.Event()

    async def left() -> bool:
        return True

    async def visits(line: Line, _names: Names) -> None:
        with pytest.raises(Gone):
            await line.run(PHOTO, until_stopped(stopped, 20), left)
        await asyncio.to_thread(stopped.wait, 5)
        await asyncio.sleep(0.1)

    played(visits)
    assert stopped.is_set()


def test_if_the_first_leaves_he_is_read_on_for_those_behind_him() -> None:
    stopped = threading.Event()
    leaving = asyncio.Event()

    async def left() -> bool:
        return leaving.is_set()

    async def visits(line: Line, _names: Names) -> None:
        first = asyncio.ensure_future(line.run(PHOTO, until_stopped(stopped, 2.5), left))
        await asyncio.sleep(0.1)
        behind = asyncio.ensure_future(line.run(PHOTO, lambda _progress: "also", here))
        await asyncio.sleep(0.1)
        leaving.set()
        with pytest.raises(Gone):
            await first
        assert await behind == "also"

    played(visits)
    assert not stopped.is_set()


def test_a_check_that_takes_too_long_is_stopped() -> None:
    stopped = threading.Event()

    async def visits(line: Line, _names: Names) -> None:
        with pytest.raises(Refused):
            await line.run(PHOTO, until_stopped(stopped, 20), here)
        await asyncio.to_thread(stopped.wait, 5)
        await asyncio.sleep(0.1)

    played(visits, check_seconds=0.1)
    assert stopped.is_set()


def test_more_than_the_house_holds_are_told_at_once_when_to_come_again() -> None:
    go = threading.Event()

    async def visits(line: Line, _names: Names) -> None:
        inside = [
            asyncio.ensure_future(line.run(PHOTO, lambda _p: go.wait(5), here)) for _ in range(5)
        ]
        await asyncio.sleep(0.05)
        with pytest.raises(Refused) as caught:
            await line.run(PHOTO, lambda _p: None, here)
        assert caught.value.problem.status == 503
        assert caught.value.problem.headers["Retry-After"]
        go.set()
        await asyncio.gather(*inside)

    played(visits, at_once=2, waiting=3)
