"""`vidimus log serve` is killed under the load of several clients, and started again."""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.faults.kept import Kept
from tests.faults.parts import copied, released, reopened
from tests.faults.serving import Caller, Server, serving
from tests.operations.ministry import OTHER, THIRD, Ministry
from tests.service.door import Door
from tests.store.faces import files_in, monitor
from tests.store.test_kill import require_no_orphans

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.acts import vocabulary as v
from vidimus.core.seal import submitted
from vidimus.operations import lookup

CLIENTS = 6


@dataclass
class Client:
    """Registers one statement after the other and keeps what was answered.

    What was on its way when a server died is sent once more to the next one, as it was. With a
    letter, every other statement is on that; all others declare a text forged.
    """

    m: Ministry
    letter: str
    kept: Kept
    under_way: tuple[bytes, bytes] | None = None
    count: int = 0
    wrong: list[object] = field(default_factory=list)

    def run(self, address: str) -> None:
        """Until the server is gone."""
        try:
            with Caller(address) as call:
                while not self.wrong:
                    self.once(call)
        except ConnectionError:
            pass
        except BaseException as error:
            self.wrong.append(error)

    def once(self, call: Caller) -> None:
        self.under_way = self.under_way or self._next()
        raw, body = self.under_way
        status, answer = call.post(body)
        if status != 201:
            self.wrong.append((status, answer))
            return
        index = self.kept.registered(raw, answer)
        self.under_way = None
        if self.count % 3 == 0:
            self.kept.shown(call.get("/checkpoint")[1].decode())
        if self.count % 5 == 0:
            self.kept.registered(raw, call.get(f"/entries/{index}")[1])

    def _next(self) -> tuple[bytes, bytes]:
        """A hold, a forgery with its text, a clearing, a forgery, and so on."""
        self.count += 1
        door, salt = Door(self.m, None), os.urandom(8).hex()  # type: ignore[arg-type]
        if self.letter and self.count % 2:
            body = (v.Hold if self.count % 4 == 1 else v.Clear)(self.letter, salt)
            return _sent(*door.signed("cleo", body))
        text = f"{THIRD} {salt}"
        sha, name = lookup.names_of(text)
        letter = lookup.fresh_id(self.m.registry)
        forgery = v.DeclareForged(letter, "ministry", "A title", "en", sha, name)
        return _sent(*door.signed("ben", forgery), text.encode())


def _sent(raw: bytes, document: bytes, text: bytes | None = None) -> tuple[bytes, bytes]:
    return raw, submitted.write(raw, document, text)


def act_beside(m: Ministry, kept: Kept, over: threading.Event) -> None:
    """An office at work in the same folder, as by the command line."""
    mine = reopened(m, m.folder)
    while not over.wait(0.03):
        mine.draft(f"{OTHER} {os.urandom(8).hex()}", reference=os.urandom(8).hex())
        done = mine.said[-1]
        kept.acted(done.index, documents.write(done.act))
        kept.shown(done.checkpoint)


def one_life(m: Ministry, clients: list[Client], kept: Kept, server: Server, length: float) -> None:
    over = threading.Event()
    threads = [threading.Thread(target=each.run, args=(server.address,)) for each in clients]
    threads.append(threading.Thread(target=act_beside, args=(m, kept, over)))
    for each in threads:
        each.start()
    time.sleep(length)
    server.process.kill()
    over.set()
    for each in threads:
        each.join()
    assert "Traceback" not in server.said()


def kill_often(base: Ministry, folder: Path, times: int) -> str:
    m, chance, kept = copied(base, folder), random.Random(), Kept()
    first, unanswered = m.registry.log.head().size, 0
    letters = [*released(m), *[""] * CLIENTS][:CLIENTS]
    clients = [Client(m, letter, kept) for letter in letters]
    for _ in range(times):
        with serving(folder) as server:
            one_life(m, clients, kept, server, chance.random() * 0.6)
        assert [each.wrong for each in clients] == [[]] * CLIENTS
        unanswered += require_once(m, kept, first, clients)
    with serving(folder) as server, Caller(server.address) as call:
        for each in clients:
            each.once(call)
            assert not each.wrong and each.under_way is None
        require_published(folder, m.registry.log.head().size)
    m.draft(f"{OTHER} Once more.")
    require_no_orphans(m)
    kept.require(folder)
    answered = len({raw for raw, _ in kept.receipts}) + len(kept.acts)
    return f"{times} kills, {answered} answered, 0 lost, {unanswered} on the log unanswered"


def require_once(m: Ministry, kept: Kept, first: int, clients: list[Client]) -> int:
    """What was answered stands there, once; and of what was on its way, all of it or nothing."""
    registry = kept.require(m.folder)
    raws = [each.raw for each in registry.log.entries(first, registry.log.head().size)]
    assert len(set(raws)) == len(raws)
    answered = {raw for raw, _ in kept.receipts}
    under_way = {each.under_way[0] for each in clients if each.under_way}
    unanswered = set(raws) & under_way
    assert len(raws) == len(answered) + len(kept.acts) + len(unanswered)
    return len(unanswered)


def require_published(folder: Path, size: int) -> None:
    """The server catches up with the files, whatever the last one left half done."""
    face, until = wiring.public_face(folder), time.monotonic() + 20
    while (shown := monitor(files_in(face), wiring.opener(folder))) < size:
        assert time.monotonic() < until, f"{shown} of {size} are published"
        time.sleep(0.1)


def test_a_server_that_is_killed_loses_nothing_that_it_answered(
    base: Ministry, tmp_path: Path
) -> None:
    """Design 5: durable, included and readable before it is answered. Whoever got no answer
    sends the same statement again, and is told its one place; and nothing is in the way of the
    next server: the kernel let go of the lock."""
    kill_often(base, tmp_path / "registry", 5)


@pytest.mark.soak
def test_hundreds_of_kills_of_a_server_lose_nothing(base: Ministry, tmp_path: Path) -> None:
    for number in range(10):
        print(kill_often(base, tmp_path / f"{number}", 21))  # noqa: T201 - what a soak is for
