"""The facts that an explanation of power rests on, each with the entries that say so.

The office and what stands above it, the classes as they are defined, who was appointed and
lent what and how it stands with each, and which keys were revoked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vidimus.core.acts.authority import Appointment, Authority, Delegation
from vidimus.core.acts.held import Acts, Moment, Status, broken, lent, made, revoking, stamp, tenure
from vidimus.core.acts.kinds import LOWERING, METHODS, Kind


@dataclass(frozen=True, slots=True)
class Question:
    office: str  # the office that would be acted in
    kind: Kind = Kind.SIGN
    cls: str | None = None  # None: every class that the office has to do with
    person: str | None = None  # None: everybody who was ever appointed or lent to here


@dataclass(frozen=True, slots=True)
class Step:
    """One fact, and the entries of the log that say so."""

    about: str
    says: str
    entries: tuple[int, ...] = ()
    status: str = ""


def facts(
    asked: Question, at: Moment, acts: Acts, classes: Sequence[str], people: Sequence[str]
) -> tuple[Step, ...]:
    """How it stands at this moment, from the office down to the keys of these people."""
    return (
        *_office(at, acts, asked.office),
        *(step for cls in classes if cls for step in _class(at, acts, asked.kind, cls)),
        *_tenures(at, acts, asked),
        *_delegations(at, acts, asked),
        *_keys(at, acts, people),
    )


def concerned(authority: Authority, office: str) -> list[str]:
    """Everybody who was ever appointed to this office or was lent something of it."""
    places = (*authority.tenures, *authority.lent)
    return sorted({person for person, where in places if where == office})


def keys_of(authority: Authority, people: Collection[str]) -> dict[str, list[str]]:
    """The keys that are known as theirs, in one pass: a country knows very many."""
    found: dict[str, list[str]] = {person: [] for person in people}
    for key, owner in authority.keys.items():
        if owner in found:
            found[owner].append(key)
    return found


def _office(at: Moment, acts: Acts, office: str) -> list[Step]:
    authority = at.authority
    known = authority.offices.get(office)
    if known is None:
        return [Step("office", f"“{office}” is not established at this point of the log")]
    steps = [
        Step("office", f"{known.title}, established by {made(acts, known.index)}", (known.index,))
    ]
    seen = {office}
    while known.parent is not None and known.parent not in seen:
        upper = authority.offices[known.parent]
        says = f"above “{known.id}” stands “{upper.id}”, {upper.title} ({made(acts, upper.index)})"
        steps.append(Step("office", says, (upper.index,)))
        seen.add(upper.id)
        known = upper
    says = f"above “{known.id}” (entry {known.index}) stands no office; the founders appoint to it"
    steps.append(Step("office", says, (known.index,)))
    return steps


def _class(at: Moment, acts: Acts, kind: Kind, cls: str) -> list[Step]:
    rules = [each for each in at.authority.classes.get(cls, ()) if each.index < at.index]
    if not rules:
        return [Step("class", f"no class “{cls}” is defined at this point of the log")]
    last = rules[-1]
    body = last.body
    says = (
        f"“{cls}” ({body.title}) goes out in the name of “{body.office}”; signature:"
        f" {body.rule.value}, by {', '.join(body.signers) or 'nobody'}; released by"
        f" {', '.join(body.releasers) or 'nobody'}; {made(acts, last.index)}"
    )
    void = broken(at, acts, last.grounds)
    steps = [Step("class", says, (last.index,), "in force" if void is None else "void")]
    if void is not None:
        lowering = "; what only lowers a letter goes by it all the same" if kind in LOWERING else ""
        steps.append(Step("class", f"“{cls}” is void: {void.why}{lowering}", void.entries, "void"))
    if body.second_person:
        says = (
            "a second person releases: somebody who neither made, nor attested, nor lent the"
            " power to a signature on it"
        )
        if not METHODS[body.rule]:
            says = "a second person releases: not the one who drafted it"
    else:
        says = "no second person is asked for: whoever signs may release, too"
    steps.append(Step("class", f"“{cls}”: {says} (entry {last.index})", (last.index,)))
    if len(rules) > 1:
        before = tuple(each.index for each in rules[:-1])
        told = ", ".join(f"entry {index}" for index in before)
        steps.append(Step("class", f"“{cls}” was defined before by {told}", before, "replaced"))
    return steps


def _tenures(at: Moment, acts: Acts, asked: Question) -> list[Step]:
    steps = []
    for given in at.authority.appointments:
        if given.office != asked.office or asked.person not in (None, given.person):
            continue
        found = tenure(at, acts, given)
        says = f"{given.name} ({given.person}), {_appointed(acts, given.index)}"
        says += f"; announced {_time(acts, given.index)}, effective {stamp(given.effective)}"
        if given.until is not None:
            says += f", until {stamp(given.until)}"
        if given.acting:
            basis = (
                getattr(acts[given.index].act.body, "basis", None) if given.index in acts else ""
            )
            says += f"; acting, {f'on the basis “{basis}”' if basis else 'no basis is named'}"
        says += _late(at, acts, given.index)
        says += f"; {found.why}" if found.why else ""
        steps.append(Step("tenure", says, (given.index, *found.entries), found.status.value))
    return steps or [Step("tenure", "nobody was appointed to it so far")]


def _delegations(at: Moment, acts: Acts, asked: Question) -> list[Step]:
    steps = []
    for given in at.authority.delegations:
        if given.office != asked.office or asked.person not in (None, given.person):
            continue
        if asked.cls not in (None, given.cls):
            continue
        found = lent(at, acts, given)
        says = f"{given.name} ({given.person}) may sign “{given.cls}”, lent by {given.by}"
        says += f" under entry {given.tenure}, by {made(acts, given.index)}"
        says += f"; effective {stamp(given.effective)}"
        if given.until is not None:
            says += f", until {stamp(given.until)}"
        says += _late(at, acts, given.index)
        says += f"; {found.why}" if found.why else ""
        steps.append(Step("delegation", says, (given.index, *found.entries), found.status.value))
    return steps


def _keys(at: Moment, acts: Acts, people: Sequence[str]) -> list[Step]:
    """The keys of these people that were revoked."""
    steps = []
    for person, keys in keys_of(at.authority, people).items():
        for key in keys:
            last = at.authority.revoked.get(key)
            if last is not None:
                by = revoking(acts, at.authority, key)
                told = f", revoked by {made(acts, by)}" if by is not None else ""
                says = f"the key {short(key)} of {person} counts up to entry {last} only{told}"
                entries = () if by is None else (by,)
                steps.append(Step("key", says, entries, Status.REVOKED.value))
    return steps


def _appointed(acts: Acts, index: int) -> str:
    entry = acts.get(index)
    if entry is None:
        return f"appointed by entry {index}"
    others = len(entry.act.cosigned)
    more = f", with {others} more to approve" if others else ""
    return f"appointed by {entry.act.person} as {entry.act.office}{more} (entry {index})"


def _time(acts: Acts, index: int) -> str:
    return stamp(acts[index].time) if index in acts else "at an unknown time"


def _late(at: Moment, acts: Acts, index: int) -> str:
    if index in acts and acts[index].time > at.time:
        return "; it was not announced by the time asked about"
    return ""


def short(key: str) -> str:
    """Enough of a key to tell it from the person's others."""
    kind, _, rest = key.partition(":")
    return f"{kind}:{rest[:10]}…"


def name_of(authority: Authority, person: str, office: str) -> str:
    """“Ben Birch (ben)”, by the last entry that named him, of this office first."""
    place = person, office
    named: list[Appointment | Delegation] = [
        *authority.tenures.get(place, ()),
        *authority.lent.get(place, ()),
    ]
    if not named:
        everything: list[Appointment | Delegation] = [
            *authority.appointments,
            *authority.delegations,
        ]
        named = [each for each in everything if each.person == person]
    last = max(named, key=lambda each: each.index, default=None)
    return f"{last.name} ({person})" if last is not None else person
