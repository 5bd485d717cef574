"""Finding one letter among many: the product's index and comparison, and its peers beside it.

`letter@1` is the index alone; what follows is what a check says after comparing. A version
counts where the words shown are those of one version only; `first` is the likeliest, which a
check names before the others; `wrong` is an answer without the right one in it; a set may be
said to be larger than could be compared (`crowded`, counted in the set). No pixels are here: a
copy is text with the mistakes of `bench/copies/noise.py`, so no second look settles a doubt.

VIDIMUS_BENCH_TEXTS     10000, or several sizes with commas; also 100000, 1000000
VIDIMUS_BENCH_QUERIES   texts asked for under each condition (200; claims need 3000)
VIDIMUS_BENCH_COMPARED  how many of them are also compared word by word (40; claims need 3000)
VIDIMUS_BENCH_SEEDS     tuning, or final: those that nobody looks at while tuning; or its number
VIDIMUS_BENCH_PEERS     no: leave the peers out
VIDIMUS_BENCH_SECONDS   of asking for each peer (120)
VIDIMUS_BENCH_KEEP      a folder where the registered texts stay, for the next run
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, process_time

from bench.copies import corpus
from bench.copies.degrade import CONDITIONS, Condition
from bench.copies.finding_queries import Query, Rate, percentile, queries, siblings, strangers
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.fingerprints import asked as grams_of
from vidimus.core.copies.fingerprints import kept
from vidimus.core.copies.page import Copy, Evidence, Page, Question, Source, Word
from vidimus.operations.comparing import LIKELY, compared, wordings
from vidimus.operations.ports import Addition, IndexedText, Progress, silent

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "build" / "peers" / "bin" / "python"
INSTALL = "python3 -m venv build/peers; build/peers/bin/pip install tantivy datasketch psycopg"
BATCH = 256
MEASURED = 20_000  # texts of which the registration is measured: the last ones


class NoPixels:
    """A reader for copies that never were a picture: it cannot look again."""

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        raise AssertionError("a query is text already")

    def reread(self, parts: Sequence[bytes], questions: Sequence[Question]) -> tuple[Evidence, ...]:
        return ()


@dataclass(slots=True)
class Tally:
    """What came of the queries of one condition."""

    lookups: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)  # the same in seconds of CPU
    fetches: list[float] = field(default_factory=list)
    comparisons: list[float] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.fetches += other.fetches
        self.comparisons += other.comparisons
        self.found += other.found


def main() -> None:
    seed = corpus.seed()
    asked = int(os.environ.get("VIDIMUS_BENCH_QUERIES", "200"))
    checked = int(os.environ.get("VIDIMUS_BENCH_COMPARED", "40"))
    kept_in = os.environ.get("VIDIMUS_BENCH_KEEP", "")
    for size in map(int, os.environ.get("VIDIMUS_BENCH_TEXTS", "10000").split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(kept_in or scratch)
            _product(folder / f"texts-{seed}-{size}.db", seed, size, asked, checked)
        if os.environ.get("VIDIMUS_BENCH_PEERS") == "no":
            continue
        if PEERS.exists():
            command = [str(PEERS), "-m", "bench.copies.finding_peers"]
            subprocess.run([*command, str(seed), str(size), str(asked)], cwd=ROOT, check=True)
        else:
            print(f"no peers: {PEERS.relative_to(ROOT)} is missing. To have them: {INSTALL}")


def _product(file: Path, seed: int, size: int, asked: int, checked: int) -> None:
    print(f"{size:,} texts, {corpus.letters(size):,} letters, seed {seed}", flush=True)
    if not file.exists():
        _register(file, seed, size)
    log = SqliteLog(file, writable=False)
    tallies: dict[Condition, Tally] = defaultdict(Tally)
    # A round to warm the caches, not counted.
    for query in islice(queries(seed, size, asked), 0, None, 7):
        log.candidates(grams_of(query.read), LIKELY)
    for query in queries(seed, size, asked):
        _ask(log, query, tallies[query.condition])
    print(f"\n{'the index alone':<26}{'letter@1':<21}{'in the list':<21}{'n':>5}", end="")
    print(f"{'p50 ms':>9}{'p99':>8}{'CPU p50':>9}{'p99':>8}")
    for condition, tally in tallies.items():
        _index_row(str(condition), tally)
    if checked:
        _checks(file, seed, size, asked, checked)
    print(f"resident memory {_resident() / 1e6:.0f} MB\n", flush=True)
    log.close()


def _checks(file: Path, seed: int, size: int, asked: int, checked: int) -> None:
    """The whole check is slow, so it gets a part of the texts, and every core."""
    cores = os.cpu_count() or 1
    parts = [(file, seed, size, asked, checked, part, cores) for part in range(cores)]
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        done = pool.starmap(_checked, parts)
    tallies: dict[Condition, Tally] = defaultdict(Tally)
    for part in done:
        for condition, tally in part.items():
            tallies[condition].add(tally)
    print(
        f"\n{'a check says':<26}{'the letter, alone':<21}{'in a set':<20}{'crowded':>7}{'n':>6}  ",
        end="",
    )
    print(f"{'the version, alone':<21}{'first':<20}{'in a set':<20}", end="")
    print(f"{'wrong':>6}{'none':>6}{'n':>5}", end="")
    print(f"{'fetch p50':>11}{'p99':>7}{'compare':>9}{'p99':>8} CPU ms")
    for condition, tally in tallies.items():
        if tally.found["compared"]:
            _check_row(str(condition), tally)
    fetches = [each for tally in tallies.values() for each in tally.fetches]
    middle, late = (1e3 * percentile(fetches, share) for share in (0.5, 0.99))
    print(f"fetch of all {len(fetches):,}: p50 {middle:.1f}, p99 {late:.1f} ms of CPU", flush=True)
    for which, title in (("strangers", "nobody registered it"), ("siblings", "… but its form is")):
        print(f"\n{title:<26}{'near a letter':<21}{'without difference':<20}{'n':>5}")
        for condition, tally in tallies.items():
            _unknown_row(str(condition), which, tally)


def _checked(
    file: Path, seed: int, size: int, asked: int, checked: int, part: int, parts: int
) -> dict[Condition, Tally]:
    """What one core does of it."""
    log = SqliteLog(file, writable=False)
    tallies: dict[Condition, Tally] = defaultdict(Tally)
    every = max(1, asked // max(1, checked))
    for number, query in enumerate(queries(seed, size, asked)):
        text = number // len(CONDITIONS)
        if text % every == 0 and text // every % parts == part:
            _check(log, query, tallies[query.condition], size)
    for which, unknown in (
        ("strangers", strangers(seed, checked)),
        ("siblings", siblings(seed, size, checked)),
    ):
        for number, query in enumerate(unknown):
            if number % parts == part:
                _unregistered(log, query, tallies[query.condition].found, which, size)
    log.close()
    return tallies


def _register(file: Path, seed: int, size: int) -> None:
    """The last texts through the log's own commit, in batches as the registrar makes them.

    Of those before, the grams are left to `rebuild`, which makes them again for all.
    """
    beside = file.with_suffix(".new")
    log = SqliteLog(beside, create=True)
    stream = iter(corpus.texts(seed, size))
    measured = min(size, MEASURED)
    spent = cpu = hashing = 0.0
    characters = start = 0
    while batch := list(islice(stream, BATCH)):
        whole = start >= size - measured
        began = process_time()
        indexed = [_indexed(each, start + at, whole) for at, each in enumerate(batch)]
        hashed = process_time() - began
        characters += sum(len(each.text.encode()) for each in batch)
        began, cpu_began = perf_counter(), process_time()
        log.append([_addition(each) for each in indexed], "")
        if whole:
            spent += perf_counter() - began
            cpu += process_time() - cpu_began
            hashing += hashed
        start += len(batch)
    print(
        f"registered {measured / (spent + hashing):,.0f} texts/s, the last {measured:,} of them"
        f" (commit {1e6 * spent / measured:.0f} µs a text, of it CPU"
        f" {1e6 * cpu / measured:.0f}; fingerprints {1e6 * hashing / measured:.0f} µs)"
    )
    began, cpu_began = perf_counter(), process_time()
    with _watched() as own:
        log.rebuild()
    took, worked = perf_counter() - began, process_time() - cpu_began
    print(
        f"rebuilt from the texts: {size / worked:,.0f} texts/s of CPU"
        f" ({size / took:,.0f} by the wall), with {max(own) / 1e6:.0f} MB of its own memory at"
        f" most ({_peak() / 1e6:.0f} MB with the pages of files that the system lends)"
    )
    with log._file.read() as connection:  # what waits in the write-ahead log goes into the file
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    _size(log, beside, size, characters)
    log.close()
    beside.with_suffix(".words").rename(file.with_suffix(".words"))
    beside.rename(file)


def _size(log: SqliteLog, file: Path, size: int, characters: int) -> None:
    """Bytes a text: those of the index, and those of the file with the words themselves."""
    index = log.index_size()
    print(
        f"index {index.bytes / size:,.0f} bytes a text in {index.parts} parts,"
        f" {index.recent:,} texts in none yet; the log's file {file.stat().st_size / size:,.0f},"
        f" of it words {characters / size:,.0f}"
    )


def _indexed(each: corpus.Text, index: int, whole: bool) -> IndexedText:
    language = "ar" if each.genre == "arabic" else "en"
    grams = kept(each.text) if whole else ()
    return IndexedText(f"L{each.letter}", each.version, language, each.text, grams, index)


def _addition(text: IndexedText) -> Addition:
    """An entry without a statement in it; only its words matter here."""
    name = sha256(f"{text.letter}/{text.version}".encode()).digest()
    return Addition(text.since, name, name, 0, text.letter, None, (), (text,))


def _copy(query: Query) -> Copy:
    """As a reader would hand it on: typed where it was pasted, else read from a picture."""
    source = Source.PICTURE if query.condition.errors else Source.TYPED
    lines = [line.split() for line in query.read.split("\n")]
    short = [line[at : at + 12] for line in lines for at in range(0, len(line), 12)]
    words = tuple(Word(word, number) for number, line in enumerate(short) for word in line)
    kind = "image" if query.condition.errors else "text"
    return Copy(kind, (Page(1, source, words, engine="noise"),))


def _ask(log: SqliteLog, query: Query, tally: Tally) -> None:
    text = " ".join(query.read.split())
    began, cpu_began = perf_counter(), process_time()
    voted = log.candidates(grams_of(text), LIKELY)
    tally.lookups.append(perf_counter() - began)
    tally.worked.append(process_time() - cpu_began)
    letters = [int(each[1:]) for each in voted]
    tally.found["asked"] += 1
    tally.found["first"] += bool(letters) and letters[0] in query.letters
    tally.found["listed"] += query.letter in letters


def _check(log: SqliteLog, query: Query, tally: Tally, size: int) -> None:
    copy = _copy(query)
    began = process_time()
    found, crowded = wordings(copy, (log,), size)
    fetched = process_time()
    ranked = compared((), copy, found, NoPixels(), silent)
    named = _named(ranked)
    tally.fetches.append(fetched - began)
    tally.comparisons.append(process_time() - fetched)
    count = tally.found
    count["compared"] += 1
    count["crowded"] += crowded
    letters = {letter for letter, _ in named}
    count["letter"] += bool(letters) and letters <= query.letters
    # Where more letters are alike than can be compared, a check says so and stands by none.
    count["letter in set"] += crowded or bool(letters & query.letters)
    if query.decided:
        right = (query.letter, query.version)
        count["decided"] += 1
        count["version"] += named == {right}
        count["version first"] += right in _named(ranked[:1])
        count["version in set"] += right in named
        count["wrong"] += bool(named) and right not in named and not crowded
        count["none"] += not named


def _named(comparisons: Sequence[Comparison]) -> set[tuple[int, int]]:
    return {(int(c.registered.letter[1:]), c.registered.version) for c in comparisons}


def _unregistered(log: SqliteLog, query: Query, count: Counter[str], which: str, size: int) -> None:
    copy = _copy(query)
    found, _crowded = wordings(copy, (log,), size)
    called = compared((), copy, found, NoPixels(), silent)
    count[which] += 1
    count[f"{which} near"] += bool(called)
    count[f"{which} same"] += any(not each.differences and not each.doubts for each in called)


def _unknown_row(name: str, which: str, tally: Tally) -> None:
    count = tally.found
    if n := count[which]:
        near, same = Rate(count[f"{which} near"], n), Rate(count[f"{which} same"], n)
        print(f"{name:<26}{near!s:<21}{same!s:<20}{n:>5}", flush=True)


def _index_row(name: str, tally: Tally) -> None:
    count = tally.found
    first, listed = Rate(count["first"], count["asked"]), Rate(count["listed"], count["asked"])
    middle, late = (1e3 * percentile(tally.lookups, share) for share in (0.5, 0.99))
    print(
        f"{name:<26}{first!s:<21}{listed!s:<21}{count['asked']:>5}{middle:>9.2f}{late:>8.1f}",
        end="",
    )
    middle, late = (1e3 * percentile(tally.worked, share) for share in (0.5, 0.99))
    print(f"{middle:>9.2f}{late:>8.1f}", flush=True)


def _check_row(name: str, tally: Tally) -> None:
    count = tally.found
    n, decided = count["compared"], count["decided"]
    print(f"{name:<26}{Rate(count['letter'], n)!s:<21}", end="")
    print(f"{Rate(count['letter in set'], n)!s:<20}{count['crowded']:>7}{n:>6}  ", end="")
    print(f"{Rate(count['version'], decided)!s:<21}", end="")
    print(f"{Rate(count['version first'], decided)!s:<20}", end="")
    print(f"{Rate(count['version in set'], decided)!s:<20}", end="")
    print(f"{count['wrong']:>6}{count['none']:>6}{decided:>5}", end="")
    fetched, slowest = (1e3 * percentile(tally.fetches, share) for share in (0.5, 0.99))
    print(f"{fetched:>11.1f}{slowest:>7.1f}", end="")
    middle, late = (1e3 * percentile(tally.comparisons, share) for share in (0.5, 0.99))
    print(f"{middle:>9.0f}{late:>8.0f}", flush=True)


def _peak() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def _watched() -> Iterator[list[int]]:
    """Bytes of memory that are no file's, sampled all the while."""
    seen, done = [0], Event()

    def watch() -> None:
        while not done.wait(0.02):
            told = Path("/proc/self/status").read_text()
            seen.append(1024 * int(told.split("RssAnon:")[1].split()[0]))

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
