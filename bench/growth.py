"""What a log costs as it grows: an entry, a proof, a receipt, a tile, a restart, the memory.

    entries        appended: µs  CPU µs  written   registered: µs   kept: bytes an entry
    entries        proof  receipt (cold)  tile  bundle  about   restart   memory   a desk's first

Entries are simulated (bench/long_log.py), all else is the real thing: tree, store, signed heads,
registrar, server. Up to a million by itself, a few minutes; up to ten million, and 20 GB of free
disk, with VIDIMUS_BENCH_LONG=1. `written` is what the kernel was given to write, and `cold` is with
the log's file out of the kernel's memory. A desk believes no index that it did not make itself, so
its first answer reads the whole log: the one thing here that grows with it (own_index.py).
"""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bench.long_log import LongLog
from bench.town import next_second
from vidimus import wiring
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.places import SqlitePlaces
from vidimus.core.log.tiles import WIDTH, Bundle, Tile
from vidimus.operations.face import Face
from vidimus.operations.own_index import OwnIndex
from vidimus.operations.registrar import Registrar

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (10_000, 100_000, 1_000_000)
LONG = 10_000_000
LAST = 20_480  # entries at the end of each step over which the cost of one is taken
ASKED = 200  # of each question
ROUNDS = 4  # of holds and clears on the real letters


@dataclass(frozen=True, slots=True)
class Cost:
    wall: float  # µs an entry
    cpu: float
    written: float  # bytes


def sizes() -> tuple[int, ...]:
    return (*SIZES, LONG) if os.environ.get("VIDIMUS_BENCH_LONG") else SIZES


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        log = LongLog(Path(scratch) / "registry")
        print(f"{'entries':>10} {'appended µs':>12} {'CPU µs':>8} {'written B':>10}", end="")
        print(f" {'registered µs':>14} {'CPU µs':>8} {'file B':>8}")
        shown = []
        for size in sizes():
            log.grow(size - LAST if size > 2 * LAST else size // 2)
            appended = metered(lambda size=size: log.grow(size))  # type: ignore[misc]
            registered = metered(lambda: acts(log))
            print(
                f"{size:>10,} {appended.wall:>12.1f} {appended.cpu:>8.1f}"
                f" {appended.written:>10,.0f} {registered.wall:>14.0f} {registered.cpu:>8.0f}"
                f" {kept(log) / size:>8.0f}",
                flush=True,
            )
            shown.append((size, *answers(log)))
        names = ("proof", "receipt", "cold", "tile", "bundle", "about", "restart")
        print("\n" + f"{'entries':>10}" + "".join(f"{name:>10}" for name in names), end="")
        print(f"{'memory':>10}{'a desk’s first':>16}")
        print(f"{'':>10}" + "".join(f"{'ms':>10}" for _ in names) + f"{'MB':>10}{'s':>16}")
        for size, *figures in shown:
            print(f"{size:>10,}" + "".join(f"{each:>10.2f}" for each in figures[:-1]), end="")
            print(f"{figures[-1]:>16.1f}")


def metered(work: Callable[[], tuple[int, float, float]]) -> Cost:
    """`work` gives how many entries it was, and the seconds and CPU seconds that count."""
    before = _written()
    count, wall, cpu = work()
    return Cost(1e6 * wall / count, 1e6 * cpu / count, (_written() - before) / count)


def acts(log: LongLog) -> tuple[int, float, float]:
    """Real acts on real letters, signed, checked and answered with receipts."""
    count, wall, cpu = 0, 0.0, 0.0
    log.real("hold")  # the letters are folded now, as they are of an office at work
    log.real("clear")
    for _ in range(ROUNDS):
        next_second()
        for kind in ("hold", "clear"):
            done = log.real(kind)
            count, wall, cpu = count + done[0], wall + done[1], cpu + done[2]
    return count, wall, cpu


def kept(log: LongLog) -> int:
    return sum(each.stat().st_size for each in log.file.parent.glob(log.file.name + "*"))


def _written() -> int:
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    return 0


def answers(log: LongLog) -> Sequence[float]:
    """Medians in ms: proof, receipt, the same cold, tile, bundle, about; then the others."""
    store = SqliteLog(log.file, writable=False)
    size = store.head().size
    face = Face(store, wiring.settings(log.folder).open)
    chance = random.Random(1)
    registrar = Registrar(log.town.registry)
    subjects = [each.subject for each in store.filed(size // 2, size // 2 + 500) if each.subject]

    def proof() -> None:
        face.proof(chance.randrange(size))

    def receipt() -> None:
        registrar.receipt(chance.randrange(size))

    def tile() -> None:
        face.file(Tile(0, chance.randrange(size // WIDTH), WIDTH).path)

    def bundle() -> None:
        face.file(Bundle("entries", chance.randrange(size // WIDTH), WIDTH).path)

    def about() -> None:
        assert store.about((chance.choice(subjects),), size)

    warm = [median(each) for each in (proof, receipt)]
    cold = median(receipt, before=lambda: _forget(log.file), times=20)
    asked = median(tile), median(bundle), median(about)
    return (*warm, cold, *asked, *served(log.folder, size), first(log, store, subjects[0]))


def first(log: LongLog, store: SqliteLog, subject: str) -> float:
    """Seconds until a new desk knows all acts on a letter, and that there are no others."""
    places = SqlitePlaces()
    start = perf_counter()
    OwnIndex(wiring.settings(log.folder), store, places).about((subject,), store.head().size)
    seconds = perf_counter() - start
    places.close()
    return seconds


def median(
    ask: Callable[[], object], before: Callable[[], object] = int, times: int = ASKED
) -> float:
    spent = []
    for _ in range(times):
        before()
        start = perf_counter()
        ask()
        spent.append(perf_counter() - start)
    return 1000 * statistics.median(spent)


def _forget(file: Path) -> None:
    """Have the kernel drop what it holds of the file in memory; clean pages only."""
    with suppress(OSError), file.open("rb") as opened:
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


# --- a server of its own, for its start and its memory ------------------------------------------


def served(folder: Path, size: int) -> tuple[float, float]:
    """Milliseconds until a new process knows the log, and its MB after many requests."""
    with _serving(folder) as (port, restart, pid):
        chance = random.Random(2)
        for _ in range(ASKED):
            bundle = Bundle("entries", chance.randrange(size // WIDTH), WIDTH).path
            tile = Tile(0, chance.randrange(size // WIDTH), WIDTH).path
            for path in (f"entries/{chance.randrange(size)}", bundle, tile):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}") as answer:
                    answer.read()
        return restart, _memory(pid)


def _memory(pid: int) -> float:
    """Its own memory, without what it shares with others: libraries, the file's index."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[int, float, int]]:
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_serve, args=(folder, there))
    child.start()
    there.close()
    try:
        restart, port = here.recv()
        yield port, restart, child.pid or 0
    finally:
        child.terminate()
        child.join()


def _serve(folder: Path, ready: object) -> None:
    from vidimus.web.server import serve

    start = perf_counter()
    registry = wiring.office(folder, lambda _name: ())
    registry.catch_up()
    restart = 1000 * (perf_counter() - start)

    def told(where: str) -> None:
        ready.send((restart, int(where.rstrip("/").rpartition(":")[2])))  # type: ignore[attr-defined]

    # Without the threads that publish and ask the witnesses: they are measured by themselves.
    serve(wiring.log_service(folder, registry), "127.0.0.1", 0, told)


if __name__ == "__main__":
    main()
