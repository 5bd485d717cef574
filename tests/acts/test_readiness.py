"""What a letter still needs, as one list; and the list says what the fold does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.acts import histories
from tests.acts.histories import DEPUTY, DESK, MIN, OTHER, PRESS, Move, Step
from tests.acts.world import A, World, world

from vidimus.core.acts.kinds import Kind, Position
from vidimus.core.acts.readiness import (
    Item,
    Moment,
    State,
    readiness,
    ready,
    standing_signatures,
)
from vidimus.core.acts.vocabulary import End, Withdraw

MINUTE = timedelta(minutes=1)


def moment(found: World, later: timedelta = MINUTE) -> Moment:
    return Moment(found.folding.authority, len(found.log), found.now + later)


def items(found: World, letter: str = A, **more: object) -> tuple[Item, ...]:
    return readiness(found.letter(letter), moment(found), **more)  # type: ignore[arg-type]


def lines(found: World, **more: object) -> dict[str, str]:
    return {each.what: f"{each.state}: {each.why}" for each in items(found, **more)}


def test_the_list_is_in_the_order_in_which_it_is_met() -> None:
    found = world()
    found.draft()
    found.ask("other")
    found.ask("ministry", within=timedelta(minutes=2))
    found.ask("other/sub", required=False)
    found.answer(OTHER, Position.NONCONCUR)
    assert [str(each.state) for each in items(found)] == [
        *("met", "blocked", "blocked", "missing", "met")
    ]
    said = lines(found)
    assert list(said) == ["version 1", "other", "ministry", "signature", "release"]
    assert said["other"].startswith("blocked: nonconcurs, P-Other, entry ")
    assert said["other"].endswith(": “The date is wrong.”")
    assert said["ministry"].startswith("blocked: owes its answer since 2031-")
    assert said["signature"] == "missing: by ministry (digital)"
    assert said["release"].startswith("met: by somebody of ministry/press, ministry/desk, ministry")


def test_what_is_refused_is_refused_with_the_words_of_the_list() -> None:
    found = world()
    found.draft()
    found.ask("other")
    found.answer(OTHER, Position.NONCONCUR)
    refusal = found.refusal(found.sign())
    assert refusal == "version 1 cannot be signed: other stands in the way"


def test_an_override_is_read_with_its_name_and_reason() -> None:
    found = world()
    found.draft()
    found.ask("other")
    found.answer(OTHER, Position.NONCONCUR)
    index = found.override("other")
    said = lines(found)["other"]
    assert said.startswith("met: nonconcurs, P-Other")
    assert said.endswith(f"overridden by P-Min, entry {index}: “It cannot wait.”")


def test_the_releaser_reads_that_it_cannot_be_himself() -> None:
    found = world()
    found.draft()
    found.sign()
    assert "but not p-min" in lines(found)["release"]
    assert lines(found, releaser=MIN)["release"].startswith("blocked: not by p-min")
    assert lines(found, releaser=OTHER)["release"].startswith("blocked: the office “other” may")
    assert lines(found, releaser=PRESS)["release"].startswith("met: by P-Press")


def test_a_signature_that_fell_is_said_to_have_fallen() -> None:
    found = world()
    found.draft()
    found.sign()
    found.root(End("p-min", "ministry", found.now))
    assert lines(found)["signature"].startswith("blocked: that of P-Min fell")


@pytest.mark.parametrize(("version", "state"), [(1, State.BLOCKED), (2, State.MET)])
def test_whoever_read_an_older_version_is_told(version: int, state: State) -> None:
    found = world()
    found.draft()
    found.revise()
    assert items(found, version=version)[0].state is state


def test_a_letter_that_is_out_is_neither_signed_nor_released_again() -> None:
    found = world()
    found.draft()
    found.release([found.sign()])
    found.do(*MIN, Withdraw(A))
    said = items(found)
    assert not ready(said, Kind.SIGN)
    assert not ready(said, Kind.RELEASE)
    assert [each.why for each in said if each.what == "letter"] == ["it is withdrawn"] * 2


WITHOUT_REVOKED_KEYS: tuple[Move, ...] = (
    *histories.CARRYING * 4,
    lambda w, a, b: w.root(End(*(MIN, DESK)[a % 2], w.now)),
    *histories.POWER[3:6],
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from((PRESS, DESK, MIN, DEPUTY, OTHER)),
    st.sampled_from(("letter", "note")),
    histories.moves(WITHOUT_REVOKED_KEYS, most=20),
)
def test_what_the_list_says_is_what_the_fold_does(
    releaser: tuple[str, str], cls: str, steps: list[Step]
) -> None:
    """Ready to be released by this person: it is released. Not ready: it is refused."""
    found = world()
    found.draft(cls=cls)
    histories.play(found, steps)
    foreseen, now = ready(items(found, releaser=releaser), Kind.RELEASE), moment(found)
    rule = now.authority.rule(cls, now.index)
    opens = [each.index for each in standing_signatures(found.letter(), rule, now)]
    tried = found.copy()
    released = tried.valid(tried.release(opens, by=releaser))
    event(f"released: {released}")
    assert released is foreseen
    tried = found.copy()
    if tried.valid(tried.sign()):
        event("signed")
        assert ready(items(found), Kind.SIGN)
