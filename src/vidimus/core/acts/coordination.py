"""Who was asked about a letter, what they answered, and who overrode whom. Values only.

An answer counts for one version. A new version voids it, and it stays here as what it was:
the answer on that version, its comments anchored in that version's words and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from vidimus.core.acts.asking import Comment
from vidimus.core.acts.authority import Authority, Grounds
from vidimus.core.acts.kinds import Position


@dataclass(frozen=True, slots=True)
class Asked:
    """`until` is None where the date passed before the version in hand was there."""

    office: str
    until: datetime | None
    required: bool
    index: int


@dataclass(frozen=True, slots=True)
class Answered:
    office: str
    version: int
    position: Position
    name: str
    comments: tuple[Comment, ...]
    index: int
    time: datetime
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Overridden:
    """`office` is the one that is overridden, `name` and `because` who did it and why he could."""

    office: str
    version: int
    name: str
    because: str
    reason: str
    index: int
    time: datetime
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Turn:
    """One asked office on the version in hand: what it answered, and whether it is overridden."""

    asked: Asked
    answer: Answered | None
    override: Overridden | None

    @property
    def office(self) -> str:
        return self.asked.office

    @property
    def nonconcurs(self) -> bool:
        return self.answer is not None and self.answer.position is Position.NONCONCUR

    @property
    def blocks(self) -> bool:
        """Neither signed nor released while it is so."""
        silent = self.answer is None and self.asked.required
        return self.override is None and (self.nonconcurs or silent)

    @property
    def owes(self) -> bool:
        """Somebody waits for its answer."""
        return self.answer is None and self.override is None

    def overdue(self, time: datetime) -> bool:
        return self.owes and self.asked.until is not None and self.asked.until <= time


@dataclass(frozen=True, slots=True)
class Coordination:
    asked: tuple[Asked, ...] = ()
    answers: tuple[Answered, ...] = ()  # on all versions, in the order of the log
    overrides: tuple[Overridden, ...] = ()

    def turns(self, version: int, authority: Authority) -> tuple[Turn, ...]:
        """Where every asked office stands on this version, with the keys that count now."""
        return tuple(self._turn(each, version, authority) for each in self.asked)

    def _turn(self, asked: Asked, version: int, authority: Authority) -> Turn:
        answer = None
        for each in self.answers:
            # A yes by a key revoked since is none. A no stays until somebody answers anew or
            # overrides it: to revoke a key must not be a way round it.
            counts = each.position is Position.NONCONCUR or authority.counts(each.grounds)
            if (each.office, each.version) == (asked.office, version) and counts:
                answer = each
        override = None
        for said in self.overrides:
            # It overrides what stood there when it was made, and not what is said afterwards.
            later = answer is None or said.index > answer.index
            if (said.office, said.version) == (asked.office, version) and later:
                override = said if authority.counts(said.grounds) else override
        return Turn(asked, answer, override)

    def void(self, version: int) -> tuple[Answered, ...]:
        """The answers on the last version before this one that had any."""
        earlier = [each for each in self.answers if each.version < version]
        last = max((each.version for each in earlier), default=0)
        return tuple(each for each in earlier if each.version == last)

    def revised(self, version: int, time: datetime, authority: Authority) -> Coordination:
        """What is left of it when a version comes after this one (docs/decisions/0020).

        The same offices stay asked. Whoever said no must be heard again, or a comma would
        get rid of an objection; and nobody is late with what was not there yet.
        """
        said_no = {each.office for each in self.turns(version, authority) if each.nonconcurs}
        asked = tuple(
            replace(
                each,
                required=each.required or each.office in said_no,
                until=each.until if each.until is not None and each.until > time else None,
            )
            for each in self.asked
        )
        return replace(self, asked=asked)


NOTHING_ASKED = Coordination()
