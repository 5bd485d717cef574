"""The public face of a log in a folder: files that a crash leaves whole or absent.

    FOLDER/checkpoint, FOLDER/tile/0/x001/067, …      what the world reads
    FOLDER/.new                                       the file that is being written

Each file is written beside, synced and renamed into its place. One process writes at a time,
so there is one `.new`, and what a crash leaves of it is written over by the next file.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vidimus.adapters.durable import sync_folder
from vidimus.errors import Conflict, NotFound, OutsideFailed, VerificationFailed

LARGEST = 64 * 1024 * 1024  # more than any file that we write

_NEW = ".new"


class TileFiles:
    """PublicFiles in a folder, which is made when first written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unsynced: set[Path] = set()

    @contextmanager
    def writing(self) -> Iterator[None]:
        with _outside(self._folder):
            self._make(self._folder)
            handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with _outside(self._folder):
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise Conflict(
                        f"somebody else is publishing to {self._folder}",
                        hint="wait until that is done, then look again",
                    ) from error
            yield
        finally:
            os.close(handle)

    def read(self, path: str) -> bytes:
        place = self._place(path)
        try:
            with place.open("rb") as file:
                content = file.read(LARGEST + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"there is no {path} in {self._folder}") from error
        except OSError as error:
            raise OutsideFailed(f"{place} cannot be read: {error.strerror}") from error
        if len(content) > LARGEST:
            raise OutsideFailed(f"{place} is larger than any file of a log")
        return content

    def create(self, path: str, content: bytes) -> None:
        place = self._place(path)
        try:
            kept = self.read(path)
        except NotFound:
            self._write(place, content)
            return
        if kept != content:
            raise VerificationFailed(
                f"{place} is there with other content, and it is of a sort that never changes",
                hint="the folder or the log was damaged: verify the log, move the folder away,"
                " publish to a new one",
            )
        # Whoever wrote it may have crashed before the folders were synced.
        self._touched(place)

    def replace(self, path: str, content: bytes) -> None:
        self._write(self._place(path), content)

    def drop_partials(self, path: str) -> None:
        place = self._place(f"{path}.p")
        with _outside(place):
            if place.exists():
                shutil.rmtree(place)
                self._unsynced.discard(place)
                self._touched(place)

    def sync(self) -> None:
        while self._unsynced:
            folder = min(self._unsynced)
            with _outside(folder):
                sync_folder(folder)
            # Only now: what failed to reach the disk is tried again by who tries again.
            self._unsynced.remove(folder)

    def _place(self, path: str) -> Path:
        return self._folder / path

    def _write(self, place: Path, content: bytes) -> None:
        with _outside(place):
            self._make(place.parent)
            beside = self._folder / _NEW
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(place)
            self._touched(place)

    def _touched(self, place: Path) -> None:
        """After a power cut a synced file may exist without its name, and so may a folder."""
        while place != self._folder:
            place = place.parent
            self._unsynced.add(place)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            self._unsynced.add(folder.parent)


@contextmanager
def _outside(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutsideFailed(
            f"{place} cannot be written: {error.strerror or error}",
            hint="is the disk full or read-only? what was published before is whole",
        ) from error
