"""What `coordinate`, `answer` and `override` make of a letter, and what must hold for each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vidimus.core.acts.asking import Answer, Coordinate, Override
from vidimus.core.acts.coordination import Answered, Asked, Overridden, Turn
from vidimus.core.acts.kinds import Kind, Position
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.power import Power, power
from vidimus.errors import NotAllowed

if TYPE_CHECKING:
    from vidimus.core.acts.transitions import Known

MOST_ASKED = 100  # offices for one letter: its release names the entries of them all


def coordinated(known: Known, letter: Letter, after: Letter) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, Coordinate)
    letter.require_latest(body.version)
    names = [each.office for each in body.asked]
    if not names or len(set(names)) != len(names):
        raise NotAllowed("each office is asked once, and one at least", hint="--ask OFFICE")
    asked = {each.office: each for each in letter.coordination.asked}
    for each in body.asked:
        if each.office not in known.authority.offices:
            there = ", ".join(sorted(known.authority.offices))
            raise NotAllowed(f"there is no office “{each.office}”", hint=f"established: {there}")
        if each.until <= known.time:
            raise NotAllowed(
                f"“{each.office}” would have to answer by {each.until:%Y-%m-%d %H:%M}, and that"
                " is past",
                hint="give it a date to come: --until DATE",
            )
        # Whose answer was required may not be made optional by whoever waits for it.
        before = asked.get(each.office)
        required = each.required or (before is not None and before.required)
        asked[each.office] = Asked(each.office, each.until, required, known.index)
    if len(asked) > MOST_ASKED:
        raise NotAllowed(f"{len(asked)} offices; at most {MOST_ASKED} are asked about one letter")
    return replace(after, coordination=replace(letter.coordination, asked=tuple(asked.values())))


def answered(known: Known, letter: Letter, after: Letter) -> Letter:
    act = known.entry.act
    body: Any = act.body
    assert isinstance(body, Answer)
    letter.require_latest(body.version)
    held = _may_answer(known, letter)
    _turn(known, letter, act.office)
    if body.position is Position.CONCUR and body.comments:
        raise NotAllowed("a plain concur bears no comment", hint="say: concur with comment")
    if body.position is not Position.CONCUR and not body.comments:
        raise NotAllowed(
            f"a {body.position.value.replace('_', ' ')} needs a comment",
            hint='say what is to be changed: --comment TEXT --on "the words"',
        )
    for each in body.comments:
        if each.quote is None and (each.before, each.after) != (None, None):
            raise NotAllowed("words before and after, and no quote between them")
    answer = Answered(
        act.office,
        body.version,
        body.position,
        held.name,
        body.comments,
        known.index,
        known.time,
        ((known.index, known.entry.key), *held.grounds),
    )
    answers = (*letter.coordination.answers, answer)
    return replace(
        after,
        coordination=replace(letter.coordination, answers=answers),
        sealed=(*letter.sealed, known.index),
    )


def _may_answer(known: Known, letter: Letter) -> Power:
    """Somebody of the office that the act is done in, or to whom it lent its signature."""
    act, authority = known.entry.act, known.authority
    cls = None
    if authority.holds(act.person, act.office, known.index, known.time) is None:
        cls = authority.rule(letter.cls, known.index, office=letter.office)
    return power(
        authority,
        Kind.ANSWER,
        person=act.person,
        office=act.office,
        target=act.office,
        index=known.index,
        time=known.time,
        cls=cls,
        key=known.entry.key,
    )


def overridden(known: Known, letter: Letter, after: Letter, held: Power) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, Override)
    letter.require_latest(body.version)
    turn = _turn(known, letter, body.office)
    if letter.latest.drafter == known.entry.act.person:
        raise NotAllowed(
            f"{known.entry.act.person} drafted this version, so somebody else must override",
            hint="by somebody else who may sign it",
        )
    if turn.override is not None:
        raise NotAllowed(f"“{body.office}” is overridden already, by {turn.override.name}")
    if not turn.blocks:
        raise NotAllowed(f"“{body.office}” does not stand in the way: nothing to override")
    if turn.answer is None and not turn.overdue(known.time):
        until = turn.asked.until
        raise NotAllowed(
            f"“{body.office}” has not answered yet, and may until {until:%Y-%m-%d %H:%M}"
            if until is not None
            else f"“{body.office}” has no date for version {body.version} yet",
            hint="only what is late can be overridden; a date is moved by: vidimus coordinate",
        )
    override = Overridden(
        body.office,
        body.version,
        held.name,
        held.because,
        body.reason,
        known.index,
        known.time,
        ((known.index, known.entry.key), *held.grounds),
    )
    overrides = (*letter.coordination.overrides, override)
    return replace(after, coordination=replace(letter.coordination, overrides=overrides))


def _turn(known: Known, letter: Letter, office: str) -> Turn:
    turns = letter.coordination.turns(letter.latest.number, known.authority)
    for each in turns:
        if each.office == office:
            return each
    asked = ", ".join(each.office for each in turns) or "nobody"
    raise NotAllowed(
        f"“{office}” was not asked about this letter",
        hint=f"asked: {asked}; more are asked by: vidimus coordinate",
    )
