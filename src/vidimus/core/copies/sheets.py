"""In which order the pages of a copy belong: by the numbers that are printed on them.

    given     “… Page 2 of 2” · “Page 1 of 2 …”
    judged    page 2 of the copy, then page 1

Whoever photographs two sheets may begin with the second. But pages in another order can say
the opposite of a letter, and nobody can tell a sheet from a strip that was cut from one. So a
copy's pages are put in another order only where each bears its number: then the copy itself
shows to everybody, in every order, how it is to be read. What the letter's words say to that
order is judged afterwards, as of any copy (`doubts`).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import median

from vidimus.core.copies.furniture import page_number
from vidimus.core.copies.page import Copy, Source, Word
from vidimus.core.copies.reading import Reading, readings
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.units import Text, text_alone, text_of

CLEAR = 0.8  # confidence below which a number may be another one
SMALL = 0.5  # of the height of the page's words; people may overlook a number that is smaller
# What bears fewer words, and is not the last, is a strip: no letter breaks there.
SHEET = 40
_NO_TEXT = Registered("", 0, "", "")


def in_order(copy: Copy) -> Copy:
    """The copy with its pages in the order of their printed numbers.

    As it was given, where any page bears none, or where they are not all of one letter: each of
    1 to n once, and on none of them a greater number of pages.
    """
    if len(copy.pages) < 2:
        return copy
    found = _printed(copy, text_of(_NO_TEXT))
    if found is None or any(page.number not in found for page in copy.pages):
        return copy
    count = len(copy.pages)
    ordered = sorted(copy.pages, key=lambda page: found[page.number][0])
    if [found[page.number][0] for page in ordered] != list(range(1, count + 1)):
        return copy
    if any(of not in (None, count) for _, of in found.values()):
        return copy
    if any(len(page.words or page.witness) < SHEET for page in ordered[:-1]):
        return copy
    return replace(copy, pages=tuple(ordered))


def reordered(copy: Copy) -> tuple[int, ...]:
    """The numbers of the pages as they were given, where they are judged in another order."""
    numbers = tuple(page.number for page in copy.pages)
    return numbers if list(numbers) != sorted(numbers) else ()


def numbering(copy: Copy, text: Text) -> tuple[dict[int, int], int] | None:
    """The printed number of each page, and of how many: where all bear both, rising.

    None where the registered text itself has such a line: then it is no number of a page.
    """
    found = _printed(copy, text)
    pages = [page.number for page in copy.pages]
    if found is None or not pages or any(page not in found for page in pages):
        return None
    numbers = [found[page][0] for page in pages]
    (of, *others) = {found[page][1] for page in pages}
    rising = all(a < b for a, b in pairwise(numbers))
    if of is None or others or not rising or numbers[-1] > of:
        return None
    return dict(zip(pages, numbers, strict=True)), of


def _printed(copy: Copy, text: Text) -> dict[int, tuple[int, int | None]] | None:
    """What each page's edges say of its number; None where two on one page differ.

    Behind a PDF's own text the picture must show the same number: people see that one.
    """
    if any(page.source is Source.TYPED for page in copy.pages):
        return None
    main, witness = readings(copy)
    found: dict[int, tuple[int, int | None]] = {}
    seen: dict[int, tuple[int, int | None]] = {}
    for read, into in ((main, found), (witness, seen)):
        for one in read:
            said = set(_numbers(one, len(copy.pages), text))
            if len(said) > 1:
                return None
            into.update((one.page.number, each) for each in said)
    layered = {one.page.number for one in witness}
    return {
        number: each
        for number, each in found.items()
        if number not in layered or seen.get(number) == each
    }


def _numbers(one: Reading, pages: int, text: Text) -> list[tuple[int, int | None]]:
    kept = {token.line for token in text_alone(text, one, pages, frozenset())}
    least = SMALL * median(map(_height, one.words)) if one.words else 0.0
    lines: dict[int, list[str]] = {}
    for word in one.words:
        if word.line in kept:
            continue
        poor = word.confidence is not None and word.confidence < CLEAR
        small = word.text.isalnum() and _height(word) < least
        lines.setdefault(word.line, []).append("?" if poor or small else word.text)
    numbers = (page_number(" ".join(words)) for words in lines.values())
    return [each for each in numbers if each is not None]


def _height(word: Word) -> int:
    return word.box.bottom - word.box.top if word.box is not None else 0
