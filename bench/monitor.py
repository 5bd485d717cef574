"""What a monitor reads in a second, against checking the signatures of the same entries alone.

    step                                entries/s   µs an entry   × signatures

One process, one core: the wall clock of a whole replay from the files in a folder, with the
monitor's own file on the disk; then its parts alone on the same entries in the same run. The
entries are made once, from a fixed seed: of every ten, six release letters that need no
signature, three take letters back, hold or clear them, one is sealed.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from tests.acts.world import (
    ORIGIN,
    Logged,
    World,
    canonical,
    sealed_over,
    text,
    world,
    written,
)
from tests.monitor.served import Face, public
from tests.trust.chains import root_of

from vidimus.adapters.clock import SystemClock
from vidimus.adapters.monitor_state import MonitorState
from vidimus.adapters.static_source import FolderSource
from vidimus.core.acts import entries
from vidimus.core.acts.standing import Folding
from vidimus.core.acts.vocabulary import Act, Body, Clear, Hold, Release, Withdraw
from vidimus.core.seal import layout, statement
from vidimus.core.seal.keys import PublicKey
from vidimus.core.trust import root as roots
from vidimus.operations.monitor.rounds import Monitor

SIZE = 20_000
SEED = 2031
RUNS = 3
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
PRESS = ("p-press", "ministry/press")


def country(size: int = SIZE, seed: int = SEED) -> World:
    """A registry at work for a long day."""
    found, chance = world("live"), random.Random(seed)
    stands: list[str] = []
    held: list[str] = []
    while len(found.log) < size:
        found.now += timedelta(seconds=1)
        found.log.append(_next(found, chance, stands, held))
    return found


def _next(found: World, chance: random.Random, stands: list[str], held: list[str]) -> Logged:
    drawn = chance.random()
    if drawn < 0.1:
        document = chance.randbytes(700)  # nobody outside can read what is sealed
        raw, _ = sealed_over(document, int(found.now.timestamp()))
        return Logged(raw, document, True)
    body: Body
    if drawn < 0.2 and stands:
        body = Withdraw(_taken(stands, chance), "Sent in error; the office will write again.")
    elif drawn < 0.32 and stands:
        held.append(_taken(stands, chance))
        body = Hold(held[-1])
    elif drawn < 0.4 and held:
        stands.append(_taken(held, chance))
        body = Clear(stands[-1])
    else:
        letter = "".join(chance.choices(ALPHABET, k=16))
        stands.append(letter)
        body = Release(
            letter, 1, "ministry", "note", f"MC-{len(found.log)}", "Traffic in the outer harbour",
            "en", text(letter), canonical(letter), (), (),
        )  # fmt: skip
    act = Act(ORIGIN, *PRESS, found.now, body)
    return Logged(*written(act, PRESS[0]), False)


def _taken(letters: list[str], chance: random.Random) -> str:
    """One of the last thousand: what is taken back is mostly young."""
    at = len(letters) - 1 - int(min(chance.expovariate(1 / 200), len(letters) - 1))
    letters[at], letters[-1] = letters[-1], letters[at]
    return letters.pop()


def folder_of(found: World, folder: Path) -> None:
    files = Face(public(found)).files() | {"trust.json": roots.write(root_of(found))}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def signatures(found: World) -> Callable[[], None]:
    """Every statement checked against its key, and nothing else."""
    authority = found.folding.authority
    known = [*authority.keys, *(each.key for each in authority.trust.seal_keys)]
    keys = {key.kid: key for key in map(PublicKey.from_text, known)}
    jobs = []
    for each in found.log:
        signed = statement.read(each.raw)
        message = layout.to_be_signed(signed.protected, signed.statement.digest)
        jobs.append((keys[signed.statement.kid], message, signed.signature))

    def work() -> None:
        for key, message, signature in jobs:
            key.verify(message, signature)

    return work


def fold(found: World) -> None:
    """Verified and folded in memory: what the monitor adds to this are its tree and its file."""
    folding = Folding()
    for index, each in enumerate(found.log):
        if each.sealed:
            entries.check_seal(index, each.raw, folding.authority)
        else:
            folding.add(
                entries.verified(index, each.raw, each.document, folding.authority, found.raw)
            )
    assert not folding.refused


def monitored(source: Path, state: Path) -> None:
    kept = MonitorState(state)
    try:
        done = Monitor(FolderSource(source), kept, SystemClock()).round()
    finally:
        kept.close()
    assert done.exit_status == 0 and done.size == done.signed, done


class Spent(NamedTuple):
    cpu: float
    wall: float


def timed(work: Callable[[], None]) -> Spent:
    cpu, wall = process_time(), perf_counter()
    work()
    return Spent(process_time() - cpu, perf_counter() - wall)


def main() -> None:
    found = country()
    size = len(found.log)
    print(f"{size:,} entries, {sum(each.sealed for each in found.log):,} of them sealed")
    print(f"{'step':<32}{'entries/s':>12}{'µs an entry':>14}{'× signatures':>14}{'wall s':>9}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        folder_of(found, place / "log")
        alone = signatures(found)
        floors, folds, runs = [], [], []
        # In turns, so that a machine that is busy for a while is so for all of them.
        for run in range(RUNS):
            floors.append(timed(alone))
            state = place / f"state-{run}"
            runs.append(timed(partial(monitored, place / "log", state)))
            folds.append(timed(partial(fold, found)))
        floor, done = min(floors), min(runs)
        _row("signatures alone", floor, size, floor)
        _row("verified and folded in memory", min(folds), size, floor)
        _row("the monitor, from files to file", done, size, floor)
    print(f"floor 5,000, goal 8,000 entries/s on one core: {size / done.cpu:,.0f}")


def _row(name: str, spent: Spent, size: int, floor: Spent) -> None:
    each = spent.cpu / size * 1e6
    print(
        f"{name:<32}{size / spent.cpu:>12,.0f}{each:>14.1f}{spent.cpu / floor.cpu:>14.2f}"
        f"{spent.wall:>9.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
