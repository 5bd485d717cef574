"""Even light, and letters of a size that a reader likes."""

from __future__ import annotations

import cv2
import numpy as np

from vidimus.adapters.reading.types import Image

# Tesseract reads best when small letters such as x are about 20 pixels tall
# (its own advice: capitals of 30 pixels, x-height of 20).
GOOD_X_HEIGHT = 20.0
SMALL_X_HEIGHT = 13.0  # below this we enlarge
LARGE_X_HEIGHT = 34.0  # above this we only lose time


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


def flatten(page: Image) -> Image:
    """Divide by the paper's own brightness, so that shadow and ink no longer look alike."""
    height, width = page.shape[:2]
    paper = cv2.resize(background(page), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(page, np.maximum(paper, 1), scale=255), np.uint8)


def x_height(page: Image) -> float:
    """The typical height of a small letter, in pixels; 0 when no letters are seen."""
    _, ink = cv2.threshold(page, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count < 2 or count > 400_000:
        return 0.0
    widths, heights = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    letters = heights[
        (heights >= 4) & (heights <= 120) & (widths <= 4 * heights) & (heights <= 8 * widths)
    ]
    return float(np.median(letters)) if len(letters) >= 20 else 0.0


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
