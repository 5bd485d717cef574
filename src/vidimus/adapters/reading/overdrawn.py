"""Ink on a page with a text layer that is none of its words, and may be writing.

Such a page is drawn without noise, and each letter's place is known to the pixel. So whatever
else is drawn between the words or between the lines of a paragraph is seen for certain, however
small or pale it is; and so is a short row of letters in a margin, or a VOID across the page.

    what differs from the paper  −  rules  −  the words  →  pieces  →  among the lines? in a row?

What is no row of pieces alike, as a crest, a seal or a signature, is let pass beside the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from vidimus.adapters.reading import light
from vidimus.adapters.reading.types import Image, scale_word
from vidimus.core.copies.page import Word

OTHER = 12  # levels of 255 from the paper; a viewer's rounding leaves three or four
PAPER = 0.5  # the share of a page that is of its paper's colour, or it has none
RULE = 2.5  # heights of a word: a straight stroke so long is a rule, or the edge of a table
AROUND = 2  # pixels around a word that its letters' soft edges may take
CLOSE = 1.5  # heights of a word between two lines of one paragraph
LETTERS, SCRAPS = 2, 6  # pieces like letters, or bits of any shape, that are no accident
ROW = 3  # pieces alike, one beside the other, that make a word
FILLED = 0.85  # of its own frame: a panel behind words
LARGE = 1.6  # heights of a word, from which a piece may be of a word across the page


STAMPED = 2.0  # the same for a picture, whose specks run together
SEARCHED = 12.0  # pixels that a word is tall in a picture that is searched for large letters
PALE = 0.08  # of the paper's brightness, by which ink is darker
LEAST_TALL = 4.0  # pixels of a word, below which nothing is told
MOST_PIECES = 4000


class _Piece(NamedTuple):
    """Its middle and its size, in pixels."""

    x: float
    y: float
    wide: float
    high: float


class _Line(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int


def overdrawn(page: Image, layer: Sequence[Word], witness: Sequence[Word] = ()) -> bool:
    """Whether something is written among these words or beside them (boxes in pixels of `page`).

    `witness` are words that were read from the picture, and so are compared whatever they are.
    """
    heights = [w.box.bottom - w.box.top for w in layer if w.box and len(w.text) > 2]
    if not heights or page.ndim != 3:
        return False
    tall = float(np.median(heights))
    ink = _ink(page)
    if ink is None or tall < LEAST_TALL:
        return False
    _clear(ink, layer)
    lines = _lines(layer)
    among = _pieces(_without_rules(ink, tall), tall)
    _clear(ink, _by_itself(witness, layer))
    beside = _pieces(_without_rules(ink, tall), tall)
    if _among(among, lines, tall) or _in_a_row(beside, tall):
        return True
    # The strokes of large letters are as long as rules are, and thicker.
    return _across(_pieces(_without_rules(ink, tall, thin=True), tall), tall)


def stamped(page: Image, words: Sequence[Word]) -> bool:
    """Whether a word stands in large letters on a picture, across it or along, that nobody read.

    Only where the light is even: beside a photographed sheet lies a desk with its own pattern.
    """
    heights = [w.box.bottom - w.box.top for w in words if w.box and len(w.text) > 2]
    grey = light.grey(page)
    if not heights or not light.is_even(grey):
        return False
    tall = float(np.median(heights))
    factor = min(1.0, SEARCHED / max(tall, 1.0))
    small = cv2.medianBlur(light.resize(grey, factor), 3)
    tall *= factor
    usual = int(np.bincount(small.ravel(), minlength=256).argmax())
    ink: Image = (small < usual * (1 - PALE)).astype(np.uint8)
    if tall < LEAST_TALL or float(ink.mean()) > PAPER:
        return False
    read = [word for word in words if sum(c.isalnum() for c in word.text) > 1]
    _clear(ink, [scale_word(word, factor) for word in read])
    edge = max(2, round(tall))  # the shadow of a lid, the frame of a screen
    ink[:edge] = ink[-edge:] = 0
    ink[:, :edge] = ink[:, -edge:] = 0
    return _across(_pieces(_without_rules(ink, tall, thin=True), tall), STAMPED * tall)


def _clear(ink: Image, words: Sequence[Word]) -> None:
    for word in words:
        if word.box:
            b = word.box
            top, left = max(0, b.top - AROUND), max(0, b.left - AROUND)
            ink[top : b.bottom + AROUND, left : b.right + AROUND] = 0


def _by_itself(witness: Sequence[Word], layer: Sequence[Word]) -> list[Word]:
    """Words of the picture that stand where the layer has none.

    A box that holds a word of the layer may hold something else besides.
    """
    taken = [word.box for word in layer if word.box]
    found = []
    for word in witness:
        b = word.box
        if b is None or sum(c.isalnum() for c in word.text) < 2:
            continue
        if not any(
            b.left < t.right and t.left < b.right and b.top < t.bottom and t.top < b.bottom
            for t in taken
        ):
            found.append(word)
    return found


def _pieces(ink: Image, tall: float) -> list[_Piece]:
    count, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = []
    for (_, _, wide, high, area), (x, y) in zip(stats[1:count], centres[1:count], strict=True):
        panel = area > FILLED * wide * high and min(wide, high) > tall
        if area >= 6 and max(wide, high) >= 0.2 * tall and not panel:
            found.append(_Piece(float(x), float(y), float(wide), float(high)))
    return found[:MOST_PIECES]


def _among(pieces: Sequence[_Piece], lines: Sequence[_Line], tall: float) -> bool:
    letters = scraps = 0
    for piece in pieces:
        inside = piece.wide >= 0.3 * tall and _inside(lines, piece.x, piece.y)
        if inside or _between(lines, piece.x, piece.y, tall):
            scraps += 1
            letters += 2 * inside + (piece.high >= 0.3 * tall)
    return letters >= LETTERS or scraps >= SCRAPS


def _in_a_row(pieces: Sequence[_Piece], tall: float) -> bool:
    """A word of a common size, along the page or up it."""
    small = [p for p in pieces if 0.25 * tall <= max(p.wide, p.high) <= 3 * tall]
    upwards = [_Piece(p.y, p.x, p.high, p.wide) for p in small]
    return _row(small) or _row(upwards)


def _row(pieces: Sequence[_Piece]) -> bool:
    ends: list[tuple[_Piece, int]] = []
    for piece in sorted(pieces):
        for at, (last, size) in enumerate(ends):
            high = max(piece.high, last.high)
            gap = (piece.x - piece.wide / 2) - (last.x + last.wide / 2)
            level = abs((piece.y + piece.high / 2) - (last.y + last.high / 2)) <= 0.35 * high
            alike = min(piece.high, last.high) >= 0.5 * high
            if level and alike and -0.2 * high <= gap <= 0.8 * high:
                ends[at] = (piece, size + 1)
                if size + 1 >= ROW:
                    return True
                break
        else:
            ends.append((piece, 1))
    return False


def _across(pieces: Sequence[_Piece], tall: float) -> bool:
    """Large pieces alike on one line, at whatever slant."""
    large = [p for p in pieces if max(p.wide, p.high) >= LARGE * tall]
    if not ROW <= len(large) <= 40:
        return False
    size = float(np.median([max(p.wide, p.high) for p in large]))
    alike = [p for p in large if 0.5 * size <= max(p.wide, p.high) <= 2 * size]
    if len(alike) < ROW:
        return False
    places = np.array([[p.x, p.y] for p in alike])
    places -= places.mean(axis=0)
    _, _, ways = np.linalg.svd(places, full_matrices=False)
    along, aside = np.sort(places @ ways[0]), np.abs(places @ ways[1])
    return bool(aside.max() <= 0.4 * size and np.diff(along).max() <= 2.5 * size)


def _ink(page: Image) -> Image | None:
    """1 where a pixel is not of the paper's colour."""
    apart = np.zeros(page.shape[:2], np.uint8)
    for channel in range(3):
        levels = np.ascontiguousarray(page[:, :, channel])
        usual = int(np.bincount(levels.ravel(), minlength=256).argmax())
        apart = np.maximum(apart, cv2.absdiff(levels, np.full_like(levels, usual)))
    ink = (apart > OTHER).astype(np.uint8)
    return None if float(ink.mean()) > PAPER else ink


