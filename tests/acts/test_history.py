"""One letter folded alone, with the authority of each index, is that letter in the whole fold."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from tests.acts import histories
from tests.acts.histories import Step
from tests.acts.test_standing import believed
from tests.acts.world import A, B, World, released_letter

from vidimus.core.acts.history import History, fold_letter
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import Folding, fold
from vidimus.core.acts.vocabulary import End, Withdraw


def alone(found: World, name: str) -> Folding:
    """The letter, folded from the acts on it and those on authority."""
    history = History()
    acts = []
    for entry in believed(found):
        if entry.act.subject == AUTHORITY:
            history.add(entry)
        elif entry.act.subject == name:
            acts.append(entry)
    return fold_letter(history, acts)


@settings(max_examples=40)
@given(histories.begun(), histories.moves((*histories.PREPARATION, *histories.MOVES), most=30))
def test_a_letter_alone_is_the_letter_in_the_whole(found: World, steps: list[Step]) -> None:
    histories.play(found, steps)
    whole = fold(believed(found))
    for name in (A, B):
        assert alone(found, name).letters.get(name) == whole.letters.get(name)


def test_an_act_dated_back_into_a_tenure_that_ended_has_no_effect() -> None:
    """Issue 3: a back-dated act. The end of the tenure moved the time of the log on."""
    found = released_letter()
    before = found.now
    found.root(End("p-min", "ministry", found.now + timedelta(minutes=30)))
    found.now += timedelta(days=1)
    found.root(End("p-press", "ministry/press", found.now))
    index = found.do("p-min", "ministry", Withdraw(A), at=before)
    assert not found.valid(index)
    assert "the log had reached" in str(found.refusal(index))
    lonely = alone(found, A)
    assert [each.index for each in lonely.refused] == [index]
    assert lonely.letters[A] == found.letter(A)
