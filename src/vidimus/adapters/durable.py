"""A file that is there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

from vidimus.errors import OutsideFailed


def write_whole(path: Path, content: bytes) -> None:
    """All of it, on the disk, or nothing."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        # Sync the folder too: after a power cut the file may exist without its name.
        sync_folder(path.parent)
    except OSError as error:
        raise OutsideFailed(
            f"{path} cannot be written: {error}", hint="is the disk full or read-only?"
        ) from error


def sync_folder(folder: Path) -> None:
    """The names in it are on the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
