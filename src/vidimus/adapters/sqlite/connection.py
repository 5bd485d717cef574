"""One SQLite file, opened the way we trust it: WAL, every commit on the disk.

`synchronous=FULL` syncs the write-ahead log at each commit, so what was answered survives
a power cut (sqlite.org, “PRAGMA synchronous”). Each thread has its own connection.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vidimus.errors import OutsideFailed, VidimusError

BUSY_SECONDS = 30.0  # how long a writer waits for another one


class SqliteFile:
    """Opens on first use. `schema` is run when the file is new."""

    def __init__(self, path: Path, schema: str, *, writable: bool = True) -> None:
        self._path = path
        self._schema = schema
        self._writable = writable
        self._local = threading.local()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            yield self._connection()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk afterwards, or none of it."""
        with self._translated():
            connection = self._connection()
            # Immediately, so that two writers queue here and not halfway.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def close(self) -> None:
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            return connection
        if not self._writable and not self._path.exists():
            raise OutsideFailed(f"there is no file {self._path.name} in this registry")
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        if self._writable:
            connection.executescript(f"BEGIN IMMEDIATE; {self._schema} COMMIT;")
        else:
            connection.execute("PRAGMA query_only=ON")
        self._local.connection = connection
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except VidimusError:
            raise
        except sqlite3.Error as error:
            raise OutsideFailed(
                f"the registry's file {self._path.name} cannot be used: {error}",
                hint="is the disk full or read-only? “vidimus log verify” checks the whole log",
            ) from error
