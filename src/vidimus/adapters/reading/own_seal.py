"""A seal of the kind that we print, taken off a page before its ink is asked what it is.

Its code is a field of small pieces beside the words, just as writing is (`overdrawn.py`). On a
page that was drawn from a PDF every pixel is known: the code is read, drawn anew from what was
read, and let pass only where it is that very drawing, to the module. A stroke over it, or a
letter made of modules, is none. Whose seal it is, is no question here: nothing is believed.
"""

from __future__ import annotations

import numpy as np
import zxingcpp

from vidimus.adapters.paper import code
from vidimus.adapters.reading import light
from vidimus.adapters.reading.types import Image
from vidimus.core.seal import paper
from vidimus.errors import FormatError

NEAR = 24  # levels of 255 from black or from the paper
DARK = 128
LEAST = 2.5  # pixels of a module, below which its middle is not free of its edges
MOST = 4  # codes that are looked at


def without_seals(page: Image) -> Image | None:
    """The page without the seals on it; None where there is none."""
    bare: Image | None = None
    grey = light.grey(page)
    kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    for found in zxingcpp.read_barcodes(grey, formats=kind)[:MOST]:
        try:
            paper.read(found.text)
        except FormatError:
            continue
        corners = found.position
        places = (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)
        xs, ys = [each.x for each in places], [each.y for each in places]
        box = _field(grey, min(xs), min(ys), max(xs), max(ys))
        if box is None or not _same(grey, box, found.text):
            continue
        left, top, right, bottom = box
        if bare is None:
            bare = page.copy()
        bare[top:bottom, left:right] = 255
    return bare


def _field(
    grey: Image, left: int, top: int, right: int, bottom: int
) -> tuple[int, int, int, int] | None:
    """The dark field around these corners, which are not known to the pixel."""
    slack = max(2, (right - left) // 20)
    x, y = max(0, left - slack), max(0, top - slack)
    dark = grey[y : bottom + slack, x : right + slack] < DARK
    if not dark.any():
        return None
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]) + 1, y + int(rows[-1]) + 1


def _same(grey: Image, box: tuple[int, int, int, int], text: str) -> bool:
    """Whether the middle of every module is as the drawing of this seal has it."""
    left, top, right, bottom = box
    modules = np.array(code.modules(text), dtype=bool)
    count = len(modules)
    wide, high = (right - left) / count, (bottom - top) / count
    if min(wide, high) < LEAST or abs(wide - high) > 1 / count + 0.1:
        return False
    shown = grey[top:bottom, left:right].astype(int)
    rows, free_rows = _middles(bottom - top, high)
    columns, free_columns = _middles(right - left, wide)
    expected = np.where(modules[np.ix_(rows, columns)], 0, 255)
    free = np.ix_(free_rows, free_columns)
    return bool((np.abs(shown[free] - expected[free]) <= NEAR).all())


def _middles(length: int, module: float) -> tuple[np.ndarray, np.ndarray]:
    """The module of each pixel along one side, and which pixels no edge of a module touches."""
    at = (np.arange(length) + 0.5) / module
    away = np.abs(at - np.round(at)) * module
    return np.minimum(at.astype(int), round(length / module) - 1), away >= 1.0
