"""Words that stay the same and are set apart from their sentence: spec/matching.md, section 4."""

from __future__ import annotations

import pytest
from tests.copies.letters import LETTER, picture, registered, typed

from vidimus.core.copies.hidden import shown_turned
from vidimus.core.copies.recognise import compare


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("will not leave", "will ~not~ leave"),
        ("will not leave", "will ~~not~~ leave"),
        ("will not leave", "will (not) leave"),
        ("will not leave", "will [not] leave"),
        ("will not leave", "will “not” leave"),
        ("will not leave", "will not, leave"),
        ("will not leave", "will not – leave"),
        ("will not leave", "will not,\nleave"),
        ("may enter", "“may” enter"),
        ("a safe and", "a (safe) and"),
    ],
)
def test_a_word_set_apart_in_typed_text_is_reported(was: str, now: str) -> None:
    """A struck "not", a "not" in brackets, a "no" that answers for itself."""
    assert was in LETTER
    copy = LETTER.replace(was, now)
    assert compare(typed(copy), registered(LETTER)).differences
    assert compare(typed(LETTER), registered(copy)).differences
    assert not compare(typed(copy), registered(copy)).differences


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("will not leave", "will *not* leave"),
        ("will not leave", "will NOT leave"),
        ("will not leave before 14 May 2031,", "will “not leave before 14 May 2031,”"),
        ("a safe and", "a “safe” and"),
        ("to prepare for onward movement", "(to prepare for onward movement)"),
    ],
)
def test_stress_and_quotation_are_no_difference(was: str, now: str) -> None:
    assert not compare(typed(LETTER.replace(was, now)), registered(LETTER)).differences


def test_a_picture_is_not_accused_of_its_specks() -> None:
    copy = LETTER.replace("will not leave", "will not, leave")
    assert not compare(picture(copy), registered(LETTER)).differences


def test_the_dot_of_an_abbreviation_hides_no_lost_end() -> None:
    """ "For it. The first" and "for i.t The first" have the same letters."""
    text = (
        "The villages will not pay for it. The first stone is laid on 4 October by the U.S. envoy."
    )
    assert compare(typed(text.replace("it. The", "i.t The")), registered(text)).differences
    assert not compare(typed(text.replace("U.S.", "US")), registered(text)).differences
    assert compare(typed(LETTER.replace("in a safe", "in a. safe")), registered(LETTER)).differences


def test_a_pause_stays_where_a_line_is_broken_anew() -> None:
    text = LETTER.replace("will not leave", "will not - leave")
    for broken in ("will not -\nleave", "will not\n- leave", "will\nnot – leave"):
        copy = text.replace("will not - leave", broken)
        assert not compare(typed(copy), registered(text)).differences


def test_us_and_the_us_are_not_one() -> None:
    """Capitals alone make another word of it, unless all of it is in capitals."""
    text = "Write to us before the first of June, and tell us who is to come to the old harbour."
    for was, now in ((" us who", " US who"), ("who is", "WHO is")):
        assert compare(typed(text.replace(was, now)), registered(text)).differences
        assert compare(typed(text), registered(text.replace(was, now))).differences
    assert not compare(typed(text.upper()), registered(text)).differences


@pytest.mark.parametrize("sign", "\u202e\u202b\u200f\u2067\u061c")
def test_words_that_are_shown_in_another_order_are_noticed(sign: str) -> None:
    """UAX 9: an override shows 14 as 41; a right-to-left mark puts the latter number first."""
    text = registered(LETTER)
    turned = LETTER.replace("14", f"{sign}14")
    assert shown_turned(typed(turned), text)
    assert not shown_turned(typed(turned), registered(turned))
    assert not shown_turned(typed(LETTER), text)


def test_signs_of_direction_that_change_nothing_are_let_pass() -> None:
    """Messengers wrap names in isolates, and Arabic keyboards write marks from right to left."""
    assert not shown_turned(typed(LETTER.replace("Ada", "\u2068Ada\u2069")), registered(LETTER))
    arabic = "لا يجوز لأي سفينة أن تغادر قبل 17 مايو"
    assert not shown_turned(typed(f"\u200f{arabic}"), registered(arabic))
    assert shown_turned(typed(arabic.replace("17", "\u202d17")), registered(arabic))
    assert shown_turned(typed(arabic.replace("17", "\u202e17")), registered(arabic))
