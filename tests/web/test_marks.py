"""Marks: every altered word is named, numbered and drawn, and no word of the copy is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.copies.answers import (
    Answer,
    AuthorityAnswer,
    Difference,
    Headline,
    Kind,
    ReleaseAnswer,
    StandingAnswer,
    TextAnswer,
)
from vidimus.core.copies.page import Box, Copy, Page, Source, Word
from vidimus.web.check.marks import LONG, MARKED_PAGES, shown

ANSWER = Answer(
    Headline.ALTERED,
    "",
    None,
    TextAnswer.ALTERED,
    AuthorityAnswer.SIGNED,
    ReleaseAnswer.RELEASED,
    StandingAnswer.STANDS,
    1,
    datetime(2031, 1, 1, tzinfo=UTC),
    "x",
    False,
)


def difference(start: int, stop: int, page: int = 1, box: Box | None = None) -> Difference:
    return Difference(
        Kind.WORD, "old", "new" if stop > start else "", (start, stop), (start, stop), page, box
    )


def typed(lines: list[list[str]]) -> Page:
    words = tuple(Word(word, number) for number, line in enumerate(lines) for word in line)
    return Page(1, Source.TYPED, words)


@given(
    st.lists(st.lists(st.text("abc", min_size=1, max_size=3), max_size=5), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), max_size=6),
)
def test_the_words_of_the_copy_are_all_there_in_order(
    lines: list[list[str]], spans: list[tuple[int, int]]
) -> None:
    page = typed(lines)
    found = tuple(difference(start, start + length) for start, length in spans)
    sheet = shown(replace(ANSWER, differences=found), Copy("text", (page,))).sheets[0]
    text = "".join(piece.text for piece in sheet.pieces)
    assert text.split() == [word.text for word in page.words]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=8))
def test_every_place_is_in_the_list_and_none_twice(spans: list[tuple[int, int]]) -> None:
    found = tuple(difference(start, start + length) for start, length in spans)
    result = shown(replace(ANSWER, differences=found), Copy("text", (typed([["w"] * 24]),)))
    assert len(result.altered) == len({each.at for each in found})
    assert [mark.number for mark in result.altered] == list(range(1, len(result.altered) + 1))
    drawn = [piece.mark.number for piece in result.sheets[0].pieces if piece.mark]
    assert sorted(drawn) == [mark.number for mark in result.altered if mark.shown]


CORNER, SIDE = st.integers(-50, 1700), st.integers(0, 400)


@given(st.lists(st.tuples(CORNER, CORNER, SIDE, SIDE), min_size=1, max_size=40))
def test_frames_and_numbers_stay_on_the_page_and_no_number_hides_another(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    page = Page(1, Source.PICTURE, (), "ocr", 1200, 1600, b"jpeg")
    found = tuple(
        difference(n, n + 1, box=Box(x, y, x + w, y + h)) for n, (x, y, w, h) in enumerate(boxes)
    )
    result = shown(replace(ANSWER, differences=found), Copy("image", (page,)))
    (sheet,) = result.sheets
    assert len(sheet.frames) == len(boxes)
    tops = []
    for frame in sheet.frames:
        left, top, width, height = frame.area
        assert 0 <= left < left + width <= page.width
        assert 0 <= top < top + height <= page.height
        assert 0 <= frame.flag_top <= page.height - sheet.flag
        tops.append(frame.flag_top)
    assert all(later - earlier >= sheet.flag for earlier, later in pairwise(tops))
    for mark in result.altered:
        assert mark.close is not None
        left, top, width, height = mark.close.view
        assert 0 <= left < left + width <= page.width
        assert 0 <= top < top + height <= page.height


def test_a_long_text_is_shown_around_its_marks() -> None:
    page = typed([[f"w{i}" for i in range(LONG * 3)]])
    result = shown(replace(ANSWER, differences=(difference(5000, 5001),)), Copy("text", (page,)))
    pieces = result.sheets[0].pieces
    assert sum(len(piece.text.split()) for piece in pieces) < 200
    assert [piece.gap for piece in pieces].count(True) == 2
    assert "w4999" in "".join(piece.text for piece in pieces)


def test_of_many_pages_those_with_marks_are_shown() -> None:
    pages = tuple(Page(n, Source.PICTURE, (), "ocr", 100, 100, b"jpeg") for n in range(1, 41))
    found = tuple(difference(n, n + 1, page=n, box=Box(1, 1, 9, 9)) for n in (7, 9))
    result = shown(replace(ANSWER, differences=found), Copy("image", pages))
    assert [sheet.number for sheet in result.sheets] == [1, 7, 9]
    assert result.hidden == 37
    everywhere = tuple(difference(n, n + 1, page=n, box=Box(1, 1, 9, 9)) for n in range(1, 41))
    result = shown(replace(ANSWER, differences=everywhere), Copy("image", pages))
    assert len(result.sheets) == MARKED_PAGES
    assert len(result.altered) == 40, "what is not drawn is still listed"


def test_a_doubt_is_no_alteration() -> None:
    page = typed([["w"] * 9])
    answer = replace(ANSWER, differences=(difference(1, 2),), unread=(difference(4, 5),))
    result = shown(answer, Copy("text", (page,)))
    assert [mark.doubt for mark in (*result.altered, *result.unread)] == [False, True]
