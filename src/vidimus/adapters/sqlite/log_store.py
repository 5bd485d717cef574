"""The log and everything public, in one SQLite file: the commit point of every act."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from vidimus.adapters.sqlite import runs, text_index
from vidimus.adapters.sqlite.connection import SqliteFile, damaged, written
from vidimus.errors import Conflict, NotFound, OutsideFailed, VidimusError
from vidimus.operations.ports import Addition, Filed, Head, Stored

# The same act has the same digest and was signed at the same moment, and acts arrive nearly in
# the order of these: a twin is looked for where the newest acts are, in pages that are at hand.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entries (
    idx INTEGER PRIMARY KEY, raw BLOB NOT NULL, digest BLOB NOT NULL,
    time INTEGER NOT NULL, subject TEXT NOT NULL, document BLOB, signed INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS entries_signed ON entries (signed, digest);
{runs.SCHEMA}
CREATE TABLE IF NOT EXISTS subtrees (
    level INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, n)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, checkpoint TEXT NOT NULL
);
INSERT OR IGNORE INTO head VALUES (1, 0, '');
CREATE TABLE IF NOT EXISTS witnessed (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, checkpoint TEXT NOT NULL,
    time INTEGER NOT NULL
);
{text_index.SCHEMA}
"""

BATCH = 512  # entries read at once, so that a long log does not stand in memory


