"""Who may do what, in which office, at which place on the log: one table.

act          capacity that it takes (any one of them)
release      the acting office is one of the class's releasers
withdraw     … one of its signers, or an office above the letter's office
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vidimus.core.acts.authority import Authority, Grounds
from vidimus.core.acts.kinds import ROOT, Kind
from vidimus.core.acts.vocabulary import DefineClass
from vidimus.errors import NotAllowed


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
    Kind.ESTABLISH: (Capacity.ROOT, Capacity.OWNER, Capacity.ABOVE),
    Kind.APPOINT: (Capacity.ROOT, Capacity.ABOVE),
    Kind.END: (Capacity.ROOT, Capacity.ABOVE, Capacity.SELF),
    # Not the office itself: it would lift its own rule and send a letter out alone.
    Kind.DEFINE_CLASS: (Capacity.ROOT, Capacity.ABOVE),
    Kind.COVER: (Capacity.ROOT, Capacity.OWNER, Capacity.ABOVE),
    Kind.DELEGATE: (Capacity.SIGNER,),
    Kind.REVOKE: (Capacity.ROOT, Capacity.SIGNER, Capacity.ABOVE),
    Kind.REVOKE_KEY: (Capacity.ROOT, Capacity.SELF),
    Kind.TRUST: (Capacity.ROOT,),
    Kind.DRAFT: (Capacity.STAFF, Capacity.SIGNER),
    Kind.REVISE: (Capacity.STAFF, Capacity.SIGNER),
    Kind.SHARE: (Capacity.STAFF, Capacity.SIGNER),
    Kind.COORDINATE: (Capacity.STAFF, Capacity.SIGNER),
    # Of the office that was asked, not of the letter's.
    Kind.ANSWER: (Capacity.OWNER, Capacity.DELEGATE),
    Kind.OVERRIDE: (Capacity.SIGNER, Capacity.DELEGATE),
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
class Power:
    """A person was found to hold what an act needs."""

    name: str
    office: str
    capacity: Capacity
    grounds: Grounds
    because: str  # for people: "Director (appointed 2031-01-01, entry 4)"
    tenure: int = -1  # entry of the appointment or delegation
    giver: str = ""  # who delegated it


def power(
    authority: Authority,
    kind: Kind,
    *,
    person: str,
    office: str,
    target: str,
    index: int,
    time: datetime,
    cls: DefineClass | None = None,
    concerned: str | None = None,
    key: str | None = None,
    under: int | None = None,
) -> Power:
    """Why this person, in this office, may do this to `target`. Raises NotAllowed.

    `target` is the office acted on or for; `cls` the class, where there is one;
    `concerned` the person whose tenure or key it is; `key` the key that acts, where one
    does; `under` the entry of the appointment or delegation that must still be in force.
    """
    needed = NEEDED[kind]
    class_grounds = authority.class_grounds(cls.cls, index) if cls is not None else ()
    held = _held(authority, person, office, index, time, key, under)
    if held is not None:
        for capacity in needed:
            if _has(authority, capacity, person, office, target, cls, concerned):
                return Power(
                    held.name,
                    held.office,
                    capacity,
                    (*held.grounds, *class_grounds),
                    held.because,
                    held.tenure,
                )
    if Capacity.DELEGATE in needed and cls is not None and office in cls.signers:
        lent = authority.delegated(person, office, cls.cls, index, time, key=key, under=under)
        if lent is not None:
            because = f"for {authority.title(office)}, delegated {lent.effective:%Y-%m-%d}"
            return Power(
                lent.name,
                office,
                Capacity.DELEGATE,
                (*lent.grounds, *class_grounds),
                f"{because} (entry {lent.index})",
                lent.index,
                lent.by,
            )
    if held is None:
        if key is not None and _held(authority, person, office, index, time, None, under):
            raise NotAllowed(
                f"this key of {person} was not given for the office “{office}”",
                hint="only the founders give a key that counts in every office",
            )
        raise NotAllowed(
            f"{person} does not hold the office “{office}” at this point of the log",
            hint="see who does: vidimus authority",
        )
    if target not in authority.offices and kind is not Kind.ESTABLISH and target != ROOT:
        known = ", ".join(sorted(authority.offices)) or "none yet"
        raise NotAllowed(f"there is no office “{target}”", hint=f"established: {known}")
    raise NotAllowed(
        f"the office “{office}” may not {kind.value.replace('_', ' ')} for “{target}”"
        + (f" in the class “{cls.cls}”" if cls else ""),
        hint=_lent(authority, kind, person, cls, index, time)
        or f"it takes {' or '.join(_named(each, target, cls) for each in needed)}",
    )


def _lent(
    authority: Authority,
    kind: Kind,
    person: str,
    cls: DefineClass | None,
    index: int,
    time: datetime,
) -> str:
    """Where the power was lent to this person by another office, say in which to act."""
    if cls is None or Capacity.DELEGATE not in NEEDED[kind]:
        return ""
    lenders = [o for o in cls.signers if authority.delegated(person, o, cls.cls, index, time)]
    return f"it was delegated to {person} by that office: --as {lenders[0]}" if lenders else ""


def _held(
    authority: Authority,
    person: str,
    office: str,
    index: int,
    time: datetime,
    key: str | None,
    under: int | None,
) -> Power | None:
    if office == ROOT:
        root = authority.root(person)
        if root is None:
            return None
        return Power(root.name, ROOT, Capacity.ROOT, (), "a founder of the registry")
    held = authority.holds(person, office, index, time, key=key, under=under)
    if held is None:
        return None
    acting = "acting " if held.acting else ""
    because = (
        f"{acting}{authority.title(office)}, appointed {held.effective:%Y-%m-%d}"
        f" (entry {held.index})"
    )
    return Power(held.name, office, Capacity.OWNER, held.grounds, because, held.index)


def _has(
    authority: Authority,
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
            return authority.is_above(office, target)
        case Capacity.OWNER:
            return office == target
        case Capacity.STAFF:
            return office == target or authority.is_above(target, office)
        case Capacity.SIGNER:
            return cls is not None and office in cls.signers
        case Capacity.RELEASER:
            return cls is not None and office in cls.releasers
        case Capacity.SELF:
            return person == concerned
        case Capacity.DELEGATE:
            return False  # a delegate does not hold the office; see power()


def _named(capacity: Capacity, target: str, cls: DefineClass | None) -> str:
    match capacity:
        case Capacity.SIGNER if cls is not None:
            return "one who signs it (" + ", ".join(cls.signers) + ")"
        case Capacity.RELEASER if cls is not None:
            return "one who releases it (" + ", ".join(cls.releasers) + ")"
        case Capacity.OWNER:
            return f"“{target}” itself"
        case _:
            return capacity.value
