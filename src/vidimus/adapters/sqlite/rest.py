"""A file at rest, in a folder where nothing may be written: a mirror, a CD, a read-only mount.

SQLite reads a file with a write-ahead log only together with an index of that log, which it
makes beside it. Where it may not, there is `immutable=1` (sqlite.org, “URI Filenames”): no
index, no locks, and a promise by whoever opens it that nobody changes the file meanwhile.

That this process may not write there does not say that nobody may: the office may work on the
very file that a server of another user only reads. Believed, the promise would let a letter
stand that was withdrawn in between. So it is asked before each reading and after it whether the
file is as it was; as soon as there is a write-ahead log, SQLite itself is asked again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

# A clock of files that ticks slowly could give two states of a file one time.
SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Rest:
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    written: int
    changed: int

    def lasting(self) -> bool:
        """It has been so for long enough that a later state would show another time."""
        return self.changed < time.time_ns() - SETTLED_NS


def at_rest(path: Path) -> Rest | None:
    """How it lies there; None while somebody's writing is beside it, or it is gone."""
    for beside in ("-wal", "-journal"):
        try:
            if path.with_name(path.name + beside).stat().st_size:
                return None
        except FileNotFoundError:
            pass
        except OSError:
            return None
    return state(path)


def state(path: Path) -> Rest | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return Rest(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
