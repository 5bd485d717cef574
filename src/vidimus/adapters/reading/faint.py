"""Words that a machine reads and a person may not see.

Before a page is read its light is evened out, and a word four levels off white then reads like
any other. So each word's ink is measured once more on the page as it is, against the paper right
around it (which takes shadow out of account) and against the page's other words.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vidimus.adapters.reading import light
from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Word

# A word is faint below this share of what the page's well inked words have.
FAR_PALER = 0.3
WELL_INKED = 0.9  # the quantile of words that stands for them: a few pale words do not lower it
UNSEEN = 0.04  # of full contrast: ten levels of 255, which hardly anybody sees as writing
# The share of a word's box that its ink covers, even in thin type; less for one or two letters,
# of which "1" and "it" are the thinnest.
INK = 0.10
INK_OF_SHORT = 0.04
FEW = 8  # words from which there is a usual one


def faint(page: Image, words: Sequence[Word]) -> tuple[Word, ...]:
    """Those of these words (boxes in pixels of `page`) whose ink is far paler than usual."""
    grey = light.grey(page)
    seen = [word for word in words if word.box and any(c.isalnum() for c in word.text)]
    if not seen:
        return ()
    inks = contrasts(grey, seen)
    least = UNSEEN
    if len(seen) >= FEW:
        least = max(least, FAR_PALER * float(np.quantile(inks, WELL_INKED)))
    return tuple(word for word, ink in zip(seen, inks, strict=True) if ink < least)


def contrasts(grey: Image, words: Sequence[Word]) -> Floats:
    """For each word the contrast of its ink against the paper around it, 0..1, dark or light."""
    height, width = grey.shape
    found = np.empty(len(words))
    for at, word in enumerate(words):
        assert word.box is not None
        b = word.box
        aside = max(3, (b.bottom - b.top) // 2)
        around = grey[
            max(0, b.top - aside) : min(height, b.bottom + aside),
            max(0, b.left - aside) : min(width, b.right + aside),
        ]
        inside = grey[b.top : b.bottom, b.left : b.right]
        if not inside.size or not around.size:
            found[at] = 0.0
            continue
        paper = float(np.median(around))
        ink = INK if sum(c.isalnum() for c in word.text) > 2 else INK_OF_SHORT
        dark, bright = (float(v) for v in np.quantile(inside, [ink, 1 - ink]))
        found[at] = max(
            (paper - dark) / max(paper, 1.0),
            (bright - paper) / max(bright, 1.0),
        )
    return found


def without(even: Image, tall: float) -> Image:
    """A strip of a line in even light, with the ink left out that is far paler than the rest.

    So that a line is not read again, and found whole, by a word that nobody sees. The soft edges
    of good ink stay: only what stands off from any is cleared.
    """
    paper = float(np.median(even))
    away = np.abs(even.astype(np.float32) - paper)
    # Letters cover more than a fiftieth of their line's surroundings; lone specks do not.
    strong = (away >= FAR_PALER * float(np.quantile(away, 0.98))).astype(np.uint8)
    reach = max(3, round(0.3 * tall)) | 1
    near = cv2.dilate(strong, np.ones((reach, reach), np.uint8))
    return np.where(near == 1, even, np.uint8(paper))
