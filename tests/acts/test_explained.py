"""Why somebody may or may not: the explanation never says anything but what the fold does."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acts.world import (
    CROWN,
    ORIGIN,
    START,
    A,
    World,
    canonical,
    key,
    letter_class,
    text,
    world,
)

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.explained import ASKED, WITHOUT_CLASS, Answer, Rule, explain, judge
from vidimus.core.acts.facts import Question
from vidimus.core.acts.held import Acts, Moment, Status, bars, lent, tenure
from vidimus.core.acts.kinds import LOWERING, METHODS, Kind, Method, SignatureRule
from vidimus.core.acts.power import power
from vidimus.core.acts.standing import Entry, apply
from vidimus.core.acts.vocabulary import (
    Act,
    Appoint,
    Body,
    Delegate,
    Draft,
    End,
    Revoke,
    RevokeKey,
)
from vidimus.errors import NotAllowed

MIN = ("p-min", "ministry")
PEOPLE = ("p-min", "p-deputy", "p-press", "p-desk", "p-other", "p-crown", "p-nobody")
OFFICES = ("ministry", "ministry/press", "ministry/desk", "crown", "other", "nowhere")
CLASSES = ("letter", "note", "ink", "none-such")
LAST = 10  # days over which these histories spread


def day(number: float) -> datetime:
    return START + timedelta(days=number)


# --- random histories of power ----------------------------------------------------------------

small = st.integers(0, 7)
days = st.sampled_from([-1, 0, 1, 2, 3, 5, 8])
moves = st.lists(
    st.tuples(
        st.sampled_from(("appoint", "end", "delegate", "revoke", "revoke_key", "define", "sub")),
        *(small, small, days, st.none() | days),
    ),
    min_size=1,
    max_size=9,
)


def move(w: World, what: str, a: int, b: int, since: float, until: float | None) -> None:
    """One act, some hours later, by whoever usually may; some are refused, as in life."""
    person, office = PEOPLE[a % 5], OFFICES[b % 4]
    begins, over = day(since), None if until is None else day(until)
    later = timedelta(hours=7 * (1 + a + b))
    body: Body
    match what:
        case "appoint":
            body = Appoint(person, person.title(), office, key(person), begins, over, b > 4, "§ 7")
            w.now += later
            w.root(body)
        case "sub":
            body = Appoint(person, person.title(), "ministry/desk", key(person), begins, over)
            w.do(*MIN, body, later=later)
        case "end":
            w.now += later
            w.root(End(person, office, begins))
        case "delegate":
            cls = CLASSES[b % 3]
            lends = Delegate(person, person.title(), key(person), "ministry", cls, begins, over)
            w.do(*MIN, lends, later=later)
        case "revoke":
            w.do(*MIN, Revoke(person, "ministry", CLASSES[b % 3]), later=later)
        case "revoke_key":
            w.now += later
            w.root(RevokeKey(person, key(person), max(0, len(w.log) - 1 - 2 * b)))
        case _:
            signers = (("ministry",), ("ministry/press", "ministry"), ("crown",))[a % 3]
            changed = letter_class(
                cls=CLASSES[b % 3],
                rule=list(SignatureRule)[a % 4],
                signers=signers,
                second_person=b > 3,
            )
            w.do(*CROWN, changed, later=later)


class Past:
    """A history with what the log said before each of its entries."""

    def __init__(self, w: World, before: dict[int, Authority]) -> None:
        self.world = w
        self.before = before  # size of the log → authority
        self.acts: Acts = {
            index: w.entry(index)
            for index in range(len(w.log))
            if index not in w.unverified and w.valid(index)
        }


@cache
def _base() -> tuple[World, dict[int, Authority]]:
    found = world()
    return found, {len(found.log): found.folding.authority}


def played(wanted: list[tuple[str, int, int, float, float | None]]) -> Past:
    base, known = _base()
    w, before = base.copy(), dict(known)
    for each in wanted:
        move(w, *each)
        before[len(w.log)] = w.folding.authority
    return Past(w, before)


def by_power(at: Moment, asked: Question) -> bool:
    """What `power` says, asked as the fold asks it: with a key, or for a signature by hand."""
    try:
        rule = None
        if asked.kind not in WITHOUT_CLASS:
            assert asked.cls is not None
            rule = at.authority.rule(asked.cls, at.index, lowering=asked.kind in LOWERING)
    except NotAllowed:
        return False
    keys: list[str | None] = [
        each
        for each, owner in at.authority.keys.items()
        if owner == asked.person and at.index <= at.authority.revoked.get(each, at.index)
    ]
    if asked.kind is Kind.SIGN:
        assert rule is not None
        by_key = keys if Method.KEY in METHODS[rule.rule] else []
        keys = [*by_key, *([None] if Method.INK in METHODS[rule.rule] else [])]
    for each in keys:
        try:
            power(
                at.authority,
                asked.kind,
                person=asked.person or "",
                office=asked.office,
                target=asked.office if rule is None else rule.office,
                index=at.index,
                time=at.time,
                cls=rule,
                key=each,
            )
        except NotAllowed:
            continue
        return True
    return False


# Mostly the people in their own offices, so that about a third of the answers is yes.
places = st.sampled_from(
    [
        *(("p-min", "ministry"), ("p-deputy", "ministry"), ("p-press", "ministry/press")),
        *(("p-desk", "ministry/desk"), ("p-crown", "crown"), ("p-min", "ministry")),
    ]
) | st.tuples(st.sampled_from(PEOPLE), st.sampled_from(OFFICES))
questions = st.builds(
    lambda place, kind, cls: Question(place[1], kind, cls, place[0]),
    places,
    st.sampled_from(ASKED),
    st.sampled_from((*CLASSES, "letter", "letter", "ink")),
)
times = st.integers(-1, LAST * 24).map(lambda hours: day(0) + timedelta(hours=hours))


@given(moves, st.lists(st.tuples(questions, times), min_size=6, max_size=6), st.data())
@settings(max_examples=60)
def test_the_answer_is_that_of_power(
    wanted: list[tuple[str, int, int, float, float | None]],
    asked: list[tuple[Question, datetime]],
    data: st.DataObject,
) -> None:
    """Issue 5: it never disagrees with what the fold does, at any place and time."""
    past = played(wanted)
    for question, time in asked:
        size = data.draw(st.sampled_from(sorted(past.before)))
        at = Moment(past.before[size], size, time)
        answer = judge(question, at, past.acts)
        assert answer.may == by_power(at, question)
        assert answer.may == (answer.failing is None)
        assert answer.because and (answer.may or answer.needed)
        assert all(index in past.acts and index < size for index in answer.entries)


@given(moves, st.sampled_from(PEOPLE), st.sampled_from(OFFICES[:5]), st.sampled_from(CLASSES[:3]))
@settings(max_examples=40)
def test_the_next_act_is_taken_just_where_the_explanation_says_may(
    wanted: list[tuple[str, int, int, float, float | None]], person: str, office: str, cls: str
) -> None:
    """The fold itself is asked: is a draft of this person, signed with his key, allowed now?"""
    past = played(wanted)
    w = past.world
    authority, index = w.folding.authority, len(w.log)
    time = w.now + timedelta(minutes=1)
    body = Draft(A, 1, "ministry", cls, "REF", "T", "en", text("x"), canonical("x"))
    entry = Entry(index, time, key(person), Act(ORIGIN, person, office, time, body))
    try:
        apply(authority, None, entry)
        taken = True
    except NotAllowed:
        taken = False
    asked = Question(office, Kind.DRAFT, cls, person)
    assert judge(asked, Moment(authority, index, time), past.acts).may == taken


@given(moves, times)
@settings(max_examples=40)
def test_what_is_called_in_force_is_what_the_fold_finds(
    wanted: list[tuple[str, int, int, float, float | None]], time: datetime
) -> None:
    past = played(wanted)
    for size, authority in past.before.items():
        at = Moment(authority, size, time)
        for (person, office), given_ in authority.tenures.items():
            held = authority.holds(person, office, size, time)
            found = {each.index: tenure(at, past.acts, each) for each in given_}
            in_force = [n for n, each in found.items() if each.status is Status.IN_FORCE]
            assert in_force == ([] if held is None else [held.index])
            assert all(each.why for n, each in found.items() if n not in in_force)
        for loans in authority.lent.values():
            for loan in loans:
                place = (loan.person, loan.office, loan.cls)
                has = authority.delegated(*place, size, time, under=loan.index)
                status = lent(at, past.acts, loan)
                assert (status.status is Status.IN_FORCE) == (has is not None)
                assert status.why or has is not None


@given(moves, st.sampled_from(OFFICES), st.sampled_from(ASKED), times)
@settings(max_examples=40)
def test_each_step_names_the_entries_that_say_so(
    wanted: list[tuple[str, int, int, float, float | None]],
    office: str,
    kind: Kind,
    time: datetime,
) -> None:
    """Issue 5: every step names its entry on the log, so that a stranger can look it up."""
    past = played(wanted)
    for size, authority in past.before.items():
        told = explain(Question(office, kind), [Moment(authority, size, time)], past.acts)
        for step in told.steps:
            named = {int(n) for n in re.findall(r"entry (\d+)", step.says)}
            assert set(step.entries) <= named
            assert all(n in past.acts and n < size for n in step.entries)
            assert step.entries or "this point of the log" in step.says or "nobody" in step.says


@given(moves, st.sampled_from(OFFICES), st.sampled_from(ASKED), st.lists(times, min_size=1))
@settings(max_examples=30)
def test_everybody_through_a_time_is_each_of_them_at_each_moment(
    wanted: list[tuple[str, int, int, float, float | None]],
    office: str,
    kind: Kind,
    moments: list[datetime],
) -> None:
    past = played(wanted)
    sizes = sorted(past.before)
    ats = [
        Moment(past.before[size], size, time)
        for size, time in zip(sizes, sorted(set(moments)), strict=False)
    ]
    told = explain(Question(office, kind), ats, past.acts)
    for spans in told.answers:
        for at in ats:
            said = [each for each in spans if each.since <= at.time][-1].answer
            one = Question(office, kind, said.cls or None, said.person)
            assert judge(one, at, past.acts).same_as(said)
            assert said.may == by_power(at, one)


@given(moves, times)
@settings(max_examples=40)
def test_the_bars_are_what_the_fold_would_have_found_at_each_time(
    wanted: list[tuple[str, int, int, float, float | None]], time: datetime
) -> None:
    """Drawn by the log as of each time, with the keys that are revoked by now."""
    past = played(wanted)
    size = len(past.world.log)
    at = Moment(past.world.folding.authority, size, time)
    then = next((n for n in sorted(past.acts) if past.acts[n].time > time), size)
    for office in OFFICES[:5]:
        drawn = [
            each
            for each in bars(at, past.acts, office)
            if each.since <= time and (each.until is None or time < each.until)
        ]
        for person in PEOPLE:
            held = at.authority.holds(person, office, then, time)
            mine = [each.entry for each in drawn if each.person == person and not each.cls]
            assert mine == ([] if held is None else [held.index])


# --- what the reasons say -----------------------------------------------------------------------


def now(w: World) -> Moment:
    return Moment(w.folding.authority, len(w.log), w.now + timedelta(minutes=1))


def acts_of(w: World) -> Acts:
    return Past(w, {}).acts


def asked(w: World, question: Question, at: Moment | None = None) -> Answer:
    return judge(question, at or now(w), acts_of(w))


def signing(person: str, office: str = "ministry", cls: str = "letter") -> Question:
    return Question(office, Kind.SIGN, cls, person)


def test_a_delegation_falls_with_the_tenure_and_the_entry_that_ended_it_is_named() -> None:
    """Design 4: on the effective day a person's delegations fall."""
    w = world()
    leaves = w.now + timedelta(days=3)
    ended = w.root(End("p-min", "ministry", leaves))
    before = Moment(w.folding.authority, len(w.log), leaves - timedelta(seconds=1))
    assert asked(w, signing("p-deputy"), before).may  # announced is not effective
    after = Moment(w.folding.authority, len(w.log), leaves)
    answer = asked(w, signing("p-deputy"), after)
    assert answer.failing is Rule.TENURE
    assert "it fell with the tenure of p-min" in answer.because
    assert f"entry {ended}" in answer.because and ended in answer.entries
    told = explain(signing("p-deputy"), [before, after], acts_of(w))
    ((first, second),) = told.answers
    assert (first.answer.may, second.answer.may, second.since) == (True, False, leaves)
    (step,) = [each for each in told.steps if each.about == "delegation"]
    assert step.status == "fallen" and ended in step.entries


