"""The clocks: this machine's, and the story's in an exercise."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from vidimus.core.acts.document import time as read_time
from vidimus.core.copies.answers import rfc3339
from vidimus.errors import FormatError, OutsideFailed, UsageError


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class StoryClock:
    """The time of an exercise, kept in a file beside its log; it moves when it is moved."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        try:
            return read_time(self._path.read_text(encoding="ascii").strip())
        except (OSError, UnicodeDecodeError, FormatError) as error:
            raise OutsideFailed(
                f"the exercise's clock {self._path.name} cannot be read: {error}",
                hint="play the story again into an empty folder",
            ) from error

    def move(self, time: datetime) -> None:
        if self._path.exists() and time < self.now():
            raise UsageError(
                f"the story's clock stands at {rfc3339(self.now())} and cannot go back to"
                f" {rfc3339(time)}",
                hint="put the acts of a story in the order of their times",
            )
        # Whoever reads meanwhile, or after a crash, finds the old time or the new one.
        beside = self._path.with_suffix(f".{os.getpid()}")
        try:
            beside.write_text(rfc3339(time) + "\n", encoding="ascii")
            beside.replace(self._path)
        except OSError as error:
            raise OutsideFailed(f"the exercise's clock cannot be set: {error}") from error
