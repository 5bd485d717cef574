"""How the acts of the group “authority” change what the log has said about power."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from vidimus.core.acts.authority import (
    Appointment,
    Authority,
    ClassRule,
    Delegation,
    Ending,
    Grounds,
    Office,
    Place,
    Promise,
)
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.vocabulary import (
    Appoint,
    Cover,
    DefineClass,
    Delegate,
    End,
    Establish,
    Revoke,
    RevokeKey,
)
from vidimus.core.seal.keys import PublicKey
from vidimus.core.trust.keys import own_keys
from vidimus.errors import FormatError, NotAllowed

T = TypeVar("T")


def record(
    authority: Authority,
    body: object,
    *,
    index: int,
    time: datetime,
    person: str,
    by_root: bool,
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
                body.key,
            )
            keys = with_key(authority, body.key, body.person, by_root)
            vouched = authority.vouched
            if by_root:
                vouched = authority.vouching(body.key, index, grounds)
            return replace(
                authority,
                appointments=(*authority.appointments, appointment),
                tenures=_with(authority.tenures, (body.person, body.office), appointment),
                keys=keys,
                vouched=vouched,
            )
        case End():
            if (body.person, body.office) not in authority.tenures:
                raise NotAllowed(f"{body.person} was never appointed to “{body.office}”")
            ending = Ending(body.person, body.office, body.effective, index)
            return replace(
                authority,
                endings=(*authority.endings, ending),
                ends=_with(authority.ends, (body.person, body.office), ending),
            )
        case Delegate():
            giver = authority.holds(person, body.office, index, time)
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
                key=body.key,
                tenure=giver.index if giver else -1,
            )
            return replace(
                authority,
                delegations=(*authority.delegations, delegation),
                lent=_with(authority.lent, (body.person, body.office), delegation),
                keys=with_key(authority, body.key, body.person, by_root),
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
            place = (body.person, body.office)
            theirs = tuple(each for each in changed if (each.person, each.office) == place)
            return replace(authority, delegations=changed, lent={**authority.lent, place: theirs})
        case RevokeKey():
            if authority.keys.get(body.key) != body.person:
                raise NotAllowed(f"this key does not belong to {body.person}")
            last = min(body.last_index, authority.revoked.get(body.key, body.last_index))
            chain = authority.chain
            if by_root and body.key in authority.founding_keys:
                # Whoever holds the chain alone must know it too: neither that key nor who came
                # in by its approval approves anything more.
                chain = (*chain, index)
            return replace(authority, revoked={**authority.revoked, body.key: last}, chain=chain)
        case DefineClass():
            for office_id in (body.office, *body.signers, *body.releasers):
                _known_office(authority, office_id)
            rules = (*authority.classes.get(body.cls, ()), ClassRule(body, index, grounds))
            owners = {each.body.office for each in rules if authority.counts(each.grounds)}
            if owners != {body.office}:
                owner = next(iter(owners - {body.office}))
                raise NotAllowed(
                    f"the class “{body.cls}” belongs to “{owner}”",
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


def _with(known: Mapping[Place, tuple[T, ...]], place: Place, new: T) -> dict[Place, tuple[T, ...]]:
    return {**known, place: (*known.get(place, ()), new)}


def _known_office(authority: Authority, office: str) -> None:
    if office not in authority.offices:
        known = ", ".join(sorted(authority.offices)) or "none yet"
        raise NotAllowed(f"there is no office “{office}”", hint=f"established: {known}")


def with_key(authority: Authority, key: str, person: str, by_root: bool) -> Mapping[str, str]:
    """The keys known, and this one of this person. Raises NotAllowed."""
    owner = authority.keys.get(key, person)
    if owner != person:
        raise NotAllowed(f"this key belongs to {owner} already", hint="one key, one person")
    if key in authority.revoked:
        raise NotAllowed(
            f"this key of {person} counts up to entry {authority.revoked[key]} only",
            hint="it was revoked; give another key",
        )
    if key in own_keys(authority.trust):
        raise NotAllowed("this key is the registry's own; nobody acts with it")
    try:
        PublicKey.from_text(key)
    except FormatError as error:
        raise NotAllowed(f"nobody can sign with this key: {error.fact}") from error
    # Otherwise whoever heads a small office could appoint the minister to it with a key of
    # his own, and sign as the minister from then on.
    if key not in authority.keys and person in authority.keys.values() and not by_root:
        raise NotAllowed(
            f"{person} is known here with another key",
            hint="only the founders add a key to a person who has one",
        )
    return {**authority.keys, key: person}
