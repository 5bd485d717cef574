"""What a copy does not show is named stretch by stretch, in the letter's order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, picture, registered
from tests.copies.test_places import EVERY, cut, pages

from vidimus.core.copies import wording
from vidimus.core.copies.answers import Missing, missing_of
from vidimus.core.copies.comparison import compare
from vidimus.core.copies.missing import NAMED, missing
from vidimus.core.copies.page import Copy

OURS = registered(LETTER)


def lacks(copy: Copy) -> tuple[Missing, ...]:
    compared = compare(copy, OURS)
    return missing(copy, compared, (*compared.differences, *compared.unread))


def test_nothing_is_missing_from_a_whole_copy() -> None:
    assert lacks(pages(LETTER)) == ()


@given(st.lists(st.integers(1, len(EVERY) // 12 - 1), min_size=1, max_size=6, unique=True))
def test_each_stretch_between_two_pages_is_named_at_its_place(cuts: list[int]) -> None:
    """Every second piece of the letter is left out."""
    at = [0, *(12 * cut for cut in sorted(cuts)), len(EVERY)]
    ranges = list(pairwise(at))
    found = lacks(cut(*ranges[::2]))
    assert [each.at for each in found] == ranges[1::2]
    for n, each in enumerate(found, 1):
        a, b = each.at
        assert each.words == b - a
        assert (each.after, each.before) == (n, n + 1 if b < len(EVERY) else None)
        few = b - a <= 2 * NAMED
        assert each.begins == " ".join(EVERY[a : b if few else a + NAMED])
        assert each.ends == ("" if few else " ".join(EVERY[b - NAMED : b]))


def test_what_the_letter_begins_and_ends_with_is_named_too() -> None:
    first, last = lacks(cut((20, 80)))
    assert (first.after, first.before, last.after, last.before) == (None, 1, 1, None)
    assert "where the letter begins" in wording.lacking(first)
    assert "to the end of the letter" in wording.lacking(last)


def test_words_that_differ_are_told_as_such_and_not_as_missing() -> None:
    copy = pages(LETTER.replace("not leave", "leave"))
    assert compare(copy, OURS).differences
    assert lacks(copy) == ()


def test_a_page_of_few_words_is_no_alteration_where_the_one_before_it_is_missing() -> None:
    """A signature alone goes with the page before it, but not over a page that is missing."""
    first, last = LETTER[: LETTER.index("\n\nDuring")], "Ada Example\nHead of Mission"
    few = "of Mission"
    for copy in (
        pages(first, last), picture(first, last), pages(last, first), pages(first, few)
    ):  # fmt: skip
        compared = compare(copy, OURS)
        assert not compared.differences and not compared.doubts
        (stretch,) = lacks(copy)
        assert stretch.begins.startswith("During this time")
        assert {stretch.after, stretch.before} == {1, 2}


@pytest.mark.parametrize(
    "last", ["Ada Exemple\nHead of Mission", "Head of Mission\nAda Example", "not before 14 May"]
)
def test_a_page_of_few_words_that_are_other_words_is_an_alteration(last: str) -> None:
    first = LETTER[: LETTER.index("\n\nDuring")]
    assert compare(pages(first, last), OURS).differences


def test_the_sheet_that_is_missing_has_its_number_where_the_others_tell_it() -> None:
    first, rest = LETTER.split("\n\nThe cost")
    _, third = rest.split("\n\nDuring")
    copy = picture(first + "\nPage 1 of 3", "During" + third + "\nPage 3 of 3")
    (stretch,) = lacks(copy)
    assert stretch.sheets == (2,)
    assert wording.lacking(stretch).startswith("page 2 of the letter, ")
    # Without “of 3” on all of them nobody knows how many there are.
    assert lacks(picture(first + "\n- 1 -", "During" + third + "\n- 3 -"))[0].sheets == ()
    # Where their numbers fall and the letter goes on, they tell nothing.
    copy = picture(first + "\nPage 3 of 3", "During" + third + "\nPage 1 of 3")
    assert lacks(copy)[0].sheets == ()


@given(
    st.builds(
        Missing,
        st.integers(1, 999),
        st.text(),
        st.text(),
        st.tuples(st.integers(0, 99), st.integers(0, 99)),
        st.none() | st.integers(1, 99),
        st.none() | st.integers(1, 99),
        st.lists(st.integers(1, 99), max_size=3).map(tuple),
    )
)
def test_a_stretch_is_read_as_it_was_written(each: Missing) -> None:
    assert missing_of(each.to_json()) == each
