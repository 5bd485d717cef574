"""What stays inside the office: sealed documents and the drafts, in a file of its own.

The public check never opens this file, so nothing about a draft can betray itself there.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vidimus.adapters.sqlite import text_index
from vidimus.adapters.sqlite.connection import SqliteFile, written
from vidimus.errors import OutsideFailed
from vidimus.operations.ports import Head, IndexedText

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS documents (
    digest BLOB PRIMARY KEY, document BLOB NOT NULL, settled INTEGER NOT NULL,
    letter TEXT NOT NULL, reference TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_letter ON documents (letter);
CREATE INDEX IF NOT EXISTS documents_reference ON documents (reference) WHERE reference <> '';
CREATE INDEX IF NOT EXISTS documents_open ON documents (settled) WHERE settled = 0;
CREATE TABLE IF NOT EXISTS pending (
    digest BLOB NOT NULL, letter TEXT NOT NULL, version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS remembered (
    one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, checkpoint TEXT NOT NULL
);
{text_index.SCHEMA}
"""


class SqliteOffice(text_index.IndexedFile):
    """An OfficeStore. Who only looks opens it with `writable=False`."""

    def __init__(self, path: Path, *, writable: bool = True, create: bool = False) -> None:
        self._path = path
        super().__init__(path, SqliteFile(path, SCHEMA, writable=writable, create=create))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A lock that the kernel lets go when the process dies, however it dies.

        Without it, `settle` of one process could drop what another has put and is about to
        name on the log.
        """
        try:
            handle = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise OutsideFailed(
                f"the registry cannot be locked for writing: {error.strerror}",
                hint="whoever acts must be able to write in the office's folder",
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def put(
        self,
        digest: bytes,
        document: bytes,
        letter: str,
        reference: str,
        texts: Sequence[IndexedText],
    ) -> None:
        with self._file.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO documents VALUES (?, ?, 0, ?, ?)",
                (digest, document, letter, reference),
            )
            for wording in texts:
                text_index.add(connection, wording)
                connection.execute(
                    "INSERT INTO pending VALUES (?, ?, ?)",
                    (digest, wording.letter, wording.version),
                )
        if texts:
            self.keep_quick()

    def settle(self, index_of: Callable[[bytes], int | None]) -> None:
        with self._file.read() as connection:
            if not connection.execute("SELECT 1 FROM documents WHERE settled = 0").fetchone():
                return
        with self._file.write() as connection:
            rows = connection.execute("SELECT digest FROM documents WHERE settled = 0").fetchall()
            for (digest,) in rows:
                if index_of(digest) is not None:
                    connection.execute(
                        "UPDATE documents SET settled = 1 WHERE digest = ?", (digest,)
                    )
                else:
                    # The process ended between this file and the log: nobody was answered,
                    # so nobody knows of it.
                    connection.execute("DELETE FROM documents WHERE digest = ?", (digest,))
                    dropped = connection.execute(
                        "SELECT letter, version FROM pending WHERE digest = ?", (digest,)
                    ).fetchall()
                    for letter, version in dropped:
                        text_index.remove(connection, letter, version)
                connection.execute("DELETE FROM pending WHERE digest = ?", (digest,))

    def document(self, digest: bytes) -> bytes | None:
        with self._file.read() as connection:
            row = connection.execute(
                "SELECT document FROM documents WHERE digest = ?", (digest,)
            ).fetchone()
        return None if row is None else written(row[0], bytes)

    def sealed(self, letter: str) -> tuple[bytes, ...]:
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT digest FROM documents WHERE letter = ?", (letter,)
            ).fetchall()
        return tuple(written(digest, bytes) for (digest,) in rows)

    def called(self, reference: str) -> tuple[str, ...]:
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT DISTINCT letter FROM documents WHERE reference = ? AND reference <> ''",
                (reference,),
            ).fetchall()
        return tuple(written(letter, str) for (letter,) in rows)

    def remember(self, head: Head) -> None:
        # The log is on the disk by now, and this only says how long it was. Waiting for the
        # disk a second time would halve what a registry can take in; what a power cut takes
        # away here is a second's notice of an older log that somebody puts in its place.
        with self._file.write(lasting=False) as connection:
            connection.execute(
                "INSERT OR REPLACE INTO remembered VALUES (1, ?, ?)", (head.size, head.checkpoint)
            )

    def remembered(self) -> Head | None:
        with self._file.read() as connection:
            row = connection.execute("SELECT size, checkpoint FROM remembered").fetchone()
        return None if row is None else Head(written(row[0], int), written(row[1], str))