def test_a_new_tenure_does_not_bring_the_delegation_back() -> None:
    w = world()
    w.root(End("p-min", "ministry", w.now))
    w.appoint("p-min", "ministry")
    assert asked(w, signing("p-min")).may
    assert "fell with the tenure" in asked(w, signing("p-deputy")).because


def test_what_was_revoked_names_its_revocation() -> None:
    w = world()
    entry = w.do(*MIN, Revoke("p-deputy", "ministry", "letter"))
    answer = asked(w, signing("p-deputy"))
    assert f"revoked by entry {entry}" in answer.because and entry in answer.entries


def test_a_tenure_that_comes_later_is_told_with_both_dates() -> None:
    w = world()
    begins = w.now + timedelta(days=40)
    index = w.appoint("p-new", "ministry/desk", effective=begins)
    told = explain(Question("ministry/desk", Kind.DRAFT, "letter", "p-new"), [now(w)], acts_of(w))
    (step,) = [each for each in told.steps if each.about == "tenure"]
    assert step.status == "not yet begun" and step.entries == (index, index)
    assert "announced 2031-01-01" in step.says and f"effective {begins:%Y-%m-%d}" in step.says
    ((span,),) = told.answers
    assert span.answer.failing is Rule.TENURE and "it begins" in span.answer.because


