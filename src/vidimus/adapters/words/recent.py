"""The grams of the wordings that are in no segment yet, kept in memory as they come in."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

from vidimus.errors import FormatError

if TYPE_CHECKING:
    from vidimus.core.copies.search import Tail

FRESH = 64  # wordings that are put in order by themselves, so that one more costs little


class Recent:
    """Follows the table `recent` of one file. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: tuple[str, ...] | None = None  # the segments beside which these are recent
        self._last = 0
        self._rows: list[tuple[int, bytes]] = []  # letter, grams
        self._sorted = 0  # so many of the rows are in the first tail
        self._tails: tuple[Tail, ...] = ()

    def follow(self, connection: sqlite3.Connection, names: tuple[str, ...]) -> tuple[Tail, ...]:
        """What is recent beside these segments, by the transaction of this connection."""
        with self._lock:
            if names != self._names:
                self._names, self._last, self._rows = names, 0, []
                self._sorted, self._tails = 0, ()
            rows = connection.execute(
                "SELECT seq, num, grams FROM recent WHERE seq > ? ORDER BY seq", (self._last,)
            ).fetchall()
            if rows:
                self._last = rows[-1][0]
                self._rows += ((num, grams) for _, num, grams in rows)
                self._tails = self._made()
            return self._tails

    def _made(self) -> tuple[Tail, ...]:
        kept = self._tails[:1]
        if len(self._rows) - self._sorted > FRESH or not kept:
            self._sorted = len(self._rows)
            return (tail(self._rows),)
        return (*kept, tail(self._rows[self._sorted :]))


def tail(rows: list[tuple[int, bytes]]) -> Tail:
    """Raises FormatError where a row is not what was written."""
    import numpy as np

    from vidimus.core.copies.posting import pairs
    from vidimus.core.copies.search import Tail

    try:
        nums = np.array([num for num, _ in rows], dtype=np.int64)
        grams = np.frombuffer(b"".join(grams for _, grams in rows), dtype="<u8")
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError("malformed index of words: its latest part cannot be read") from error
    table, places = np.unique(nums, return_inverse=True)
    counts = [len(grams) // 8 for _, grams in rows]
    return Tail(pairs(grams, np.repeat(places, counts).astype(np.uint64)), table)
