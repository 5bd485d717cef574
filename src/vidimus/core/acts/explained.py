"""Why somebody may, or may not, do something for letters of a class at a moment: step by step.

    told = explain(Question("ministry", Kind.SIGN, cls="letter"), moments, acts)
    told.steps       the office, the class, the tenures, the delegations, the keys (facts.py)
    told.answers     for each person and class: may, or may not by the first rule that fails

The answer is that of `power`, asked with every key of the person that counts, as the fold
asks it. What is told beside it only says why; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from vidimus.core.acts.authority import Authority, Delegation
from vidimus.core.acts.facts import Question, Step, concerned, facts, keys_of, name_of, short
from vidimus.core.acts.held import Acts, Moment, Status, lent, made, revoking, tenure
from vidimus.core.acts.kinds import LOWERING, METHODS, Kind, Method, SignatureRule
from vidimus.core.acts.power import NEEDED, Capacity, Power, power
from vidimus.core.acts.vocabulary import DefineClass
from vidimus.errors import NotAllowed

# The acts on letters that somebody may ask about. Those on power itself are not here, and
# neither is an answer to coordination, which an office gives for itself.
ASKED = (
    *(Kind.SIGN, Kind.RELEASE, Kind.DRAFT, Kind.REVISE, Kind.SHARE, Kind.ABANDON),
    *(Kind.HOLD, Kind.CLEAR, Kind.CORRECT, Kind.SUPERSEDE, Kind.WITHDRAW, Kind.DISOWN),
    *(Kind.RATIFY, Kind.ACKNOWLEDGE_DRAFT, Kind.DECLARE_FORGED),
    *(Kind.COORDINATE, Kind.OVERRIDE),
)
WITHOUT_CLASS = frozenset({Kind.DECLARE_FORGED})


class Rule(StrEnum):
    """What can fail, in the order in which it is looked at."""

    OFFICE = "the office is established"
    CLASS = "the class is defined"
    SIGNATURE = "letters of the class are signed"
    TENURE = "the person holds the office, or a delegation of it"
    CAPACITY = "the office may do this for the class"
    KEY = "a key of the person counts in the office"


@dataclass(frozen=True, slots=True)
class Answer:
    """May this person do it? `failing` is the first rule that says no."""

    person: str
    name: str
    cls: str
    may: bool
    because: str
    entries: tuple[int, ...] = ()
    failing: Rule | None = None
    needed: str = ""
    provided: tuple[str, ...] = ()  # what else must hold, that depends on the letter

    def same_as(self, other: Answer) -> bool:
        """The same yes by the same appointment, or the same no by the same rule."""
        if (self.may, self.failing) != (other.may, other.failing):
            return False
        return not self.may or self.because == other.because


@dataclass(frozen=True, slots=True)
class Span:
    """An answer from `since` on, until the next one."""

    since: datetime
    answer: Answer


@dataclass(frozen=True, slots=True)
class Explanation:
    steps: tuple[Step, ...]
    answers: tuple[tuple[Span, ...], ...]  # for each person and class, through the time asked


def explain(asked: Question, moments: Sequence[Moment], acts: Acts) -> Explanation:
    """`moments` in order: one, or those of a day at which something may change.

    The steps tell how it stands at the last of them.
    """
    last = moments[-1]
    classes = _classes(last.authority, asked)
    people = [asked.person] if asked.person is not None else concerned(last.authority, asked.office)
    keys = keys_of(last.authority, people)
    answers = []
    for person in people:
        for cls in classes:
            one = replace(asked, person=person, cls=cls or None)
            spans = [Span(each.time, judge(one, each, acts, keys[person])) for each in moments]
            answers.append(_merged(spans))
    return Explanation(facts(asked, last, acts, classes, people), tuple(answers))


def many(asked: Question, moments: Sequence[Moment]) -> int:
    """How many answers that would take."""
    authority = moments[-1].authority
    people = 1 if asked.person is not None else len(concerned(authority, asked.office))
    return people * len(_classes(authority, asked)) * len(moments)


def _classes(authority: Authority, asked: Question) -> list[str]:
    if asked.kind in WITHOUT_CLASS:
        return [""]
    if asked.cls is not None:
        return [asked.cls]
    found = []
    for cls, rules in sorted(authority.classes.items()):
        body = rules[-1].body
        named = (body.office, *body.signers, *body.releasers)
        above = authority.is_above(asked.office, body.office)
        # Whoever drafts for an office sits in it or below it.
        if asked.office in named or above or authority.is_above(body.office, asked.office):
            found.append(cls)
    return found


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """One span for as long as the answer is the same; a refusal in the latest words for it."""
    kept: list[Span] = []
    for span in spans:
        if kept and kept[-1].answer.same_as(span.answer):
            kept[-1] = replace(kept[-1], answer=span.answer)
        else:
            kept.append(span)
    return tuple(kept)


# --- the answer -----------------------------------------------------------------------------


def judge(asked: Question, at: Moment, acts: Acts, keys: Sequence[str] | None = None) -> Answer:
    """One person, one class, one moment: what the fold would say to the next act.

    `keys` are the person's, also those that came later than this moment, where they are at hand.
    """
    authority, person, kind = at.authority, asked.person or "", asked.kind
    name = name_of(authority, person, asked.office)
    if keys is None:
        keys = keys_of(authority, (person,))[person]
    keys = [key for key in keys if key in authority.keys]
    answer = Answer(person, name, asked.cls or "", False, "")
    if asked.office not in authority.offices:
        return replace(
            answer,
            because=f"there is no office “{asked.office}” at this point of the log",
            failing=Rule.OFFICE,
            needed="the founders or an office above must establish it",
        )
    rule = None
    if kind not in WITHOUT_CLASS:
        try:
            rule = authority.rule(asked.cls or "", at.index, lowering=kind in LOWERING)
        except NotAllowed as error:
            return replace(
                answer, because=error.fact, failing=Rule.CLASS, needed=error.hint or "define it"
            )
        if kind is Kind.SIGN and not METHODS[rule.rule]:
            return replace(
                answer,
                because=f"letters of the class “{rule.cls}” go out unsigned",
                entries=_definition(authority, rule),
                failing=Rule.SIGNATURE,
                needed="another definition of the class; or release it, which takes no signature",
            )
    held = _power(asked, at, rule, keys)
    if held is not None:
        return replace(
            answer,
            may=True,
            because=f"{held.because}: {held.capacity.value}",
            entries=(held.tenure, *_definition(authority, rule)),
            provided=_provided(kind, rule, person, held),
        )
    return _refused(asked, at, acts, rule, answer, keys)


def ways(kind: Kind, rule: DefineClass | None, keys: Sequence[str]) -> tuple[str | None, ...]:
    """The keys with which it could be done; None for a signature by hand, which takes none."""
    methods = METHODS[rule.rule] if kind is Kind.SIGN and rule is not None else {Method.KEY}
    return (
        *(keys if Method.KEY in methods else ()),
        *((None,) if Method.INK in methods else ()),
    )


def _power(
    asked: Question, at: Moment, rule: DefineClass | None, keys: Sequence[str]
) -> Power | None:
    """As the fold finds it, with the first key of the person that counts; None if with none."""
    authority = at.authority
    # A key counts up to the last entry that its revocation names, and this act would be `index`.
    usable = [key for key in keys if at.index <= authority.revoked.get(key, at.index)]
    for key in ways(asked.kind, rule, usable):
        try:
            return _asked(asked, at, rule, key)
        except NotAllowed:
            continue
    return None


def _asked(asked: Question, at: Moment, rule: DefineClass | None, key: str | None) -> Power:
    return power(
        at.authority,
        asked.kind,
        person=asked.person or "",
        office=asked.office,
        target=rule.office if rule is not None else asked.office,
        index=at.index,
        time=at.time,
        cls=rule,
        key=key,
    )


def _refused(
    asked: Question,
    at: Moment,
    acts: Acts,
    rule: DefineClass | None,
    answer: Answer,
    keys: Sequence[str],
) -> Answer:
    """Which rule fails first, and by which entries."""
    authority, person, office = at.authority, answer.person, asked.office
    try:
        _asked(asked, at, rule, None)
    except NotAllowed as error:
        reasons, entries = _unheld(asked, at, acts)
        if authority.holds(person, office, at.index, at.time) is None:
            because = f"{answer.name} does not hold the office “{office}” then"
            return replace(
                answer,
                because="; ".join((because, *reasons)),
                entries=entries,
                failing=Rule.TENURE,
                needed=_to_hold(asked, rule),
            )
        return replace(
            answer,
            because="; ".join((error.fact, *reasons)),
            entries=(*_definition(authority, rule), *entries),
            failing=Rule.CAPACITY,
            needed=error.hint,
        )
    reasons, entries = _uncounted(asked, at, acts, keys)
    return replace(
        answer,
        because="; ".join((f"no key of {answer.name} counts in the office “{office}”", *reasons)),
        entries=entries,
        failing=Rule.KEY,
        needed="a key that the founders give in an appointment, or one that whoever appoints"
        " or delegates here names",
    )


def _unheld(asked: Question, at: Moment, acts: Acts) -> tuple[list[str], tuple[int, ...]]:
    """Of each appointment and delegation of the person here, why it gives nothing."""
    place = asked.person or "", asked.office
    reasons: list[str] = []
    entries: tuple[int, ...] = ()
    holds = at.authority.holds(*place, at.index, at.time) is not None
    for given in () if holds else at.authority.tenures.get(place, ()):
        found = tenure(at, acts, given)
        if given.index < at.index and found.status is not Status.IN_FORCE:
            reasons.append(f"the appointment of entry {given.index}: {found.why}")
            entries += (given.index, *found.entries)
    for loan in _loans(at.authority, asked):
        lease = lent(at, acts, loan)
        if loan.index < at.index and loan.person == asked.person:
            said = lease.why or "it is in force, and gives no more than its class and its office"
            reasons.append(f"the delegation of entry {loan.index}: {said}")
            entries += (loan.index, *lease.entries)
    if not reasons and place not in at.authority.tenures:
        reasons.append(f"no entry so far appoints {place[0]} to it or lends {place[0]} its power")
    return reasons, tuple(dict.fromkeys(entries))


def _loans(authority: Authority, asked: Question) -> list[Delegation]:
    """The delegations of this office that could matter here."""
    if asked.cls is not None and Capacity.DELEGATE not in NEEDED[asked.kind]:
        return []
    return [
        each
        for each in authority.delegations
        if each.office == asked.office
        and asked.person in (None, each.person)
        and asked.cls in (None, each.cls)
    ]


def _uncounted(
    asked: Question, at: Moment, acts: Acts, keys: Sequence[str]
) -> tuple[list[str], tuple[int, ...]]:
    authority, person = at.authority, asked.person or ""
    reasons: list[str] = []
    entries: tuple[int, ...] = ()
    for key in keys:
        last = authority.revoked.get(key, at.index)
        if at.index > last:
            by = revoking(acts, authority, key)
            told = f", by {made(acts, by)}" if by is not None else ""
            reasons.append(f"the key {short(key)} counts up to entry {last} only{told}")
            entries += (by,) if by is not None else ()
        else:
            reasons.append(f"the key {short(key)} was not given for this office")
    if not reasons:
        reasons.append(f"no key of {person} is known")
    return reasons, entries


def _to_hold(asked: Question, rule: DefineClass | None) -> str:
    wanted = f"an appointment to “{asked.office}” by the founders or an office above it"
    if rule is None or Capacity.DELEGATE not in NEEDED[asked.kind]:
        return wanted
    if asked.office in rule.signers:
        return f"{wanted}, or a delegation of the class “{rule.cls}” by whoever holds it"
    signers = ", ".join(rule.signers) or "no office"
    return f"{wanted} would not do: “{rule.cls}” is signed by {signers}"


def _provided(kind: Kind, rule: DefineClass | None, person: str, held: Power) -> tuple[str, ...]:
    """What depends on the letter, and so cannot be said beforehand."""
    found = []
    if kind is Kind.SIGN and rule is not None:
        if rule.rule is SignatureRule.INK:
            found.append("by hand: a colleague who may draft the letter attests it, with a scan")
        if rule.second_person:
            who = f"{person} cannot"
            if held.giver:
                who = f"neither {person} nor {held.giver}, who lent the power, can"
            found.append(f"then {who} release it alone on this signature")
    if kind is Kind.RELEASE and rule is not None and rule.second_person:
        what = "drafted it"
        if METHODS[rule.rule]:
            what = "made, attested or lent the power to its only signature"
        found.append(f"a second person: not a letter for which {person} {what}")
    if kind not in (Kind.DRAFT, Kind.DECLARE_FORGED):
        agreed = ", with no objection open" if kind in (Kind.SIGN, Kind.RELEASE) else ""
        found.append(f"the letter must be in a state from which this can be done{agreed}")
    return tuple(found)


def _definition(authority: Authority, rule: DefineClass | None) -> tuple[int, ...]:
    rules = authority.classes.get(rule.cls, ()) if rule is not None else ()
    return next(((each.index,) for each in reversed(rules) if each.body is rule), ())
