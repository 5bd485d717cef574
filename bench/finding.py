"""Finding one letter among many: the product's index and comparison, and its peers beside it.

`letter@1` is the index alone; what follows is what a check says after comparing. A version
counts where the words shown are those of one version only; `wrong` is an answer without the
right one in it. No pixels are here: a copy is text with the mistakes of
`bench/copies/noise.py`, so no second look settles a doubt.

VIDIMUS_BENCH_TEXTS     10000, or several sizes with commas; also 100000, 1000000
VIDIMUS_BENCH_QUERIES   texts asked for under each condition (200; claims need 3000)
VIDIMUS_BENCH_COMPARED  how many of them are also compared word by word (40; claims need 3000)
VIDIMUS_BENCH_SEEDS     tuning, or final: those that nobody looks at while tuning
VIDIMUS_BENCH_PEERS     no: leave the peers out
VIDIMUS_BENCH_SECONDS   of asking for each peer (120)
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

from bench.copies import corpus
from bench.copies.degrade import CONDITIONS, Condition
from bench.copies.finding_queries import Query, Rate, percentile, queries, siblings, strangers
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.fingerprints import kept
from vidimus.core.copies.page import Copy, Evidence, Page, Question, Source, Word
from vidimus.operations.comparing import MOST_LETTERS, compared, wordings
from vidimus.operations.ports import Addition, IndexedText, Progress, silent

ROOT = Path(__file__).parent.parent
PEERS = ROOT / "build" / "peers" / "bin" / "python"
INSTALL = "python3 -m venv build/peers; build/peers/bin/pip install tantivy datasketch psycopg"
BATCH = 256


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
    fetches: list[float] = field(default_factory=list)
    comparisons: list[float] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)


def main() -> None:
    seeds = corpus.FINAL if os.environ.get("VIDIMUS_BENCH_SEEDS") == "final" else corpus.TUNING
    asked = int(os.environ.get("VIDIMUS_BENCH_QUERIES", "200"))
    checked = int(os.environ.get("VIDIMUS_BENCH_COMPARED", "40"))
    for size in map(int, os.environ.get("VIDIMUS_BENCH_TEXTS", "10000").split(",")):
        with tempfile.TemporaryDirectory() as folder:
            _product(Path(folder) / "log.db", seeds[0], size, asked, checked)
        if os.environ.get("VIDIMUS_BENCH_PEERS") == "no":
            continue
        if PEERS.exists():
            command = [str(PEERS), "-m", "bench.copies.finding_peers"]
            subprocess.run([*command, str(seeds[0]), str(size), str(asked)], cwd=ROOT, check=True)
        else:
            print(f"no peers: {PEERS.relative_to(ROOT)} is missing. To have them: {INSTALL}")


def _product(file: Path, seed: int, size: int, asked: int, checked: int) -> None:
    log = SqliteLog(file, create=True)
    print(f"{size:,} texts, {corpus.letters(size):,} letters, seed {seed}", flush=True)
    _register(log, file, seed, size)
    tallies: dict[Condition, Tally] = defaultdict(Tally)
    # A round to warm the caches, not counted.
    for query in islice(queries(seed, size, asked), 0, None, 7):
        log.candidates(kept(query.read), MOST_LETTERS)
    for query in queries(seed, size, asked):
        _ask(log, query, tallies[query.condition])
    print(f"\n{'the index alone':<26}{'letter@1':<21}{'in the list':<21}{'n':>5}", end="")
    print(f"{'p50 ms':>9}{'p99':>8}")
    for condition, tally in tallies.items():
        _index_row(str(condition), tally)
    # The whole check is slow, so it gets a part of the texts, taken from all over them.
    every = len(CONDITIONS) * max(1, asked // max(1, checked))
    for number, query in enumerate(queries(seed, size, asked)):
        if checked and number % every < len(CONDITIONS):
            _check(log, query, tallies[query.condition], size)
    print(f"\n{'a check says':<26}{'the letter, alone':<21}{'in a set':<20}{'n':>5}  ", end="")
    print(f"{'the version, alone':<21}{'in a set':<20}{'wrong':>6}{'none':>6}{'n':>5}", end="")
    print(f"{'fetch p50':>11}{'compare':>9}{'p99':>8} CPU ms")
    for condition, tally in tallies.items():
        _check_row(str(condition), tally)
    _unregistered(log, seed, size, checked)
    print(f"resident memory {_resident() / 1e6:.0f} MB\n", flush=True)
    log.close()


def _register(log: SqliteLog, file: Path, seed: int, size: int) -> None:
    """Through the log's own commit, in batches as the registrar makes them."""
    spent, cpu, hashing, characters = 0.0, 0.0, 0.0, 0
    stream = iter(corpus.texts(seed, size))
    start = 0
    while batch := list(islice(stream, BATCH)):
        began = process_time()
        indexed = [_indexed(each, start + at) for at, each in enumerate(batch)]
        hashing += process_time() - began
        characters += sum(len(each.text.encode()) for each in batch)
        began, cpu_began = perf_counter(), process_time()
        log.append([_addition(each) for each in indexed], "")
        spent += perf_counter() - began
        cpu += process_time() - cpu_began
        start += len(batch)
    with log._file.read() as connection:  # what waits in the write-ahead log goes into the file
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    print(
        f"registered {size / (spent + hashing):,.0f} texts/s"
        f" (commit {1e6 * spent / size:.0f} µs a text, of it CPU {1e6 * cpu / size:.0f};"
        f" fingerprints {1e6 * hashing / size:.0f} µs)"
    )
    _size(log, file, size, characters)
    began, cpu_began = perf_counter(), process_time()
    log.rebuild()
    took, worked = perf_counter() - began, process_time() - cpu_began
    print(
        f"rebuilt from the texts: {size / worked:,.0f} texts/s of CPU"
        f" ({size / took:,.0f} by the wall)"
    )
    _size(log, file, size, characters)


