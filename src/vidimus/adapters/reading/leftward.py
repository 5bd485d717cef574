"""Lines that run to the left, where what read them left them in pieces.

A piece of such a line that stands to the right of another one is read before it. Both pdfium
and Tesseract give pieces of one line as lines of their own now and then, in the order in which
they stand in the file or on the page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from vidimus.core.copies.page import Box, Word

SAME_LINE = 0.6  # of the lower piece's height, seen in both
LEFTWARD = frozenset({"R", "AL"})  # UAX 9, table 4


def runs_left(text: str) -> bool:
    """Whether more of its letters run to the left than to the right."""
    ways = [unicodedata.bidirectional(character) for character in text]
    return sum(way in LEFTWARD for way in ways) > sum(way == "L" for way in ways)


def rightmost_first(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words, with neighbouring pieces of one line that runs to the left put in order."""
    lines = [list(line) for _, line in groupby(words, key=lambda word: word.line)]
    ordered: list[list[Word]] = []
    for line in lines:
        if ordered and _goes_before(line, ordered[-1]):
            number = ordered[-1][0].line
            ordered[-1] = [*(replace(word, line=number) for word in line), *ordered[-1]]
        else:
            ordered.append(line)
    return tuple(word for line in ordered for word in line)


def _goes_before(piece: Sequence[Word], line: Sequence[Word]) -> bool:
    if not all(runs_left("".join(word.text for word in each)) for each in (piece, line)):
        return False
    here, there = bounds(piece), bounds(line)
    if here is None or there is None:
        return False
    low = min(here.bottom - here.top, there.bottom - there.top)
    shared = min(here.bottom, there.bottom) - max(here.top, there.top)
    # Boxes of neighbouring signs overlap a little.
    return shared >= SAME_LINE * low and here.left >= there.right - low // 2


def bounds(words: Sequence[Word]) -> Box | None:
    boxes = [word.box for word in words if word.box is not None]
    if not boxes:
        return None
    first, *others = boxes
    for box in others:
        first = first.union(box)
    return first
