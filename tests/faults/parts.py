"""A ministry that was founded once and is copied for each fault, and processes that may die."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from tests.operations.ministry import OTHER, Ministry, build, no_passphrase
from tests.store.test_kill import RealClock

from vidimus import wiring

ROOT = Path(__file__).resolve().parents[2]
PYTHONPATH = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
# Forked from a server that has imported everything and opened nothing.
CHILDREN = multiprocessing.get_context("forkserver")


def founded(folder: Path) -> Ministry:
    """A live ministry: three letters are released, one is a draft. Nothing of it is open."""
    m = build(folder, exercise=False, clock=RealClock())
    for number in range(3):
        m.released(f"{OTHER} Copy for pier {number}.")
    m.draft(f"{OTHER} Never sent.")
    close(m)
    return m


def close(m: Ministry) -> None:
    """Let go of every connection of this thread; the last one, if it may write, tidies up."""
    for store in (m.desk.log, m.registry.log, m.registry.office):
        store.close()  # type: ignore[attr-defined]


def copied(base: Ministry, folder: Path) -> Ministry:
    """The same registry in another folder, opened there."""
    shutil.copytree(base.folder, folder)
    return reopened(base, folder)


def reopened(m: Ministry, folder: Path) -> Ministry:
    registry, desk = wiring.office(folder, no_passphrase), wiring.public_desk(folder)
    registry.clock = desk.clock = m.clock
    return Ministry(folder, registry, desk, m.clock, m.keys, m.private, m.taken + 100)


def released(m: Ministry) -> list[str]:
    return [each.id for each in m.registry.letters() if each.released is not None]


def pems(m: Ministry) -> dict[str, bytes]:
    """Everybody's keys, for another process to act with."""
    return {
        name: key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        for name, key in m.private.items()
    }


def until_killed(target: Callable[..., None], *args: Any) -> list[Any]:
    """Run it in a process that must kill itself; gives all that it had said by then."""
    said, status = run(target, *args)
    assert status == -signal.SIGKILL, f"it was to die and ended with {status}: {said}"
    return said


def run(target: Callable[..., None], *args: Any) -> tuple[list[Any], int | None]:
    """Run it in a process of its own, with a pipe to speak into: what it said, how it ended."""
    ours, theirs = CHILDREN.Pipe(duplex=False)
    child = CHILDREN.Process(target=target, args=(*args, theirs))
    child.start()
    theirs.close()
    said = []
    with suppress(EOFError, OSError):
        while True:
            said.append(ours.recv())
    child.join()
    ours.close()
    return said, child.exitcode
