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
from typing import Any, TypeVar
from urllib.parse import quote

from vidimus.adapters.sqlite.rest import Rest, at_rest, state
from vidimus.errors import OutsideFailed, VidimusError

T = TypeVar("T")
BUSY_SECONDS = 30.0  # how long a writer waits for another one
# What SQLite says where it cannot make the index of a write-ahead log.
NO_INDEX = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


class SqliteFile:
    """Opens on first use. Only with `create` is a file made, and then `schema` is run in it.

    A file that is missing or empty is a loss to be mended from a backup; an empty one made
    in its place would let a second log begin under the name of the first.
    """

    def __init__(
        self, path: Path, schema: str, *, writable: bool = True, create: bool = False
    ) -> None:
        self._path = path
        self._schema = schema
        self._writable = writable
        self._create = create
        self._local = threading.local()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            connection = self._connection()
            yield connection
            self._require_rest()

    @contextmanager
    def moment(self) -> Iterator[sqlite3.Connection]:
        """`read`, and all that is read inside is of one state of the file."""
        with self.read() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def write(self, *, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on the disk afterwards, or none of it.

        What is not `lasting` does not wait for the disk: after a power cut it may be gone,
        whole, with everything of that kind that came after the last transaction that did.
        """
        with self._translated():
            connection = self._connection()
            if not lasting:
                connection.execute("PRAGMA synchronous=NORMAL")
            # Immediately, so that two writers queue here and not halfway.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.commit()
            except BaseException:
                # Also when the commit itself failed, as on a full disk.
                connection.rollback()
                raise
            finally:
                if not lasting:
                    connection.execute("PRAGMA synchronous=FULL")

    def close(self) -> None:
        self._local.held = None

    def _connection(self) -> sqlite3.Connection:
        held: _Held | None = getattr(self._local, "held", None)
        if held is not None and held.usable(self._path):
            return held.connection
        if not self._create:
            self._require()
        held = self._opened()
        self._local.held = held
        return held.connection

    def _opened(self) -> _Held:
        mode = "rwc" if self._create else "rw" if self._writable else "ro"
        held = _Held(self._path, mode)
        if not self._writable:
            try:
                held.connection.execute("PRAGMA schema_version")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in NO_INDEX:
                    raise
                return self._resting(error)
            return held
        held.connection.execute("PRAGMA journal_mode=WAL")
        held.connection.execute("PRAGMA synchronous=FULL")
        if self._create:
            held.connection.executescript(f"BEGIN IMMEDIATE; {self._schema} COMMIT;")
        return held

    def _resting(self, error: sqlite3.OperationalError) -> _Held:
        """The index of the write-ahead log cannot be made here: the file alone, if it is all."""
        rest = at_rest(self._path)
        if rest is None:
            raise OutsideFailed(
                f"the registry's file {self._path.name} was left or copied while it was in use:"
                f" the latest acts are in {self._path.name}-wal, and nothing can be written here",
                hint="copy it again when nobody writes in it, or let somebody look at it who may"
                " write there",
            ) from error
        return _Held(self._path, "ro&immutable=1", rest)

    def _require_rest(self) -> None:
        """What was read came from one state of the file. Raises OutsideFailed."""
        held: _Held | None = getattr(self._local, "held", None)
        if held is not None and held.rest is not None and state(self._path) != held.rest:
            raise OutsideFailed(
                f"the registry's file {self._path.name} changed while it was read",
                hint="ask again",
            )

    def _require(self) -> None:
        try:
            size = self._path.stat().st_size
        except OSError as error:
            raise OutsideFailed(
                f"the registry's file {self._path.name} cannot be opened: {error.strerror}",
                hint="restore it from a backup; nothing is made in its place",
            ) from error
        if size == 0:
            raise OutsideFailed(
                f"the registry's file {self._path.name} is empty", hint="restore it from a backup"
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except VidimusError:
            raise
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            # Whatever state it is in, the next one begins with a connection of its own.
            self.close()
            raise OutsideFailed(
                f"the registry's file {self._path.name} cannot be used: {error}",
                hint="is the disk full or read-only? “vidimus log verify” checks the whole log",
            ) from error


class _Held:
    """A connection, closed as soon as nobody has it any more.

    The last one that a process closes brings the file up to date and takes the write-ahead
    log away. Python's own connections are in a circle of references, so that they would wait
    for whenever that is collected, and at the end of a command it never is.
    """

    def __init__(self, path: Path, mode: str, rest: Rest | None = None) -> None:
        self.rest = rest  # as which it is read without locks
        self.lasting = rest is not None and rest.lasting()
        self.connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # another one may have to close it; none other uses it
        )

    def __del__(self) -> None:
        connection: sqlite3.Connection | None = getattr(self, "connection", None)
        if connection is not None:
            connection.close()

    def usable(self, path: Path) -> bool:
        return self.rest is None or (self.lasting and at_rest(path) == self.rest)


def written(value: Any, kind: type[T]) -> T:
    """SQLite keeps any type in any column; one that we do not write there is damage."""
    if type(value) is not kind:
        raise damaged("it holds a value of another type than was written")
    return value


def damaged(what: str) -> OutsideFailed:
    return OutsideFailed(f"the registry's file is damaged: {what}", hint="restore it from a backup")
