"""What a witness remembers, in one SQLite file: whom it watches, and what it cosigned last.

This file is the witness's promise. An older copy of it put in its place would let the witness
sign a second history of a log, so it is never restored from a backup: a witness that lost it
begins anew, under a new key.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from sqlite3 import Connection

from vidimus.adapters.sqlite.connection import SqliteFile, written
from vidimus.core.log.witness import Cosigned
from vidimus.errors import Conflict, NotFound
from vidimus.operations.ports import Watched

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    origin TEXT NOT NULL, vkey TEXT NOT NULL, PRIMARY KEY (origin, vkey)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    root BLOB NOT NULL, time INTEGER NOT NULL, checkpoint TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence (
    n INTEGER PRIMARY KEY, origin TEXT NOT NULL, file BLOB NOT NULL, UNIQUE (origin, file)
);
"""
MOST_EVIDENCE = 16  # files against one log; one convicts it

# Whatever was decided, a smaller tree or an earlier time takes nobody's place.
KEEP = """
INSERT INTO cosigned VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (origin) DO UPDATE SET
    size = excluded.size, root = excluded.root, time = excluded.time,
    checkpoint = excluded.checkpoint
WHERE excluded.size >= cosigned.size AND excluded.time >= cosigned.time
"""


class SqliteWitness:
    """A WitnessStore."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._file = SqliteFile(path, SCHEMA, create=create)

    def close(self) -> None:
        """Of this thread."""
        self._file.close()

    def watched(self, origin: str) -> Watched:
        with self._file.read() as connection:
            return _watched(connection, origin)

    def keep(self, origin: str, decide: Callable[[Watched], Cosigned | None]) -> None:
        # The transaction begins before anything is read: two requests for one log queue here,
        # of one process or of two, and the second one sees what the first one kept.
        with self._file.write() as connection:
            latest = decide(_watched(connection, origin))
            if latest is None:
                return
            row = (origin, _hash(origin), latest.size, latest.root, latest.time, latest.checkpoint)
            if connection.execute(KEEP, row).rowcount != 1:
                raise Conflict(f"a larger tree of {origin} was cosigned already")

    def checkpoint(self, origin_hash: str) -> str | None:
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT checkpoint FROM cosigned WHERE hash = ?", (origin_hash,)
            ).fetchone()
        return None if row is None else written(row[0], str)

    def trust(self, origin: str, vkey: str) -> None:
        with self._file.write() as connection:
            connection.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (origin, vkey))

    def distrust(self, origin: str, vkey: str) -> None:
        with self._file.write() as connection:
            gone = connection.execute(
                "DELETE FROM keys WHERE origin = ? AND vkey = ?", (origin, vkey)
            )
            if gone.rowcount != 1:
                raise NotFound(f"this key is not trusted for {origin}")

    def logs(self) -> dict[str, Watched]:
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT origin FROM keys UNION SELECT origin FROM cosigned ORDER BY 1"
            ).fetchall()
            return {origin: _watched(connection, origin) for (origin,) in rows}

    def keep_evidence(self, origin: str, file: bytes) -> None:
        with self._file.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO evidence (origin, file) SELECT ?, ?"
                " WHERE (SELECT COUNT(*) FROM evidence WHERE origin = ?) < ?",
                (origin, file, origin, MOST_EVIDENCE),
            )

    def evidence(self) -> tuple[tuple[str, bytes], ...]:
        with self._file.read() as connection:
            rows = connection.execute("SELECT origin, file FROM evidence ORDER BY n").fetchall()
        return tuple((written(origin, str), written(file, bytes)) for origin, file in rows)


def _watched(connection: Connection, origin: str) -> Watched:
    keys = connection.execute(
        "SELECT vkey FROM keys WHERE origin = ? ORDER BY vkey", (origin,)
    ).fetchall()
    row = connection.execute(
        "SELECT size, root, time, checkpoint FROM cosigned WHERE origin = ?", (origin,)
    ).fetchone()
    latest = None
    if row is not None:
        size, root, time, checkpoint = row
        latest = Cosigned(
            written(size, int), written(root, bytes), written(time, int), written(checkpoint, str)
        )
    return Watched(tuple(written(vkey, str) for (vkey,) in keys), latest)


def _hash(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()
