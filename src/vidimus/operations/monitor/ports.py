"""What the monitor needs of the outside world: the log's files, and a place to remember."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from vidimus.core.monitor.finding import Finding, Kind
from vidimus.core.monitor.mirror import Bundle, Kept, Row, Seen, Standing, Subtree


class Source(Protocol):
    """Where a log is read: the static files under an address, and the pages of its server."""

    @property
    def address(self) -> str: ...

    @property
    def answers(self) -> bool:
        """Is there a server, that could answer questions, or only files?"""
        ...

    def read(self, path: str) -> bytes:
        """A static file, within a limit of size. Raises NotFound or OutsideFailed."""
        ...

    def bundles(self, wanted: Iterable[tuple[int, int]]) -> Iterator[Bundle]:
        """Bundles (n, width), in this order, some of them fetched ahead.

        Where the partial one is gone, because the log has grown, it is the full one.
        """
        ...


class State(Protocol):
    """What the monitor remembers: one at a time, on the disk when `commit` returns.

    Everything that is written between two commits is there afterwards, or nothing of it;
    what was written is read back at once.
    """

    # --- small things ---------------------------------------------------------------------

    def get(self, name: str) -> bytes | None: ...

    def put(self, name: str, value: bytes) -> None: ...

    def commit(self) -> None: ...

    def roll_back(self) -> None: ...

    # --- the mirror -------------------------------------------------------------------------

    def size(self) -> int:
        """How many entries were read: the index of the next."""
        ...

    def take(self, rows: Sequence[Row], subtrees: Sequence[Subtree]) -> None:
        """The next entries, and the complete subtrees of 256 entries and more with them."""
        ...

    def rows(self, start: int, stop: int) -> Iterator[Row]: ...

    def latest(self) -> Iterator[Row]:
        """From the last row backwards."""
        ...

    def about(self, subject: str) -> Sequence[int]:
        """The indices of all entries under this subject, in order."""
        ...

    def acts(self, subjects: Sequence[str]) -> Iterator[Row]:
        """The acts under these subjects that took effect, subject by subject, in order."""
        ...

    def subjects(self, after: str, most: int) -> Sequence[str]:
        """Letters in alphabetical order, behind this one."""
        ...

    def subtree(self, level: int, n: int) -> bytes: ...

    # --- heads ------------------------------------------------------------------------------

    def saw(self, seen: Seen) -> None:
        """Keep a head; of one seen before, the last time and the note."""
        ...

    def newest(self, size: int | None = None) -> Seen | None:
        """The largest head; of at most this size, if given."""
        ...

    # --- what is told -----------------------------------------------------------------------

    def found(self, finding: Finding, line: Mapping[str, object], now: datetime) -> Kept:
        """Write down a finding with its evidence; one of the same key is kept once."""
        ...

    def standing(self) -> Standing | None:
        """What is kept of all rounds and was not put aside; None where nothing is."""
        ...

    def over(self, keys: Iterable[str], kinds: Collection[Kind]) -> Sequence[str]:
        """End the findings of these kinds that are none of these; gives those that ended."""
        ...

    def tell(self, line: Mapping[str, object]) -> None:
        """A line for people, to be shown once it is on the disk."""
        ...

    def untold(self) -> Iterator[tuple[int, Mapping[str, object]]]:
        """The lines that were not shown yet, with their numbers."""
        ...

    def told(self, last: int) -> None:
        """All lines up to this number were shown."""
        ...
