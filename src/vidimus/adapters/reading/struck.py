"""Words with a line drawn through them: they are read as if it were not there.

A stroke leaves an unbroken dark run in some row through the middle of a word, longer than any
letter is wide; between letters there is paper. An underline lies below that band.

Arabic letters are joined by such a run themselves, but not all of them: after ا, د, ر, و and
their like the pen is lifted. A run from end to end of a word in which it was lifted is a stroke;
in a word without such a letter only one that goes on beyond the word is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from vidimus.adapters.reading import light
from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Word

BAND = (0.28, 0.72)  # of the box's height: where a line is through a word, and not under it
LONG = 1.7  # of the usual height of a word's box: longer than the bar of any letter
WHOLE, SHORTEST = 0.95, 0.7  # of a short word's width, and of its height: a stroke through all
DASHES = frozenset("—–―−=~_")  # these are strokes themselves
ARABIC = re.compile("[\u0620-\u064a\u0671-\u06d3]")
LIFTED = re.compile("[\u0621-\u0625\u0627\u0629\u062f-\u0632\u0648\u0649\u0671-\u0673\u0688-\u0699]"
                    "(?=.*[\u0620-\u064a\u0671-\u06d3])")  # fmt: skip
FEW, ALL = 2, 0.98  # letters of a word as short as "not", joined or no; and of its width
BEYOND = 0.06  # of a word's height, by which a stroke outreaches a word that is all joined
TALL = 8  # pixels; below, the letters of a word run together
STRONG = 40  # levels between ink and paper, below which a run may be a shadow


def struck(page: Image, words: Sequence[Word]) -> tuple[Word, ...]:
    """Those of these words (boxes in pixels of `page`) that a line goes through."""
    heights = [word.box.bottom - word.box.top for word in words if word.box]
    if not heights or (usual := float(np.median(heights))) < TALL:
        return ()
    grey = light.grey(page)
    return tuple(word for word in words if _is_struck(grey, word, LONG * usual))


def _is_struck(grey: Image, word: Word, long: float) -> bool:
    b = word.box
    if b is None or not DASHES.isdisjoint(word.text) or sum(map(str.isalnum, word.text)) < 2:
        return False
    inside = grey[b.top : b.bottom, b.left : b.right].astype(np.float32)
    if ARABIC.search(word.text):
        return inside.shape[0] >= TALL and _is_struck_joined(grey, word, inside)
    # The bars of a heading's letters are longer than the usual word's, and no longer than it
    # is tall.
    long = max(long, float(inside.shape[0]))
    if inside.shape[0] < TALL:
        return False
    # A word as short as "of" has no room for more than a stroke from end to end.
    long = min(long, max(WHOLE * inside.shape[1], SHORTEST * inside.shape[0]))
    if inside.shape[1] < long:
        return False
    paper, ink = (float(v) for v in np.quantile(inside, [0.9, 0.05]))
    if paper - ink < STRONG:
        return False
    first, last = (round(share * inside.shape[0]) for share in BAND)
    dark = inside[first:last] < (paper + ink) / 2
    return max(map(_longest_run, dark), default=0) >= long


def _is_struck_joined(grey: Image, word: Word, inside: Floats) -> bool:
    b = word.box
    assert b is not None
    paper, dark = (float(v) for v in np.quantile(inside, [0.9, 0.05]))
    if paper - dark < STRONG:
        return False
    level = (paper + dark) / 2
    tall = b.bottom - b.top
    # The reader's box is as tall as its line, and may be wider than the word.
    ink = np.flatnonzero((inside < level).any(axis=0))
    left, right = b.left + int(ink[0]), b.left + int(ink[-1]) + 1
    first, last = (b.top + round(share * tall) for share in BAND)
    rows = grey[first:last, left:right] < level
    run = max(map(_longest_run, rows), default=0)
    if LIFTED.search(word.text):
        return run >= WHOLE * (right - left)
    if len(ARABIC.findall(word.text)) <= FEW and run >= ALL * (right - left):
        return True
    far = max(2, round(BEYOND * tall))
    wide = grey[first:last, max(0, b.left - far) : b.right + far] < level
    return max(map(_longest_run, wide), default=0) >= right - left + far


def _longest_run(row: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))
