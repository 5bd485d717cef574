"""Both doors of a registry, in a process that is killed at one moment of one write.

What is answered goes into a pipe at once: whoever reads it afterwards knows what was said
before the kill, and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.faults.asgi import Living, ask
from tests.operations.ministry import HOLDS
from tests.store.life import load

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.operations.registrar import Registered, Registrar, Submission
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.verbs import VERBS
from vidimus.web.limits import Limits
from vidimus.web.service.app import Service

ROOMY = Limits(bucket=1e9, refill=1e9)
WRITING = re.compile(r"BEGIN|COMMIT|INSERT(?: OR \w+)? INTO \w+|UPDATE \w+|DELETE FROM \w+")

# Told of a call before it, of each statement in it that writes, and of the call after it.
Seen = Callable[[str, str], None]
Say = Callable[[Any], None]


@dataclass(frozen=True)
class Moment:
    """`when`: “before” or “after” the call, or the statement that is about to run in it."""

    store: str
    method: str
    when: str
    nth: int = 1

    def __str__(self) -> str:
        nth = f" {self.nth}" if self.nth > 1 else ""
        return f"{self.method}: {self.when}{nth}"


class Watched:
    """A store whose writes are told, one by one, to whoever may end the process there."""

    def __init__(self, store: Any, methods: Sequence[str], seen: Seen) -> None:
        self._store, self._methods, self._seen = store, methods, seen

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name not in self._methods:
            return real

        def call(*args: Any, **more: Any) -> Any:
            self._seen(name, "before")
            with self._traced(name):
                found = real(*args, **more)
            self._seen(name, "after")
            return found

        return call

    @contextmanager
    def _traced(self, name: str) -> Iterator[None]:
        connection = self._store._file._connection()

        def trace(statement: str) -> None:
            if kind := WRITING.match(statement):
                self._seen(name, kind[0])

        connection.set_trace_callback(trace)
        try:
            yield
        finally:
            connection.set_trace_callback(None)


METHODS = {"office": ("settle", "put", "remember"), "log": ("append", "keep_witnessed")}


def watch(registry: Registry, seen: Callable[[str, str, str], None]) -> None:
    """From now on each write of this registry is told."""

    def of(store: str) -> Seen:
        return lambda method, when: seen(store, method, when)

    registry.office = Watched(registry.office, METHODS["office"], of("office"))
    registry.log = Watched(registry.log, METHODS["log"], of("log"))


def killing(moment: Moment) -> Callable[[str, str, str], None]:
    """Kills the process when it is told of this moment."""
    left = moment.nth

    def seen(*found: str) -> None:
        nonlocal left
        if found == (moment.store, moment.method, moment.when):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    return seen


def doom(registry: Registry, moment: Moment) -> None:
    watch(registry, killing(moment))


def no_passphrase(_name: str) -> tuple[bytes, ...]:
    raise AssertionError("the keys of the tests are not encrypted")


# --- the door of people ----------------------------------------------------------------------


@dataclass(frozen=True)
class Doing:
    person: str
    verb: str
    fields: dict[str, Any]


def act(
    folder: Path,
    keys: dict[str, bytes],
    doings: Sequence[Doing],
    moment: Moment | None,
    to: Connection,
) -> None:
    """Do them one after the other; the last one is not survived. Without a moment: tell all."""
    registry = wiring.office(folder, no_passphrase)
    for number, each in enumerate(doings):
        if number == len(doings) - 1:
            if moment is None:
                watch(registry, lambda *seen: to.send(("seen", *seen)))
            else:
                doom(registry, moment)
        actor = Actor(each.person, HOLDS[each.person], (load(keys[each.person]),))
        done = VERBS[each.verb](registry, actor, **each.fields)
        to.send(("acted", done.index, documents.write(done.act), done.checkpoint))


# --- the door of programs --------------------------------------------------------------------


def register(folder: Path, bodies: Sequence[bytes], moment: Moment | None, to: Connection) -> None:
    """All of them come at once, so that they are written together."""
    registry = wiring.office(folder, no_passphrase)
    if moment is None:
        watch(registry, lambda *seen: to.send(("seen", *seen)))
    else:
        doom(registry, moment)
    service = wiring.log_service(folder, registry, ROOMY)
    asyncio.run(posted(service, bodies, to.send))


async def posted(service: Service, bodies: Sequence[bytes], say: Say) -> None:
    """They wait in line before the writer begins; each answer is said as soon as it is there."""

    async def post(number: int, body: bytes) -> None:
        answer = await ask(service, "/entries", method="POST", body=body, media="application/cose")
        say(("answered", number, answer.status, answer.body))

    requests = [asyncio.create_task(post(number, body)) for number, body in enumerate(bodies)]
    await asyncio.sleep(0.05)
    async with Living(service):
        await asyncio.gather(*requests)


# --- both, until the kernel ends it ----------------------------------------------------------


@dataclass(frozen=True)
class Round:
    """What comes through each door, one after the other."""

    doing: Doing
    submissions: tuple[Submission, ...]


def torn(
    folder: Path, keys: dict[str, bytes], rounds: Sequence[Round], room: int, to: Connection
) -> None:
    """After a while no file may grow beyond the largest one and so much room: the write that
    would is done in part, and the process is ended in it."""
    registry = wiring.office(folder, no_passphrase)
    registrar = Registrar(registry)
    for number, each in enumerate(rounds):
        if number == 3:
            _bound(folder, room)
        doing = each.doing
        actor = Actor(doing.person, HOLDS[doing.person], (load(keys[doing.person]),))
        done = VERBS[doing.verb](registry, actor, **doing.fields)
        to.send(("acted", done.index, documents.write(done.act), done.checkpoint))
        outcomes = registrar.register(each.submissions)
        for submission, outcome in zip(each.submissions, outcomes, strict=True):
            assert isinstance(outcome, Registered), outcome
            to.send(("registered", submission.raw, outcome.receipt))


def _bound(folder: Path, room: int) -> None:
    # Python ignores this signal, so that it hears of an error; the kernel's own answer is wanted.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(folder, room)


def _limit(folder: Path, room: int | None) -> None:
    files = [each for part in ("public", "office") for each in (folder / part).iterdir()]
    largest = max(each.stat().st_size for each in files)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if room is None else largest + room, hard))


def as_nobody(folder: Path, warm: Path, text: bytes, turn: Connection, to: Connection) -> None:
    """Check the same copy at each turn, as a user who may read there and nothing else."""
    # Whatever is imported late is imported now: nobody may read where Python lies.
    wiring.public_desk(warm).check((text,))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    desk = wiring.public_desk(folder)
    while turn.recv():
        to.send(desk.check((text,)).answer.headline)


def squeezed(folder: Path, bodies: Sequence[bytes], at_once: int, to: Connection) -> None:
    """Time and again no file may grow for a while, and then it may again. So many are sent at
    once, and sent again until they are answered with 201."""
    service = wiring.log_service(folder, wiring.office(folder, no_passphrase), ROOMY)

    async def send(waiting: Sequence[int]) -> list[int]:
        answers = await asyncio.gather(
            *(
                ask(service, "/entries", method="POST", body=bodies[n], media="application/cose")
                for n in waiting
            )
        )
        for n, answer in zip(waiting, answers, strict=True):
            to.send(("answered", n, answer.status, answer.body))
        return [n for n, answer in zip(waiting, answers, strict=True) if answer.status != 201]

    async def all_of_them() -> None:
        async with Living(service):
            for start in range(0, len(bodies), at_once):
                waiting = list(range(start, min(start + at_once, len(bodies))))
                for room in (0, 3 * start * 111, None):
                    _limit(folder, room)
                    waiting = await send(waiting)
                assert not waiting

    asyncio.run(all_of_them())
