"""Letters of one form, and what a differing copy of one is, spec/matching.md section 7."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, registered, typed

from vidimus.core.copies.form import Another, another, form_of
from vidimus.core.copies.recognise import compare


def letter(
    reference: str = "MC-1", name: str = "Ann Elder", day: str = "5 May 2031", crowns: str = "40"
) -> str:
    return f"""Ministry of Coasts
Reference: {reference}

To {name}

Your request for a berth in the outer harbour was received and has been considered with care.
It is kept for you from {day} until the end of the season. The fee is {crowns} crowns for each
month and shall be paid at the counter before the first. The berth must not be let to anybody
else, and the lines are to be doubled when the storm ball is hoisted.

Ben Birch
Minister of Coasts
"""


ANN = registered(letter(), letter="A")
BOB = registered(letter("MC-2", "Bob Farrow", "3 June 2031", "65"), letter="B")
CORA = registered(letter("MC-3", "Cora Dunn Vale", "1 July 2031", "40"), letter="C")


def found(copy: str, *siblings: str) -> Another | None:
    others = [registered(text, letter=str(i)) for i, text in enumerate(siblings)]
    form = form_of(ANN, others or [BOB, CORA], "MC-1")
    assert form is not None
    compared = compare(typed(copy), ANN)
    return another(form, compared.seen, compared.differences, compared.unread)


def test_what_is_filled_in_otherwise_is_another_letter() -> None:
    assert found(letter("MC-9", "Dora Moss", "8 May 2031", "55")) == Another(True)


def test_another_reference_alone_is_another_letter() -> None:
    """Issue: it may be another letter of the same form; it is accused of nothing."""
    assert found(letter("MC-9")) == Another(True)


@pytest.mark.parametrize(
    "copy",
    [
        letter(crowns="55"),
        letter(name="Dora Moss"),
        letter(day="6 May 2031"),
        letter(name="Dora Moss", day="6 May 2031", crowns="55"),
    ],
)
def test_under_its_own_reference_it_is_this_letter_altered(copy: str) -> None:
    assert found(copy) is None


def test_under_a_siblings_reference_it_is_that_letter() -> None:
    assert found(letter("MC-2")) == Another(True, BOB)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("must not be", "must be"),
        ("shall be paid", "may be paid"),
        ("outer harbour", "inner harbour"),
        ("The fee is", "The fee is not"),
        ("until the end", "until 3 weeks before the end"),
        ("Ben Birch", "Bea Birch"),
        ("hoisted.", "hoisted. Nobody pays twice."),
        ("40 crowns", "not 40 crowns"),
        ("40 crowns", "crowns"),
    ],
)
def test_a_word_of_the_form_itself_is_altered(was: str, now: str) -> None:
    copy = letter("MC-9", "Dora Moss", "8 May 2031").replace(was, now)
    assert was in letter("MC-9")
    assert found(copy) is None


def test_a_name_and_a_day_tell_a_letter_where_no_reference_is_seen() -> None:
    part = letter(crowns="90").split("Reference: MC-1\n\n")[1]
    assert found(part) is None
    assert found(part.replace("Ann Elder", "Dora Moss")) == Another(False)


def test_a_part_without_any_name_may_be_either() -> None:
    part = letter(crowns="90")
    part = part[part.index("The fee") : part.index("Ben")]
    assert found(part) == Another(False)


def test_two_letters_that_differ_in_a_sentence_are_of_no_form() -> None:
    other = letter("MC-2").replace("The berth must not be let to anybody", "Let it to anybody")
    other = other.replace("considered with care", "lost").replace("the storm ball", "a flag")
    assert form_of(ANN, [registered(other, letter="X")], "MC-1") is None
    assert form_of(ANN, [registered(LETTER, letter="Y")], "MC-1") is None
    assert form_of(ANN, [], "MC-1") is None


def test_a_choice_between_words_is_one_of_those_that_were_made() -> None:
    """A form is granted or refused; a third word is nobody's."""
    refused = letter("MC-2", "Bob Farrow").replace("kept for you", "refused to you")
    copy = letter("MC-9", "Dora Moss")
    assert found(copy.replace("kept for you", "refused to you"), refused) == Another(True)
    assert found(copy.replace("kept for you", "lost to you"), refused) is None


def test_an_arabic_form_is_one_too() -> None:
    def note(number: str, name: str) -> str:
        return (
            f"الرقم {number}\nإلى {name}\nنحيطكم علما بأن طلبكم قد ورد إلى هذه الدائرة وسيعرض"
            " على اللجنة المختصة في جلستها القادمة وسنبلغكم بالنتيجة فور صدورها"
        )

    first = registered(note("1207", "سمير"), letter="A")
    form = form_of(first, [registered(note("1311", "هادية"), letter="B")], "")
    assert form is not None
    compared = compare(typed(note("1500", "نجيب")), first)
    assert another(form, compared.seen, compared.differences) == Another(True)
    compared = compare(typed(note("1207", "نجيب")), first)
    assert another(form, compared.seen, compared.differences) is None


REFERENCES = st.integers(4, 999).map("MC-{}".format)
NAMES = st.sampled_from(["Dora Moss", "Emil", "Fritz von Gorse", "Hanna Iris Juniper"])
DAYS = st.tuples(st.integers(1, 28), st.sampled_from(["May", "June", "March"])).map(
    lambda day: f"{day[0]} {day[1]} 2031"
)
CROWNS = st.integers(1, 99_999).map(str)


@given(REFERENCES, NAMES, DAYS, CROWNS)
def test_every_letter_of_the_form_is_known_as_one(
    reference: str, name: str, day: str, crowns: str
) -> None:
    assert found(letter(reference, name, day, crowns)) == Another(True)


@given(NAMES, DAYS, CROWNS)
def test_no_filling_hides_the_registered_reference(name: str, day: str, crowns: str) -> None:
    """An alteration under the letter's own reference is never said to be another letter."""
    assert found(letter("MC-1", name, day, crowns)) is None


def test_a_handful_of_candidates_costs_milliseconds() -> None:
    others = [
        registered(letter(f"MC-{n}", "Emil", f"{n} May 2031", str(n)), letter=str(n))
        for n in range(2, 14)
    ]
    form_of(ANN, others, "MC-1")
    began = time.process_time()
    form_of(ANN, others, "MC-1")
    assert time.process_time() - began < 0.25  # measured: 0.01 on two slow cores
