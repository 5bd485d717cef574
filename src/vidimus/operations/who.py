"""Who may do what, by the log: `vidimus authority show`, and the page of an office.

    told = Who(desk).ask(Asked("ministry", cls="letter", at=asked_at("2031-04-09")))

Asked about a moment, it goes by the entries that the log had by then and by the dates in
force then; `known_now` goes by every entry of today, for the dates in force then. A day
without a time is the whole day: whatever changes in it is told with its minute.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from vidimus.core.acts import entries
from vidimus.core.acts.authority import Appointment, Authority, Delegation, Ending
from vidimus.core.acts.explained import ASKED, Explanation, Span, explain, many
from vidimus.core.acts.facts import Question
from vidimus.core.acts.held import Bar, Moment, bars, stamp
from vidimus.core.acts.history import History
from vidimus.core.acts.kinds import AUTHORITY, ROOT, Kind
from vidimus.core.acts.standing import LATE, Entry
from vidimus.core.acts.vocabulary import Establish, Found, RevokeKey, Trust
from vidimus.core.copies.answers import rfc3339
from vidimus.errors import FormatError, NotFound, UsageError, VerificationFailed
from vidimus.operations.desk import Desk
from vidimus.operations.fields import moment
from vidimus.operations.registry import RESTORE

MOST_CHANGES = 200  # in one day; whoever asks about such a day asks for a minute
MOST_ANSWERS = 5_000  # about a second's work: people × classes × moments of a day
NAMES = {kind.value.replace("_", "-"): kind for kind in ASKED}


@dataclass(frozen=True, slots=True)
class At:
    """A moment, or a whole day of UTC from midnight on."""

    start: datetime
    whole_day: bool

    def __str__(self) -> str:
        if self.whole_day:
            return f"{self.start.date().isoformat()}, the whole day (UTC)"
        return stamp(self.start)


@dataclass(frozen=True, slots=True)
class Asked:
    office: str
    kind: Kind = Kind.SIGN
    cls: str | None = None
    person: str | None = None
    at: At | None = None  # None: now
    known_now: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    asked: Asked
    registry: str
    exercise: bool
    title: str
    size: int  # entries that it was judged by
    today: int  # entries of the log today
    time: datetime  # the last moment that it speaks of
    explanation: Explanation
    others: tuple[str, ...]  # where what is known today, or was known then, gives another answer
    bars: tuple[Bar, ...]

    def judged_by(self) -> str:
        """What the answer goes by. Announced and effective dates are apart."""
        when = self.asked.at or At(self.time, False)
        if self.asked.known_now:
            return (
                f"Judged by everything on the log today ({self.today} entries), for the dates in"
                f" force on {when}: also by what was announced or revoked only afterwards. Classes,"
                " delegations revoked and keys revoked bear no date but their entry, so they"
                " count as they are today."
            )
        then = f"as of {stamp(self.time)}, its first {self.size} of {self.today} entries,"
        if when.whole_day:
            then = (
                f"as it was at each moment of that day, its first {self.size} of {self.today}"
                f" entries at {stamp(self.time)},"
            )
        return (
            f"Judged by the log {then} and by the dates in force then. What was announced before"
            " and takes effect later does not count yet; what was announced later is not looked at."
        )

    def to_json(self) -> dict[str, Any]:
        asked, at = self.asked, self.asked.at
        return {
            "registry": self.registry,
            "exercise": self.exercise,
            "question": {
                "office": asked.office,
                "act": asked.kind.value,
                "class": asked.cls,
                "person": asked.person,
                "at": at and (at.start.date().isoformat() if at.whole_day else rfc3339(at.start)),
                "as_known_now": asked.known_now,
            },
            "office": {"id": asked.office, "title": self.title},
            "as_of": {"tree_size": self.size, "time": rfc3339(self.time)},
            "judged_by": self.judged_by(),
            "steps": [
                {
                    "number": number,
                    "about": step.about,
                    "says": step.says,
                    "status": step.status,
                    "entries": list(step.entries),
                }
                for number, step in enumerate(self.explanation.steps, 1)
            ],
            "held": [
                {
                    "person": bar.person,
                    "name": bar.name,
                    "class": bar.cls or None,
                    "acting": bar.acting,
                    "since": rfc3339(bar.since),
                    "until": bar.until and rfc3339(bar.until),
                    "entry": bar.entry,
                }
                for bar in self.bars
            ],
            "answers": [
                {
                    "person": spans[0].answer.person,
                    "name": spans[0].answer.name,
                    "class": spans[0].answer.cls or None,
                    "spans": [_span(each) for each in spans],
                }
                for spans in self.explanation.answers
            ],
            "otherwise": list(self.others),
        }


def _span(span: Span) -> dict[str, Any]:
    answer = span.answer
    return {
        "since": rfc3339(span.since),
        "answer": "may" if answer.may else "may not",
        "because": answer.because,
        "failing": answer.failing and answer.failing.value,
        "needed": answer.needed,
        "provided": list(answer.provided),
        "entries": list(answer.entries),
    }


def asked_at(text: str) -> At:
    """“2031-04-09” is the whole day, “2031-04-09T10:00:00Z” the moment."""
    return At(moment(text), len(text) == 10)


def asked_act(text: str) -> Kind:
    """Raises UsageError with the acts that can be asked about."""
    found = NAMES.get(text.replace("_", "-"))
    if found is None:
        raise UsageError(
            f"nobody can be asked about for “{text[:40]}”", hint=f"one of: {', '.join(NAMES)}"
        )
    return found


class Who:
    """Over a desk. It keeps the acts on authority that it has verified; threads may share it."""

    def __init__(
        self, desk: Desk, most: int = MOST_CHANGES, most_answers: int = MOST_ANSWERS
    ) -> None:
        self._desk = desk
        self._most = most
        self._most_answers = most_answers
        self._lock = threading.Lock()
        self._history = History()
        self._acts: dict[int, Entry] = {}  # those that took effect
        self._read = 0

    def ask(self, asked: Asked) -> Told:
        """Raises NotFound with the nearest names for what nobody ever heard of."""
        with self._lock:
            today, clock = self._desk.as_of(None)
            now = clock.replace(microsecond=0)
            self._learn(today)
            latest = self._history.at(today)
            self._require_known(asked, latest)
            moments, other = self._moments(asked, today, now)
            last = moments[-1]
            question = Question(asked.office, asked.kind, asked.cls, asked.person)
            if many(question, moments) > self._most_answers:
                raise UsageError(
                    f"{many(question, moments)} answers would be given, too many to read",
                    hint="ask about one person, one class or one moment",
                )
            told = explain(question, moments, self._acts)
            beside = explain(question, (other,), self._acts) if other is not None else None
            office = last.authority.offices.get(asked.office) or latest.offices[asked.office]
            return Told(
                asked,
                self._desk.settings.origin,
                self._exercise(latest),
                office.title,
                last.index,
                today,
                last.time,
                told,
                _others(told, beside, asked.known_now) if beside is not None else (),
                bars(last, self._acts, asked.office),
            )

    def offices(self) -> tuple[Authority, int, datetime]:
        """What the log says of power by now, at which size and time."""
        with self._lock:
            size, now = self._desk.as_of(None)
            self._learn(size)
            return self._history.at(size), size, now

    def _exercise(self, authority: Authority) -> bool:
        founded = authority.founded
        return self._desk.settings.exercise or (founded is not None and founded.mode == "exercise")

    def _learn(self, size: int) -> None:
        acts = self._desk.acts
        for stored in acts.about((AUTHORITY,), size, self._read):
            if stored.document is None:
                raise VerificationFailed(f"entry {stored.index} is sealed and filed as public")
            authority = self._history.at(stored.index)
            try:
                entry = entries.verified(
                    stored.index, stored.raw, stored.document, authority, acts.raw_at
                )
            except FormatError as error:
                # Nobody who asks has sent it.
                raise VerificationFailed(
                    f"entry {stored.index}: {error.fact}", hint=RESTORE
                ) from error
            refused = len(self._history.refused)
            self._history.add(entry)
            if len(self._history.refused) == refused:
                self._acts[entry.index] = entry
            # One by one: whatever fails, nothing is taken in twice.
            self._read = stored.index + 1
        self._read = max(size, self._read)

    def _require_known(self, asked: Asked, latest: Authority) -> None:
        if asked.office == ROOT:
            raise UsageError(
                "the founders have no say over letters", hint="who they are: vidimus authority"
            )
        people = {*latest.keys.values(), *(person for person, _office in latest.lent)}
        for what, name, known in (
            ("office", asked.office, set(latest.offices)),
            ("class", asked.cls, set(latest.classes)),
            ("person", asked.person, people),
        ):
            if name is not None and name not in known:
                raise NotFound(
                    f"the log knows no {what} “{name[:60]}”", hint=_nearest(name[:60], known)
                )

    # --- the moments that are judged ---------------------------------------------------------

    def _moments(
        self, asked: Asked, today: int, now: datetime
    ) -> tuple[tuple[Moment, ...], Moment | None]:
        """Those to be judged, in order, and the last one by the other way of knowing."""
        latest = self._history.at(today)
        if asked.at is None:
            return (Moment(latest, today, now),), None
        start = asked.at.start
        if start > now and not asked.known_now:
            raise UsageError(
                f"{stamp(start)} lies in the future",
                hint="nobody knows the log of then; by what is announced so far: --as-known-now",
            )
        end = start
        if asked.at.whole_day:
            end = start + timedelta(days=1) - timedelta(seconds=1)
            end = end if asked.known_now else min(end, now)
        dates = self._dates(asked, latest, start, end)
        relevant = () if asked.known_now else self._relevant(asked, start, end)
        if len(dates) + len(relevant) > self._most:
            raise UsageError(
                f"more than {self._most} things change on {asked.at}, too many to tell",
                hint=f"ask about a moment of it: {rfc3339(start)}",
            )
        seen = {self._seen(each, now) for each in relevant}
        times = sorted({start, end, *dates, *(each for each in seen if start <= each <= end)})
        if asked.known_now:
            judged = tuple(Moment(latest, today, each) for each in times)
            return judged, None if start > now else self._then(min(end, now))
        return tuple(map(self._then, times)), Moment(latest, today, end)

    def _then(self, at: datetime) -> Moment:
        size, when = self._desk.as_of(at)
        return Moment(self._history.at(size), size, when)

    def _relevant(self, asked: Asked, start: datetime, end: datetime) -> list[Entry]:
        """The entries of that time that could change the answer.

        Those that are about the office, the class or the person, and those that reach
        further than they name: the tree, the founders, a key that many things rest on.
        """
        names = {asked.office, asked.person} - {None}
        found = []
        for entry in self._acts.values():
            if not start - LATE <= entry.time <= end:
                continue
            body = entry.act.body
            said = {getattr(body, name, None) for name in ("office", "person")}
            cls = getattr(body, "cls", None)
            if (
                isinstance(body, Establish | RevokeKey | Trust | Found)
                or not names.isdisjoint(said)
                or (cls is not None and asked.cls in (None, cls))
            ):
                found.append(entry)
        return found

    def _seen(self, entry: Entry, now: datetime) -> datetime:
        """From when on the log as of a time has this entry: statements may overtake each other."""
        low, high = entry.time, min(entry.time + LATE, now)
        if high <= low or self._desk.as_of(low)[0] > entry.index:
            return low
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            if self._desk.as_of(middle)[0] > entry.index:
                high = middle
            else:
                low = middle
        return high

    def _dates(
        self, asked: Asked, authority: Authority, start: datetime, end: datetime
    ) -> set[datetime]:
        """When something about this office takes effect or is over, within that time."""
        of_it: list[Appointment | Ending | Delegation] = [
            *authority.appointments,
            *authority.endings,
            *authority.delegations,
        ]
        return {
            date
            for each in of_it
            if each.office == asked.office
            for date in (each.effective, getattr(each, "until", None))
            if date is not None and start < date <= end
        }


def _nearest(name: str, known: Iterable[str]) -> str:
    listed = sorted(known)
    near = get_close_matches(name, listed, n=3, cutoff=0.5)
    near += [each for each in listed if name in each and each not in near]
    if near:
        return f"did you mean {' or '.join(near[:3])}?"
    shown = ", ".join(listed[:12]) or "none yet"
    return f"known: {shown}{', …' if len(listed) > 12 else ''}"


def _others(told: Explanation, beside: Explanation, known_now: bool) -> tuple[str, ...]:
    """Where the other way of knowing gives another answer to the same question."""
    theirs = {_whose(spans): spans[-1].answer for spans in beside.answers}
    how = "by the log of that time" if known_now else "by everything known today"
    found = []
    for spans in told.answers:
        mine, other = spans[-1].answer, theirs.get(_whose(spans))
        if other is not None and not mine.same_as(other):
            word = "may" if other.may else "may not"
            about = f" in the class “{mine.cls}”" if mine.cls else ""
            found.append(f"{how}, {mine.name} {word}{about}: {other.because}")
    return tuple(found)


def _whose(spans: Sequence[Span]) -> tuple[str, str]:
    return spans[0].answer.person, spans[0].answer.cls
