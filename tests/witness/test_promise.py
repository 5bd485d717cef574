"""The promise of a witness, under races, crashes and kills: one history, that only grows."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.log.test_cosignature import LOG
from tests.witness.parts import (
    SHARED,
    SIZE,
    TREES,
    Caller,
    body,
    build,
    head,
    no_passphrase,
    root,
    running,
    time_of,
)

from vidimus import wiring
from vidimus.core.log import merkle
from vidimus.core.log.cosignature import CosignatureVerifier
from vidimus.core.log.note import sign
from vidimus.core.log.witness import Cosigned, write
from vidimus.errors import OutsideFailed
from vidimus.operations.ports import Watched
from vidimus.operations.witness import Witness


@dataclass
class Book:
    """All that was ever answered with a cosignature, as the world remembers it."""

    key: CosignatureVerifier
    lock: threading.Lock = field(default_factory=threading.Lock)
    given: list[tuple[int, str, int]] = field(default_factory=list)

    def note(self, size: int, history: str, answer: bytes | str) -> None:
        time_ = time_of(answer, size, history, self.key)
        with self.lock:
            self.given.append((size, history, time_))

    @property
    def largest(self) -> int:
        return max((size for size, _, _ in self.given), default=0)

    def require_one_history(self) -> None:
        seen = {history for size, history, _ in self.given if size > SHARED}
        assert len(seen) <= 1, "it cosigned two histories of one log"
        # A larger tree never has an earlier time than a smaller one.
        ordered = sorted((size, time_) for size, _, time_ in self.given)
        for (small, early), (large, late) in pairwise(ordered):
            assert early <= late or small == large


class Meeting:
    """A store at which two requests have both looked before either may keep anything."""

    def __init__(self, store: Any, barrier: threading.Barrier) -> None:
        self._store = store
        self._barrier = barrier

    def watched(self, origin: str) -> Watched:
        found: Watched = self._store.watched(origin)
        self._barrier.wait(10)
        return found

    def keep(self, origin: str, decide: Callable[[Watched], Cosigned | None]) -> None:
        self._store.keep(origin, decide)


@pytest.mark.parametrize("sizes", [(9, 9), (9, 12), (12, 9)])
@pytest.mark.parametrize("histories", [("true", "forked"), ("true", "true")])
def test_of_two_requests_that_race_one_is_cosigned(
    tmp_path: Path, sizes: tuple[int, int], histories: tuple[str, str]
) -> None:
    """C2SP tlog-witness, the race of its last section: check and persist are one step."""
    build(tmp_path)
    first = wiring.open_witness(tmp_path, no_passphrase)
    assert first.add_checkpoint(body(0, 5)).status == 200
    barrier = threading.Barrier(2)
    answers: list[tuple[int, str]] = []

    def run(size: int, history: str) -> None:
        # Each with connections of its own, like two processes.
        own = wiring.open_witness(tmp_path, no_passphrase)
        witness = Witness(own.cosigner, Meeting(own.store, barrier), own.clock)  # type: ignore[arg-type]
        answer = witness.add_checkpoint(body(5, size, history))
        answers.append((answer.status, answer.body))

    threads = [
        threading.Thread(target=run, args=each) for each in zip(sizes, histories, strict=True)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(status for status, _ in answers) == [200, 409]
    won = int(next(said for status, said in answers if status == 409))
    assert won in sizes


class Crash(BaseException):
    pass


class Failing:
    def __init__(self, store: Any, moment: str) -> None:
        self._store = store
        self._moment = moment
        self.watched = store.watched

    def keep(self, origin: str, decide: Callable[[Watched], Cosigned | None]) -> None:
        if self._moment == "before":
            raise Crash

        def decided(watched: Watched) -> Cosigned | None:
            found = decide(watched)
            if self._moment == "inside":
                raise Crash
            return found

        self._store.keep(origin, decided)
        raise Crash


@pytest.mark.parametrize(("moment", "known"), [("before", 5), ("inside", 5), ("after", 9)])
def test_a_crash_before_and_after_the_write(tmp_path: Path, moment: str, known: int) -> None:
    """Nobody got an answer; what was kept is kept, and the log hears of it by 409."""
    build(tmp_path)
    witness = wiring.open_witness(tmp_path, no_passphrase)
    assert witness.add_checkpoint(body(0, 5)).status == 200
    broken = Witness(witness.cosigner, Failing(witness.store, moment), witness.clock)  # type: ignore[arg-type]
    with pytest.raises(Crash):
        broken.add_checkpoint(body(5, 9))
    for each in (witness, wiring.open_witness(tmp_path, no_passphrase)):
        assert each.add_checkpoint(body(0, 12, "forked")).body == f"{known}\n"
    status = 200 if known == 5 else 422
    assert witness.add_checkpoint(body(known, 12, "forked")).status == status


def test_a_full_disk_gives_no_cosignature(tmp_path: Path) -> None:
    """Design, section 5: a write is durable before it is answered, or it is not answered."""
    build(tmp_path)
    witness = wiring.open_witness(tmp_path, no_passphrase)
    assert witness.add_checkpoint(body(0, 5)).status == 200
    connection = witness.store._file._connection()  # type: ignore[attr-defined]
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    long = sign(f"{head(9)}{'x' * 100_000}\n", LOG)
    sent = write(5, merkle.consistency(5, 9, TREES["true"].read), long).encode()
    with pytest.raises(OutsideFailed, match="full"):
        witness.add_checkpoint(sent)
    # Space was made, and nothing had happened.
    assert witness.add_checkpoint(body(0, 9)).body == "5\n"
    assert witness.add_checkpoint(sent).status == 200


def attack(address: str, book: Book, stop: threading.Event, seed: int) -> None:
    """A log that would have both its histories cosigned, and asks with what it is told."""
    chance = random.Random(seed)
    known = 0
    with Caller(address) as caller, suppress(OSError, http.client.HTTPException):
        while not stop.is_set():
            history = chance.choice(("true", "forked"))
            size = min(SIZE, known + chance.choice((0, 1, 1, 2, 7)))
            status, kind, answer = caller.post(body(known, size, history))
            if status == 200:
                book.note(size, history, answer)
                known = size
            elif status == 409:
                assert kind == "text/x.tlog.size"
                known = int(answer)
            else:
                assert status == 422


def attacked(book: Book, addresses: list[str], seconds: float, seed: int) -> None:
    stop = threading.Event()
    threads = [
        threading.Thread(target=attack, args=(address, book, stop, seed + n))
        for n, address in enumerate(addresses * 2)
    ]
    for each in threads:
        each.start()
    time.sleep(seconds)
    stop.set()
    for each in threads:
        each.join(30)


def test_two_servers_on_one_folder_keep_one_promise(tmp_path: Path) -> None:
    """Started twice by mistake, they take turns at one memory: neither signs what it must not."""
    book = Book(build(tmp_path))
    with running(tmp_path, roomy=True) as (_, one), running(tmp_path, roomy=True) as (_, two):
        attacked(book, [one, two], 1.5, 1)
        for address in (one, two):
            with Caller(address) as caller:
                assert caller.post(body(0, SIZE))[2] == f"{book.largest}\n".encode()
    assert len(book.given) > 10
    book.require_one_history()


def test_killed_at_any_moment_it_keeps_its_promise(tmp_path: Path) -> None:
    """After a SIGKILL it never cosigns what is inconsistent with an answer that it gave."""
    book = Book(build(tmp_path))
    chance = random.Random(20310402)
    for life in range(4):
        with running(tmp_path, roomy=True) as (process, address):
            with Caller(address) as caller:
                status, _, answer = caller.post(body(0, 1) if life == 0 else body(0, SIZE))
            if life:
                assert status == 409 and int(answer) >= book.largest
            else:
                book.note(1, "true", answer)
            killer = threading.Timer(0.2 + chance.random() * 0.3, process.kill)
            killer.start()
            attacked(book, [address], 0.6, life * 10)
            killer.join()
    assert len(book.given) > 10
    book.require_one_history()
    # And what is on the disk is at least what was answered.
    (latest,) = [each.latest for each in wiring.watched(tmp_path).values()]
    assert latest is not None and latest.size >= book.largest
    history = next(h for size, h, _ in book.given if size > SHARED)
    assert latest.root == root(latest.size, history)
