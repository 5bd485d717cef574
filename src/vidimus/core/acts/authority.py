"""All that the log has said about power: offices, tenures, delegations, classes, keys.

Power is judged at the act's **log index** and the time the log gave it, never by a time
that somebody typed: an appointment counts for acts behind it on the log, from its
effective date until its end. Everything that was needed to justify an act (the
appointment, its appointer's appointment, back to the founders) is kept as the act's
*grounds*, so that a key revoked back to an earlier index takes down what rested on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vidimus.core.acts.vocabulary import DefineClass, Found, Root
from vidimus.errors import NotAllowed

# (index of an act, key that made it): one link of the chain that an act rests on.
Link = tuple[int, str]
Grounds = tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Office:
    id: str
    title: str
    parent: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Appointment:
    person: str
    name: str
    office: str
    effective: datetime
    until: datetime | None
    acting: bool
    index: int
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Ending:
    person: str
    office: str
    effective: datetime
    index: int


@dataclass(frozen=True, slots=True)
class Delegation:
    person: str
    name: str
    office: str
    cls: str
    by: str
    effective: datetime
    until: datetime | None
    index: int
    grounds: Grounds
    revoked_at: int | None = None  # index of the revocation


@dataclass(frozen=True, slots=True)
class ClassRule:
    body: DefineClass
    index: int


@dataclass(frozen=True, slots=True)
class Promise:
    office: str
    cls: str
    since: datetime
    index: int
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Authority:
    """All that the log has said about power so far. Only ever grows."""

    registry: str = ""
    founded: Found | None = None
    offices: Mapping[str, Office] = field(default_factory=dict)
    appointments: tuple[Appointment, ...] = ()
    endings: tuple[Ending, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    classes: Mapping[str, tuple[ClassRule, ...]] = field(default_factory=dict)
    promises: tuple[Promise, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)  # public key text -> person
    revoked: Mapping[str, int] = field(default_factory=dict)  # public key text -> last index

    def root(self, person: str) -> Root | None:
        roots = self.founded.roots if self.founded else ()
        return next((each for each in roots if each.person == person), None)

    def rule(self, cls: str, index: int) -> DefineClass:
        """The class as it was defined before this index. Raises NotAllowed if it was not."""
        before = [each.body for each in self.classes.get(cls, ()) if each.index < index]
        if not before:
            known = ", ".join(sorted(self.classes)) or "none yet"
            raise NotAllowed(f"no class of letters is called “{cls}”", hint=f"defined: {known}")
        return before[-1]

    def is_above(self, upper: str, lower: str) -> bool:
        """Is `upper` a proper ancestor of `lower` in the tree of offices?"""
        seen: set[str] = set()
        office = self.offices.get(lower)
        while office is not None and office.parent is not None and office.id not in seen:
            if office.parent == upper:
                return True
            seen.add(office.id)
            office = self.offices.get(office.parent)
        return False

    def counts(self, grounds: Grounds) -> bool:
        """Does everything that an act rested on still count, with the keys revoked so far?"""
        return all(index <= self.revoked.get(key, index) for index, key in grounds)

    def holds(self, person: str, office: str, index: int, time: datetime) -> Appointment | None:
        """The appointment by which the person holds the office there and then."""
        found = None
        for each in self.appointments:
            if each.person != person or each.office != office or each.index >= index:
                continue
            if each.effective <= time and (each.until is None or time < each.until):
                found = each
        if found is None or not self.counts(found.grounds):
            return None
        # An end counts for acts behind it on the log, from its effective date. An
        # appointment that is younger than the end begins a new tenure.
        for end in self.endings:
            ended = end.person == person and end.office == office and end.effective <= time
            if ended and found.index < end.index < index:
                return None
        return found

    def delegated(
        self, person: str, office: str, cls: str, index: int, time: datetime
    ) -> Delegation | None:
        """The delegation by which the person may sign this class for this office."""
        for each in self.delegations:
            if (each.person, each.office, each.cls) != (person, office, cls):
                continue
            if each.index >= index or (each.revoked_at is not None and each.revoked_at < index):
                continue
            if time < each.effective or (each.until is not None and time >= each.until):
                continue
            # It falls with the tenure of whoever gave it (design, section 4).
            giver = self.holds(each.by, office, index, time)
            if giver is not None and self.counts(each.grounds):
                return each
        return None

    def title(self, office: str) -> str:
        known = self.offices.get(office)
        return known.title if known else office

    def covered(self, office: str, time: datetime) -> tuple[Promise, ...]:
        """The promises of this office to register every letter of a class, in force by now."""
        return tuple(
            each
            for each in self.promises
            if each.office == office and each.since <= time and self.counts(each.grounds)
        )