def _without_rules(ink: Image, tall: float, *, thin: bool = False) -> Image:
    """Without straight strokes; and without panels, which are strokes side by side."""
    long = max(8, round(RULE * tall))
    rules = np.maximum(_opened(ink, long, 1), _opened(ink, 1, long))
    if thin:
        thick = max(3, round(0.35 * tall))
        rules[_opened(ink, thick, thick) > 0] = 0
    return np.where(cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0, np.uint8(0), ink)


def _opened(ink: Image, wide: int, high: int) -> Image:
    """What is left of the ink where a stroke of this size fits into it."""
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((high, wide), np.uint8)))


def _lines(layer: Sequence[Word]) -> list[_Line]:
    """From the top of the page; only lines of several words have an inside."""
    found: dict[int, _Line] = {}
    for word in layer:
        if word.box:
            b, was = word.box, found.get(word.line)
            new = _Line(b.left, b.top, b.right, b.bottom)
            found[word.line] = new if was is None else _union(was, new)
    return sorted(found.values(), key=lambda line: line.top)


def _union(a: _Line, b: _Line) -> _Line:
    return _Line(
        min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom)
    )


def _inside(lines: Sequence[_Line], x: float, y: float) -> bool:
    """Between two words of a line, and neither above nor below it."""
    return any(
        line.left < x < line.right
        and abs(2 * y - line.top - line.bottom) < 0.6 * (line.bottom - line.top)
        for line in lines
    )


def _between(lines: Sequence[_Line], x: float, y: float, tall: float) -> bool:
    """Between two lines of one paragraph, which stand as close as lines do."""
    above = [line for line in lines if line.top < y and line.left <= x <= line.right]
    below = [line for line in lines if line.bottom > y and line.left <= x <= line.right]
    if not above or not below:
        return False
    over, under = max(line.bottom for line in above), min(line.top for line in below)
    return bool(under - over <= CLOSE * tall)
