"""What runs beside the doors, in a process that is killed: who publishes, who asks witnesses."""

from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.faults.doors import Moment, Watched, killing
from tests.log.test_policy import cosigner, vkey

from vidimus import wiring
from vidimus.adapters.clock import SystemClock
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.log import note, witness
from vidimus.core.log.cosignature import cosign
from vidimus.errors import OutsideFailed
from vidimus.operations.ports import Reply
from vidimus.operations.witnessing import Witnessing

STEPS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "open")
POLICY = f"witness w1 {vkey(1)} http://w1.example.org\nquorum w1\n".encode()


def publish(folder: Path, nth: int, to: Connection) -> None:
    """Killed before the nth step that changes the folder; with 0, tells how many there are."""
    steps = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal steps
        if event not in STEPS or (event == "open" and args[1] != "wb"):
            return
        steps += 1
        if steps == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    size = wiring.publish(folder)
    to.send((steps, size))


class Willing:
    """A Courier to a witness who cosigns whatever it is sent."""

    def __init__(self) -> None:
        self._back: list[tuple[str, Reply | OutsideFailed]] = []

    def send(self, name: str, url: str, body: bytes) -> None:
        text = note.parse(witness.parse(body).checkpoint).text
        line = cosign(text, int(time.time()), cosigner(1))
        self._back.append((name, Reply(200, witness.TEXT, str(line).encode())))

    def receive(self) -> tuple[str, Reply | OutsideFailed] | None:
        return self._back.pop() if self._back else None

    def close(self) -> None:
        pass


def asking(folder: Path, log: Any) -> Witnessing:
    policy = wiring.witness_policy(folder)
    return Witnessing(log, wiring.opener(folder), lambda: policy, Willing, SystemClock())


def ask(folder: Path, moment: Moment | None, to: Connection) -> None:
    def tell(*seen: str) -> None:
        to.send(seen)

    seen = tell if moment is None else killing(moment)
    log: Any = SqliteLog(wiring.Folder(folder).log)
    watched = Watched(log, ("keep_witnessed",), lambda method, when: seen("log", method, when))
    asking(folder, watched).round()
