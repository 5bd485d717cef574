"""Packs on a disk: a copy of the log's file, compressed behind its signed cover.

A reader takes two steps, and the second only after the first: hold every byte of the body
against the digest that the log signed, then unpack it into a private file. Nothing opens
what it holds before that.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from vidimus.errors import (
    Conflict,
    FormatError,
    NotFound,
    OutsideFailed,
    UsageError,
    VerificationFailed,
)

CHUNK = 1024 * 1024
SPARE = 64 * 1024 * 1024  # bytes that stay free on the disk
PLAIN = ("CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ")
CHANGED = "it was changed or cut off on its way; fetch it again"


@dataclass(frozen=True, slots=True)
class Body:
    """What the cover must say of a body."""

    length: int
    digest: bytes
    unpacked: int


@contextmanager
def snapshot(log: Path) -> Iterator[Path]:
    """A copy of the log's file as of one moment, while others go on writing in it."""
    with _private() as folder:
        copy = folder / "log.sqlite"
        try:
            source = sqlite3.connect(f"file:{quote(str(log.absolute()))}?mode=ro", uri=True)
            try:
                source.execute("VACUUM INTO ?", (str(copy),))
            finally:
                source.close()
            made = sqlite3.connect(copy)
            try:
                # In one file, and not in one with a log beside it.
                made.execute("PRAGMA journal_mode = DELETE")
            finally:
                made.close()
        except sqlite3.Error as error:
            raise OutsideFailed(
                f"the log's file cannot be copied: {error}", hint="is the disk full?"
            ) from error
        yield copy


def write(content: Path, out: Path, front: Callable[[Body], bytes]) -> int:
    """Write a new pack of this file; `front` gives what stands before the body. Its length."""
    try:
        with _private() as folder, (folder / "body").open("w+b") as body:
            said = _compressed(content, body)
            before = front(said)
            try:
                with out.open("xb") as file:
                    file.write(before)
                    body.seek(0)
                    shutil.copyfileobj(body, file, CHUNK)
                    file.flush()
                    os.fsync(file.fileno())
            except FileExistsError:
                raise
            except BaseException:
                # Half a pack would be found out, and be in the way.
                with suppress(OSError):
                    out.unlink()
                raise
    except FileExistsError as error:
        raise Conflict(f"{out} exists already", hint="-o ANOTHER") from error
    except OSError as error:
        raise OutsideFailed(f"the pack cannot be written: {error}") from error
    return len(before) + said.length


def _compressed(content: Path, into: BinaryIO) -> Body:
    digest, packer = hashlib.sha256(), zlib.compressobj()
    length = unpacked = 0
    with content.open("rb") as file:
        while chunk := file.read(CHUNK):
            unpacked += len(chunk)
            packed = packer.compress(chunk)
            digest.update(packed)
            length += into.write(packed)
    packed = packer.flush()
    digest.update(packed)
    length += into.write(packed)
    return Body(length, digest.digest(), unpacked)


class PackFile:
    """An open pack, to be read from its beginning."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def take(self, most: int) -> bytes:
        return self._file.read(most)

    def check(self, body: Body) -> None:
        """The body, from here to the end of the file, must be this one. Raises."""
        start, digest, left = self._file.tell(), hashlib.sha256(), body.length
        while left:
            chunk = self._file.read(min(left, CHUNK))
            if not chunk:
                raise VerificationFailed(
                    f"the pack ends {left} bytes too early; its log signed {body.length}",
                    hint=CHANGED,
                )
            digest.update(chunk)
            left -= len(chunk)
        if self._file.read(1):
            raise VerificationFailed(
                f"the pack goes on behind the {body.length} bytes that its log signed",
                hint=CHANGED,
            )
        if digest.digest() != body.digest:
            raise VerificationFailed(
                "the pack's body is not the one that its log signed", hint=CHANGED
            )
        self._file.seek(start)

    @contextmanager
    def unpacked(self, body: Body) -> Iterator[Path]:
        """What the body holds, as a private file that is gone afterwards. `check` it first."""
        with _private() as folder:
            free = shutil.disk_usage(folder).free
            if body.unpacked + SPARE > free:
                raise OutsideFailed(
                    f"the pack unpacks to {body.unpacked} bytes, and {free} are free for"
                    " temporary files",
                    hint="TMPDIR names another place",
                )
            path = folder / "log.sqlite"
            with path.open("xb") as file:
                self._inflate(body, file)
            yield path

    def _inflate(self, body: Body, into: BinaryIO) -> None:
        # Hashed once more: the file may have been changed since it was checked.
        digest, unpacker, made, left = hashlib.sha256(), zlib.decompressobj(), 0, body.length
        try:
            while left:
                packed = self._file.read(min(left, CHUNK))
                if not packed:
                    break
                digest.update(packed)
                left -= len(packed)
                while packed:
                    # Never more than was said, and one byte to notice that it is more.
                    most = min(CHUNK, body.unpacked - made + 1)
                    chunk = unpacker.decompress(packed, most)
                    packed = unpacker.unconsumed_tail
                    made += into.write(chunk)
                    if made > body.unpacked:
                        raise _other_length(body)
        except zlib.error as error:
            raise FormatError(
                "malformed pack: its body cannot be unpacked", hint=CHANGED
            ) from error
        if not unpacker.eof or unpacker.unused_data or made != body.unpacked:
            raise _other_length(body)
        if digest.digest() != body.digest:
            raise VerificationFailed("the pack was changed while it was read", hint=CHANGED)


@contextmanager
def reading(path: Path) -> Iterator[PackFile]:
    try:
        # It is read twice, so it must be a file; and opening a pipe would wait for ever.
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is no file", hint="save the pack in a file first")
        file = path.open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        raise OutsideFailed(f"{path} cannot be read: {error.strerror}") from error
    with file:
        yield PackFile(file)


def require_plain(path: Path) -> None:
    """Refuse a file that holds more than tables and indexes: a stranger's log may have made it.

    A view or a trigger under the name of a table would run whatever its maker wrote, and so
    would a column that is computed, or an index on what is.
    """
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        computed = connection.execute(
            "SELECT m.name FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c"
            " WHERE m.type = 'table' AND c.hidden UNION ALL"
            " SELECT m.name FROM sqlite_master AS m, pragma_index_info(m.name) AS c"
            " WHERE m.type = 'index' AND c.cid = -2"
        ).fetchone()
    except sqlite3.Error as error:
        raise FormatError(f"malformed pack: it holds no register: {error}") from error
    finally:
        connection.close()
    if computed is not None:
        raise FormatError(f"malformed pack: “{str(computed[0])[:40]}” in it is computed")
    for kind, name, sql in rows:
        plain = kind in ("table", "index") and (sql is None or str(sql).upper().startswith(PLAIN))
        if not plain:
            raise FormatError(f"malformed pack: it holds a {kind} “{str(name)[:40]}”")


def _other_length(body: Body) -> FormatError:
    return FormatError(
        f"malformed pack: its body does not unpack to the {body.unpacked} bytes it says"
    )


@contextmanager
def _private() -> Iterator[Path]:
    """A folder that nobody else may look into, and that is gone afterwards."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="vidimus-")
    except OSError as error:
        raise OutsideFailed(
            f"there is no place for temporary files: {error}", hint="TMPDIR names one"
        ) from error
    with folder as name:
        yield Path(name)
