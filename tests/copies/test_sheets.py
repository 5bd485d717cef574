"""Sheets given in another order: their own numbers decide, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from tests.copies.letters import picture, printed, registered
from tests.copies.test_doubts import LETTER as RELEASED

from vidimus.core.acts.authority import Authority
from vidimus.core.copies.comparison import compare
from vidimus.core.copies.doubts import doubt
from vidimus.core.copies.furniture import page_number
from vidimus.core.copies.page import Copy, Page, Source, Word
from vidimus.core.copies.sheets import SHEET, in_order, reordered

# Sheets have many words. No number of its own, as a line "- 2 -" may belong to a text with a 2.
SHIPS = ("Ardea", "Bittern", "Curlew", "Dunlin", "Egret", "Fulmar", "Gannet", "Heron", "Ibis")
LONG = "\n".join(
    f"The berth of the {ship} may be used by no other ship that asks for it or comes by night,"
    f" and the crew of the {ship} shall pay for the lamp on the pier beside it."
    for ship in SHIPS
)
LINES = LONG.split("\n")
SHEETS = ["\n".join(LINES[:3]), "\n".join(LINES[3:6]), "\n".join(LINES[6:])]
LETTERED = registered(LONG)


def numbered(order: tuple[int, ...], says: str = "Page {} of 3") -> Copy:
    return picture(*(f"{SHEETS[n]}\n{says.format(n + 1)}" for n in order))


def doubted(copy: Copy) -> str | None:
    copy = in_order(copy)
    compared = compare(copy, LETTERED)
    assert not compared.differences
    return doubt(copy, compared, compared.unread, RELEASED, Authority(), False)


@pytest.mark.parametrize("says", ["Page {} of 3", "- {} -", "{}/3", "Seite {} von 3"])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_numbered_sheets_stand_in_any_order(order: tuple[int, ...], says: str) -> None:
    copy = numbered(order, says)
    assert doubted(copy) is None
    assert reordered(in_order(copy)) == (
        () if order == (0, 1, 2) else tuple(order.index(n) + 1 for n in range(3))
    )


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_sheets_without_numbers_are_named_in_their_order(order: tuple[int, ...]) -> None:
    """Nobody can tell a sheet from a strip that was cut from one."""
    found = doubted(picture(*(SHEETS[n] for n in order)))
    wanted = ", then ".join(f"page {order.index(n) + 1}" for n in range(3))
    assert found is not None and found.endswith(f"give them as {wanted}")


@pytest.mark.parametrize(
    "says",
    [
        ("Page 1 of 3", "Page 2 of 3", "Page 3 of 3"),  # as whoever moved them would have it
        ("Page 3 of 3", "Page 2 of 3", "Page 2 of 3"),
        ("Page 3 of 4", "Page 2 of 4", "Page 1 of 4"),
        ("Page 4 of 4", "Page 3 of 4", "Page 2 of 4"),
        ("Page 3 of 3", "", "Page 1 of 3"),
        ("Page 3 of 3\n- 1 -", "Page 2 of 3\n- 2 -", "Page 1 of 3\n- 3 -"),
        ("copy 3 of 3", "copy 2 of 3", "copy 1 of 3"),
    ],
)
def test_numbers_that_do_not_tell_the_order_move_no_sheet(says: tuple[str, ...]) -> None:
    texts = [f"{SHEETS[n]}\n{line}" for n, line in zip((2, 1, 0), says, strict=True)]
    assert doubted(picture(*texts)) is not None


def test_numbers_against_the_letter_never_let_it_stand() -> None:
    """The copy says in print that it is to be read in another order."""
    for given in permutations(range(3)):
        texts = [f"{SHEETS[n]}\nPage {(n + 1) % 3 + 1} of 3" for n in given]
        assert doubted(picture(*texts)) is not None


def test_strips_are_no_sheets() -> None:
    """Numbers beside strips of some words: no letter breaks there."""
    strips = [" ".join(LONG.split()[n : n + SHEET - 9]) for n in range(0, 300, SHEET - 9)]
    strips = [each for each in strips if each]
    texts = [f"{each}\n{n}/{len(strips)}" for n, each in enumerate(strips, 1)]
    copy = picture(*texts[::-1])
    assert in_order(copy) == copy


def test_pasted_pieces_are_never_put_in_order() -> None:
    texts = [f"{SHEETS[n]}\nPage {n + 1} of 3" for n in (1, 0, 2)]
    made = [
        Page(
            n,
            Source.TYPED,
            tuple(Word(w, i) for i, row in enumerate(t.split("\n")) for w in row.split()),
        )
        for n, t in enumerate(texts, 1)
    ]
    copy = Copy("text", tuple(made))
    assert in_order(copy) == copy


def test_a_sheet_twice_is_in_no_order() -> None:
    copy = numbered((1, 0, 0, 2))
    assert in_order(copy) == copy
    assert doubted(copy) is not None


def test_the_picture_must_show_the_number_that_a_pdf_says() -> None:
    """People see the picture, and read on from one page to the next."""

    def page(number: int, n: int, shown: str) -> Page:
        text = SHEETS[n]
        return Page(
            number, Source.LAYER, printed(f"{text}\nPage {n + 1} of 3"), "pdf", 1400, 2000, None,
            printed(text + shown, 0.95), "ocr",
        )  # fmt: skip

    order = (1, 0, 2)
    hidden = Copy("pdf", tuple(page(i, n, "") for i, n in enumerate(order, 1)))
    other = Copy("pdf", tuple(page(i, n, f"\nPage {i} of 3") for i, n in enumerate(order, 1)))
    seen = Copy("pdf", tuple(page(i, n, f"\nPage {n + 1} of 3") for i, n in enumerate(order, 1)))
    assert in_order(hidden) == hidden and doubted(hidden) is not None
    assert in_order(other) == other and doubted(other) is not None
    assert doubted(seen) is None


def test_a_number_that_was_read_badly_or_is_very_small_is_none() -> None:
    def changed(word: Word, sure: float | None, high: int) -> Word:
        if word.text not in "123" or word.box is None:
            return word
        return replace(word, confidence=sure, box=replace(word.box, bottom=word.box.top + high))

    copy = numbered((1, 0, 2))
    for sure, high, moved in ((0.95, 30, True), (0.5, 30, False), (0.95, 12, False)):
        pages = tuple(
            replace(page, words=tuple(changed(word, sure, high) for word in page.words))
            for page in copy.pages
        )
        given = Copy("image", pages)
        assert (in_order(given) != given) == moved


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Page 2 of 3", (2, 3)),
        ("page 2", (2, None)),
        ("Page 2 of 3 .", (2, 3)),
        ("- 2 -", (2, None)),
        ("2/3", (2, 3)),
        ("2 of 3", (2, 3)),
        ("copy 2 of 3", None),
        ("Page 2 of 3 not", None),
        ("2", None),
        ("", None),
    ],
)
def test_which_lines_number_a_page(line: str, number: tuple[int, int | None] | None) -> None:
    assert page_number(line) == number
