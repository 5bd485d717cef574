"""A lock that one process holds for as long as it lives, and the kernel lets go however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vidimus.errors import Conflict, OutsideFailed


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Raises Conflict if another process holds it."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise OutsideFailed(
            f"{path.name} cannot be locked: {error.strerror}",
            hint="whoever serves must be able to write in the office's folder",
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                f"{what} is running for this registry already",
                hint="stop the other one first; two of them would only wait for each other",
            ) from error
        yield
    finally:
        os.close(handle)
