"""Standing is a fold: the same for everybody, in one go or step by step, and it never lifts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acts import histories
from tests.acts.histories import Step
from tests.acts.world import A, B, C, World, released_letter, world

from vidimus.core.acts.kinds import AUTHORITY, LOWERING, Kind, Reason
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import FALLEN, NEXT, PREPARATION, STANDING, State
from vidimus.core.acts.standing import Entry, Folding, fold, step
from vidimus.core.acts.vocabulary import Correct, DeclareForged, Disown, Hold, Supersede, Withdraw

STEPS = histories.moves()
few = settings(max_examples=40, deadline=None)


def believed(found: World) -> list[Entry]:
    """The entries of this world as everybody reads them."""
    folding, verified = Folding(), []
    for index in range(len(found.log)):
        if index not in found.unverified:
            entry = found.entry(index, folding.authority)
            folding.add(entry)
            verified.append(entry)
    return verified


@few
@given(histories.begun(), STEPS)
def test_folding_in_one_go_is_folding_step_by_step(found: World, steps: list[Step]) -> None:
    """Design, section 4: a letter's state is a fold over its acts; nothing else holds state."""
    entries = believed(histories.play(found, steps))
    whole = fold(entries)
    state = fold(())
    for entry in entries:
        state = step(state, entry)
    assert state == whole


@few
@given(histories.begun(), STEPS)
def test_it_does_not_matter_where_a_fold_is_broken_off_and_taken_up(
    found: World, steps: list[Step]
) -> None:
    entries = believed(histories.play(found, steps))
    whole = fold(entries)
    for at in range(len(entries) + 1):
        first = fold(entries[:at])
        kept = replace(first)
        assert fold(entries[at:], first) == whole
        assert first == kept, "a state that was handed out does not change"


FALLS = (
    Withdraw(A),
    Supersede(A, C),
    Correct(A, C),
    Disown(A, Reason.WRONG_TEXT),
)


@few
@given(st.sampled_from(FALLS), STEPS)
def test_a_fallen_letter_never_stands_again(fall: Withdraw, steps: list[Step]) -> None:
    """Whatever people with power do afterwards, revoking keys included."""
    found = released_letter()
    assert found.valid(found.do("p-min", "ministry", fall))
    if isinstance(fall, Disown):  # for good: a second time, or after another fall
        found.do("p-min", "ministry", Withdraw(A))
        fallen = found.letter().state in FALLEN
        if not fallen:
            return
    for each in steps:
        histories.play(found, [each])
        assert found.letter().state in FALLEN
        assert found.letter().state not in STANDING
    assert found.public().letters[A].state in FALLEN


@few
@given(histories.begun(), STEPS)
def test_whatever_fell_in_a_history_stays_fallen_to_its_end(
    found: World, steps: list[Step]
) -> None:
    fallen: set[str] = set()
    for each in steps:
        histories.play(found, [each])
        for letter in found.folding.letters.values():
            assert letter.id not in fallen or letter.state in FALLEN
            if letter.state in FALLEN:
                fallen.add(letter.id)


def test_a_text_declared_forged_is_never_anything_else() -> None:
    found = world()
    forged = DeclareForged(A, "ministry", "A fake", "en", "ab" * 32, "cd" * 32)
    assert found.valid(found.do("p-min", "ministry", forged))
    for index in (
        found.draft(),
        found.do("p-min", "ministry", forged),
        found.do("p-press", "ministry/press", found.released([])),
        found.do("p-min", "ministry", Hold(A)),
    ):
        assert not found.valid(index)
    assert found.letter().state is State.DECLARED_FORGED


@pytest.mark.parametrize("start", sorted(FALLEN))
def test_the_table_has_no_way_back_from_a_fallen_state(start: State) -> None:
    reached, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (state, _kind), there in NEXT.items():
            if state is here and there not in reached:
                reached.add(there)
                todo.append(there)
    assert reached <= FALLEN


@pytest.mark.parametrize(("state", "kind"), sorted(NEXT))
def test_a_lowering_act_never_leads_to_a_letter_that_stands(state: State, kind: Kind) -> None:
    """Decision 0006 rests on it: what only lowers may keep its effect without its key."""
    if kind in LOWERING:
        assert NEXT[state, kind] not in STANDING or NEXT[state, kind] is state


@pytest.mark.parametrize(("state", "kind"), sorted(NEXT))
def test_only_three_acts_make_a_letter_stand(state: State, kind: Kind) -> None:
    """`raised_in_doubt` looks at these three alone."""
    if state not in STANDING and NEXT[state, kind] in STANDING:
        assert kind in {Kind.RELEASE, Kind.CLEAR, Kind.RATIFY}


@pytest.mark.parametrize(("state", "kind"), sorted(NEXT))
def test_a_letter_once_released_is_never_in_preparation_again(state: State, kind: Kind) -> None:
    if state not in PREPARATION:
        assert NEXT[state, kind] not in PREPARATION


def public_part(letter: Letter) -> object:
    """What the public face may know of a letter."""
    versions = tuple(
        replace(each, drafter=None, index=0)
        for each in letter.versions
        if each.number in letter.public_versions
    )
    in_preparation = letter.state in PREPARATION
    return (
        letter.id,
        (letter.office, letter.cls, letter.rule, letter.reference, letter.title),
        "in preparation" if in_preparation else letter.state,
        versions,
        () if letter.released is None else letter.signatures,
        letter.events,
        letter.released,
        letter.acknowledged,
        letter.successor,
    )


@settings(max_examples=100, deadline=None)
@given(histories.begun(), histories.moves((*histories.PREPARATION, *histories.MOVES), most=30))
def test_the_public_folds_what_the_office_folds(found: World, steps: list[Step]) -> None:
    """A registry puts on the log what is allowed; then both faces see the same."""
    found.strict = True
    histories.play(found, steps)
    office, public = found.office(), found.public()
    assert not office.refused and not public.refused
    assert office.authority == public.authority
    known = {name for name, letter in office.letters.items() if letter.public_versions}
    assert set(public.letters) == known
    for name in known:
        theirs = public.letters[name]
        assert public_part(office.letters[name]) == public_part(theirs)
        for authority in (office.authority, public.authority):
            ours = office.letters[name]
            if ours.released is not None:
                assert ours.signed_with_power(authority) == theirs.signed_with_power(authority)
            assert ours.raised_in_doubt(authority) == theirs.raised_in_doubt(authority)


@few
@given(histories.begun(), histories.moves((*histories.PREPARATION, *histories.MOVES), most=30))
def test_one_letter_needs_its_own_acts_and_those_on_authority_alone(
    found: World, steps: list[Step]
) -> None:
    histories.play(found, steps)
    entries = believed(found)
    whole = fold(entries)
    for name in (A, B):
        part = fold(each for each in entries if each.act.subject in (AUTHORITY, name))
        assert part.letters.get(name) == whole.letters.get(name)
        assert part.authority == whole.authority


def test_random_histories_do_reach_letters_that_stand() -> None:
    """The properties above are worth something only if the histories are alive."""
    found = released_letter()
    assert found.letter().state is State.RELEASED
    assert found.public().letters[A].state is State.RELEASED
    assert found.letter().signed_with_power(found.folding.authority)
    assert found.letter().raised_in_doubt(found.folding.authority) is None
