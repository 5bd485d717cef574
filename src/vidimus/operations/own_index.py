"""The desk's own index of the log, built from the entries and held against the signed root.

The store keeps an index by subject, and whoever can edit its file can make that index
forget a withdrawal. So the desk reads every entry once, takes the subject from the signed
statement itself, and computes the root: what hides nothing has the root that was signed.
Only what is new is read again.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

from vidimus.core.acts.entries import is_sealed
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.seal import statement
from vidimus.errors import VerificationFailed
from vidimus.operations.ports import LogStore, Stored


class OwnIndex:
    """Grows with the log. One for each desk; several threads may ask it."""

    def __init__(self, log: LogStore, origin: str) -> None:
        self._log = log
        self._origin = origin
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._size = 0
        self._frontier: dict[tuple[int, int], bytes] = {}
        self._places: dict[str, list[int]] = {}
        self._digests: dict[int, bytes] = {}  # of the public entries, to know them again

    def about(self, subjects: Sequence[str], stop: int, signed: Checkpoint) -> tuple[Stored, ...]:
        """The public entries on these subjects before `stop`, none of them left out.

        Raises VerificationFailed when the log's entries are not those that were signed.
        """
        with self._lock:
            self._catch_up(signed)
            wanted = sorted(
                index
                for subject in subjects
                for index in self._places.get(subject, ())
                if index < stop
            )
            return tuple(self._known(index) for index in wanted)

    def _catch_up(self, signed: Checkpoint) -> None:
        if signed.size < self._size:
            raise VerificationFailed(
                f"the log has {signed.size} entries, and had {self._size} before",
                hint="an older copy of it was put in its place; restore the newest",
            )
        if signed.size == self._size:
            return
        for stored in self._log.entries(self._size, signed.size):
            if stored.index != self._size:
                raise VerificationFailed(f"entry {self._size} of the log is missing")
            self._take(stored)
        root = merkle.root(self._size, lambda level, n: self._frontier[level, n])
        if self._size != signed.size or root != signed.root:
            # What was read is not what was signed: nothing of it may be kept.
            self._forget()
            raise VerificationFailed(
                "the entries of the log are not those that its signed root stands for",
                hint="run “vidimus log verify” and restore from a backup",
            )

    def _take(self, stored: Stored) -> None:
        found = statement.parse(stored.raw)
        for level, n, value in merkle.added(
            stored.index, merkle.leaf_hash(stored.raw), lambda level, n: self._frontier[level, n]
        ):
            self._frontier[level, n] = value
            # Its halves are in it now, and nothing will ask for them again.
            self._frontier.pop((level - 1, 2 * n), None)
            self._frontier.pop((level - 1, 2 * n + 1), None)
        if not is_sealed(found):
            subject = found.subject.removeprefix(f"{self._origin}/").removeprefix("c/")
            self._places.setdefault(subject, []).append(stored.index)
            self._digests[stored.index] = hashlib.sha256(stored.raw).digest()
        self._size = stored.index + 1

    def _known(self, index: int) -> Stored:
        for stored in self._log.entries(index, index + 1):
            if hashlib.sha256(stored.raw).digest() == self._digests[index]:
                return stored
        raise VerificationFailed(
            f"entry {index} of the log is not what it was a moment ago",
            hint="run “vidimus log verify” and restore from a backup",
        )
