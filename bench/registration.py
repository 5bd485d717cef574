"""Registrations a second over HTTP: signed, checked, durable, answered with their receipts.

    what                         clients   a second   p50 ms   p99 ms   × the floor

One server process, one process of clients that keep their connections open. The floor is what
cannot be left out, on one core in the same run: the check of the issuer's signature and the
hash of the leaf. `hold` is an act on a letter that was asked for lately; `release` also folds
the letter's sealed acts, verified again, and makes its text findable. The peer gets the
statements of `hold` in the same run, and checks less (bench/peers/scittles.py).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import clock_gettime, perf_counter

from bench.peers import scittles
from bench.town import Town, build, next_second
from vidimus import wiring
from vidimus.core.log import merkle
from vidimus.core.seal import statement, submitted

EACH = 1_000
EACH_OF_PEER = 400  # it takes its time
CLIENTS = (1, 16)
ROUNDS, OF_ROUND, OF_PEER = 8, 200, 60


@dataclass(frozen=True, slots=True)
class Measured:
    seconds: float
    waits: tuple[float, ...]  # seconds from request to answer

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds


async def _send(
    port: int, requests: Iterator[bytes], waits: list[float], wrong: list[bytes]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        start = perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        waits.append(perf_counter() - start)
        if not head.startswith(b"HTTP/1.1 201"):
            wrong.append(head + body)
    writer.close()


def _clients(port: int, count: int, requests: Sequence[bytes], answer: object) -> None:
    async def all_of_them() -> tuple[float, list[float], list[bytes]]:
        waits: list[float] = []
        wrong: list[bytes] = []
        shared = iter(requests)
        start = perf_counter()
        await asyncio.gather(*(_send(port, shared, waits, wrong) for _ in range(count)))
        return perf_counter() - start, waits, wrong

    answer.send(asyncio.run(all_of_them()))  # type: ignore[attr-defined]


def register(port: int, count: int, bodies: Sequence[bytes]) -> Measured:
    """Send them all through so many connections, from a process of its own."""
    requests = [
        b"POST /entries HTTP/1.1\r\nHost: x\r\nContent-Type: application/cose\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in bodies
    ]
    here, there = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("fork")
    child = spawn.Process(target=_clients, args=(port, count, requests, there))
    child.start()
    there.close()
    seconds, waits, wrong = here.recv()
    child.join()
    if wrong:
        raise SystemExit(f"bench: {len(wrong)} were refused: {wrong[0]!r}")
    return Measured(seconds, tuple(waits))


def floor(entries: Sequence[bytes], town: Town) -> float:
    """Statements a second whose signature is checked and whose leaf is hashed, and nothing more."""
    key = town.keys["cleo"].public
    start = perf_counter()
    for raw in entries:
        statement.verify(raw, key)
        merkle.leaf_hash(raw)
    return len(entries) / (perf_counter() - start)


def _begun() -> set[int]:
    """The processes that this one has begun and that still run."""
    return {
        int(pid)
        for each in Path("/proc/self/task").iterdir()
        for pid in (each / "children").read_text().split()
    }


def _spent(process: int) -> float:
    """Seconds of CPU time of another process: clock_getcpuclockid(3)."""
    return clock_gettime(~process << 3 | 2)


def _by_cpu() -> None:
    """What one registration costs, at 16 clients: an act on a letter that was asked for lately."""
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        town = build(Path(scratch) / "registry", letters=OF_ROUND)
        servers = {"vidimus": served(town)}
        if not scittles.absent():
            servers["scittles as it comes"] = scittles.served(silent=False)
            servers["scittles, telling nobody"] = scittles.served(silent=True)
        ports, processes = {}, {}
        for name, server in servers.items():
            before = _begun()
            ports[name] = stack.enter_context(server)
            (processes[name],) = _begun() - before
        costs: dict[str, list[float]] = {name: [] for name in servers}
        for act in ("release", *(("hold", "clear") * ROUNDS)[:ROUNDS]):
            next_second()
            acts = [town.act(act, letter) for letter in town.letters]
            for name in servers:
                bodies = [submitted.write(*each) for each in acts]
                if name != "vidimus":
                    bodies = [raw for raw, _ in acts[:OF_PEER]]
                start = _spent(processes[name])
                register(ports[name], 16, bodies)
                costs[name].append((_spent(processes[name]) - start) / len(bodies))
    ours = statistics.median(costs["vidimus"][1:])
    print(f"{'CPU time of a registration':<28}  median µs   least µs   × of ours")
    for name, each in costs.items():
        median, least = statistics.median(each[1:]), min(each[1:])
        print(
            f"{name:<28}   {1e6 * median:>8,.0f}   {1e6 * least:>8,.0f}   {median / ours:>9.1f}",
            flush=True,
        )
    print()


def main() -> None:
    _by_cpu()
    print(f"{'what':<28} clients   a second   p50 ms   p99 ms   × the floor")
    missing = scittles.absent()
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        town = build(Path(scratch) / "registry", letters=EACH * len(CLIENTS))
        letters = iter(town.letters)
        port = stack.enter_context(served(town))
        peers = {}
        if not missing:
            peers["scittles as it comes"] = stack.enter_context(scittles.served(silent=False))
            peers["scittles, telling nobody"] = stack.enter_context(scittles.served(silent=True))
        for count in CLIENTS:
            some = [next(letters) for _ in range(EACH)]
            rates = {}
            for name in ("release", "hold"):
                acts = [town.act(name, letter) for letter in some]
                base = floor([raw for raw, _ in acts], town)
                found = register(port, count, [submitted.write(*each) for each in acts])
                _row(name, count, found, base)
                rates[name] = found.rate
            for name, there in peers.items():
                theirs = register(there, count, [raw for raw, _ in acts[:EACH_OF_PEER]])
                _row(name, count, theirs, base)
                print(f"{'':<28}  hold: {rates['hold'] / theirs.rate:>8.1f} × of it")
    if missing:
        print(missing)
    print("the floor of the issue: 1,000 a second and p99 under 100 ms at 16, 10 × scittles")


def _row(name: str, count: int, found: Measured, base: float) -> None:
    waits = sorted(found.waits)
    print(
        f"{name:<28} {count:>7}   {found.rate:>8,.0f}"
        f"   {1000 * statistics.median(waits):>6.1f}"
        f"   {1000 * waits[int(0.99 * len(waits))]:>6.1f}"
        f"   {base / found.rate:>8.1f}   (floor {base:,.0f} a second)",
        flush=True,
    )


def _run(path: Path, ready: object) -> None:
    def told(where: str) -> None:
        ready.send(int(where.rstrip("/").rpartition(":")[2]))  # type: ignore[attr-defined]

    wiring.serve_log(path, "127.0.0.1", 0, lambda _name: (), told, print)


class served:
    """The log's server in a process of its own."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def __enter__(self) -> int:
        here, there = multiprocessing.Pipe()
        fork = multiprocessing.get_context("fork")
        self._child = fork.Process(target=_run, args=(self._town.folder, there))
        self._child.start()
        there.close()
        return int(here.recv())

    def __exit__(self, *_: object) -> None:
        self._child.terminate()
        self._child.join()
