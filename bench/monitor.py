"""What a monitor reads in a second, against checking the signatures of the same entries alone.

    step                                entries/s   µs an entry   × signatures

One process, one core: the wall clock of a whole replay from the files in a folder, with the
monitor's own file on the disk; then its parts alone on the same entries in the same run. The
entries are made once, from a fixed seed: of every ten, six release letters that need no
signature, three take letters back, hold or clear them, one is sealed.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter

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
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.core.trust import root as roots
from vidimus.operations.monitor.rounds import Monitor

SIZE = 20_000
SEED = 2031
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
    jobs = [(keys[signed.statement.kid], signed) for signed in _read(found)]

    def work() -> None:
        for key, signed in jobs:
            signed.verify(key)

    return work


def _read(found: World) -> Iterator[statement.Signed]:
    return (statement.read(each.raw) for each in found.log)


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


def timed(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def main() -> None:
    found = country()
    size = len(found.log)
    print(f"{size:,} entries, {sum(each.sealed for each in found.log):,} of them sealed")
    print(f"{'step':<36}{'entries/s':>12}{'µs an entry':>14}{'× signatures':>14}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        folder_of(found, place / "log")
        # The floor before and after, so that a machine that was busy meanwhile shows.
        alone = signatures(found)
        floor = timed(alone)
        runs = []
        for run in range(3):
            state = place / f"state-{run}"
            runs.append(timed(lambda state=state: monitored(place / "log", state)))  # type: ignore[misc]
            shutil.rmtree(state)
        folded = timed(lambda: fold(found))
        floor = min(floor, timed(alone))
        _row("signatures alone", floor, size, floor)
        _row("verified and folded in memory", folded, size, floor)
        _row("the monitor, files to file", min(runs), size, floor)
    rate = size / min(runs)
    print(f"floor 5,000/s, goal 8,000/s: {rate:,.0f}/s")


def _row(name: str, seconds: float, size: int, floor: float) -> None:
    print(
        f"{name:<36}{size / seconds:>12,.0f}{seconds / size * 1e6:>14.1f}{seconds / floor:>14.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
