"""What a PDF's page lays over the letters of its own text: strokes, covers, changed digits.

Such a page is drawn without noise, so it is drawn again in parts, and these are compared:

    the page  ·  without its text  ·  its text alone, in black

Where a letter has its ink, the page must differ from the page without text: else the letter is
covered there, or struck in its own colour. And where the page without text has thin marks in a
letter's middle, or beside it within its word, they are strokes, or make another letter of it.

Panels, highlights and large pale shapes behind words, rules, underlines and frames are neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import pypdfium2 as pdfium

from vidimus.adapters.reading.parted import Letter, Parts, parted
from vidimus.adapters.reading.types import Image

SEEN = 24.0  # levels of 255 by which ink that is seen stands off from what is behind it
LOST, LOST_SHARE, FEWEST = 0.5, 0.03, 4  # of a letter's contrast; of its ink; in pixels
MARK = 40  # levels between a thin mark and what it stands on
THICK = 0.5  # of a word's height: what is so thick is a panel, or a stroke of a watermark
RULE = 1.5  # of it, from which a straight thin stroke is a rule
MIDDLE, FOOT = 0.12, 0.4  # of a letter's height: what is not its middle; and under the line
HEBREW = "\u0590"  # from here on, scripts whose letters reach below the line
LOW = frozenset("gjpqyQ,;()[]{}$@&")
CROSSED = 0.03  # of the middle's pixels
SMALLEST = 0.08  # of a word's height, squared: a mark that may make another letter
BAR, DOTS = 0.35, 0.25  # of a word's height: a line under it, and the gaps in one
ABOVE, BELOW, ASIDE = 0.25, 0.3, 0.1  # of it: how far from a word a mark belongs to it


class _Square(NamedTuple):
    """In pixels, downwards."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, image: Image) -> Image:
        return image[max(0, self.top) : self.bottom, max(0, self.left) : self.right]

    def inside(self, other: _Square) -> _Square:
        """In the pixels of what is cut out at `other`."""
        return _Square(
            self.left - other.left,
            self.top - other.top,
            self.right - other.left,
            self.bottom - other.top,
        )


def laid_over(
    document: pdfium.PdfDocument,
    index: int,
    scale: float,
    longest: int,
    words: Sequence[Sequence[Letter]],
) -> list[bool]:
    """For each of these words of a page, whether something is drawn through it or over it."""
    page = parted(document, index, scale, longest, words)
    if page is None:
        return [False] * len(words)
    own = [_square(each, page.place) for each in page.dashes]
    squares = [[_square(each, page.place) for each in word] for word in words]
    heights = [max(s.bottom - s.top for s in word) for word in squares]
    tall = max(4.0, float(np.median(heights)))
    return [
        near and _is_spoiled(page.parts, word, where, own, tall)
        for near, word, where in zip(page.touched, words, squares, strict=True)
    ]


def _square(letter: Letter, place: pdfium.PdfPosConv) -> _Square:
    one = place.to_bitmap(letter.left, letter.bottom)
    other = place.to_bitmap(letter.right, letter.top)
    left, right = sorted((one[0], other[0]))
    top, bottom = sorted((one[1], other[1]))
    return _Square(left, top, right + 1, bottom + 1)


def _is_spoiled(
    parts: Parts,
    word: Sequence[Letter],
    squares: Sequence[_Square],
    own: Sequence[_Square],
    tall: float,
) -> bool:
    edges = _Square(
        min(s.left for s in squares), min(s.top for s in squares),
        max(s.right for s in squares), max(s.bottom for s in squares),
    )  # fmt: skip
    high, wide = parts.ink.shape
    if edges.right <= 0 or edges.bottom <= 0 or edges.left >= wide or edges.top >= high:
        return False
    # Rules go on beyond the word.
    far = round(2 * RULE * tall)
    around = _Square(
        max(0, edges.left - far), max(0, edges.top - far), edges.right + far, edges.bottom + far
    )
    inner = edges.inside(around)
    behind, apart, ink = (around.of(each) for each in parts)
    letters = [each.inside(around) for each in squares]
    marks = _marks(behind, inner, tall)
    for letter, at in zip(word, letters, strict=True):
        if _is_covered(at.of(apart), at.of(ink), _but_middle(letter, at, marks)):
            return True
    if not marks.any():
        return False
    for letter, at in zip(word, letters, strict=True):
        if letter.character.isalnum() and _is_crossed(letter, at, marks, tall):
            return True
    marks[_rules(marks, tall) > 0] = 0
    return _is_mended(word, letters, inner, marks, own, around, tall)


