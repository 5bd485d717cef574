"""Signs, sentence ends and spaces in exact copies, spec/matching.md section 4."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, layered, registered, typed

from vidimus.core.copies.answers import Kind
from vidimus.core.copies.recognise import compare

BOOKS = """Ministry of Coasts

To the Harbour Directorate of Corvane

Sir,

In due deference to your country, the staff of this mission will not leave the Outer Roads
before 14 May 2031, and 1,250 of them shall remain in the Old Basin.

The result of the past year was a loss of -€5 million, and the balance is − €7 million
(12 %). The boats must not enter the basin between 21:00 and 05:00. Payment of $3,400.50 is
due on 3/4/2031 (see page 5 of the annex). Last year it was (4,100) in the same account.

We re-sign the treaty each year; Dr. Vane of the U.S. desk is told. There is no table of
costs. It is atypical that vessels are all owed a berth. They are useless and harmless.

I thank your pilots for their patience during the storms of January.

EDDA HARKWELL
Commander"""


def both(old: str, new: str) -> tuple[tuple[str, str], ...]:
    assert old in BOOKS
    copy = BOOKS.replace(old, new, 1)
    return ((BOOKS, copy), (copy, BOOKS))


SIGNS = [
    ("− €7", "€7"),
    ("-€5", "€5"),
    ("of $3,400", "of - $3,400"),
    ("of $3,400", "of -$3,400"),
    ("of $3,400", "of − ($3,400"),
    ("1,250 of", "- 1,250 of"),
    ("1,250 of", "1,250 - of"),
    ("1,250 of", "1,250- of"),
    ("1,250 of", "~1,250 of"),
    ("1,250 of", "~ 1,250 of"),
    ("1,250 of", "+1,250 of"),
    ("1,250 of", "<1,250 of"),
    ("1,250 of", "1,250' of"),
    ("1,250 of", '1,250" of'),
    ("1,250 of", "1,250 ' of"),
    ("1,250 of them", "(1,250 of) them"),
    ("1,250 of", "(1,250 ) of"),
    ("1,250 of", "( 1,250 ) of"),
    ("1,250 of", "[1,250] of"),
    ("1,250 of", "(1,250) of"),
    ("(4,100)", "4,100"),
    ("(4,100)", "(4,100 in"),
    *(("1,250 of", f"1,250 {sign} of") for sign in "%‰‱٪؉"),
    *(("1,250 of", f"1,250{sign} of") for sign in "%‰‱٪؉"),
    *(("12 %", new) for new in ("12", "12 ‰", "12 ‱", "12 ٪")),
    ("$3,400.50", "£3,400.50"),
    ("$3,400.50", "USD 3,400.50"),
    ("3/4/2031", "3-4-2031"),
]


@pytest.mark.parametrize(("old", "new"), SIGNS)
def test_a_sign_beside_a_number_is_part_of_the_amount(old: str, new: str) -> None:
    """Spec 4: the loss is a gain, and the tenth a thousandth, by a sign that stands alone."""
    for text, copy in both(old, new):
        assert compare(typed(copy), registered(text)).differences
        assert compare(layered(copy, copy), registered(text)).differences


def test_a_lost_minus_is_shown() -> None:
    (only,) = compare(typed(BOOKS.replace("− €7", "€7")), registered(BOOKS)).differences
    assert (only.kind, only.registered, only.copy) == (Kind.AMOUNT, "- €7", "€7")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-€5", "- €5"),
        ("− €7", "−€7"),
        ("12 %", "12%"),
        ("(12 %)", "( 12 % )"),
        ("(4,100)", "( 4,100 )"),
        ("1,250 of them shall", "“1,250” of them shall"),
        ("14 May 2031, and", "“14 May 2031” and"),
        ("14 May 2031, and", "14 May 2031 and"),
    ],
)
def test_a_sign_that_stays_is_no_difference(old: str, new: str) -> None:
    for text, copy in both(old, new):
        assert not compare(typed(copy), registered(text)).differences


def test_a_quotation_of_a_sum_is_no_difference() -> None:
    copy = "“The staff of this mission will not leave the Outer Roads before 14 May 2031”"
    assert not compare(typed(copy), registered(BOOKS)).differences


def test_one_question_mark_more_is_a_difference() -> None:
    text = "Will the Council answer by Friday, 9 May? If so, ring the desk before then at 555-0142"
    for copy in (text.replace("?", "??"), text.replace("?", ""), text.replace("?", "؟?")):
        assert compare(typed(copy), registered(text)).differences, copy
    for copy in (text.replace("?", "?!"), text.replace("9 May?", "“9 May?”"), text):
        assert not compare(typed(copy), registered(text)).differences, copy


@pytest.mark.parametrize("mark", [".", "?", "!", ":", ";", "...", "。", "۔"])
@pytest.mark.parametrize("place", ["must not", "not enter", "not leave", "in the same"])
def test_a_sentence_that_ends_elsewhere_is_another_sentence(mark: str, place: str) -> None:
    """Spec 4: "must not enter" and "must. Not enter" have the same words."""
    first, second = place.split(" ", 1)
    for end in (f"{mark} ", f" {mark} ", mark, f'{mark}" ', f"{mark}\n"):
        for text, copy in both(place, first + end + second.capitalize()):
            if end.endswith("\n") and text != BOOKS:
                continue  # a registered stop may go where both have a line's end
            assert compare(typed(copy), registered(text)).differences
            # In a PDF's own text the words are exact too; spaces are its reader's.
            shown = compare(layered(copy, copy), registered(text))
            assert shown.differences or (end == mark and shown.unread)


def test_a_sentence_that_ends_elsewhere_is_of_kind_word() -> None:
    copy = BOOKS.replace("must not enter", "must. Not enter")
    (only,) = compare(typed(copy), registered(BOOKS)).differences
    assert (only.kind, only.registered, only.copy) == (Kind.WORD, "must", "must.")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("country, the", "country the"),
        ("Dr. Vane", "Dr Vane"),
        ("U.S. desk", "US desk"),
        ("year; Dr.", "year: Dr."),
        ("Ministry of Coasts", "Ministry of Coasts."),
        ("Coasts\n\nTo", "Coasts. To"),
        ("January.", "January"),
        ("the Outer", "the\nOuter"),
    ],
)
def test_commas_headings_and_abbreviations_end_no_sentence(old: str, new: str) -> None:
    assert not compare(typed(BOOKS.replace(old, new, 1)), registered(BOOKS)).differences


SPACES = [
    ("all owed", "allowed"),
    ("useless", "use less"),
    ("harmless", "harm less"),
    ("harmless", "harm,less"),
    ("harmless", "harm.less"),
    ("harmless", "harm\nless"),
    ("re-sign", "resign"),
    ("re-sign", "re sign"),
    ("all owed", "all-owed"),
    ("no table", "notable"),
    ("no table", "no-\ntable"),
    ("atypical", "a typical"),
    ("all owed", "all-\nowed"),
]


@pytest.mark.parametrize(("old", "new"), SPACES)
def test_typed_words_begin_and_end_where_they_are_registered(old: str, new: str) -> None:
    for text, copy in both(old, new):
        assert compare(typed(copy), registered(text)).differences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("re-sign", "re-\nsign"),
        ("useless", "use-\nless"),
        ("country, the", "country,the"),
        ("(12 %). The", "(12 %).The"),
        ("Old Basin", "Old\nBasin"),
    ],
)
def test_hyphens_at_a_line_end_and_spaces_beside_marks_are_the_printers(old: str, new: str) -> None:
    assert not compare(typed(BOOKS.replace(old, new)), registered(BOOKS)).differences


def test_other_spaces_in_a_pdf_are_settled_by_its_picture() -> None:
    """Spec 4: a PDF's reader loses spaces; what the picture shows decides, or nobody knows."""
    text = registered(BOOKS)
    for old, new in (("all owed", "allowed"), ("useless", "use less"), ("of them", "ofthem")):
        altered = BOOKS.replace(old, new)
        clean = compare(layered(altered, BOOKS), text)
        assert clean.whole and not clean.unread and not clean.differences and clean.noise
        doubtful = compare(layered(altered, altered), text)
        assert doubtful.unread and not doubtful.whole
        assert compare(layered(altered, None), text).unread


