"""What is required before a letter is signed and before it goes out, as one list to read.

    met      version 3 is the latest
    blocked  ministry/legal: nonconcurs, Lea Lark, entry 14: “The date is wrong.”
    missing  signature: by ministry (digital)

The fold refuses to sign and to release while a line about an asked office is not met, with
these very words; the other lines are rules that `transitions.py` and `signature.py` keep,
said ahead of time. A property test holds the list against the fold.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.coordination import Turn
from vidimus.core.acts.kinds import METHODS, Kind, Position, SignatureRule
from vidimus.core.acts.letter import Letter, Signature
from vidimus.core.acts.lifecycle import NEXT
from vidimus.core.acts.power import power
from vidimus.core.acts.vocabulary import DefineClass
from vidimus.errors import NotAllowed

if TYPE_CHECKING:
    from vidimus.core.acts.transitions import Known


class State(StrEnum):
    MET = "met"
    MISSING = "missing"  # somebody has still to do something
    BLOCKED = "blocked"  # somebody said no, is late, or may not


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is required; `only` names the act that needs it, None for both."""

    what: str
    state: State
    why: str
    only: Kind | None = None

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Moment:
    """Up to which entry the log is looked at, and at what time."""

    authority: Authority
    index: int
    time: datetime


def readiness(
    letter: Letter,
    moment: Moment,
    *,
    version: int | None = None,
    releaser: tuple[str, str] | None = None,
) -> tuple[Item, ...]:
    """Everything that is required, in the order in which it is usually met.

    `version` is the one that was read; `releaser` the person and office that would release.
    """
    items = [_version(letter, version), *_life(letter), *_answers(letter, moment)]
    try:
        rule = moment.authority.rule(letter.cls, moment.index)
        if rule.office != letter.office:
            raise NotAllowed(f"the class “{letter.cls}” is one of {rule.office} now")
    except NotAllowed as error:
        return (*items, Item("class", State.BLOCKED, error.fact))
    return (*items, _signature(letter, rule, moment), _releaser(letter, rule, moment, releaser))


def ready(items: Collection[Item], act: Kind) -> bool:
    """Is everything met that this act, sign or release, needs?"""
    return all(each.state is State.MET for each in items if each.only in (None, act))


def require_coordinated(known: Known, letter: Letter, act: Kind) -> None:
    """Raises NotAllowed while an asked office stands in the way."""
    moment = Moment(known.authority, known.index, known.time)
    open_ = [each for each in _answers(letter, moment) if each.state is not State.MET]
    if open_:
        done = "signed" if act is Kind.SIGN else "released"
        more = f", and {len(open_) - 1} more" if len(open_) > 1 else ""
        raise NotAllowed(
            f"version {letter.latest.number} cannot be {done}: {open_[0].what} stands in the"
            f" way{more}",
            hint="; ".join(map(str, open_)),
        )


def rests_on(letter: Letter, authority: Authority) -> tuple[int, ...]:
    """The entries of the coordination that a release of the latest version must name."""
    found: set[int] = set()
    for turn in letter.coordination.turns(letter.latest.number, authority):
        parts = (turn.asked, turn.answer, turn.override)
        found |= {each.index for each in parts if each is not None}
    return tuple(sorted(found))


def require_resting(letter: Letter, authority: Authority, named: Collection[int]) -> None:
    """A release commits to the answers that it rests on, so that they can be shown later."""
    left_out = sorted(set(rests_on(letter, authority)) - set(named))
    if left_out:
        raise NotAllowed(
            f"the release does not name entry {left_out[0]}, a part of the coordination",
            hint="it rests on every asking, answer and override of this version",
        )


def standing_signatures(letter: Letter, rule: DefineClass, moment: Moment) -> tuple[Signature, ...]:
    """Those of the version in hand that would carry a release now: see signature.py."""
    return tuple(each for each in letter.signatures if _stands(each, letter, rule, moment))


def _stands(signature: Signature, letter: Letter, rule: DefineClass, moment: Moment) -> bool:
    if rule.rule is not SignatureRule.NONE and signature.method not in METHODS[rule.rule]:
        return False
    try:
        power(
            moment.authority,
            Kind.SIGN,
            person=signature.signer,
            office=signature.office,
            target=letter.office,
            index=moment.index,
            time=moment.time,
            cls=rule,
            under=signature.tenure,
        )
    except NotAllowed:
        return False
    return moment.authority.counts(signature.grounds)


# --- the lines ------------------------------------------------------------------------------


def _version(letter: Letter, version: int | None) -> Item:
    latest = letter.latest
    if version in (None, latest.number):
        return Item(f"version {latest.number}", State.MET, "the latest")
    return Item(f"version {version}", State.BLOCKED, f"not the latest, version {latest.number} is")