def _marks(behind: Image, inner: _Square, tall: float) -> Image:
    """1 where something thin is drawn that is not of the colour right behind the word."""
    apart = np.zeros(behind.shape[:2], np.uint8)
    for channel in range(3):
        levels = np.ascontiguousarray(behind[:, :, channel])
        usual = int(np.bincount(inner.of(levels).ravel(), minlength=256).argmax())
        apart = np.maximum(apart, cv2.absdiff(levels, np.full_like(levels, usual)))
    marks = (apart >= MARK).astype(np.uint8)
    if not marks.any():
        return marks
    side = max(3, round(THICK * tall))
    thick = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    # Its corners are round, and its edges soft.
    marks[cv2.dilate(thick, np.ones((7, 7), np.uint8)) > 0] = 0
    return marks


def _rules(marks: Image, tall: float) -> Image:
    long = max(6, round(RULE * tall))
    level = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    upright = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    wider = cv2.dilate(np.maximum(level, upright), np.ones((3, 3), np.uint8))
    return np.minimum(marks, wider).astype(np.uint8)


def _reaches_down(letter: Letter) -> bool:
    return letter.character in LOW or letter.character >= HEBREW


def _middle(letter: Letter, at: _Square) -> _Square:
    """Where no underline is, nor the edge of a frame."""
    high, wide = at.bottom - at.top, at.right - at.left
    foot = FOOT if _reaches_down(letter) else MIDDLE
    side = max(1, round(MIDDLE * wide)) if wide > 4 else 0
    return _Square(
        at.left + side,
        at.top + max(1, round(MIDDLE * high)),
        at.right - side,
        at.bottom - max(1, round(foot * high)),
    )


def _but_middle(letter: Letter, at: _Square, marks: Image) -> Image:
    """What is drawn at a letter's head and foot, as an underline in its own colour is."""
    found = at.of(marks).copy()
    _middle(letter, at).inside(at).of(found)[:] = 0
    return found


def _is_covered(apart: Image, ink: Image, spared: Image) -> bool:
    core = apart[(ink == 1) & (spared == 0)]
    if core.size < FEWEST:
        return False
    contrast = float(np.quantile(core, 0.8))
    lost = int((core < LOST * contrast).sum())
    return contrast < SEEN or lost >= max(FEWEST, LOST_SHARE * core.size)


def _is_crossed(letter: Letter, at: _Square, marks: Image, tall: float) -> bool:
    if at.bottom - at.top < THICK * tall:
        return False
    middle = _middle(letter, at).of(marks)
    return bool(middle.sum() >= max(FEWEST, CROSSED * middle.size))


def _is_mended(
    word: Sequence[Letter],
    letters: Sequence[_Square],
    inner: _Square,
    marks: Image,
    own: Sequence[_Square],
    around: _Square,
    tall: float,
) -> bool:
    """Whether small marks beside the letters belong to the word: a tail that makes a comma of a
    point, a bar that makes E of F."""
    if not marks.any():
        return False
    marks = marks.copy()
    for each in own:
        each.inside(around).of(marks)[:] = 0
    reach = _Square(
        inner.left - round(ASIDE * tall), inner.top - round(ABOVE * tall),
        inner.right + round(ASIDE * tall), inner.bottom + round(BELOW * tall),
    )  # fmt: skip
    reaching = round(inner.bottom - FOOT * (inner.bottom - inner.top))
    straight = zip(word, letters, strict=True)
    foot = max((at.bottom for each, at in straight if not _reaches_down(each)), default=reaching)
    # A dotted line is one line.
    under = _Square(0, foot, marks.shape[1], marks.shape[0]).of(marks)
    joined = np.ones((1, max(3, round(DOTS * tall))), np.uint8)
    under[:] = cv2.morphologyEx(under, cv2.MORPH_CLOSE, joined) if under.size else under
    count, _, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    for left, top, wide, high, area in stats[1:count]:
        right, bottom = left + wide, top + high
        if area < max(FEWEST, (SMALLEST * tall) ** 2):
            continue
        if right <= reach.left or left >= reach.right or bottom <= reach.top or top >= reach.bottom:
            continue
        bar = high <= BAR * tall and wide >= 2 * high and (top >= foot or bottom <= inner.top)
        frame = left <= inner.left and right >= inner.right and top <= inner.top and bottom >= foot
        if not bar and not frame:
            return True
    return False
