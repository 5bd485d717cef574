"""What the operations need from the outside world. Adapters implement these; nothing else.

Each port is as small as its callers allow. A fake in the tests is a dozen lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from vidimus.core.copies.page import Copy, Evidence, Question

# Told what is being done, in words, and how far along it is (0..1, or None if unknown).
Progress = Callable[[str, float | None], None]


def silent(_what: str, _share: float | None = None) -> None:
    """For callers who show nothing."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, with a time zone. An exercise answers with the story's time."""
        ...


class Reader(Protocol):
    """Turns a stranger's bytes into words, within limits of size, pages, pixels and time."""

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        """Read one copy given as one or several files (the photos of its pages, in order).

        Raises FormatError, TooLarge, Unreadable or OutsideFailed, always with a hint.
        """
        ...

    def reread(
        self, parts: Sequence[bytes], questions: Sequence[Question]
    ) -> tuple[Evidence, ...]:
        """Look again at lines of pages that `read` returned; one Evidence for each question."""
        ...
