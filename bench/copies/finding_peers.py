"""The same texts and the same queries, asked of what others would use.

    build/peers/bin/python -m bench.copies.finding_peers SEED TEXTS QUERIES

Runs in an environment of its own (`bench/finding.py` says how to make it), so nothing here is
ever a dependency of the product. A peer that is not installed is named as absent. Each gets
its own best way: BM25 over all words and over the rarest dozen, MinHash over character
5-grams, since words do not survive misreading; trigrams by similarity for whole texts and by
word similarity for parts. None of them compares afterwards: its first answer counts, which
is what they offer. A peer gets VIDIMUS_BENCH_SECONDS of asking; the count says how far it came.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from bench.copies import corpus
from bench.copies.degrade import Condition
from bench.copies.finding_queries import Query, Rate, percentile, queries

BUDGET = float(os.environ.get("VIDIMUS_BENCH_SECONDS", "120"))
RAREST = 12
_WORD = re.compile(r"\w+")


class Peer(Protocol):
    name: str

    def build(self, texts: Iterator[tuple[int, str]]) -> int:
        """Index them all and say how many bytes that takes."""
        ...

    def ask(self, query: Query) -> int | None:
        """The number of the text that comes first."""
        ...


class Fts5:
    """SQLite's own full text index; contentless, with the details that bm25 needs."""

    def __init__(self, folder: Path, rarest: bool) -> None:
        self.name = f"SQLite FTS5, {f'{RAREST} rarest words' if rarest else 'all words'}"
        self._path = folder / "fts.db"
        self._rarest = rarest
        self._db = sqlite3.connect(self._path)

    def build(self, texts: Iterator[tuple[int, str]]) -> int:
        self._db.execute("CREATE VIRTUAL TABLE t USING fts5(body, content='')")
        self._db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, row)")
        self._db.executemany("INSERT INTO t (rowid, body) VALUES (?, ?)", texts)
        self._db.execute("INSERT INTO t (t) VALUES ('optimize')")
        self._db.commit()
        return self._path.stat().st_size

    def ask(self, query: Query) -> int | None:
        words = list(dict.fromkeys(_WORD.findall(query.read.lower())))
        if self._rarest:
            spread = {word: self._spread(word) for word in words}
            words = sorted((w for w in words if spread[w]), key=lambda w: spread[w])[:RAREST]
        if not words:
            return None
        asked = " OR ".join(f'"{word}"' for word in words)
        row = self._db.execute(
            "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 1", (asked,)
        ).fetchone()
        return None if row is None else int(row[0])

    def _spread(self, word: str) -> int:
        row = self._db.execute("SELECT doc FROM v WHERE term = ?", (word,)).fetchone()
        return 0 if row is None else int(row[0])