def test_an_acting_tenure_names_its_basis() -> None:
    w = world()
    until = w.now + timedelta(days=210)
    w.root(Appoint("p-act", "A", "other", key("p-act"), w.now, until, True, "Vacancies Act, § 3"))
    told = explain(Question("other"), [now(w)], acts_of(w))
    (step,) = [each for each in told.steps if "p-act" in each.says and each.about == "tenure"]
    assert "acting, on the basis “Vacancies Act, § 3”" in step.says
    assert f"until {until:%Y-%m-%d}" in step.says
    (bar,) = [each for each in bars(now(w), acts_of(w), "other") if each.person == "p-act"]
    assert bar.acting and bar.until == until


def test_a_later_appointment_decides_also_by_its_end() -> None:
    """Spec 5.2; who is appointed for good and then until June goes in June."""
    w = world()
    last = w.appoint("p-min", "ministry", until=w.now + timedelta(days=30))
    after = Moment(w.folding.authority, len(w.log), w.now + timedelta(days=31))
    answer = asked(w, signing("p-min"), after)
    assert not answer.may and last in answer.entries
    assert f"the appointment of entry {last} took effect later" in answer.because


def test_a_key_that_was_given_for_another_office_does_not_count() -> None:
    """Spec 5.5: the head of a small office cannot make tomorrow's minister sign with a key."""
    w = world()
    w.appoint("p-new", "ministry/press", by=MIN)
    rooted = Appoint("p-new", "P-New", "other", key("another"), w.now)
    w.root(rooted)
    w.root(letter_class(cls="other-letter", office="other", signers=("other", "ministry/press")))
    assert asked(w, signing("p-new", "other", "other-letter")).may
    w.root(RevokeKey("p-new", key("another"), len(w.log) - 1))
    answer = asked(w, signing("p-new", "other", "other-letter"))
    assert answer.failing is Rule.KEY
    assert "was not given for this office" in answer.because
    assert "counts up to entry" in answer.because


