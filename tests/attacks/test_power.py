"""What somebody with little power does when a key of somebody with much was revoked."""

from __future__ import annotations

from tests.acts.world import A, key, letter_class, released_letter, world

from vidimus.core.acts.lifecycle import State
from vidimus.core.acts.vocabulary import Hold, RevokeKey, Withdraw


def test_who_takes_the_name_of_a_class_keeps_no_letter_up() -> None:
    """The definition of a class is void; somebody else defines one of its name for himself."""
    found = released_letter()
    defined = found.folding.authority.classes["letter"][0].index
    found.root(RevokeKey("p-crown", key("p-crown"), defined - 1))
    taken = letter_class(
        office="other/sub", signers=("other/sub",), releasers=("other/sub",), second_person=False
    )
    assert found.valid(found.do("p-other", "other", taken))
    for body in (Hold(A), Withdraw(A)):
        index = found.do("p-min", "ministry", body)
        assert found.valid(index), found.refusal(index)
    assert found.letter(A).state is State.WITHDRAWN


def test_who_takes_the_name_of_a_class_has_no_power_over_its_letters() -> None:
    found = released_letter()
    defined = found.folding.authority.classes["letter"][0].index
    found.root(RevokeKey("p-crown", key("p-crown"), defined - 1))
    taken = letter_class(office="other/sub", signers=("other/sub",), releasers=("other",))
    assert found.valid(found.do("p-other", "other", taken))
    for person, office in (("p-other", "other"), ("p-other", "other/sub")):
        assert not found.valid(found.do(person, office, Withdraw(A)))
    assert world().folding.refused == []
