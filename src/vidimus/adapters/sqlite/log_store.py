"""The log and everything public, in one SQLite file: the commit point of every act."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vidimus.adapters.sqlite import text_index
from vidimus.adapters.sqlite.connection import SqliteFile, written
from vidimus.errors import Conflict, NotFound, OutsideFailed, VidimusError
from vidimus.operations.ports import Addition, Filed, Head, Stored

# An index in any other order than that of time costs a page of its own for nearly every entry,
# so there is one alone. A digest is looked for under the subject of its act, which whoever has
# the act knows; those of all sealed acts lie under "".
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entries (
    idx INTEGER PRIMARY KEY, raw BLOB NOT NULL, digest BLOB NOT NULL,
    time INTEGER NOT NULL, subject TEXT NOT NULL, document BLOB
);
CREATE UNIQUE INDEX IF NOT EXISTS entries_subject ON entries (subject, digest);
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
                    "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)",
                    [(a.index, a.raw, a.digest, a.time, a.subject, a.document) for a in additions],
                )
            except sqlite3.IntegrityError as error:
                raise _twin(connection, additions, error) from error
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
        marks = ",".join("?" * len(subjects))
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT idx, raw, document FROM entries"
                f" WHERE subject IN ({marks}) AND idx >= ? AND idx < ? ORDER BY idx",
                (*subjects, start, stop),
            ).fetchall()
        return tuple(map(_stored, rows))

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

    def index_of(self, digest: bytes, subject: str) -> int | None:
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT idx FROM entries WHERE subject = ? AND digest = ?", (subject, digest)
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


def _twin(
    connection: sqlite3.Connection, additions: Sequence[Addition], error: sqlite3.IntegrityError
) -> VidimusError:
    """Which of these acts is on the log already."""
    for each in additions:
        twin = connection.execute(
            "SELECT idx FROM entries WHERE subject = ? AND digest = ? AND idx < ?",
            (each.subject, each.digest, each.index),
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
