"""Attacks by numbered sheets: pages that bear numbers which are not theirs.

Pages are read in the order of their printed numbers, where all of them bear one. So numbers can
be tried to bring pieces into another order, or to make one letter of the sheets of two.
"""

from __future__ import annotations

import textwrap
from random import Random

import pypdfium2 as pdfium
from PIL import Image

from bench.copies.adversary_book import COLUMNS, ROWS, Book, Sheet
from bench.copies.adversary_town import Town
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.pdf import draw

_STYLES = ("Page {n} of {of}", "{n}/{of}", "- {n} -", "{n}", "page {n}/{of}", "Page {n}",
           "Page {n} of {of}\n{n}", "{n} of {of}")  # fmt: skip
_FEWEST = 6  # rows of a sheet
PALE, UNSEEN = "0.8 g", "3 Tr"


def _rows(text: str) -> list[str]:
    return [row for line in text.split("\n") for row in textwrap.wrap(line, COLUMNS) or [""]]


def _sheets(town: Town, chance: Random) -> list[list[str]] | None:
    """The sheets as they are given: moved, lacking, doubled, strips of each other, of another."""
    latin = [each for each in town.standing() if "ا" not in each]
    rows = _rows(chance.choice(latin))
    count = chance.choice((2, 2, 3))
    if len(rows) < (count + 1) * _FEWEST:
        return None
    cuts = sorted(chance.sample(range(_FEWEST, len(rows) - _FEWEST), count - 1))
    sheets = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    how = chance.choice(("as they are", "moved", "lacking", "double", "another", "strip"))
    if how == "moved":
        chance.shuffle(sheets)
    elif how == "lacking" and count > 2:
        del sheets[1]
    elif how == "double":
        sheets.insert(chance.randrange(count + 1), chance.choice(sheets))
    elif how == "another":
        others = [each.text for each in town.letters if "ا" not in each.text]
        sheets[chance.randrange(count)] = _rows(chance.choice(others))
    elif how == "strip":
        one = sheets.pop(chance.randrange(len(sheets)))
        middle = len(one) // 2
        sheets += [one[middle:], one[:middle]]
    return sheets if all(len(each) <= ROWS for each in sheets) else None


def _numbers(count: int, chance: Random) -> list[tuple[int, int]]:
    """What is printed on each: any order, a number twice, of more than there are."""
    numbers = list(range(1, count + 1))
    chance.shuffle(numbers)
    of = count
    fault = chance.random()
    if fault < 0.15:
        numbers[chance.randrange(count)] = chance.randrange(1, count + 2)
    elif fault < 0.3:
        of = count + chance.choice((-1, 1))
    return [(each, of) for each in numbers]


def sheets(town: Town, chance: Random) -> tuple[bytes, list[str]] | None:
    """A PDF, and how it may be read: by its numbers where they tell an order, else as given.

    By pale numbers, either way.
    """
    found = _sheets(town, chance)
    if found is None:
        return None
    numbers = _numbers(len(found), chance)
    style, at_head = chance.choice(_STYLES), chance.random() < 0.3
    how = chance.choice(("", "", "", PALE, UNSEEN))
    book = Book()
    for rows, (n, of) in zip(found, numbers, strict=True):
        sheet = Sheet()
        first = 4 if at_head else 0
        for at, row in enumerate(rows):
            sheet.line(first + at, row)
        for at, line in enumerate(style.format(n=n, of=of).split("\n")):
            # What nobody sees is not the number by which a page is read.
            sheet.line((at if at_head else ROWS + 1 + at), line, chance.choice((0, 32)), how=how)
        book.sheets.append(sheet)
    texts = ["\n".join(rows) for rows in found]
    plain = sorted(n for n, _ in numbers) == list(range(1, len(found) + 1))
    told = plain and how != UNSEEN and all(of == len(found) for _, of in numbers)
    readings = [texts] if not told or how == PALE else []
    if told:
        readings.append([text for _, text in sorted(zip(numbers, texts, strict=True))])
    return book.written(), ["\n".join(each) for each in readings]


def pictured(content: bytes) -> list[Image.Image]:
    document = pdfium.PdfDocument(content)
    try:
        return [Image.fromarray(draw(document, at, Limits()).image) for at in range(len(document))]
    finally:
        document.close()
