"""Even light, and letters of a size that a reader likes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Box, Word

# On letters set at 9 and 11 points, clean and worn, 72 to 300 dpi: Tesseract misreads hardly
# anything from 10 pixels of x-height upwards; below, enlarging to 16 mends nearly all of it,
# and enlarging further costs time for nothing.
GOOD_X_HEIGHT = 16.0
SMALL_X_HEIGHT = 9.5
LARGE_X_HEIGHT = 34.0  # above this we only lose time
MOST_PIECES = 400_000
TWO_VALUED = 0.995  # of a fax's or a black and white scan's pixels are as dark or light as can be
# A fax's letters have ragged edges, which this much makes soft again. Of noisy pages at 204 by
# 196 dots Tesseract then misread a half to none of the words that it had misread before, at 204 by
# 98 dots hardly fewer, and of clean ones as many.
SOFT = 0.7
INK, PAPER = 0.03, 0.9  # quantiles of a page's brightness that stand for them
RUN_TOGETHER = 1.15  # typical width by height of a piece; single letters have 0.8
TALL_TO_SMALL = 1.65  # ascenders against x-height, in common book types


def grey(image: Image) -> Image:
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def background(page: Image) -> Image:
    """The paper without its ink, at an eighth of the size: brightest nearby, then smoothed."""
    height, width = page.shape[:2]
    small = cv2.resize(
        page, (max(8, width // 8), max(8, height // 8)), interpolation=cv2.INTER_AREA
    )
    side = max(3, (max(small.shape) // 40) | 1)
    paper = cv2.dilate(small, np.ones((side, side), np.uint8))
    return np.asarray(cv2.medianBlur(paper, min(side * 2 + 1, 31)), np.uint8)


def is_even(page: Image) -> bool:
    """Whether this looks like a scan or a rendered page: nearly all paper of one brightness."""
    paper = background(page)
    middle = float(np.median(paper))
    near = float(np.mean(np.abs(paper.astype(np.int16) - middle) <= 14))
    return middle >= 190 and near >= 0.9


def is_two_valued(page: Image) -> bool:
    """Whether a grey page is in black and white alone, as a fax is."""
    counts = np.bincount(page.ravel(), minlength=256)
    return bool(counts[:8].sum() + counts[-8:].sum() >= TWO_VALUED * page.size)


def softened(page: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), SOFT), np.uint8)


def grain(page: Image) -> float:
    """How rough the paper of a grey page is, against the contrast of its ink."""
    ink, paper = np.quantile(page[::4, ::4], [INK, PAPER])
    rough = float(np.median(np.abs(cv2.Laplacian(page, cv2.CV_16S)[::2, ::2])))
    return rough / max(1.0, float(paper - ink))


def flatten(page: Image) -> Image:
    """Divide by the paper's own brightness, so that shadow and ink no longer look alike."""
    height, width = page.shape[:2]
    paper = cv2.resize(background(page), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(page, np.maximum(paper, 1), scale=255), np.uint8)


def letters(page: Image) -> Floats:
    """Rows (left, top, width, height) of what could be letters: dark pieces of such a size."""
    _, ink = cv2.threshold(page, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count < 2 or count > MOST_PIECES:
        return np.empty((0, 4))
    boxes = stats[1:, :4].astype(np.float64)
    widths, heights = boxes[:, 2], boxes[:, 3]
    kept = (heights >= 4) & (heights <= 120) & (widths <= 20 * heights) & (heights <= 8 * widths)
    return np.asarray(boxes[kept])


def x_height(page: Image) -> float:
    """The typical height of a small letter, in pixels; 0 when no letters are seen."""
    found = letters(page)
    if len(found) < 20:
        return 0.0
    typical = float(np.median(found[:, 3]))
    # Small or blurred letters run together: the pieces are then wide words, as tall as their
    # tallest letters.
    if float(np.median(found[:, 2] / found[:, 3])) > RUN_TOGETHER:
        typical /= TALL_TO_SMALL
    return typical


def left_out(page: Image, words: Sequence[Word], within: Box | None = None) -> float:
    """The share of a page's letters (those in a part of it) that stand in no word's box.

    Tesseract can drop half a line or a strip of the page and be sure of all the rest: its
    confidences say nothing of what it did not read.
    """
    boxes = [word.box for word in words if word.box]
    found = letters(page)
    if not boxes or len(found) < 20:
        return 0.0
    mask = np.zeros(page.shape[:2], np.uint8)
    for b in boxes:
        mask[max(0, b.top - 2) : b.bottom + 2, max(0, b.left - 3) : b.right + 3] = 1
    centres = found[:, :2] + found[:, 2:] / 2
    typical = float(np.median(found[:, 3]))
    counted = (found[:, 3] >= 0.6 * typical) & (found[:, 3] <= 2.5 * typical)
    if within is not None:
        low, high = (within.left, within.top), (within.right, within.bottom)
        counted &= ((centres >= low) & (centres <= high)).all(axis=1)
    places = centres[counted].astype(int)
    if not len(places):
        return 0.0
    # By width, for letters that run together count as the word that they are.
    wide = found[counted, 2]
    return float(wide[mask[places[:, 1], places[:, 0]] == 0].sum() / wide.sum())


def reading_scale(page: Image) -> float:
    """How much to enlarge (or shrink) a page so that its letters are of a good size."""
    found = x_height(page)
    if found == 0.0 or SMALL_X_HEIGHT <= found <= LARGE_X_HEIGHT:
        return 1.0
    factor = min(3.0, max(0.4, GOOD_X_HEIGHT / found))
    # Never beyond what the readers below can hold in memory.
    return min(factor, 6000 / max(page.shape[:2])) if factor > 1 else factor


def resize(page: Image, factor: float) -> Image:
    if factor == 1.0:
        return page
    how = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    height, width = page.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(page, size, interpolation=how), np.uint8)