class SqliteLog(text_index.IndexedFile):
    """A LogStore. A reader opens it with `writable=False` and cannot change a byte."""

    def __init__(self, path: Path, *, writable: bool = True, create: bool = False) -> None:
        super().__init__(path, SqliteFile(path, SCHEMA, writable=writable, create=create))

    def head(self) -> Head:
        with self._file.read() as connection:
            return Head(*_head(connection))

    def append(self, additions: Sequence[Addition], checkpoint: str) -> None:
        with self._file.write() as connection:
            size, _checkpoint = _head(connection)
            if [each.index for each in additions] != list(range(size, size + len(additions))):
                raise Conflict(
                    f"the log has {size} entries by now, not {additions[0].index}",
                    hint="somebody else wrote in between; look again and repeat",
                )
            try:
                connection.executemany(
                    "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (a.index, a.raw, a.digest, a.time, a.subject, a.document, a.signed)
                        for a in additions
                    ],
                )
            except sqlite3.IntegrityError as error:
                raise _twin(connection, additions, error) from error
            runs.add(connection, additions)
            connection.executemany(
                "INSERT INTO subtrees VALUES (?, ?, ?)",
                [subtree for each in additions for subtree in each.subtrees],
            )
            connection.execute(
                "UPDATE head SET size = ?, checkpoint = ?", (size + len(additions), checkpoint)
            )
            for each in additions:
                for wording in each.texts:
                    text_index.add(connection, wording)
        if any(each.texts for each in additions):
            self.keep_quick()

    def entries(self, start: int, stop: int) -> Iterator[Stored]:
        while start < stop:
            with self._file.read() as connection:
                rows = connection.execute(
                    "SELECT idx, raw, document FROM entries"
                    " WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?",
                    (start, stop, BATCH),
                ).fetchall()
            yield from map(_stored, rows)
            if not rows:
                return
            start = rows[-1][0] + 1

    def about(self, subjects: Sequence[str], stop: int, start: int = 0) -> tuple[Stored, ...]:
        # One state of the file: where a run is changes with the size.
        with self._file.moment() as connection:
            rows = connection.execute(
                "SELECT p.idx, p.subject = e.subject, e.raw, e.document FROM json_each(?) AS r"
                " CROSS JOIN json_each(?) AS s CROSS JOIN places AS p"
                " ON p.run = r.value AND p.subject = s.value AND p.idx >= ? AND p.idx < ?"
                " LEFT JOIN entries AS e ON e.idx = p.idx ORDER BY p.idx",
                (_runs(connection), json.dumps(list(subjects)), start, stop),
            ).fetchall()
        if any(row[1] != 1 for row in rows) or any(a[0] == b[0] for a, b in pairwise(rows)):
            raise damaged("its index names an entry twice, or under a subject not its own")
        return tuple(_stored((index, *rest)) for index, _, *rest in rows)

    def filed(self, start: int, stop: int) -> tuple[Filed, ...]:
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT idx, digest, time, subject, signed FROM entries"
                " WHERE idx >= ? AND idx < ? ORDER BY idx",
                (start, stop),
            ).fetchall()
        return tuple(
            Filed(index, written(digest, bytes), written(time, int), written(subject, str), signed)
            for index, digest, time, subject, signed in rows
        )

    def index_of(self, digest: bytes, subject: str, signed: int | None = None) -> int | None:
        with self._file.moment() as connection:
            if signed is None:
                row = connection.execute(
                    "SELECT e.idx FROM json_each(?) AS r CROSS JOIN places AS p"
                    " ON p.run = r.value AND p.subject = ? AND p.digest = ?"
                    " CROSS JOIN entries AS e ON e.idx = p.idx WHERE e.digest = ?",
                    (_runs(connection), subject, digest[: runs.SHORT], digest),
                ).fetchone()
            else:
                row = connection.execute(
                    "SELECT idx FROM entries WHERE signed = ? AND digest = ? AND subject = ?",
                    (signed, digest, subject),
                ).fetchone()
        return None if row is None else int(row[0])

    def subtree(self, level: int, n: int) -> bytes:
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT hash FROM subtrees WHERE level = ? AND n = ?", (level, n)
            ).fetchone()
        if row is None:
            raise NotFound(f"the log keeps no hash at level {level}, place {n}")
        return written(row[0], bytes)

    def row(self, level: int, start: int, stop: int) -> tuple[bytes, ...]:
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT n, hash FROM subtrees WHERE level = ? AND n >= ? AND n < ? ORDER BY n",
                (level, start, stop),
            ).fetchall()
        if [n for n, _ in rows] != list(range(start, stop)):
            raise NotFound(f"the log keeps not all hashes at level {level} from place {start} on")
        return tuple(written(value, bytes) for _, value in rows)

    def witnessed(self) -> Head | None:
        with self._file.read() as connection:
            row = connection.execute("SELECT size, checkpoint FROM witnessed").fetchone()
        return None if row is None else Head(written(row[0], int), written(row[1], str))

    def keep_witnessed(self, head: Head, time: int) -> None:
        with self._file.write() as connection:
            # Two rounds may end in another order than they began.
            connection.execute(
                "INSERT INTO witnessed VALUES (1, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET"
                " size = excluded.size, checkpoint = excluded.checkpoint, time = excluded.time"
                " WHERE (excluded.size, excluded.time) > (witnessed.size, witnessed.time)",
                (head.size, head.checkpoint, time),
            )


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    row = connection.execute("SELECT size, checkpoint FROM head").fetchone()
    if row is None:
        raise OutsideFailed(
            "the log's file has lost its head", hint="restore it from a backup and verify it"
        )
    return written(row[0], int), written(row[1], str)


def _runs(connection: sqlite3.Connection) -> str:
    """Where to look for a subject, as a list that SQLite reads."""
    size, _checkpoint = _head(connection)
    (last,) = connection.execute("SELECT max(idx) FROM entries").fetchone()
    if size != (0 if last is None else last + 1):
        raise damaged(f"its last entry is not the one before {size}")
    return json.dumps(runs.runs(size))


def _twin(
    connection: sqlite3.Connection, additions: Sequence[Addition], error: sqlite3.IntegrityError
) -> VidimusError:
    """Which of these acts is on the log already."""
    for each in additions:
        twin = connection.execute(
            "SELECT idx FROM entries WHERE signed = ? AND digest = ? AND idx < ?",
            (each.signed, each.digest, each.index),
        ).fetchone()
        if twin is not None:
            return Conflict(
                f"this very act is on the log already, as entry {twin[0]}",
                hint="an act of the next second is another one",
            )
    return OutsideFailed(f"the registry's file cannot take this entry: {error}")


def _stored(row: tuple[int, Any, Any]) -> Stored:
    index, raw, document = row
    return Stored(
        index, written(raw, bytes), None if document is None else written(document, bytes)
    )