class Tantivy:
    def __init__(self, folder: Path) -> None:
        import tantivy

        self.name = "Tantivy BM25, all words"
        self._folder = folder / "tantivy"
        self._folder.mkdir()
        schema = tantivy.SchemaBuilder()
        schema.add_integer_field("number", stored=True)
        schema.add_text_field("body", stored=False)
        self._index: Any = tantivy.Index(schema.build(), path=str(self._folder))
        self._document = tantivy.Document

    def build(self, texts: Iterator[tuple[int, str]]) -> int:
        writer = self._index.writer(heap_size=128_000_000, num_threads=1)
        for number, text in texts:
            writer.add_document(self._document(number=number, body=text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        return sum(file.stat().st_size for file in self._folder.iterdir())

    def ask(self, query: Query) -> int | None:
        words = " ".join(dict.fromkeys(_WORD.findall(query.read.lower())))
        hits = self._searcher.search(self._index.parse_query(words, ["body"]), 1).hits
        return int(self._searcher.doc(hits[0][1])["number"][0]) if hits else None


class MinHash:
    """datasketch's MinHashLSH; everything in memory, so its bytes are the process's."""

    def __init__(self, folder: Path) -> None:
        import datasketch

        self.name = "datasketch MinHash-LSH, 5-grams"
        self._sketch = datasketch
        # A low threshold, so that parts of a text have a chance.
        self._lsh: Any = datasketch.MinHashLSH(threshold=0.3, num_perm=128)
        self._kept: dict[int, Any] = {}

    def build(self, texts: Iterator[tuple[int, str]]) -> int:
        before = _resident()
        for number, text in texts:
            sketch = self._of(text)
            self._kept[number] = sketch
            self._lsh.insert(number, sketch)
        return _resident() - before

    def ask(self, query: Query) -> int | None:
        sketch = self._of(query.read)
        found = self._lsh.query(sketch)
        return max(
            found, key=lambda number: (self._kept[number].jaccard(sketch), -number), default=None
        )

    def _of(self, text: str) -> Any:
        flat = " ".join(text.lower().split())
        sketch = self._sketch.MinHash(num_perm=128)
        sketch.update_batch({flat[at : at + 5].encode() for at in range(len(flat) - 4)})
        return sketch


def main(arguments: list[str]) -> None:
    seed, size, asked = map(int, arguments)
    print(f"{'peers, ranked as they come':<34}{'texts/s':>8}{'B/text':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, make in _peers(folder, size).items():
            try:
                peer = make()
            except (ImportError, OSError) as error:
                print(f"{title}: absent ({error})", flush=True)
                continue
            try:
                _row(peer, seed, size, asked)
            finally:
                if hasattr(peer, "close"):
                    peer.close()
                (folder / "fts.db").unlink(missing_ok=True)


def _peers(folder: Path, size: int) -> dict[str, Callable[[], Peer]]:
    from bench.copies.finding_postgres import Trigrams

    peers: dict[str, Callable[[], Peer]] = {
        "SQLite FTS5": lambda: Fts5(folder, False),
        "SQLite FTS5, rarest": lambda: Fts5(folder, True),
        "Tantivy": lambda: Tantivy(folder),
        "datasketch": lambda: MinHash(folder),
        "PostgreSQL pg_trgm": lambda: Trigrams(),
    }
    if size > 200_000:
        print("datasketch: left out above 200,000 texts, where it needs more than 2 GB of memory")
        del peers["datasketch"]
    return peers


def _row(peer: Peer, seed: int, size: int, asked: int) -> None:
    stream = _Stream(seed, size)
    began = perf_counter()
    taken = peer.build(stream)
    spent = perf_counter() - began - stream.making
    print(f"{peer.name:<34}{size / spent:>8,.0f}{taken / size:>8,.0f}")
    counts: dict[Condition, Counter[str]] = defaultdict(Counter)
    times: dict[Condition, list[float]] = defaultdict(list)
    began = perf_counter()
    for query in _spread(queries(seed, size, asked)):
        start = perf_counter()
        if start - began > BUDGET:
            break
        number = peer.ask(query)
        times[query.condition].append(perf_counter() - start)
        letter, version = (-1, 0) if number is None else corpus.place(number)
        count = counts[query.condition]
        count["asked"] += 1
        count["letter"] += letter in query.letters
        count["decided"] += query.decided
        count["version"] += query.decided and (letter, version) == (query.letter, query.version)
    print(f"  {'':<25}{'letter@1':<21}{'n':>5}  {'version@1':<21}{'n':>5}{'p50 ms':>9}{'p99':>9}")
    for condition, count in counts.items():
        middle = 1e3 * percentile(times[condition], 0.5)
        late = 1e3 * percentile(times[condition], 0.99)
        print(
            f"  {condition!s:<25}{Rate(count['letter'], count['asked'])!s:<21}{count['asked']:>5}"
            f"  {Rate(count['version'], count['decided'])!s:<21}{count['decided']:>5}"
            f"{middle:>9.2f}{late:>9.1f}"
        )
    print(flush=True)


class _Stream:
    """The texts with their numbers; what making them takes is kept apart."""

    def __init__(self, seed: int, size: int) -> None:
        self.making = 0.0
        self._texts = corpus.texts(seed, size)
        corpus.text(seed, 0)  # makes the tables of phrases
        self._number = -1

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        began = perf_counter()
        text = next(self._texts).text
        self.making += perf_counter() - began
        self._number += 1
        return self._number, text


def _spread(asked: Iterator[Query]) -> list[Query]:
    """Texts from all over the corpus first, each under all conditions: a slow peer sees few."""
    groups: dict[tuple[int, int], list[Query]] = defaultdict(list)
    for query in asked:
        groups[query.letter, query.version].append(query)
    keys = sorted(groups, key=lambda key: (key[0] * 2_654_435_761) % 2**32)
    return [query for key in keys for query in groups[key]]


def _resident() -> int:
    return 4096 * int(Path("/proc/self/statm").read_text().split()[1])


if __name__ == "__main__":
    main(sys.argv[1:])
