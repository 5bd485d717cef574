"""Decision 0006: revoking a key takes down what rested on it, and never raises anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.acts import histories
from tests.acts.histories import DESK, MIN, PRESS, Step
from tests.acts.world import CROWN, A, B, C, World, key, letter_class, released_letter, world

from vidimus.core.acts.kinds import Kind, Reason, SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import STANDING, State
from vidimus.core.acts.vocabulary import (
    AcknowledgeDraft,
    Body,
    Clear,
    Correct,
    Cover,
    DeclareForged,
    Disown,
    End,
    Establish,
    Hold,
    Ratify,
    RevokeKey,
    Supersede,
    Withdraw,
)


def revoke(found: World, seed: str, last: int, person: str | None = None) -> None:
    body = RevokeKey(person or seed, key(seed), last)
    cosign = "p-root-c" if seed == "p-root-b" else "p-root-b"
    assert found.valid(found.root(body, cosign=(cosign,)))


def stands(found: World, letter: str = A) -> bool:
    """As the desk asks it: nothing fell, the signature counts, and so does what raised it."""
    authority = found.folding.authority
    for known in (found.letter(letter), found.public().letters[letter]):
        signed = known.rule is SignatureRule.NONE or known.signed_with_power(authority)
        ratified = known.state is State.RATIFIED
        if known.state not in STANDING or known.raised_in_doubt(authority) is not None:
            return False
        if not signed and not ratified:
            return False
    return True


def last(found: World, kind: Kind) -> int:
    event = found.letter().last(kind)
    assert event is not None
    return event.index


def test_a_revocation_names_the_last_entry_that_counts() -> None:
    found = released_letter()
    at = found.letter().signatures[0].index
    exactly = found.copy()
    revoke(exactly, "p-min", at)
    assert stands(exactly)
    revoke(found, "p-min", at - 1)
    assert not stands(found)
    assert not found.letter().signed_with_power(found.folding.authority)


def test_a_release_with_a_stolen_key_is_in_doubt() -> None:
    found = released_letter()
    revoke(found, "p-press", last(found, Kind.RELEASE) - 1)
    doubt = found.letter().raised_in_doubt(found.folding.authority)
    assert doubt is not None and doubt.kind is Kind.RELEASE
    assert not stands(found)


def test_a_clearance_with_a_stolen_key_is_in_doubt_until_another() -> None:
    found = released_letter()
    found.do(*MIN, Hold(A))
    found.do(*PRESS, Clear(A))
    assert stands(found)
    revoke(found, "p-press", last(found, Kind.CLEAR) - 1)
    assert found.letter().state is State.RELEASED and not stands(found)
    found.do(*MIN, Hold(A))
    found.do(*MIN, Clear(A))
    assert stands(found)


def test_a_ratification_with_a_stolen_key_is_in_doubt() -> None:
    found = released_letter()
    found.do(*MIN, Disown(A, Reason.NOT_AUTHORISED))
    found.appoint("p-second", "ministry")
    found.do("p-second", "ministry", Ratify(A))
    assert found.letter().state is State.RATIFIED and stands(found)
    revoke(found, "p-second", last(found, Kind.RATIFY) - 1)
    assert not stands(found)


def test_a_good_clearance_does_not_heal_a_bad_release() -> None:
    """Not even when a clearance was in doubt in between and was given again."""
    found = released_letter()
    release = last(found, Kind.RELEASE)
    found.do(*MIN, Hold(A))
    found.do(*PRESS, Clear(A))
    found.do(*MIN, Hold(A))
    found.do(*MIN, Clear(A))
    revoke(found, "p-press", release - 1)
    doubt = found.letter().raised_in_doubt(found.folding.authority)
    assert doubt is not None and doubt.kind is Kind.RELEASE
    assert not stands(found)


def test_a_release_in_doubt_can_be_ratified() -> None:
    found = released_letter()
    revoke(found, "p-press", last(found, Kind.RELEASE) - 1)
    assert found.valid(found.do(*MIN, Ratify(A)))
    assert found.letter().state is State.RATIFIED and stands(found)


def test_a_letter_that_is_in_no_doubt_is_not_ratified() -> None:
    found = released_letter()
    assert not found.valid(found.do(*MIN, Ratify(A)))
    found.draft(B, cls="note")
    assert found.valid(found.release([], B))
    assert not found.valid(found.do(*PRESS, Ratify(B)))


def test_the_chain_goes_through_appointments() -> None:
    """p-press was appointed by p-min: revoke that key back, and the release has no ground."""
    found = released_letter()
    appointed = next(
        each for each in found.folding.authority.appointments if each.person == "p-press"
    )
    revoke(found, "p-min", appointed.index - 1)
    authority = found.folding.authority
    assert authority.holds(*PRESS, found.folding.size, found.now) is None
    assert found.letter().raised_in_doubt(authority) is not None
    assert not found.valid(found.do(*PRESS, Hold(A)))
    assert not stands(found)


def test_the_chain_goes_through_delegations_and_the_witness_of_ink() -> None:
    found = world()
    found.draft(A)
    assert found.valid(found.release([found.sign(A, histories.DEPUTY)]))
    found.draft(B, cls="ink")
    assert found.valid(found.release([found.sign(B, attested=DESK)], B))
    lent = found.folding.authority.delegations[0].index
    ink = found.letter(B).signatures[0].index
    delegation = found.copy()
    revoke(delegation, "p-min", lent - 1)
    assert not stands(delegation, A)
    revoke(found, "p-desk", ink - 1)
    assert not stands(found, B) and stands(found, A)


def test_the_chain_goes_through_the_founders_who_approved() -> None:
    found = released_letter()
    appointed = next(
        each for each in found.folding.authority.appointments if each.person == "p-min"
    )
    revoke(found, "p-root-b", appointed.index - 1)
    assert found.folding.authority.holds(*MIN, found.folding.size, found.now) is None
    assert not stands(found)


def test_the_chain_goes_through_the_definition_of_the_class() -> None:
    """A thief makes the class need no signature, and somebody honest releases by that rule."""
    found = world()
    found.draft()
    defined = found.do(*CROWN, letter_class(rule=SignatureRule.NONE))
    assert found.valid(found.release([]))
    assert stands(found)
    revoke(found, "p-crown", defined - 1)
    assert not stands(found)


def test_a_rule_that_rested_on_a_stolen_key_gives_way_to_none_and_not_to_an_older() -> None:
    found = world()
    found.do(*CROWN, letter_class(rule=SignatureRule.NONE))
    strict = found.do(*CROWN, letter_class())
    revoke(found, "p-crown", strict - 1)
    found.appoint("p-next", "crown")
    found.draft()
    assert not found.valid(
        found.do("p-desk", "ministry/desk", Cover("ministry", "letter", found.now))
    )
    assert A not in found.folding.letters
    found.do("p-next", "crown", letter_class())
    assert found.valid(found.draft())


def test_a_class_in_doubt_does_not_delay_a_withdrawal() -> None:
    found = released_letter()
    defined = found.do(*CROWN, letter_class(title="Again"))
    found.appoint("p-next", "crown")
    revoke(found, "p-crown", defined - 1)
    assert found.valid(found.do("p-next", "crown", Withdraw(A)))


def test_the_second_person_is_still_needed_when_a_signature_falls() -> None:
    """Signed by two, released by one of them; the other's key was stolen all along."""
    found = world()
    found.appoint("p-co", "ministry")
    found.draft()
    first, second = found.sign(), found.sign(by=("p-co", "ministry"))
    assert found.valid(found.release([first, second], by=MIN))
    assert stands(found)
    revoke(found, "p-co", second - 1)
    assert not stands(found)