def test_a_revoked_key_takes_down_what_rests_on_it_and_says_by_which_entry() -> None:
    w = world()
    index = w.appoint("p-new", "ministry/desk", by=MIN)
    revoked = w.root(RevokeKey("p-min", key("p-min"), index - 1))
    answer = asked(w, Question("ministry/desk", Kind.DRAFT, "letter", "p-new"))
    assert answer.failing is Rule.TENURE
    assert f"it rests on entry {index}, made with a key of p-min" in answer.because
    assert {index, revoked} <= set(answer.entries)


def test_the_class_decides_who_signs_and_who_releases() -> None:
    w = world()
    press = Question("ministry/press", Kind.SIGN, "letter", "p-press")
    answer = asked(w, press)
    assert answer.failing is Rule.CAPACITY
    assert "one who signs it (ministry)" in answer.needed
    release = asked(w, Question("ministry/press", Kind.RELEASE, "letter", "p-press"))
    assert release.may and "a second person" in release.provided[0]
    unsigned = asked(w, Question("ministry/press", Kind.SIGN, "note", "p-press"))
    assert unsigned.failing is Rule.SIGNATURE
    ink = asked(w, signing("p-min", cls="ink"))
    assert ink.may and "attests it" in ink.provided[0]
    deputy = asked(w, signing("p-deputy"))
    assert deputy.may and "nor p-min, who lent the power" in " ".join(deputy.provided)


def test_a_void_class_allows_what_lowers_and_nothing_else() -> None:
    """Spec 8.4."""
    w = world()
    entry = w.do(*CROWN, letter_class(second_person=False))
    revoked = w.root(RevokeKey("p-crown", key("p-crown"), entry - 1))
    answer = asked(w, signing("p-min"))
    assert answer.failing is Rule.CLASS and f"entry {entry}" in answer.because
    assert asked(w, Question("ministry", Kind.WITHDRAW, "letter", "p-min")).may
    told = explain(Question("ministry", Kind.WITHDRAW, "letter"), [now(w)], acts_of(w))
    void = [each for each in told.steps if each.status == "void"]
    assert any({entry, revoked} <= set(each.entries) for each in void)


def test_the_tree_is_told_from_the_office_to_its_top() -> None:
    told = explain(Question("ministry/press"), [now(world())], acts_of(world()))
    said = [each.says for each in told.steps if each.about == "office"]
    assert said[1].startswith("above “ministry/press” stands “ministry”")
    assert "above “ministry” stands “crown”" in said[2]
    assert said[3].startswith("above “crown” (entry 1) stands no office")


@pytest.mark.parametrize("kind", ASKED)
def test_every_act_on_a_letter_can_be_asked_about(kind: Kind) -> None:
    told = explain(Question("ministry", kind), [now(world())], acts_of(world()))
    assert told.answers and told.steps
    assert {span.answer.person for spans in told.answers for span in spans} == {
        "p-deputy",
        "p-min",
    }
