"""Why an appointment or a delegation is in force at a moment, or is not, and by which entries.

What is in force is asked of `Authority` itself, which the fold asks too; only the reason
why something is not in force is found here. `bars` puts the same through time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import TypeVar

from vidimus.core.acts.authority import Appointment, Authority, Delegation, Ending, Grounds
from vidimus.core.acts.standing import Entry
from vidimus.core.acts.vocabulary import RevokeKey

Acts = Mapping[int, Entry]  # the acts on authority that took effect, by their index


class Status(StrEnum):
    IN_FORCE = "in force"
    LATER = "not yet begun"
    ENDED = "ended"
    OVER = "over"
    VOID = "void"
    PASSED = "passed over"  # a later one decides
    REVOKED = "revoked"
    FALLEN = "fallen"


@dataclass(frozen=True, slots=True)
class Moment:
    """A place on the log and a time. `authority` is what the log said before that place."""

    authority: Authority
    index: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """How it stands with one appointment or delegation, why, and which entries made it so."""

    status: Status
    why: str
    entries: tuple[int, ...] = ()


def stamp(time: datetime) -> str:
    """As people read it. Not strftime: it writes the year 999 with three digits."""
    return time.isoformat(sep=" ")[:16] + " UTC"


def made(acts: Acts, index: int) -> str:
    """“entry 4, made 2031-03-03 09:02 UTC by ada as root”."""
    entry = acts.get(index)
    if entry is None:
        return f"entry {index}"
    return f"entry {index}, made {stamp(entry.time)} by {entry.act.person} as {entry.act.office}"


def revoking(acts: Acts, authority: Authority, key: str) -> int | None:
    """The entry that revoked this key, as early as it counts as revoked."""
    last = authority.revoked.get(key)
    for index in sorted(acts):
        body = acts[index].act.body
        if isinstance(body, RevokeKey) and body.key == key and body.last_index == last:
            return index
    return None


def broken(moment: Moment, acts: Acts, grounds: Grounds) -> Found | None:
    """Which key among these grounds counts no more, and by which entry; None if all count."""
    authority = moment.authority
    if authority.counts(grounds):
        return None
    for index, key in grounds:
        last = authority.revoked.get(key, index)
        if index > last:
            by = revoking(acts, authority, key)
            owner = authority.keys.get(key, "somebody")
            revoked = f", revoked by {made(acts, by)}" if by is not None else ""
            return Found(
                Status.VOID,
                f"it rests on entry {index}, made with a key of {owner} that counts up to"
                f" entry {last} only{revoked}",
                (index,) if by is None else (index, by),
            )
    return None


def tenure(moment: Moment, acts: Acts, given: Appointment) -> Found:
    """How it stands with this appointment there and then."""
    authority, index, time = moment.authority, moment.index, moment.time
    place = given.person, given.office
    held = authority.holds(*place, index, time)
    if held is not None and held.index == given.index:
        return Found(Status.IN_FORCE, _announced_end(moment, acts, given))
    ends = [
        each
        for each in authority.ends.get(place, ())
        if given.index < each.index < index and each.effective <= time
    ]
    if ends:
        end = min(ends, key=lambda each: (each.effective, each.index))
        why = f"ended from {stamp(end.effective)} ({made(acts, end.index)})"
        return Found(Status.ENDED, why, (end.index,))
    if given.until is not None and time >= given.until:
        return Found(Status.OVER, f"it was until {stamp(given.until)}", (given.index,))
    void = broken(moment, acts, given.grounds)
    if void is not None:
        return void
    if time < given.effective:
        return Found(Status.LATER, f"it begins {stamp(given.effective)} only", (given.index,))
    return _passed(moment, acts, given, held)


def _announced_end(moment: Moment, acts: Acts, given: Appointment) -> str:
    """An end that was announced and has not come yet changes nothing so far; it is told."""
    ends = [
        each
        for each in moment.authority.ends.get((given.person, given.office), ())
        if given.index < each.index < moment.index and each.effective > moment.time
    ]
    if not ends:
        return ""
    end = min(ends, key=lambda each: (each.effective, each.index))
    return f"its end is announced for {stamp(end.effective)} ({made(acts, end.index)})"


def _passed(moment: Moment, acts: Acts, given: Appointment, held: Appointment | None) -> Found:
    """A later appointment to the same office decides, also where that one does not last."""
    rivals = [
        each
        for each in moment.authority.tenures.get((given.person, given.office), ())
        if each.index < moment.index
        and (given.effective, given.index) < (each.effective, each.index)
        and each.effective <= moment.time
        and not _has_ended(moment, each)
    ]
    last = held or max(rivals, key=lambda each: (each.effective, each.index), default=None)
    if last is None:
        return Found(Status.PASSED, "a later appointment decides")
    why = f"the appointment of entry {last.index} took effect later, and the last one decides"
    if held is None:
        other = tenure(moment, acts, last)
        return Found(Status.PASSED, f"{why}; {other.why}", (last.index, *other.entries))
    return Found(Status.PASSED, why, (last.index,))


def _has_ended(moment: Moment, given: Appointment) -> bool:
    return any(
        given.index < end.index < moment.index and end.effective <= moment.time
        for end in moment.authority.ends.get((given.person, given.office), ())
    )


def lent(moment: Moment, acts: Acts, given: Delegation) -> Found:
    """How it stands with this delegation there and then."""
    authority, index, time = moment.authority, moment.index, moment.time
    if authority.delegated(given.person, given.office, given.cls, index, time, under=given.index):
        return Found(Status.IN_FORCE, "")
    if given.revoked_at is not None and given.revoked_at < index:
        why = f"revoked by {made(acts, given.revoked_at)}"
        return Found(Status.REVOKED, why, (given.revoked_at,))
    if given.until is not None and time >= given.until:
        return Found(Status.OVER, f"it was until {stamp(given.until)}", (given.index,))
    void = broken(moment, acts, given.grounds)
    if void is not None:
        return void
    if time < given.effective:
        return Found(Status.LATER, f"it begins {stamp(given.effective)} only", (given.index,))
    under = f"it fell with the tenure of {given.by} under which it was given (entry {given.tenure})"
    theirs = authority.tenures.get((given.by, given.office), ())
    for each in theirs:
        if each.index == given.tenure:
            other = tenure(moment, acts, each)
            return Found(Status.FALLEN, f"{under}: {other.why}", other.entries)
    return Found(Status.FALLEN, under)


# --- the same through time ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """Somebody held the office, or a delegation of it, from `since` until `until`."""

    person: str
    name: str
    since: datetime
    until: datetime | None
    entry: int
    acting: bool = False
    cls: str = ""  # of a delegation; "" for the office itself


def bars(moment: Moment, acts: Acts, office: str) -> tuple[Bar, ...]:
    """Who held the office when, then who had a delegation of it when, each by its beginning.

    By the log as of each time, with the keys that are revoked by now.
    """
    authority = moment.authority
    place = _places(acts, moment.index)
    found: list[Bar] = []
    for (person, where), given in authority.tenures.items():
        if where != office:
            continue

        def held(time: datetime, person: str = person) -> Appointment | None:
            return authority.holds(person, office, place(time), time)

        dates = _dates(given, authority.ends.get((person, office), ()), acts)
        for since, until, each in _runs(dates, held):
            bar = Bar(each.person, each.name, since, until, each.index, each.acting)
            found.append(bar)
    borrowed: list[Bar] = []
    for (person, where), loans in authority.lent.items():
        for loan in loans if where == office else ():
            giver = loan.by, office

            def has(time: datetime, loan: Delegation = loan) -> Delegation | None:
                return authority.delegated(
                    loan.person, office, loan.cls, place(time), time, under=loan.index
                )

            both: list[Appointment | Delegation] = [loan, *authority.tenures.get(giver, ())]
            dates = _dates(both, authority.ends.get(giver, ()), acts)
            if loan.revoked_at is not None and loan.revoked_at in acts:
                dates.add(acts[loan.revoked_at].time)
            for since, until, lease in _runs(dates, has):
                borrowed.append(Bar(person, lease.name, since, until, lease.index, cls=lease.cls))
    return (*sorted(found, key=_beginning), *sorted(borrowed, key=_beginning))


def _beginning(bar: Bar) -> tuple[datetime, int]:
    return bar.since, bar.entry


def _places(acts: Acts, size: int) -> Callable[[datetime], int]:
    """How far the log had come at each time: the first entry later than it ends what there was."""
    indices = [index for index in sorted(acts) if index < size]
    reached = list(accumulate((acts[index].time for index in indices), max))

    def place(time: datetime) -> int:
        later = bisect_right(reached, time)
        return indices[later] if later < len(indices) else size

    return place


def _dates(
    given: Iterable[Appointment | Delegation], ends: Iterable[Ending], acts: Acts
) -> set[datetime]:
    """Every time at which something about these can change: announced, effective, over."""
    found: set[datetime] = set()
    for each in (*given, *ends):
        found.add(each.effective)
        if each.index in acts:
            found.add(acts[each.index].time)
        until = getattr(each, "until", None)
        if until is not None:
            found.add(until)
    return found


T = TypeVar("T", Appointment, Delegation)


def _runs(
    dates: Iterable[datetime], at: Callable[[datetime], T | None]
) -> list[tuple[datetime, datetime | None, T]]:
    """From when until when each of what `at` gives is in force."""
    runs: list[tuple[datetime, datetime | None, T]] = []
    last: T | None = None
    for date in sorted(dates):
        now = at(date)
        if last is not None and (now is None or now.index != last.index):
            since, _open, given = runs[-1]
            runs[-1] = since, date, given
        if now is not None and (last is None or now.index != last.index):
            runs.append((date, None, now))
        last = now
    return runs
