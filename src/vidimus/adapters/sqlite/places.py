"""Where on the log each subject is spoken of: a desk's own notes, in a file that nobody sees.

SQLite keeps a database of no name in memory while it is small, and otherwise in a file that
has no name either and is gone when it is closed, or when the process dies (sqlite.org, “In-
Memory Databases”). So a desk of a long log takes little memory, and leaves nothing behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from vidimus.errors import OutsideFailed

CACHE = 8 * 1024  # KiB; what is above it lies in the file


class SqlitePlaces:
    """A Places. Its caller sees to it that one thread at a time is here."""

    def __init__(self) -> None:
        self._connection: sqlite3.Connection | None = None
        self._indexed = False

    def add(self, places: Sequence[tuple[int, str]]) -> None:
        with self._open() as connection:
            connection.executemany("INSERT INTO places VALUES (?, ?)", places)

    def of(self, subjects: Sequence[str], start: int, stop: int) -> tuple[int, ...]:
        with self._open() as connection:
            if not self._indexed:
                # Once there is something to find: sorting it all is cheaper than inserting.
                connection.execute("CREATE INDEX places_subject ON places (subject)")
                self._indexed = True
            rows = connection.execute(
                "SELECT idx FROM places WHERE subject IN (SELECT value FROM json_each(?))"
                " AND idx >= ? AND idx < ? ORDER BY idx",
                (json.dumps(list(subjects)), start, stop),
            )
            return tuple(index for (index,) in rows)

    def cut(self, size: int) -> None:
        with self._open() as connection:
            connection.execute("DELETE FROM places WHERE idx >= ?", (size,))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._indexed = False

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction. What fails is undone, so that no half of it stays."""
        try:
            if self._connection is None:
                self._connection = _fresh()
            connection = self._connection
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise OutsideFailed(
                f"the desk cannot keep its notes on the log: {error}",
                hint="is the disk of the temporary files full? SQLITE_TMPDIR names another one",
            ) from error


def _fresh() -> sqlite3.Connection:
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    # Nothing here outlives the process, so nothing waits for the disk.
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    connection.execute("CREATE TABLE places (idx INTEGER PRIMARY KEY, subject TEXT NOT NULL)")
    return connection