def _life(letter: Letter) -> tuple[Item, ...]:
    return tuple(
        Item("letter", State.BLOCKED, f"it is {letter.state}", act)
        for act in (Kind.SIGN, Kind.RELEASE)
        if (letter.state, act) not in NEXT
    )


def _answers(letter: Letter, moment: Moment) -> tuple[Item, ...]:
    turns = letter.coordination.turns(letter.latest.number, moment.authority)
    # An optional answer that did not come is not required, so it is no line of this list.
    wanted = (each for each in turns if each.answer or each.override or each.asked.required)
    return tuple(
        Item(turn.office, _answer_state(turn, moment.time), _why(turn, letter, moment.time))
        for turn in wanted
    )


def _answer_state(turn: Turn, time: datetime) -> State:
    if not turn.blocks:
        return State.MET
    return State.BLOCKED if turn.nonconcurs or turn.overdue(time) else State.MISSING


def _why(turn: Turn, letter: Letter, time: datetime) -> str:
    """What the office said, with its first comment, and who overrode it with which reason."""
    why = said(turn, letter, time)
    if turn.answer is not None and turn.answer.comments:
        why += f": “{_short(turn.answer.comments[0].text)}”"
    if turn.override is not None:
        why += f"; overridden by {turn.override.name}, entry {turn.override.index}"
        why += f": “{_short(turn.override.reason)}”"
    return why


def said(turn: Turn, letter: Letter, time: datetime) -> str:
    """What the office said, or by when it is to say something."""
    answer, until = turn.answer, turn.asked.until
    if answer is not None:
        verb = {
            Position.CONCUR: "concurs",
            Position.CONCUR_WITH_COMMENT: "concurs with comment",
            Position.NONCONCUR: "nonconcurs",
        }[answer.position]
        return f"{verb}, {answer.name}, entry {answer.index}"
    if until is None:
        return f"its date passed before version {letter.latest.number} was there: ask again"
    when = f"{until:%Y-%m-%d %H:%M}"
    if turn.override is not None or (until <= time and not turn.asked.required):
        return f"did not answer by {when}"
    if not turn.asked.required:
        return f"may answer until {when}"
    return f"owes its answer since {when}" if turn.overdue(time) else f"owes its answer by {when}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:100]} …"


def _signature(letter: Letter, rule: DefineClass, moment: Moment) -> Item:
    if rule.rule is SignatureRule.NONE:
        return Item("signature", State.MET, f"the class “{rule.cls}” needs none", Kind.RELEASE)
    standing = standing_signatures(letter, rule, moment)
    if standing:
        names = ", ".join(f"{each.name} as {each.office}" for each in standing)
        return Item("signature", State.MET, f"by {names}", Kind.RELEASE)
    if letter.signatures:
        names = ", ".join(each.name for each in letter.signatures)
        why = f"that of {names} fell, for the power or the key behind it ended: sign again"
        return Item("signature", State.BLOCKED, why, Kind.RELEASE)
    why = f"by {', '.join(rule.signers)} ({rule.rule})"
    return Item("signature", State.MISSING, why, Kind.RELEASE)


def _releaser(
    letter: Letter, rule: DefineClass, moment: Moment, releaser: tuple[str, str] | None
) -> Item:
    barred = _barred(letter, rule, moment)
    but = f", but not {' or '.join(sorted(barred))}" if barred else ""
    may = f"by somebody of {', '.join(rule.releasers)}{but}"
    if releaser is None:
        return Item("release", State.MET, may, Kind.RELEASE)
    person, office = releaser
    if person in barred:
        return Item("release", State.BLOCKED, f"not by {person}: {may}", Kind.RELEASE)
    try:
        held = power(
            moment.authority,
            Kind.RELEASE,
            person=person,
            office=office,
            target=letter.office,
            index=moment.index,
            time=moment.time,
            cls=rule,
        )
    except NotAllowed as error:
        return Item("release", State.BLOCKED, f"{error.fact}: {may}", Kind.RELEASE)
    return Item("release", State.MET, f"by {held.name}, {held.because}", Kind.RELEASE)


def _barred(letter: Letter, rule: DefineClass, moment: Moment) -> frozenset[str]:
    """Who may not be the second person, for all of it would be in one hand."""
    if not rule.second_person:
        return frozenset()
    standing = standing_signatures(letter, rule, moment)
    if not standing:
        # Nothing is signed: of a class that needs no signature the drafter is the first person.
        unsigned = rule.rule is SignatureRule.NONE and letter.latest.drafter
        return frozenset({unsigned}) if unsigned else frozenset()
    hands = [{each.signer, each.by, each.giver} - {""} for each in standing]
    return frozenset(set.intersection(*hands))
