"""Finds the entries of a log by their subjects, at a price that does not grow with the log.

    places (run, subject, digest, idx)      of the digest its first bytes

An index in any other order than that of time costs a page of its own for nearly every entry of
a long log. So it lies in runs, each in order and of the acts of some time alone. An entry goes
into the newest, which is short: its few pages are at hand. `FAN` runs of one length are put
together to one of the next, up to the `TOP`th; what is written then lies side by side (O'Neil
and others, “The log-structured merge-tree”, 1996). Which runs there are follows from the size
of the log alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from vidimus.operations.ports import Addition

SCHEMA = """
CREATE TABLE IF NOT EXISTS places (
    run INTEGER NOT NULL, subject TEXT NOT NULL, digest BLOB NOT NULL, idx INTEGER NOT NULL,
    PRIMARY KEY (run, subject, digest, idx)
) WITHOUT ROWID;
"""

BASE = 2_048  # entries of the shortest run
FAN = 16
TOP = 3  # half a million entries: put together in less than a second, once in a long while
SHORT = 6  # bytes of a digest, to tell apart the acts on one subject
_SHIFT = 40  # a run is named by its length and its number among those


def runs(size: int) -> list[int]:
    """The runs in which the first `size` entries lie."""
    found, count, begun = [], size // BASE, size % BASE > 0
    for length in range(1, TOP + 1):
        first = 0 if length == TOP else count // FAN * FAN
        found += [length << _SHIFT | number for number in range(first, count + begun)]
        count, begun = count // FAN, False
    return found


def add(connection: sqlite3.Connection, additions: Sequence[Addition]) -> None:
    """Put them in, inside the caller's transaction."""
    if not additions:
        return
    connection.executemany(
        "INSERT INTO places VALUES (?, ?, ?, ?)",
        [(1 << _SHIFT | a.index // BASE, a.subject, a.digest[:SHORT], a.index) for a in additions],
    )
    for number in range(additions[0].index // BASE, (additions[-1].index + 1) // BASE):
        length = 1
        while length < TOP and (number + 1) % FAN == 0:
            _join(connection, length, number // FAN)
            length, number = length + 1, number // FAN


def _join(connection: sqlite3.Connection, length: int, number: int) -> None:
    """Put the runs of this length together that become this one of the next."""
    pieces = (length << _SHIFT | number * FAN, length << _SHIFT | number * FAN + FAN - 1)
    connection.execute(
        "INSERT INTO places SELECT ?, subject, digest, idx FROM places"
        " WHERE run BETWEEN ? AND ? ORDER BY subject, digest, idx",
        (length + 1 << _SHIFT | number, *pieces),
    )
    connection.execute("DELETE FROM places WHERE run BETWEEN ? AND ?", pieces)
