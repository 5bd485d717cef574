"""A letter set for a PDF, and the one word of it that an attack is after."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench.copies.adversary_book import COLUMNS, LEADING, LEFT, ROWS, TOP, WIDE, Book, Sheet, drawn

_OTHERS = {"not": ("now", ""), "no": ("", "a"), "never": ("ever", ""), "may": ("must",)}
_OTHERS |= {"shall": ("may", "need"), "must": ("may",), "will": ("did", "would"), "all": ("few",)}
_OTHERS |= {"before": ("after",), "after": ("before",), "unless": ("when",), "nothing": ("",)}
_OTHERS |= {"without": ("with",), "two": ("ten", "six"), "six": ("ten",), "Sundays": ("Mondays",)}
_OTHERS |= {"granted": ("refused",), "refused": ("granted",), "Mondays": ("Sundays",)}
_WORDS = ("harbour", "council", "Corwin", "thirty", "against", "stones", "people", "nights")


@dataclass(frozen=True, slots=True)
class Edit:
    """Word `was` at this row and column of the wrapped letter shall be `now`."""

    row: int
    column: int
    was: str
    now: str


@dataclass(slots=True)
class Work:
    book: Book
    rows: list[str]
    edit: Edit
    chance: Random

    def sheet(self, row: int) -> tuple[Sheet, int]:
        return self.book.sheets[row // ROWS], row % ROWS

    def here(self) -> tuple[Sheet, int]:
        return self.sheet(self.edit.row)

    def lines(self, *, but: int | None = None) -> None:
        """All of the letter as it is registered, but for one row."""
        for row, text in enumerate(self.rows):
            sheet, at = self.sheet(row)
            if row != but and text:
                sheet.line(at, text)

    def around(self, how: str = "", *, middle: bool = True) -> None:
        """The row of the word in pieces; the word itself drawn in its own way."""
        sheet, at = self.here()
        edit, text = self.edit, self.rows[self.edit.row]
        sheet.line(at, text[: edit.column])
        if middle:
            sheet.line(at, edit.was, edit.column, how=how)
        end = edit.column + len(edit.was)
        sheet.line(at, text[end:], end)

    def patched(self) -> None:
        """The other word, as a picture over the place of the registered one."""
        sheet, at = self.here()
        word = self.edit.now.ljust(len(self.edit.was)) or " "
        name = self.book.picture(drawn(word))
        sheet.resources += f" /XObject << /P {name} >>"
        x, y = LEFT + self.edit.column * WIDE, TOP - at * LEADING - 3
        wide = len(word) * WIDE
        sheet.drawing.append(f"q {wide:.2f} 0 0 12 {x:.2f} {y:.2f} cm /P Do Q")

    def altered(self) -> str:
        """What the eye sees when it sees the other word."""
        rows = list(self.rows)
        text, edit = rows[edit_row := self.edit.row], self.edit
        rows[edit_row] = text[: edit.column] + edit.now + text[edit.column + len(edit.was) :]
        return "\n".join(rows)

    def added(self, words: str) -> str:
        return "\n".join(self.rows) + "\n" + words


Trick = Callable[[Work], str | None]


def begun(text: str, chance: Random) -> Work | None:
    """The letter wrapped to pages, and one word of it to be changed."""
    rows = [row for line in text.split("\n") for row in textwrap.wrap(line, COLUMNS) or [""]]
    if any(ord(c) > 255 and c not in "€–—‘’“”" for c in text):
        return None
    found = []
    for at, row in enumerate(rows):
        for word in re.finditer(r"[\w'-]*\w", row):
            now = _other(word[0], chance)
            # What replaces a word must fit in its place.
            if now is not None and len(now) <= len(word[0]):
                weight = 1 if word[0] in _WORDS or now in _WORDS else 6
                found += [Edit(at, word.start(), word[0], now)] * weight
    if not found:
        return None
    book = Book([Sheet() for _ in range(-(-len(rows) // ROWS))])
    return Work(book, rows, chance.choice(found), chance)


def _other(word: str, chance: Random) -> str | None:
    digits = [n for n, c in enumerate(word) if c.isdigit()]
    if digits:
        n = chance.choice(digits)
        other = chance.choice([d for d in "123456789" if d != word[n]])
        return word[:n] + other + word[n + 1 :]
    if word in _OTHERS:
        return chance.choice(_OTHERS[word])
    if len(word) >= 7 and word.isalpha():
        return chance.choice([each for each in _WORDS if each != word])
    return None
