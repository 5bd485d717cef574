"""Who may do what, in which office, at which place on the log.

    act          capacity that it takes (any one of them)
    release      the acting office is one of the class's releasers
    withdraw     … one of its signers, or an office above the letter's office

Power is judged at the act's **log index** and the time the log gave it, never by a time
that somebody typed: an appointment counts for acts behind it on the log, from its
effective date until its end. Everything that was needed to justify an act (the
appointment, its appointer's appointment, back to the founders) is kept as the act's
*grounds*, so that a key revoked back to an earlier index takes down what rested on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from vidimus.core.acts.vocabulary import (
    ROOT,
    Appoint,
    Cover,
    DefineClass,
    Delegate,
    End,
    Establish,
    Found,
    Kind,
    Revoke,
    RevokeKey,
    Root,
)
from vidimus.errors import NotAllowed

# (index of an act, key that made it): one link of the chain that an act rests on.
Link = tuple[int, str]
Grounds = tuple[Link, ...]


class Capacity(StrEnum):
    """In what relation the acting office stands to what it acts on."""

    ROOT = "the founders of this registry"
    ABOVE = "an office above it"
    OWNER = "the office itself"
    STAFF = "the office or one below it"
    SIGNER = "an office that signs this class"
    DELEGATE = "somebody to whom the signature of this class is delegated"
    RELEASER = "an office that releases this class"
    SELF = "the person concerned"


NEEDED: dict[Kind, tuple[Capacity, ...]] = {
    Kind.ESTABLISH: (Capacity.ROOT, Capacity.ABOVE),
    Kind.APPOINT: (Capacity.ROOT, Capacity.ABOVE),
    Kind.END: (Capacity.ROOT, Capacity.ABOVE, Capacity.SELF),
    Kind.DEFINE_CLASS: (Capacity.ROOT, Capacity.OWNER, Capacity.ABOVE),
    Kind.COVER: (Capacity.ROOT, Capacity.OWNER, Capacity.ABOVE),
    Kind.DELEGATE: (Capacity.SIGNER,),
    Kind.REVOKE: (Capacity.ROOT, Capacity.SIGNER, Capacity.ABOVE),
    Kind.REVOKE_KEY: (Capacity.ROOT, Capacity.SELF),
    Kind.DRAFT: (Capacity.STAFF, Capacity.SIGNER),
    Kind.REVISE: (Capacity.STAFF, Capacity.SIGNER),
    Kind.SHARE: (Capacity.STAFF, Capacity.SIGNER),
    Kind.ABANDON: (Capacity.STAFF, Capacity.SIGNER),
    Kind.SIGN: (Capacity.SIGNER, Capacity.DELEGATE),
    Kind.RELEASE: (Capacity.RELEASER,),
    # One authorised person can hold at once, so this row is wide on purpose.
    Kind.HOLD: (Capacity.SIGNER, Capacity.DELEGATE, Capacity.RELEASER, Capacity.ABOVE),
    Kind.CLEAR: (Capacity.SIGNER, Capacity.RELEASER, Capacity.ABOVE),
    Kind.CORRECT: (Capacity.SIGNER, Capacity.ABOVE),
    Kind.SUPERSEDE: (Capacity.SIGNER, Capacity.ABOVE),
    Kind.WITHDRAW: (Capacity.SIGNER, Capacity.ABOVE),
    Kind.DISOWN: (Capacity.SIGNER, Capacity.ABOVE),
    Kind.RATIFY: (Capacity.SIGNER, Capacity.ABOVE),
    Kind.ACKNOWLEDGE_DRAFT: (Capacity.SIGNER, Capacity.RELEASER, Capacity.ABOVE),
    Kind.DECLARE_FORGED: (Capacity.OWNER, Capacity.ABOVE),
}


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
class Power:
    """A person was found to hold what an act needs."""

    name: str
    office: str
    capacity: Capacity
    grounds: Grounds
    because: str  # for people: "Director (appointed 2031-01-01, entry 4)"


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

    # --- what others ask -------------------------------------------------------------

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

    # --- the question itself -----------------------------------------------------------

    def power(
        self,
        kind: Kind,
        *,
        person: str,
        office: str,
        target: str,
        index: int,
        time: datetime,
        cls: DefineClass | None = None,
        concerned: str | None = None,
    ) -> Power:
        """Why this person, in this office, may do this to `target`. Raises NotAllowed.

        `target` is the office acted on or for; `cls` the class, where there is one;
        `concerned` the person whose tenure or key it is.
        """
        needed = NEEDED[kind]
        held = self._held(person, office, index, time)
        if held is not None:
            for capacity in needed:
                if self._has(capacity, person, office, target, cls, concerned):
                    return replace(held, capacity=capacity)
        if Capacity.DELEGATE in needed and cls is not None and office in cls.signers:
            lent = self.delegated(person, office, cls.cls, index, time)
            if lent is not None:
                because = f"for {self.title(office)}, delegated {lent.effective:%Y-%m-%d}"
                return Power(
                    lent.name,
                    office,
                    Capacity.DELEGATE,
                    lent.grounds,
                    f"{because} (entry {lent.index})",
                )
        if held is None:
            raise NotAllowed(
                f"{person} does not hold the office “{office}” at this point of the log",
                hint="see who does: vidimus log show --authority",
            )
        raise NotAllowed(
            f"the office “{office}” may not {kind.value.replace('_', ' ')} for “{target}”"
            + (f" in the class “{cls.cls}”" if cls else ""),
            hint=f"it takes {' or '.join(self._named(each, target, cls) for each in needed)}",
        )

    def _held(self, person: str, office: str, index: int, time: datetime) -> Power | None:
        if office == ROOT:
            root = self.root(person)
            return root and Power(root.name, ROOT, Capacity.ROOT, (), "a founder of the registry")
        held = self.holds(person, office, index, time)
        if held is None:
            return None
        acting = "acting " if held.acting else ""
        because = (
            f"{acting}{self.title(office)}, appointed {held.effective:%Y-%m-%d}"
            f" (entry {held.index})"
        )
        return Power(held.name, office, Capacity.OWNER, held.grounds, because)

    def _has(
        self,
        capacity: Capacity,
        person: str,
        office: str,
        target: str,
        cls: DefineClass | None,
        concerned: str | None,
    ) -> bool:
        match capacity:
            case Capacity.ROOT:
                return office == ROOT
            case Capacity.ABOVE:
                return self.is_above(office, target)
            case Capacity.OWNER:
                return office == target
            case Capacity.STAFF:
                return office == target or self.is_above(target, office)
            case Capacity.SIGNER:
                return cls is not None and office in cls.signers
            case Capacity.RELEASER:
                return cls is not None and office in cls.releasers
            case Capacity.SELF:
                return person == concerned
            case Capacity.DELEGATE:
                return False  # a delegate does not hold the office; see power()

    def _named(self, capacity: Capacity, target: str, cls: DefineClass | None) -> str:
        match capacity:
            case Capacity.SIGNER if cls is not None:
                return "one who signs it (" + ", ".join(cls.signers) + ")"
            case Capacity.RELEASER if cls is not None:
                return "one who releases it (" + ", ".join(cls.releasers) + ")"
            case Capacity.OWNER:
                return f"“{target}” itself"
            case _:
                return capacity.value

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


# --- how the acts of the group “authority” change it ---------------------------------------


def record(
    authority: Authority,
    body: object,
    *,
    index: int,
    person: str,
    grounds: Grounds,
) -> Authority:
    """The authority after an act of its group, already found to be allowed."""
    match body:
        case Establish():
            if body.office in authority.offices or body.office == ROOT:
                raise NotAllowed(f"the office “{body.office}” exists already")
            if body.parent is not None and body.parent not in authority.offices:
                raise NotAllowed(
                    f"there is no office “{body.parent}” to put it under",
                    hint="establish that one first",
                )
            office = Office(body.office, body.title, body.parent, index)
            return replace(authority, offices={**authority.offices, body.office: office})
        case Appoint():
            _known_office(authority, body.office)
            appointment = Appointment(
                body.person,
                body.name,
                body.office,
                body.effective,
                body.until,
                body.acting,
                index,
                grounds,
            )
            return replace(
                authority,
                appointments=(*authority.appointments, appointment),
                keys=_with_key(authority, body.key, body.person),
            )
        case End():
            if not any(
                (each.person, each.office) == (body.person, body.office)
                for each in authority.appointments
            ):
                raise NotAllowed(f"{body.person} was never appointed to “{body.office}”")
            ending = Ending(body.person, body.office, body.effective, index)
            return replace(authority, endings=(*authority.endings, ending))
        case Delegate():
            delegation = Delegation(
                body.person,
                body.name,
                body.office,
                body.cls,
                person,
                body.effective,
                body.until,
                index,
                grounds,
            )
            return replace(
                authority,
                delegations=(*authority.delegations, delegation),
                keys=_with_key(authority, body.key, body.person),
            )
        case Revoke():
            wanted = (body.person, body.office, body.cls)
            changed = tuple(
                replace(each, revoked_at=index)
                if (each.person, each.office, each.cls) == wanted and each.revoked_at is None
                else each
                for each in authority.delegations
            )
            if changed == authority.delegations:
                raise NotAllowed(f"{body.person} holds no such delegation of “{body.office}”")
            return replace(authority, delegations=changed)
        case RevokeKey():
            if authority.keys.get(body.key) != body.person:
                raise NotAllowed(f"this key does not belong to {body.person}")
            last = min(body.last_index, authority.revoked.get(body.key, body.last_index))
            return replace(authority, revoked={**authority.revoked, body.key: last})
        case DefineClass():
            for office_id in (body.office, *body.signers, *body.releasers):
                _known_office(authority, office_id)
            rules = (*authority.classes.get(body.cls, ()), ClassRule(body, index))
            if any(each.body.office != body.office for each in rules):
                raise NotAllowed(
                    f"the class “{body.cls}” belongs to “{rules[0].body.office}”",
                    hint="choose another name for this one",
                )
            return replace(authority, classes={**authority.classes, body.cls: rules})
        case Cover():
            if authority.rule(body.cls, index).office != body.office:
                raise NotAllowed(f"the class “{body.cls}” does not belong to “{body.office}”")
            promise = Promise(body.office, body.cls, body.since, index, grounds)
            return replace(authority, promises=(*authority.promises, promise))
        case _:
            raise NotAllowed("this act says nothing about authority")


def _known_office(authority: Authority, office: str) -> None:
    if office not in authority.offices:
        known = ", ".join(sorted(authority.offices)) or "none yet"
        raise NotAllowed(f"there is no office “{office}”", hint=f"established: {known}")


def _with_key(authority: Authority, key: str, person: str) -> Mapping[str, str]:
    owner = authority.keys.get(key, person)
    if owner != person:
        raise NotAllowed(f"this key belongs to {owner} already", hint="one key, one person")
    return {**authority.keys, key: person}
