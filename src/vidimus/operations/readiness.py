"""Who owes what by when, and what a letter still needs: the office's questions before a release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vidimus.core.acts.coordination import Turn
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import State
from vidimus.core.acts.readiness import Item, Moment, readiness
from vidimus.operations import lookup
from vidimus.operations.registry import Registry

OPEN = (State.DRAFT, State.SIGNED)  # an answer still changes something


@dataclass(frozen=True, slots=True)
class Owed:
    """One office owes an answer on the latest version of one letter."""

    letter: Letter
    turn: Turn
    overdue: bool


def moment_of(registry: Registry) -> Moment:
    return Moment(registry.authority(), registry.size, lookup.now(registry))


def list_of(
    registry: Registry,
    letter: Letter,
    *,
    version: int | None = None,
    releaser: tuple[str, str] | None = None,
) -> tuple[Item, ...]:
    """What is required for signing and release, and what of it is met."""
    return readiness(letter, moment_of(registry), version=version, releaser=releaser)


def turns(registry: Registry, letter: Letter) -> tuple[Turn, ...]:
    """Where every asked office stands on the latest version."""
    return letter.coordination.turns(letter.latest.number, registry.authority())


def owed(registry: Registry, office: str | None = None) -> tuple[Owed, ...]:
    """Every answer that is waited for: overdue first, then by date, then those to ask again.

    For an answer that is not required nobody waits after its date.
    """
    time = lookup.now(registry)
    found = [
        Owed(letter, turn, turn.overdue(time))
        for letter in registry.coordinated()
        if letter.state in OPEN
        for turn in turns(registry, letter)
        if turn.owes and office in (None, turn.office)
        if turn.asked.required or not turn.overdue(time)
    ]
    return tuple(sorted(found, key=_soonest))


def _soonest(owed: Owed) -> tuple[bool, datetime | None, str, str]:
    until = owed.turn.asked.until
    return (until is None, until, owed.letter.reference, owed.turn.office)
