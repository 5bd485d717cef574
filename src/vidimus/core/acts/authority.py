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

from vidimus.core.acts.vocabulary import DefineClass, Found, Root, Trust
from vidimus.errors import NotAllowed

# (index of an act, key that made it): one link of the chain that an act rests on.
Link = tuple[int, str]
Grounds = tuple[Link, ...]
Place = tuple[str, str]  # a person and an office


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
    key: str = ""  # the key that the appointment names


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
    key: str = ""  # the key that the delegation names
    tenure: int = -1  # entry of the appointment under which it was given


@dataclass(frozen=True, slots=True)
class ClassRule:
    body: DefineClass
    index: int
    grounds: Grounds = ()


@dataclass(frozen=True, slots=True)
class Promise:
    office: str
    cls: str
    since: datetime
    index: int
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Vouched:
    """The founders gave this key, with the entry of this index, by these approvals."""

    index: int
    grounds: Grounds = ()


# Before the founding. Nobody can reach this threshold.
NO_TRUST = Trust(0, (), 1, (), (), ())


@dataclass(frozen=True, slots=True)
class Authority:
    """All that the log has said about power so far. Only ever grows."""

    registry: str = ""
    founded: Found | None = None
    trust: Trust = NO_TRUST  # founders and the registry's keys, as they are in force
    chain: tuple[int, ...] = ()  # the entries that say so (core/trust/root.py)
    # What a founder's key rests on that came later than the founding.
    rooted: Mapping[str, Grounds] = field(default_factory=dict)
    founding_keys: frozenset[str] = frozenset()  # every key that ever was a founder's
    offices: Mapping[str, Office] = field(default_factory=dict)
    appointments: tuple[Appointment, ...] = ()
    endings: tuple[Ending, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    classes: Mapping[str, tuple[ClassRule, ...]] = field(default_factory=dict)
    promises: tuple[Promise, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)  # public key text -> person
    revoked: Mapping[str, int] = field(default_factory=dict)  # public key text -> last index
    # Keys that the founders gave: they count in every office of their owner. Any other key
    # counts only where whoever named it had something to say.
    vouched: Mapping[str, Vouched] = field(default_factory=dict)
    # The same appointments, ends and delegations by whom they concern: nearly every act asks
    # for one person's, and a country has many thousands.
    tenures: Mapping[Place, tuple[Appointment, ...]] = field(default_factory=dict)
    ends: Mapping[Place, tuple[Ending, ...]] = field(default_factory=dict)
    lent: Mapping[Place, tuple[Delegation, ...]] = field(default_factory=dict)

    def root(self, person: str) -> Root | None:
        """The founder of this name, if there is one now."""
        return next(
            (
                each
                for each in self.trust.roots
                if each.person == person and self.counts(self.rooted.get(each.key, ()))
            ),
            None,
        )

    def founders(self, roots: tuple[Root, ...], index: int) -> dict[str, str]:
        """Which of these founders' keys can approve an act at this index, and whose they are."""
        return {
            each.key: each.person
            for each in roots
            if index <= self.revoked.get(each.key, index)
            and self.counts(self.rooted.get(each.key, ()))
        }

    def rule(
        self, cls: str, index: int, *, lowering: bool = False, office: str | None = None
    ) -> DefineClass:
        """The class as it was defined before this index. Raises NotAllowed if it was not.

        A definition that rests on a revoked key allows nothing until the class is defined
        anew: falling back to the one before could lift a rule. Acts that only lower a
        letter may still go by it, so that nothing delays them. They go by the last that
        `office` has: else whoever took the name of a void one would keep its letters up.
        """
        last = self._class_rule(cls, index, office) or self._class_rule(cls, index)
        if last is None:
            known = ", ".join(sorted(self.classes)) or "none yet"
            raise NotAllowed(f"no class of letters is called “{cls}”", hint=f"defined: {known}")
        if not lowering and not self.counts(last.grounds):
            raise NotAllowed(
                f"the class “{cls}” was defined (entry {last.index}) with a key revoked since",
                hint="define it again",
            )
        return last.body

    def class_grounds(self, cls: str, index: int) -> Grounds:
        """What the definition of the class before this index rests on."""
        last = self._class_rule(cls, index)
        return last.grounds if last else ()

    def _class_rule(self, cls: str, index: int, office: str | None = None) -> ClassRule | None:
        for each in reversed(self.classes.get(cls, ())):
            if each.index < index and office in (None, each.body.office):
                return each
        return None

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
        return not self.revoked or all(
            index <= self.revoked.get(key, index) for index, key in grounds
        )

    def vouches(self, key: str, index: int) -> bool:
        """Did the founders give this key before, with approvals that count to this day?"""
        found = self.vouched.get(key)
        return found is not None and found.index < index and self.counts(found.grounds)

    def vouching(self, key: str, index: int, grounds: Grounds) -> Mapping[str, Vouched]:
        """… and now they give it (again); the earlier time stays where that counts."""
        known = self.vouched.get(key)
        if known is not None and self.counts(known.grounds):
            return self.vouched
        return {**self.vouched, key: Vouched(index, grounds)}

    def holds(
        self,
        person: str,
        office: str,
        index: int,
        time: datetime,
        *,
        key: str | None = None,
        under: int | None = None,
    ) -> Appointment | None:
        """The appointment by which the person holds the office there and then.

        With `key`, only if that key counts in this office; with `under`, only if the
        appointment of that entry is still in force, so that what was given under it stands.
        """
        begun = [
            each
            for each in self.tenures.get((person, office), ())
            if each.index < index and each.effective <= time and not self._ended(each, index, time)
        ]
        if not begun:
            return None
        # The appointment that took effect last decides, also by its end: who is appointed
        # for good and then until June goes in June.
        found = max(begun, key=lambda each: (each.effective, each.index))
        if not self._lasts(found, time):
            return None
        # Whoever heads a small office may appoint to it a person whom nobody knows yet, with a
        # key of his own. When that person becomes minister, the key does not.
        if key is not None and not self.vouches(key, index):
            named = (each for each in begun if each.key == key)
            if not any(self.counts(each.grounds) for each in named):
                return None
        if under is not None and not any(
            each.index == under and self._lasts(each, time) for each in begun
        ):
            return None
        return found

    def _lasts(self, appointment: Appointment, time: datetime) -> bool:
        over = appointment.until is not None and time >= appointment.until
        return not over and self.counts(appointment.grounds)

    def _ended(self, appointment: Appointment, index: int, time: datetime) -> bool:
        """An end counts for acts behind it on the log, from its effective date on.

        An appointment that is younger than the end begins a new tenure.
        """
        return any(
            end.effective <= time and appointment.index < end.index < index
            for end in self.ends.get((appointment.person, appointment.office), ())
        )

    def delegated(
        self,
        person: str,
        office: str,
        cls: str,
        index: int,
        time: datetime,
        *,
        key: str | None = None,
        under: int | None = None,
    ) -> Delegation | None:
        """The delegation by which the person may sign this class for this office.

        With `key`, only by a delegation that names it or a key that the founders gave; with
        `under`, only by the delegation of that entry.
        """
        for each in self.lent.get((person, office), ()):
            if each.cls != cls:
                continue
            if each.index >= index or (each.revoked_at is not None and each.revoked_at < index):
                continue
            if time < each.effective or (each.until is not None and time >= each.until):
                continue
            if under is not None and each.index != under:
                continue
            if key not in (None, each.key) and not self.vouches(str(key), index):
                continue
            # It falls with the tenure of whoever gave it (design, section 4), and a new
            # tenure of the same person does not bring it back.
            giver = self.holds(each.by, office, index, time, under=each.tenure)
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
