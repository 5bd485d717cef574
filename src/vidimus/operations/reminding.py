"""Who is reminded of an answer that is owed: due within a day, or overdue; once on each day.

    owed answers ── due? ── who holds the office? ── told today? ── one message a person ── sent

An answer is noted as told after its message went out. What comes between is told twice, and
never not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from vidimus.core.acts.authority import Authority
from vidimus.errors import OutsideFailed
from vidimus.operations import lookup
from vidimus.operations.readiness import Owed, owed
from vidimus.operations.registry import Registry

AHEAD = timedelta(days=1)


class Told(NamedTuple):
    """One person is told of one owed answer."""

    person: str
    letter: str
    version: int
    office: str


class Session(Protocol):
    def send(self, to: str, subject: str, text: str) -> None:
        """Raises OutsideFailed where this message did not go; others may."""
        ...


class Notifier(Protocol):
    """Carries messages to people. E-mail is one way."""

    def session(self) -> AbstractContextManager[Session]:
        """Raises OutsideFailed where nothing can be sent now."""
        ...


class Reminded(Protocol):
    """What the office remembers of the last reminder."""

    def days(self) -> Mapping[tuple[str, str, int, str], str]:
        """By what `Told` holds: the day, as 2031-04-09, on which it was told last."""
        ...

    def keep(self, told: Sequence[tuple[str, str, int, str]], day: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Message:
    person: str
    to: str
    subject: str
    text: str
    about: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sent now, and what cannot be: offices without anybody, people without mail."""

    day: str
    messages: tuple[Message, ...]
    unreachable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Round:
    sent: tuple[Message, ...]
    failed: tuple[tuple[Message, str], ...]


def plan(registry: Registry, addresses: Mapping[str, str], reminded: Reminded) -> Plan:
    """Who is to be told what today."""
    now = lookup.now(registry).astimezone(UTC)
    day, known = f"{now:%Y-%m-%d}", reminded.days()
    authority, index = registry.authority(), registry.size
    due: dict[str, list[tuple[Owed, Told]]] = {}
    unreachable: set[str] = set()
    for each in owed(registry):
        until = each.turn.asked.until
        if until is None or until > now + AHEAD:
            continue
        people = holders(authority, each.turn.office, index, now)
        if not people:
            unreachable.add(f"nobody holds the office {each.turn.office}")
        for person in people:
            told = Told(person, each.letter.id, each.letter.latest.number, each.turn.office)
            if person not in addresses:
                unreachable.add(f"there is no address for {person} of {each.turn.office}")
            elif known.get(told) != day:
                due.setdefault(person, []).append((each, told))
    messages = (_message(registry, each, addresses[each], due[each]) for each in sorted(due))
    return Plan(day, tuple(messages), tuple(sorted(unreachable)))


def send(plan: Plan, notifier: Notifier, reminded: Reminded) -> Round:
    """Send it. What does not go is not noted, so the next round tries it again."""
    sent: list[Message] = []
    failed: list[tuple[Message, str]] = []
    if not plan.messages:
        return Round((), ())
    with notifier.session() as session:
        for each in plan.messages:
            try:
                session.send(each.to, each.subject, each.text)
            except OutsideFailed as error:
                failed.append((each, error.fact))
                continue
            reminded.keep(each.about, plan.day)
            sent.append(each)
    return Round(tuple(sent), tuple(failed))


def holders(authority: Authority, office: str, index: int, time: datetime) -> tuple[str, ...]:
    """Everybody who holds the office now."""
    there = (person for person, held in authority.tenures if held == office)
    return tuple(sorted(p for p in there if authority.holds(p, office, index, time)))


def _message(registry: Registry, person: str, to: str, due: Sequence[tuple[Owed, Told]]) -> Message:
    """Neither title nor words of a letter: what is sealed does not go by mail."""
    count = "an answer is" if len(due) == 1 else f"{len(due)} answers are"
    mark = "EXERCISE: " if registry.settings.exercise else ""
    lines = [f"Your office owes this in {registry.settings.origin}:", ""]
    for each, told in due:
        name = each.letter.reference or each.letter.id
        late = "overdue since" if each.overdue else "due by"
        lines.append(f"- {name}, version {told.version}: the answer of {told.office},")
        lines.append(f"  {late} {each.turn.asked.until:%Y-%m-%d %H:%M} UTC")
        lines.append(
            f"  vidimus answer {told.letter} concur|comment|nonconcur"
            f" --version {told.version} --as {told.office}"
        )
    if mark:
        lines = ["This is an exercise. Nothing here is real.", "", *lines]
    subject = f"{mark}{count} owed"
    return Message(person, to, subject, "\n".join(lines) + "\n", tuple(told for _, told in due))
