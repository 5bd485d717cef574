"""The desk's own index of the log, built from the entries and held against the signed root.

The store keeps an index by subject, and whoever can edit its file can make that index
forget a withdrawal. So the desk reads every entry once, takes the subject from the signed
statement itself, and computes the root: what hides nothing has the root that was signed.
Only what is new is read again. What is asked for later is proved to be on the log by its
path to that root, so nothing of the entries themselves is kept.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vidimus.core.acts.document import SEALED_TYPE
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import LATE
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.subtrees import check_row
from vidimus.core.seal.glance import glance
from vidimus.errors import FormatError, NotFound, VerificationFailed
from vidimus.operations.heads import opened
from vidimus.operations.ports import Head, LogStore, Places, Stored
from vidimus.operations.registry import Settings

NOTED = 4096  # places noted down at once
BLOCK = 1024  # entries between two times that are kept
RESTORE = "run “vidimus log verify” and restore from a backup"


@dataclass(frozen=True, slots=True)
class _Read:
    """How far the log was read: its size, and the roots of its complete subtrees."""

    size: int = 0
    root: bytes = merkle.EMPTY_ROOT
    peaks: tuple[tuple[int, bytes], ...] = ()  # (level, hash), from left to right
    latest: int = 0  # the latest time that an entry bears
    times: tuple[int, ...] = ()  # what that was after each block of entries


class OwnIndex:
    """A WholeLog. One for each desk; several threads may ask it."""

    def __init__(
        self,
        settings: Settings,
        log: LogStore,
        places: Places,
        renew: Callable[[], Settings] | None = None,
        published: Callable[[], Checkpoint | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._renew = renew  # asked once, when none of the keys that we know will do
        self._published = published  # what was shown to the world as files, if there are any
        self._log = log
        self._places = places
        self._lock = threading.Lock()
        self._read = _Read()
        self._last: tuple[Head, Checkpoint | None] | None = None

    def signed(self) -> Checkpoint | None:
        """The head that the log signed; None for a log that holds nothing yet."""
        head = self._log.head()
        if self._last is None or head != self._last[0]:
            found = self._opened(head)
            self._require_newest(head)
            self._last = (head, found)
        return self._last[1]

    def _require_newest(self, head: Head) -> None:
        """A log that lost its end, or an older copy of it, holds in itself; and what was taken
        back since would stand again."""
        shown = self._published()
        if shown is None or shown.size <= head.size or shown.size <= self._log.head().size:
            return
        raise VerificationFailed(
            f"the log has {head.size} entries, and {shown.size} of it were published",
            hint="it lost its end, or an older copy was put in its place; put the newest one back",
        )

    def _opened(self, head: Head) -> Checkpoint | None:
        try:
            return opened(self._settings, head)
        except VerificationFailed:
            fresh = self._renew() if self._renew is not None else self._settings
            if fresh == self._settings:
                raise
            self._settings = fresh
            return opened(fresh, head)

    def about(self, subjects: Sequence[str], stop: int, start: int = 0) -> tuple[Stored, ...]:
        """The public entries on these subjects from `start` up to `stop`, none left out.

        Raises VerificationFailed when the log's entries are not those that were signed.
        """
        with self._lock:
            signed = self._catch_up()
            wanted = self._places.of(subjects, start, min(stop, signed.size))
        return tuple(self.proved(index, signed)[0] for index in wanted)

    def raw_at(self, index: int) -> bytes:
        """The bytes of an entry, public or sealed, proved to be on the log."""
        with self._lock:
            signed = self._catch_up()
        if not 0 <= index < signed.size:
            raise VerificationFailed(f"the log has no entry {index}")
        return self.proved(index, signed)[0].raw

    def indices(self, subjects: Sequence[str], head: Checkpoint) -> dict[str, tuple[int, ...]]:
        """All public entries on each subject below the size of this head, which `signed` gave."""
        with self._lock:
            self._catch_up()
            return {each: self._places.of((each,), 0, head.size) for each in subjects}

    def size_at(self, time: int) -> int:
        """How many entries the log had when this second had passed.

        By what the entries say. The store has noted a time beside each, and whoever can edit
        its file could make a withdrawal come later than it did.
        """
        with self._lock:
            signed, read = self._catch_up(), self._read
        start = bisect_right(read.times, time) * BLOCK
        stored = list(self._log.entries(start, min(start + BLOCK, signed.size)))
        leaves = [merkle.leaf_hash(each.raw) for each in stored]
        if len(leaves) < min(BLOCK, signed.size - start):
            raise VerificationFailed(f"entries from {start} on are missing", hint=RESTORE)
        check_row(0, start, leaves, signed.size, signed.root, self._log.subtree)
        # The log's time is the latest so far, so the first that is later ends what there was.
        later = (at for at, each in enumerate(stored) if glance(each.raw).issued_at > time)
        return start + next(later, len(stored))

    def proved(self, index: int, head: Checkpoint) -> tuple[Stored, tuple[bytes, ...]]:
        """An entry, public or sealed, with the path that leads from it to the root of this head."""
        for stored in self._log.entries(index, index + 1):
            try:
                path = merkle.inclusion(index, head.size, self._log.subtree)
                leaf = merkle.leaf_hash(stored.raw)
                merkle.check_inclusion(index, head.size, leaf, path, head.root)
            except (NotFound, VerificationFailed) as error:
                raise VerificationFailed(
                    f"entry {index} of the log is not what was signed: {error.fact}", hint=RESTORE
                ) from error
            return stored, path
        raise VerificationFailed(f"entry {index} of the log is missing", hint=RESTORE)

    def _catch_up(self) -> Checkpoint:
        signed = self.signed()
        if signed is None:
            if self._read.size:
                raise _shorter(0, self._read.size)
            return Checkpoint(self._settings.origin, 0, merkle.EMPTY_ROOT)
        if signed.size < self._read.size:
            raise _shorter(signed.size, self._read.size)
        if signed.size > self._read.size:
            try:
                self._read = self._further(signed)
            except BaseException:
                # What was read before was signed before, and stays; of the rest nothing may.
                self._places.cut(self._read.size)
                raise
        elif signed.root != self._read.root:
            raise VerificationFailed(
                f"the log has signed two different roots for {signed.size} entries",
                hint="keep both checkpoints: they are the evidence, and show them to a monitor",
            )
        return signed

    def _further(self, signed: Checkpoint) -> _Read:
        """Read on to the signed size, note what speaks of what, and hold it against the root."""
        size, peaks, latest = self._read.size, list(self._read.peaks), self._read.latest
        times = list(self._read.times)
        noted: list[tuple[int, str]] = []
        letters, authority = f"{self._settings.origin}/c/", f"{self._settings.origin}/{AUTHORITY}"
        for stored in self._log.entries(size, signed.size):
            if stored.index != size:
                raise VerificationFailed(f"entry {size} of the log is missing", hint=RESTORE)
            level, whole = 0, merkle.leaf_hash(stored.raw)
            while peaks and peaks[-1][0] == level:
                level, whole = level + 1, merkle.node_hash(peaks.pop()[1], whole)
            peaks.append((level, whole))
            try:
                said = glance(stored.raw)
            except FormatError as error:
                raise VerificationFailed(f"entry {size}: {error.fact}", hint=RESTORE) from error
            if said.issued_at < latest - LATE.total_seconds():
                raise VerificationFailed(
                    f"entry {size} is dated back: the log had reached a later time before it",
                    hint="no registry takes such an act; keep the log as it is, as evidence",
                )
            latest = max(latest, said.issued_at)
            if said.content_type != SEALED_TYPE:
                subject = said.subject.removeprefix(letters)
                noted.append((size, AUTHORITY if said.subject == authority else subject))
            size += 1
            if size % BLOCK == 0:
                times.append(latest)
            if len(noted) >= NOTED:
                self._places.add(noted)
                noted.clear()
        self._places.add(noted)
        root = merkle.EMPTY_ROOT
        for at, (_level, peak) in enumerate(reversed(peaks)):
            root = peak if at == 0 else merkle.node_hash(peak, root)
        if (size, root) != (signed.size, signed.root):
            raise VerificationFailed(
                "the entries of the log are not those that its signed root stands for",
                hint=RESTORE,
            )
        return _Read(size, root, tuple(peaks), latest, tuple(times))


def _shorter(size: int, before: int) -> VerificationFailed:
    return VerificationFailed(
        f"the log has {size} entries, and had {before} before",
        hint="an older copy of it was put in its place; restore the newest",
    )