def _size(log: SqliteLog, file: Path, size: int, characters: int) -> None:
    """Bytes a text: those of the index, and those of the file with the words themselves."""
    index = log.index_size()
    print(
        f"index {index.bytes / size:,.0f} bytes a text in {index.parts} parts,"
        f" {index.recent:,} texts in none yet; the log's file {file.stat().st_size / size:,.0f},"
        f" of it words {characters / size:,.0f}"
    )


def _indexed(each: corpus.Text, index: int) -> IndexedText:
    language = "ar" if each.genre == "arabic" else "en"
    grams = kept(each.text)
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
    began = perf_counter()
    voted = log.candidates(kept(text), MOST_LETTERS)
    tally.lookups.append(perf_counter() - began)
    letters = [int(each[1:]) for each in voted]
    tally.found["asked"] += 1
    tally.found["first"] += bool(letters) and letters[0] in query.letters
    tally.found["listed"] += query.letter in letters


def _check(log: SqliteLog, query: Query, tally: Tally, size: int) -> None:
    copy = _copy(query)
    began = process_time()
    found, crowded = wordings(copy, (log,), size)
    fetched = process_time()
    named = _named(compared((), copy, found, NoPixels(), silent))
    tally.fetches.append(fetched - began)
    tally.comparisons.append(process_time() - fetched)
    count = tally.found
    count["compared"] += 1
    count["crowded"] += crowded
    letters = {letter for letter, _ in named}
    count["letter"] += bool(letters) and letters <= query.letters and query.letter in letters
    count["letter in set"] += query.letter in letters
    if query.decided:
        right = (query.letter, query.version)
        count["decided"] += 1
        count["version"] += named == {right}
        count["version in set"] += right in named
        count["wrong"] += bool(named) and right not in named
        count["none"] += not named


def _named(comparisons: Sequence[Comparison]) -> set[tuple[int, int]]:
    return {(int(c.registered.letter[1:]), c.registered.version) for c in comparisons}


def _unregistered(log: SqliteLog, seed: int, size: int, checked: int) -> None:
    def rows(asked: Iterator[Query]) -> Iterator[str]:
        counts: dict[Condition, Counter[str]] = defaultdict(Counter)
        for query in asked:
            copy = _copy(query)
            found, _crowded = wordings(copy, (log,), size)
            called = compared((), copy, found, NoPixels(), silent)
            count = counts[query.condition]
            count["asked"] += 1
            count["near"] += bool(called)
            count["same"] += any(not each.differences and not each.doubts for each in called)
        for condition, count in counts.items():
            near, same = Rate(count["near"], count["asked"]), Rate(count["same"], count["asked"])
            yield f"{condition!s:<26}{near!s:<21}{same!s:<20}{count['asked']:>5}"

    print(f"\n{'nobody registered it':<26}{'near a letter':<21}{'without difference':<20}{'n':>5}")
    for row in rows(strangers(seed, checked)):
        print(row)
    print("… but others of its form are registered")
    for row in rows(siblings(seed, size, checked)):
        print(row, flush=True)


def _index_row(name: str, tally: Tally) -> None:
    count = tally.found
    first, listed = Rate(count["first"], count["asked"]), Rate(count["listed"], count["asked"])
    middle, late = (1e3 * percentile(tally.lookups, share) for share in (0.5, 0.99))
    print(f"{name:<26}{first!s:<21}{listed!s:<21}{count['asked']:>5}{middle:>9.2f}{late:>8.1f}")


def _check_row(name: str, tally: Tally) -> None:
    count = tally.found
    n, decided = count["compared"], count["decided"]
    print(f"{name:<26}{Rate(count['letter'], n)!s:<21}", end="")
    print(f"{Rate(count['letter in set'], n)!s:<20}{n:>5}  ", end="")
    print(f"{Rate(count['version'], decided)!s:<21}", end="")
    print(f"{Rate(count['version in set'], decided)!s:<20}", end="")
    print(f"{count['wrong']:>6}{count['none']:>6}{decided:>5}", end="")
    print(f"{1e3 * percentile(tally.fetches, 0.5):>11.1f}", end="")
    middle, late = (1e3 * percentile(tally.comparisons, share) for share in (0.5, 0.99))
    print(f"{middle:>9.0f}{late:>8.0f}", flush=True)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
