"""The log and everything public, in one SQLite file: the commit point of every act."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vidimus.adapters.sqlite import text_index
from vidimus.adapters.sqlite.connection import SqliteFile, written
from vidimus.errors import Conflict, NotFound, OutsideFailed
from vidimus.operations.ports import Addition, Filed, Head, Stored

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entries (
    idx INTEGER PRIMARY KEY, raw BLOB NOT NULL, digest BLOB NOT NULL UNIQUE,
    time INTEGER NOT NULL, subject TEXT NOT NULL, document BLOB
);
CREATE INDEX IF NOT EXISTS entries_subject ON entries (subject, idx);
CREATE INDEX IF NOT EXISTS entries_time ON entries (time, idx);
CREATE TABLE IF NOT EXISTS subtrees (
    level INTEGER NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, n)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, checkpoint TEXT NOT NULL
);
INSERT OR IGNORE INTO head VALUES (1, 0, '');
{text_index.SCHEMA}
"""

BATCH = 512  # entries read at once, so that a long log does not stand in memory


class SqliteLog(text_index.IndexedFile):
    """A LogStore. A reader opens it with `writable=False` and cannot change a byte."""

    def __init__(self, path: Path, *, writable: bool = True, create: bool = False) -> None:
        super().__init__(SqliteFile(path, SCHEMA, writable=writable, create=create))

    def head(self) -> Head:
        with self._file.read() as connection:
            return Head(*_head(connection))

    def append(self, addition: Addition) -> None:
        with self._file.write() as connection:
            size, _checkpoint = _head(connection)
            if size != addition.index:
                raise Conflict(
                    f"the log has {size} entries by now, not {addition.index}",
                    hint="somebody else wrote in between; look again and repeat",
                )
            twin = connection.execute(
                "SELECT idx FROM entries WHERE digest = ?", (addition.digest,)
            ).fetchone()
            if twin is not None:
                raise Conflict(
                    f"this very act is on the log already, as entry {twin[0]}",
                    hint="an act of the next second is another one",
                )
            connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)",
                (
                    addition.index,
                    addition.raw,
                    addition.digest,
                    addition.time,
                    addition.subject,
                    addition.document,
                ),
            )
            connection.executemany("INSERT INTO subtrees VALUES (?, ?, ?)", addition.subtrees)
            connection.execute(
                "UPDATE head SET size = ?, checkpoint = ?",
                (addition.index + 1, addition.checkpoint),
            )
            for wording in addition.texts:
                text_index.add(connection, wording)

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

    def about(self, subjects: Sequence[str], stop: int) -> tuple[Stored, ...]:
        marks = ",".join("?" * len(subjects))
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT idx, raw, document FROM entries"
                f" WHERE subject IN ({marks}) AND idx < ? ORDER BY idx",
                (*subjects, stop),
            ).fetchall()
        return tuple(map(_stored, rows))

    def size_at(self, time: int) -> int:
        with self._file.read() as connection:
            # Times never fall along the log, so this is a prefix.
            row = connection.execute(
                "SELECT idx + 1 FROM entries WHERE time <= ? ORDER BY time DESC, idx DESC LIMIT 1",
                (time,),
            ).fetchone()
        return 0 if row is None else int(row[0])

    def filed(self, start: int, stop: int) -> tuple[Filed, ...]:
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT idx, digest, time, subject FROM entries"
                " WHERE idx >= ? AND idx < ? ORDER BY idx",
                (start, stop),
            ).fetchall()
        return tuple(
            Filed(index, written(digest, bytes), written(time, int), written(subject, str))
            for index, digest, time, subject in rows
        )

    def index_of(self, digest: bytes) -> int | None:
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT idx FROM entries WHERE digest = ?", (digest,)
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


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    row = connection.execute("SELECT size, checkpoint FROM head").fetchone()
    if row is None:
        raise OutsideFailed(
            "the log's file has lost its head", hint="restore it from a backup and verify it"
        )
    return written(row[0], int), written(row[1], str)


def _stored(row: tuple[int, Any, Any]) -> Stored:
    index, raw, document = row
    return Stored(
        index, written(raw, bytes), None if document is None else written(document, bytes)
    )