def test_a_revoked_key_signs_nothing_more() -> None:
    found = released_letter()
    revoke(found, "p-min", found.folding.size - 1)
    assert stands(found)
    assert not found.valid(found.do(*MIN, Withdraw(A)))
    assert not found.valid(found.root(RevokeKey("p-min", key("p-min"), found.folding.size)))
    assert not found.valid(found.appoint("p-min", "ministry"))  # with the same key again


def test_a_revocation_is_not_taken_back_by_a_later_one() -> None:
    found = released_letter()
    revoke(found, "p-min", 3)
    revoke(found, "p-min", found.folding.size - 1)
    assert found.folding.authority.revoked[key("p-min")] == 3


def test_a_signature_made_with_a_revoked_key_cannot_be_opened() -> None:
    found = world()
    found.draft()
    index = found.sign()
    revoke(found, "p-min", index - 1)
    assert not found.valid(found.release([index]))


LOWERING: dict[str, Callable[[], Body]] = {
    "hold": lambda: Hold(A),
    "correct": lambda: Correct(A, C),
    "supersede": lambda: Supersede(A, C),
    "withdraw": lambda: Withdraw(A),
    "disown": lambda: Disown(A, Reason.FORGED),
}


@pytest.mark.parametrize("name", LOWERING)
def test_what_only_lowers_keeps_its_effect(name: str) -> None:
    found = released_letter()
    index = found.do(*MIN, LOWERING[name]())
    state = found.letter().state
    revoke(found, "p-min", index - 1)
    assert found.letter().state is state is not State.RELEASED
    assert found.public().letters[A].state is state


