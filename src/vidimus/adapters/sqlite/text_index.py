"""Registered wordings and the index that finds them, in one SQLite file and a folder beside it.

    wordings   one row for each, in the order in which they came: `seq`
    recent     the grams of the last few thousand, in the same transaction as their rows
    segments   names of files with the grams of all others (adapters/words)

A wording can be found as soon as its transaction is over. When enough of them are recent, the
writer puts their grams into a segment, and small segments into larger ones (`keeping`). One
posting list is of *letters*, all wordings of a letter together; which wording it is, the
alignment decides.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidimus.adapters.sqlite.connection import SqliteFile, damaged, written
from vidimus.adapters.words.recent import Recent
from vidimus.adapters.words.segment_files import REBUILD, SegmentFiles
from vidimus.core.copies.canonical import digest
from vidimus.core.copies.segment import gram_of
from vidimus.errors import FormatError, OutsideFailed
from vidimus.operations.ports import CROWDED, IndexedText, Progress, silent

SCHEMA = """
CREATE TABLE IF NOT EXISTS letters (num INTEGER PRIMARY KEY, id TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS wordings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, num INTEGER NOT NULL, version INTEGER NOT NULL,
    language TEXT NOT NULL, since INTEGER NOT NULL, sha BLOB NOT NULL, name INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS wordings_letter ON wordings (num, version);
CREATE INDEX IF NOT EXISTS wordings_name ON wordings (name);
CREATE TABLE IF NOT EXISTS recent (
    seq INTEGER PRIMARY KEY, num INTEGER NOT NULL, grams BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS recent_letter ON recent (num);
CREATE TABLE IF NOT EXISTS segments (
    name TEXT NOT NULL, state TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (name, state)
) WITHOUT ROWID;
"""

NAME = re.compile("[0-9a-f]{64}")
NEARLY = 0.8  # of the best vote: a letter of the same form, not another text
ASKED = 500  # names in one question to SQLite


def add(connection: sqlite3.Connection, wording: IndexedText) -> None:
    """Put a wording in, inside the caller's transaction. A second time changes nothing."""
    connection.execute("INSERT OR IGNORE INTO letters (id) VALUES (?)", (wording.letter,))
    (num,) = connection.execute(
        "SELECT num FROM letters WHERE id = ?", (wording.letter,)
    ).fetchone()
    sha = hashlib.sha256(wording.text.encode()).digest()
    made = connection.execute(
        "INSERT INTO wordings (num, version, language, since, sha, name, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (num, version) DO NOTHING",
        (
            num,
            wording.version,
            wording.language,
            wording.since,
            sha,
            _short(digest(wording.text)),
            wording.text,
        ),
    )
    if made.rowcount:
        grams = sorted({gram_of(each) for each in wording.fingerprints})
        connection.execute(
            "INSERT INTO recent VALUES (?, ?, ?)",
            (made.lastrowid, num, struct.pack(f"<{len(grams)}Q", *grams)),
        )


def remove(connection: sqlite3.Connection, letter: str, version: int) -> None:
    """Take a wording out again, as after a crash.

    Grams that are in a segment already stay there: they lead to a number without a letter,
    or bring a letter into a comparison that it then does not win.
    """
    row = connection.execute(
        "SELECT seq, num FROM wordings WHERE version = ?"
        " AND num = (SELECT num FROM letters WHERE id = ?)",
        (version, letter),
    ).fetchone()
    if row is None:
        return
    seq, num = row
    connection.execute("DELETE FROM recent WHERE seq = ?", (seq,))
    connection.execute("DELETE FROM wordings WHERE seq = ?", (seq,))
    # The number is never another letter's.
    connection.execute(
        "UPDATE letters SET id = NULL WHERE num = ?"
        " AND NOT EXISTS (SELECT 1 FROM wordings WHERE num = ?)",
        (num, num),
    )


@dataclass(frozen=True, slots=True)
class IndexSize:
    texts: int
    recent: int  # of the texts, in no segment yet
    parts: int  # segments
    bytes: int


class IndexedFile:
    """A SQLite file with wordings in it, and the questions that every such file answers."""

    seal = 4_096  # recent wordings that make a segment

    def __init__(self, path: Path, file: SqliteFile) -> None:
        self._file = file
        self.segments = SegmentFiles(path.with_suffix(".words"))
        self._recent = Recent()

    def candidates(self, fingerprints: Sequence[int], limit: int) -> tuple[str, ...]:
        if not fingerprints:
            return ()
        # What the bare install has no libraries for, is asked for only where it is needed.
        import numpy as np

        from vidimus.core.copies.posting import unique
        from vidimus.core.copies.search import Sections, Tail, search

        grams = unique(np.sort(np.asarray(fingerprints, dtype=np.uint64) >> np.uint64(23)))
        with self._words() as (connection, names):
            (total,) = connection.execute("SELECT max(num) FROM letters").fetchone()
            tails = self._recent.follow(connection, names)
            parts: list[Sections | Tail] = [
                *tails,
                *(self.segments.sections(name) for name in names),
            ]
            best = search(parts, grams, written(total or 0, int), CROWDED, 0.0)
            # Letters of one form share nearly all their grams: those that nearly tie come along.
            least = NEARLY * best.votes[0] if best.votes else 0.0
            nums = [
                num
                for at, (num, vote) in enumerate(zip(best.letters, best.votes, strict=True))
                if at < limit or vote >= least
            ]
            named = _named(connection, nums)
        return tuple(named[num] for num in nums if num in named)

    def named(self, name: bytes) -> tuple[str, ...]:
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT id FROM wordings JOIN letters USING (num) WHERE name = ?",
                (_short(name),),
            ).fetchall()
        return tuple(written(letter, str) for (letter,) in rows)

    def unindexed(self, letter: str, fingerprints: Sequence[int]) -> int:
        missing = {gram_of(each) for each in fingerprints}
        with self._words() as (connection, names):
            row = connection.execute("SELECT num FROM letters WHERE id = ?", (letter,)).fetchone()
            if row is None:
                return len(missing)
            for (grams,) in connection.execute("SELECT grams FROM recent WHERE num = ?", (row[0],)):
                missing -= set(unpacked(grams))
            for name in names:
                segment = self.segments.segment(name)
                missing -= {each for each in missing if segment.holds(each, row[0])}
        return len(missing)

    def wordings(self, letters: Sequence[str]) -> tuple[IndexedText, ...]:
        return self._texts(letters, "")

    def latest(self, letters: Sequence[str]) -> tuple[IndexedText, ...]:
        highest = "(SELECT max(version) FROM wordings AS o WHERE o.num = w.num)"
        return self._texts(letters, f" AND version = {highest}")

    def _texts(self, letters: Sequence[str], which: str) -> tuple[IndexedText, ...]:
        rows = []
        with self._file.read() as connection:
            for some in _some(letters):
                rows += connection.execute(
                    "SELECT l.id, version, language, text, since, sha FROM letters AS l"
                    f" JOIN wordings AS w USING (num) WHERE l.id IN ({_marks(some)}){which}"
                    " ORDER BY l.id, version",
                    some,
                ).fetchall()
        return tuple(
            IndexedText(
                letter,
                written(version, int),
                written(language, str),
                whole(text, sha),
                (),
                written(since, int),
            )
            for letter, version, language, text, since, sha in rows
        )

    @contextmanager
    def _words(self) -> Iterator[tuple[sqlite3.Connection, tuple[str, ...]]]:
        """The names of the segments, and a connection that sees the file as it is with them."""
        try:
            with self._file.moment() as connection:
                names = used(connection)
                self.segments.keep(names)
                yield connection, names
        except FormatError as error:
            raise OutsideFailed(error.fact, hint=REBUILD) from error

    def keep_quick(self) -> None:
        """After wordings were added: see `keeping`. Whatever fails, they can be found."""
        with suppress(ImportError, OutsideFailed):  # the bare install does without
            from vidimus.adapters.words import keeping

            keeping.settle(self._file, self.segments, self.seal)

    def rebuild(self, progress: Progress = silent) -> int:
        """The whole index anew, from the texts; how many wordings it holds then."""
        from vidimus.adapters.words import keeping

        return keeping.rebuild(self._file, self.segments, progress)

    def index_size(self) -> IndexSize:
        with self._words() as (connection, names):
            (texts,) = connection.execute("SELECT count(*) FROM wordings").fetchone()
            recent, grams = connection.execute(
                "SELECT count(*), coalesce(sum(length(grams)), 0) FROM recent"
            ).fetchone()
            return IndexSize(texts, recent, len(names), grams + self.segments.size(names))

    def require_sound(self) -> None:
        """Every page of the file is where it belongs. Reads all of it: for `log verify`."""
        with self._words() as (connection, names):
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
            for name in names:
                self.segments.require_sound(name)
        if found != ("ok",):
            raise damaged(str(found[0]).replace("\n", " "))

    def close(self) -> None:
        self._file.close()


def used(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The segments that are asked, oldest first."""
    rows = connection.execute("SELECT name FROM segments WHERE state = 'used' ORDER BY first, name")
    names = tuple(written(name, str) for (name,) in rows)
    if not all(map(NAME.fullmatch, names)):
        raise damaged("a part of the index of words has an impossible name")
    return names


def unpacked(grams: Any) -> tuple[int, ...]:
    packed = written(grams, bytes)
    if len(packed) % 8:
        raise damaged("the grams of a text were cut off")
    return struct.unpack(f"<{len(packed) // 8}Q", packed)


def whole(text: Any, sha: bytes) -> str:
    """The text of this name. A copy is compared with nothing else, least of all with less."""
    whole_bytes(written(text, str).encode(), sha)
    return str(text)


def whole_bytes(text: Any, sha: bytes) -> bytes:
    """The same for a text as its bytes in UTF-8."""
    if hashlib.sha256(written(text, bytes)).digest() != sha:
        raise damaged("a text is not the one that was written")
    return bytes(text)


def _named(connection: sqlite3.Connection, nums: Sequence[int]) -> dict[int, str]:
    """The names of these letters, but for those that were taken out again."""
    rows: list[tuple[int, Any, int]] = []
    for some in _some(nums):
        rows += connection.execute(
            "SELECT num, id, EXISTS (SELECT 1 FROM wordings AS w WHERE w.num = l.num)"
            f" FROM letters AS l WHERE num IN ({_marks(some)})",
            some,
        ).fetchall()
    if len(rows) < len(nums) or any(name is not None and not texts for _, name, texts in rows):
        # A letter that nobody compares with is as good as hidden.
        raise damaged("words lead to a letter of which it has no text")
    return {num: written(name, str) for num, name, _ in rows if name is not None}


def _some(values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    for at in range(0, len(values), ASKED):
        yield tuple(values[at : at + ASKED])


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def _short(name: bytes) -> int:
    """The first bits of a canonical digest: they find a text, and prove nothing."""
    return int.from_bytes(name[:8], "big") >> 1
