"""Offices are asked about a version, answer for it, and are overridden by name or obeyed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.acts import histories
from tests.acts.histories import DEPUTY, DESK, MIN, OTHER, PRESS, Step
from tests.acts.world import A, World, key, world

from vidimus.core.acts import document as documents
from vidimus.core.acts.asking import Ask, Comment, Coordinate
from vidimus.core.acts.kinds import Kind, Position, SignatureRule
from vidimus.core.acts.lifecycle import State
from vidimus.core.acts.vocabulary import End, RevokeKey
from vidimus.errors import FormatError

NONCONCUR, CONCUR = Position.NONCONCUR, Position.CONCUR
COMMENTED = Position.CONCUR_WITH_COMMENT
DAY = timedelta(days=1)


def asked(*offices: str, **more: Any) -> World:
    """A draft of the ministry about which these offices are asked."""
    found = world()
    found.draft()
    assert found.valid(found.ask(*(offices or ("other",)), **more))
    return found


def signed(found: World) -> int:
    index = found.sign()
    assert found.valid(index), found.refusal(index)
    return index


def refused(found: World, index: int, words: str) -> None:
    assert words in (found.refusal(index) or "it was allowed"), found.refusal(index)


# --- asking ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("by", "may"), [(DESK, True), (MIN, True), (OTHER, False)])
def test_whoever_may_draft_a_letter_asks_about_it(by: tuple[str, str], may: bool) -> None:
    found = world()
    found.draft()
    assert found.valid(found.ask("other", by=by)) is may


def test_a_letter_is_coordinated_as_a_draft_and_no_longer_when_it_is_signed() -> None:
    found = world()
    found.draft()
    signed(found)
    refused(found, found.ask("other"), "cannot coordinate a letter in the state “signed”")


def test_only_the_latest_version_is_coordinated() -> None:
    found = world()
    found.draft()
    found.revise()
    body = Coordinate(A, 1, (Ask("other", found.now + DAY, True),))
    refused(found, found.do(*DESK, body), "version 1 is not the latest")


@pytest.mark.parametrize(
    ("offices", "within", "words"),
    [
        (("nowhere",), DAY, "there is no office “nowhere”"),
        ((), DAY, "each office is asked once, and one at least"),
        (("other", "other"), DAY, "each office is asked once"),
        (("other",), timedelta(0), "and that is past"),
    ],
)
def test_what_is_asked_can_be_answered(
    offices: tuple[str, ...], within: timedelta, words: str
) -> None:
    found = world()
    found.draft()
    refused(found, found.ask(*offices, within=within), words)


def test_asking_again_adds_offices_and_moves_dates() -> None:
    found = asked("other")
    found.ask("other", "other/sub", within=3 * DAY)
    there = {each.office: each.until for each in found.letter().coordination.asked}
    assert there == dict.fromkeys(
        ("other", "other/sub"), found.now - timedelta(minutes=1) + 3 * DAY
    )


def test_whoever_waits_for_a_required_answer_cannot_make_it_optional() -> None:
    found = asked("other", required=True)
    assert found.valid(found.ask("other", required=False))
    assert found.letter().coordination.asked[0].required
    refused(found, found.sign(), "version 1 cannot be signed")


# --- answering -------------------------------------------------------------------------------


def test_an_answer_is_that_of_the_office_that_was_asked() -> None:
    found = asked("other")
    refused(found, found.answer(PRESS), "“ministry/press” was not asked about this letter")
    refused(found, found.answer(("p-press", "other")), "p-press does not hold the office “other”")
    # Not from above: the office that was asked answers for itself.
    found.ask("other/sub")
    refused(found, found.answer(("p-other", "other/sub")), "does not hold the office")
    assert found.valid(found.answer(OTHER))


def test_a_delegate_of_an_asked_office_answers_for_it() -> None:
    """Of an office that signs the class: its delegation for this class."""
    found = asked("ministry")
    assert found.valid(found.answer(DEPUTY))


def test_who_left_the_office_answers_no_more() -> None:
    found = asked("other")
    found.root(End("p-other", "other", found.now))
    refused(found, found.answer(OTHER), "p-other does not hold the office")


@pytest.mark.parametrize(
    ("position", "comments", "words"),
    [
        (NONCONCUR, (), "a nonconcur needs a comment"),
        (COMMENTED, (), "a concur with comment needs a comment"),
        (CONCUR, (Comment("But."),), "a plain concur bears no comment"),
        (NONCONCUR, (Comment("No.", None, "before"),), "no quote between them"),
    ],
)
def test_a_no_says_why(position: Position, comments: tuple[Comment, ...], words: str) -> None:
    found = asked()
    refused(found, found.answer(OTHER, position, comments=comments), words)


def test_the_later_answer_counts() -> None:
    found = asked()
    found.answer(OTHER, NONCONCUR)
    refused(found, found.sign(), "version 1 cannot be signed: other stands in the way")
    found.answer(OTHER, COMMENTED)
    signed(found)


def test_a_no_after_the_signature_holds_the_release() -> None:
    found = asked()
    found.answer(OTHER)
    index = signed(found)
    assert found.valid(found.answer(OTHER, NONCONCUR))
    refused(found, found.release([index]), "version 1 cannot be released: other stands in the way")
    found.answer(OTHER, CONCUR)
    assert found.valid(found.release([index]))


def test_a_letter_that_needs_no_signature_is_held_as_well() -> None:
    found = world()
    found.draft(cls="note", by=DESK)
    found.ask("other", required=False)
    found.answer(OTHER, NONCONCUR)
    refused(found, found.release([]), "cannot be released")
    found.answer(OTHER, CONCUR)
    assert found.valid(found.release([]))


def test_a_signature_by_hand_is_held_as_well() -> None:
    found = world()
    found.draft(cls="ink")
    found.ask("other")
    refused(found, found.sign(attested=DESK), "version 1 cannot be signed")
    found.answer(OTHER)
    index = found.sign(attested=DESK)
    found.answer(OTHER, NONCONCUR)
    refused(found, found.release([index]), "cannot be released")
    found.override("other", by=MIN)
    assert found.valid(found.release([index]))


def test_a_letter_about_which_nobody_is_asked_goes_its_way_as_before() -> None:
    found = world()
    found.draft()
    assert found.valid(found.release([signed(found)]))


def test_an_optional_answer_may_stay_away_and_a_no_still_counts() -> None:
    found = asked(required=False)
    index = signed(found)
    found.answer(OTHER, NONCONCUR)
    refused(found, found.release([index]), "cannot be released")


# --- a new version ---------------------------------------------------------------------------


def test_a_new_version_voids_the_answers_and_the_same_offices_stay_asked() -> None:
    found = asked("other", "other/sub")
    found.answer(OTHER)
    found.revise()
    letter = found.letter()
    assert [each.office for each in letter.coordination.void(2)] == ["other"]
    assert {each.office for each in letter.coordination.asked} == {"other", "other/sub"}
    turns = letter.coordination.turns(2, found.folding.authority)
    assert all(each.answer is None and each.blocks for each in turns)
    body_of_1 = {"version": 1}
    refused(found, found.answer(OTHER, **body_of_1), "version 1 is not the latest")


def test_nobody_is_late_with_a_version_that_was_not_there_yet() -> None:
    """Docs, decision 20: a date that passed before a version counts no more for it."""
    found = asked("other", within=timedelta(minutes=3))
    found.now += timedelta(hours=1)
    found.revise()
    assert found.letter().coordination.asked[0].until is None
    refused(found, found.override("other"), "has no date for version 2 yet")
    refused(found, found.sign(), "cannot be signed")
    assert found.valid(found.ask("other"))


def test_a_comma_does_not_get_rid_of_an_objection() -> None:
    """Docs, decision 20: whoever said no, of its own accord or asked, is heard again."""
    found = asked("other", required=False)
    found.answer(OTHER, NONCONCUR)
    found.revise()
    refused(found, found.sign(), "version 2 cannot be signed")
    found.answer(OTHER)
    signed(found)


# --- overriding ------------------------------------------------------------------------------


def test_a_no_is_overridden_by_name() -> None:
    found = asked()
    found.answer(OTHER, NONCONCUR)
    assert found.valid(found.override("other"))
    (said,) = found.letter().coordination.overrides
    assert (said.name, said.reason) == ("P-Min", "It cannot wait.")
    assert found.valid(found.release([signed(found)]))


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (PRESS, "may not override for “ministry”"),
        (DESK, "may not override for “ministry”"),
        (OTHER, "may not override for “ministry”"),
    ],
)
def test_only_who_may_sign_overrides(by: tuple[str, str], words: str) -> None:
    found = asked()
    found.answer(OTHER, NONCONCUR)
    refused(found, found.override("other", by=by), words)
    assert found.valid(found.override("other", by=DEPUTY))


def test_the_drafter_does_not_override_what_stands_against_his_own_text() -> None:
    found = world()
    found.draft(by=MIN)
    found.ask("other")
    found.answer(OTHER, NONCONCUR)
    refused(found, found.override("other"), "p-min drafted this version")
    assert found.valid(found.override("other", by=DEPUTY))


def test_silence_is_overridden_when_the_date_has_passed_and_not_before() -> None:
    found = asked(within=timedelta(hours=1))
    refused(found, found.override("other"), "has not answered yet, and may until")
    refused(found, found.sign(), "cannot be signed")
    found.now += timedelta(hours=1)
    refused(found, found.sign(), "cannot be signed")
    assert found.valid(found.override("other"))
    signed(found)


def test_there_must_be_something_to_override() -> None:
    found = asked("other")
    found.ask("other/sub", required=False)
    refused(found, found.override("ministry/press"), "was not asked")
    refused(found, found.override("other/sub"), "does not stand in the way")
    found.answer(OTHER)
    refused(found, found.override("other"), "does not stand in the way")
    found.answer(OTHER, NONCONCUR)
    found.override("other")
    refused(found, found.override("other"), "is overridden already")


def test_an_override_is_bound_to_what_was_there_and_to_its_version() -> None:
    found = asked(within=timedelta(minutes=2))
    found.now += timedelta(hours=1)
    assert found.valid(found.override("other"))
    # It was silent, and now it speaks.
    found.answer(OTHER, NONCONCUR)
    refused(found, found.sign(), "cannot be signed")
    assert found.valid(found.override("other"))
    found.revise()
    refused(found, found.sign(), "version 2 cannot be signed")


# --- keys that are revoked -------------------------------------------------------------------


def test_a_yes_by_a_revoked_key_is_none() -> None:
    found = asked()
    index = found.answer(OTHER)
    found.root(RevokeKey("p-other", key("p-other"), index - 1))
    refused(found, found.sign(), "cannot be signed")


def test_to_revoke_a_key_is_no_way_round_a_no() -> None:
    found = asked(required=False)
    index = found.answer(OTHER, NONCONCUR)
    found.root(RevokeKey("p-other", key("p-other"), index - 1))
    refused(found, found.sign(), "cannot be signed")
    assert found.valid(found.override("other"))


def test_an_override_by_a_revoked_key_is_none() -> None:
    found = asked()
    found.answer(OTHER, NONCONCUR)
    index = found.override("other", by=DEPUTY)
    found.root(RevokeKey("p-deputy", key("p-deputy"), index - 1))
    refused(found, found.sign(), "cannot be signed")


# --- the release rests on it -----------------------------------------------------------------


def test_a_release_names_the_coordination_that_it_rests_on() -> None:
    found = asked()
    ask = found.letter().coordination.asked[0].index
    no = found.answer(OTHER, NONCONCUR)
    yes = found.override("other")
    index = signed(found)
    whole = found.released([index])
    assert {ask, no, yes} <= set(whole.rests_on)
    for left_out in (ask, no, yes):
        named = tuple(each for each in whole.rests_on if each != left_out)
        words = f"does not name entry {left_out}"
        refused(found, found.do(*PRESS, replace(whole, rests_on=named)), words)
    assert found.valid(found.do(*PRESS, whole))


def test_nothing_of_it_is_seen_outside_and_the_public_takes_the_release() -> None:
    found = asked("other", "other/sub")
    found.answer(OTHER, NONCONCUR)
    found.override("other")
    found.now += 2 * DAY
    found.override("other/sub")
    assert found.valid(found.release([signed(found)]))
    public = found.public()
    assert not public.refused
    assert public.letters[A].state is State.RELEASED
    assert public.letters[A].coordination.asked == ()


# --- in any order ----------------------------------------------------------------------------


def _stands_in_the_way(found: World, letter: str) -> set[str]:
    """The offices that are open, told from the raw acts alone, and not by the code under test."""
    want: dict[str, bool] = {}  # asked: is it required?
    said: dict[str, tuple[str, bool]] = {}  # answer or silence, and is it overridden?
    for index in range(len(found.log)):
        act = found.entry(index).act
        if act.subject != letter or not found.valid(index):
            continue
        match act.kind:
            case Kind.COORDINATE:
                for each in act.body.asked:  # type: ignore[attr-defined]
                    want[each.office] = each.required or want.get(each.office, False)
            case Kind.ANSWER:
                said[act.office] = (act.body.position.value, False)  # type: ignore[attr-defined]
            case Kind.OVERRIDE:
                office = act.body.office  # type: ignore[attr-defined]
                said[office] = (said.get(office, ("", False))[0], True)
            case Kind.REVISE:
                want |= {each: True for each, (what, _) in said.items() if what == "nonconcur"}
                said.clear()
    return {
        office
        for office, required in want.items()
        for what, over in [said.get(office, ("", False))]
        if not over and (what == "nonconcur" or (not what and required))
    }


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(("letter", "note")), histories.moves(histories.CARRYING, most=25))
def test_an_open_nonconcur_is_never_signed_and_never_released(cls: str, steps: list[Step]) -> None:
    """Whatever the order of asking, answering, revising, overriding, signing, releasing."""
    found = world()
    found.draft(cls=cls)
    for each in steps:
        open_, before = _stands_in_the_way(found, A), len(found.log)
        histories.play(found, [each])
        for index in range(before, len(found.log)):
            kind = found.entry(index).act.kind
            if kind in (Kind.SIGN, Kind.RELEASE):
                done = found.valid(index)
                event(f"{kind}, {'open' if open_ else 'free'}: {'done' if done else 'refused'}")
                assert not (done and open_)


def test_what_is_malformed_is_no_act() -> None:
    found = asked()
    logged = found.log[found.letter().coordination.asked[0].index]
    for before, after in (
        (b'"required":true', b'"required":1'),
        (b'"required":true', b'"required":true,"why":"x"'),
        (b'"office":"other"', b'"office":"Other"'),
    ):
        broken = logged.document.replace(before, after)
        assert broken != logged.document
        with pytest.raises(FormatError):
            documents.read_sealed(broken)


def test_a_class_without_a_signature_rule_is_no_way_round() -> None:
    """The class may change under a letter; what stands in its way stays there."""
    found = asked()
    found.answer(OTHER, NONCONCUR)
    rule = replace(found.folding.authority.rule("letter", 10**6), rule=SignatureRule.NONE)
    assert found.valid(found.do(*histories.CROWN, rule))
    refused(found, found.release([], by=PRESS), "cannot be released")