@given(st.data())
def test_any_mark_that_changes_a_typed_text_is_reported(data: st.DataObject) -> None:
    """Spec 4, for all single edits: a letter, a space, a stop or a sign at any place."""
    at = data.draw(st.integers(1, len(LETTER) - 2))
    before, char, after = LETTER[:at], LETTER[at], LETTER[at + 1 :]
    edit = data.draw(st.sampled_from(["split", "join", "stop", "sign"]))
    if edit == "split":
        assume(before[-1].isalpha() and char.isalpha())
        copy = f"{before} {char}{after}"
    elif edit == "join":
        assume(char == " " and before[-1].isalpha() and after[0].isalpha())
        copy = before + after
    elif edit == "stop":
        assume(char == " " and before[-1].isalpha() and len(re.findall("[a-z]+$", before)[:1]))
        copy = before + data.draw(st.sampled_from(".?!:;")) + char + after
    else:
        assume(char.isdigit() and (before[-1] == " " or after[0] == " "))
        sign = data.draw(st.sampled_from("-−~+<±()[]%‰‱٪€$"))
        if before[-1] == " ":
            copy = before + sign + data.draw(st.sampled_from(["", " "])) + char + after
        else:
            copy = before + char + data.draw(st.sampled_from(["", " "])) + sign + after
    assert compare(typed(copy), registered(LETTER)).differences
