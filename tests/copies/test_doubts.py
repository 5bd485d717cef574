"""What keeps a copy from standing though its words seem right, and what a poor picture may say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import State
from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.doubts import UNEXPLAINED, doubt
from vidimus.core.copies.legible import clear, legible, weighed
from vidimus.core.copies.page import Copy, Page, Source, Word
from vidimus.core.copies.recognise import Registered, compare

TEXT = (
    "From Monday the lamps of the eastern mole are lit one hour before sunset and are put out"
    " one hour after sunrise until the dredging is over"
)
REGISTERED = Registered("AAAAAAAAAAAAAAAA", 1, "en", TEXT)
LETTER = Letter("AAAAAAAAAAAAAAAA", "o", "c", SignatureRule.NONE, "R", "T", State.RELEASED)


def pages(*texts: str, source: Source = Source.TYPED, sure: float | None = None) -> Copy:
    made = [
        Page(number, source, tuple(Word(word, 0, None, sure) for word in text.split()))
        for number, text in enumerate(texts, 1)
    ]
    return Copy("text", tuple(made))


def doubted(copy: Copy, *unread: Difference, crowded: bool = False) -> str | None:
    return doubt(copy, compare(copy, REGISTERED), unread, LETTER, Authority(), crowded)


def test_nothing_speaks_against_the_whole_text_or_an_unbroken_part() -> None:
    assert doubted(pages(TEXT)) is None
    assert doubted(pages(TEXT[: TEXT.index(" until")])) is None


@pytest.mark.parametrize(
    "seen",
    [
        {"faint": (Word("not", 0),)},
        {"struck": (Word("not", 0),)},
        {"unexplained": UNEXPLAINED},
        {"prints_otherwise": True},
        {"beside": (Word("not", 0),)},
    ],
    ids=[
        "faint words",
        "a word struck out",
        "writing that no word covers",
        "other words on paper",
        "words around the page",
    ],
)
def test_what_people_and_readers_see_differently_is_a_doubt(seen: dict[str, object]) -> None:
    """What one of them cannot see may be the word that turns the letter."""
    (page,) = pages(TEXT).pages
    assert doubted(Copy("image", (replace(page, **seen),))) is not None  # type: ignore[arg-type]


def test_pieces_put_together_otherwise_are_a_doubt() -> None:
    first, second = TEXT[: TEXT.index(" and are")], TEXT[TEXT.index("and are") :]
    assert doubted(pages(first, second)) is None
    assert doubted(pages(second, first)) is not None
    assert doubted(pages(TEXT, TEXT)) is not None
    assert doubted(pages(first, second.removeprefix("and are put out "))) is not None


def test_a_page_of_which_nothing_could_be_read_is_a_doubt() -> None:
    """The stretch that is missing between two photos may be on the third, however poor it is."""
    first, second = TEXT[: TEXT.index(" and are")], TEXT[TEXT.index("and are") :]
    read = pages(first, second, source=Source.PICTURE, sure=0.99).pages
    empty = Page(3, Source.PICTURE, ())
    assert doubted(Copy("image", read)) is None
    assert "page 3" in str(doubted(Copy("image", (*read, empty))))
    # A page of a PDF's own text may be empty: what it shows is looked at by itself.
    layer = tuple(replace(page, source=Source.TYPED) for page in read)
    assert doubted(Copy("text", (*layer, replace(empty, source=Source.LAYER)))) is None


def test_a_page_of_which_its_number_alone_could_be_read_is_a_doubt() -> None:
    """The number was read, and the stretch that is missing stands above it, or some other one."""
    first = TEXT[: TEXT.index(" and are")]
    read = pages(first, "Page 2 of 2", source=Source.PICTURE, sure=0.99)
    assert "page 2" in str(doubted(read))
    assert doubted(pages(first, source=Source.PICTURE, sure=0.99)) is None


def test_the_piece_that_is_missing_is_named() -> None:
    first, second = TEXT[: TEXT.index(" and are")], TEXT[TEXT.index("one hour after") :]
    found = str(doubted(pages(first, second)))
    assert found.endswith("4 words between page 1 and page 2 of the copy: “and are put out”")


def test_a_part_that_too_many_letters_share_is_a_doubt() -> None:
    part = pages(TEXT[: TEXT.index(" until")])
    assert doubted(part, crowded=True) is not None
    assert doubted(pages(TEXT), crowded=True) is None


def test_any_unread_word_is_a_doubt() -> None:
    slip = Difference(Kind.WORD, "mole", "mola", (6, 7), (6, 7))
    assert doubted(pages(TEXT), slip) is not None


ALTERATIONS = [
    Difference(Kind.NUMBER, "48", "84", (1, 2), (1, 2)),
    Difference(Kind.NEGATION, "not", "", (3, 4), (3, 3)),
    Difference(Kind.WORD, "remain", "temain", (5, 6), (5, 6)),
    Difference(Kind.NAME, "Heron", "Falcon", (7, 8), (7, 8)),
]


@pytest.mark.parametrize("engine", ["tesseract", "rapidocr"])
@pytest.mark.parametrize("source", [Source.TYPED, Source.PICTURE])
@pytest.mark.parametrize("count", range(len(ALTERATIONS) + 1))
def test_no_alteration_is_ever_lost_between_told_and_unread(
    engine: str, source: Source, count: int
) -> None:
    """Weighing moves a difference from one list to the other; it drops none."""
    (page,) = pages(TEXT, source=source, sure=0.9).pages
    copy = Copy("image", (replace(page, engine=engine),))
    given = tuple(ALTERATIONS[:count])
    altered, unread = weighed(copy, replace(compare(copy, REGISTERED), differences=given))
    assert sorted(each.at for each in (*altered, *unread)) == [each.at for each in given]
    assert not unread, "only a page full of doubts makes one of an alteration"


def test_a_poor_picture_says_neither_whose_text_it_is_nor_that_it_is_nobodys() -> None:
    """The words of a blurred letter of ours look like no text of ours."""
    good, poor, hopeless = (
        pages(TEXT, source=Source.PICTURE, sure=sure) for sure in (0.95, 0.7, 0.3)
    )
    assert clear(good)
    assert not clear(poor)
    assert legible(poor)
    assert not legible(hopeless)
    assert clear(pages(TEXT))