def test_a_text_declared_forged_or_a_draft_acknowledged_stays_so() -> None:
    found = world()
    found.draft()
    acknowledged = found.acknowledge(by=MIN)
    found.do(*MIN, DeclareForged(B, "ministry", "A fake", "en", "ab" * 32, "cd" * 32))
    revoke(found, "p-min", acknowledged - 1)
    assert found.letter(A).acknowledged == {1}
    assert found.letter(B).state is State.DECLARED_FORGED


def test_an_end_stays_an_end() -> None:
    found = world()
    ended = found.do(*MIN, End("p-press", "ministry/press", found.now))
    revoke(found, "p-min", ended - 1)
    assert found.folding.authority.holds(*PRESS, found.folding.size, found.now) is None


def test_a_promise_made_with_a_stolen_key_promises_nothing() -> None:
    found = world()
    made = found.do(*MIN, Cover("ministry", "letter", found.now))
    assert found.folding.authority.covered("ministry", found.now)
    revoke(found, "p-min", made - 1)
    assert not found.folding.authority.covered("ministry", found.now)


@settings(max_examples=20, deadline=None)
@given(histories.begun(), histories.moves(most=15))
def test_revoking_every_key_raises_nothing(found: World, steps: list[Step]) -> None:
    """Whatever happened before: the letters that stand are a part of those that stood."""
    histories.play(found, steps)
    before = {each for each, known in found.folding.letters.items() if known.released}
    stood = {each for each in before if stands(found, each)}
    power = {
        who: found.folding.authority.holds(*who, found.folding.size, found.now)
        for who in (MIN, PRESS, DESK)
    }
    for person in ("p-press", "p-min", "p-desk", "p-deputy"):
        states: dict[str, Letter] = dict(found.folding.letters)
        for back in (found.folding.size - 1, found.folding.size // 2, 1):
            found.root(RevokeKey(person, key(person), back))
        assert dict(found.folding.letters) == states, "a revocation changes no letter itself"
        now = {each for each in before if stands(found, each)}
        assert now <= stood
        stood = now
        for who, held in power.items():
            still = found.folding.authority.holds(*who, found.folding.size, found.now)
            assert still is None or held is not None
    assert not stood


def test_the_founders_rebuild_after_a_theft() -> None:
    """The minister's key was stolen; what she withdrew stays withdrawn, and work goes on."""
    found = released_letter()
    found.do(*MIN, Withdraw(A))
    revoke(found, "p-min", 1)
    assert found.valid(found.appoint("p-min", "ministry", seed="p-min-2"))
    again = {"seed": "p-min-2"}
    found.do(*CROWN, replace(letter_class(), title="Letters"))
    for person, office in (PRESS, DESK):
        body = found.folding.authority
        assert body.holds(person, office, found.folding.size, found.now) is None
        assert found.valid(found.appoint(person, office))
    assert found.valid(found.draft(B))
    signed = found.sign(B, **again)
    assert found.valid(found.release([signed], B))
    assert stands(found, B) and found.letter(A).state is State.WITHDRAWN
    assert found.valid(found.root(Establish("ministry/new", "New", "ministry")))


def test_the_acts_that_lower_are_those_that_the_decision_names() -> None:
    names = {Hold, Correct, Supersede, Withdraw, Disown, AcknowledgeDraft, DeclareForged}
    from vidimus.core.acts.kinds import LOWERING as listed

    assert {each.kind for each in names} == listed
