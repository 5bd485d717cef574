"""Who is told, of what, and how far that went."""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.notices.states import Telling


@dataclass(frozen=True, slots=True)
class Place:
    """Up to where a subscriber was told: all before this entry, and so many parts of it."""

    index: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class Subscriber:
    id: str
    url: str
    secret: bytes
    place: Place
    letter: str | None = None  # of this letter alone
    office: str | None = None  # of the letters of this office
    private: bool = False  # the office allowed an address inside of its own network
    failures: int = 0  # in a row, of the message that is due
    first_failure: float = 0.0  # seconds since 1970
    not_before: float = 0.0
    said: str = ""  # what went wrong the last time
    ended: str = ""  # why it is told no more

    def wants(self, told: Telling) -> bool:
        if self.letter is not None:
            return told.letter == self.letter
        return self.office is None or told.office == self.office


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up. It stands here until the office sends it again."""

    subscriber: str
    place: Place
    telling: str  # its id
    said: str
    time: float


@dataclass(frozen=True, slots=True)
class Posted:
    """What a subscriber's server answered."""

    status: int
    retry_after: float | None = None  # seconds
