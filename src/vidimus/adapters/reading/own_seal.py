"""A seal of the kind that we print, taken off a page before its ink is asked what it is.

Its code is a field of small pieces beside the words, just as writing is (`overdrawn.py`). On a
page that was drawn from a PDF every pixel is known: the code is read, drawn anew from what was
read, and let pass only where it is that very drawing, to the module. A stroke over it, or a
letter made of modules, is none. Whose seal it is, is no question here: nothing is believed.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp

from vidimus.adapters.paper import code
from vidimus.adapters.reading import light
from vidimus.adapters.reading.types import Image
from vidimus.core.copies.page import Word
from vidimus.core.seal import paper
from vidimus.errors import FormatError

NEAR = 24  # levels of 255 from black or from the paper
DARK = 128
LEAST = 2.5  # pixels of a module, below which its middle is not free of its edges
MOST = 4  # codes that are looked at
ALIKE = 0.9  # the share of modules that a scan shows as they were printed; of other codes half
SAMPLED = 5  # pixels of a module that is looked at in its middle
RIM = 0.03  # of the field's side around it: some two modules, half of the quiet zone

_Field = tuple[int, int, int, int]  # left, top, right, bottom
_Corners = list[tuple[int, int]]


def without_seals(page: Image) -> Image | None:
    """The page without the seals on it; None where there is none."""
    grey = light.grey(page)
    fields = [box for box, _, text in _found(grey) if _same(grey, box, text)]
    if not fields:
        return None
    bare = page.copy()
    for left, top, right, bottom in fields:
        bare[top:bottom, left:right] = 255
    return bare


def outside(page: Image, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """These words, but for those that are nothing but modules of a seal in a picture.

    A picture is not known to the pixel. Nearly all modules must be as they were drawn; then what
    was read within the field, wholly, was read off them.
    """
    if not words:
        return ()
    grey = light.grey(page)
    fields = [box for box, corners, text in _found(grey) if _alike(grey, corners, text)]
    return tuple(word for word in words if not any(_within(word, box) for box in fields))


def _within(word: Word, field: _Field) -> bool:
    box, (left, top, right, bottom) = word.box, field
    # A reader's boxes are a little wider than the ink. Nothing legible fits into so narrow a rim.
    rim = (right - left) * RIM
    return box is not None and (
        left - rim <= box.left
        and top - rim <= box.top
        and box.right <= right + rim
        and box.bottom <= bottom + rim
    )


def _found(grey: Image) -> Iterator[tuple[_Field, _Corners, str]]:
    """The dark field of each seal, its corners clockwise from the top left, and its text."""
    kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    for found in zxingcpp.read_barcodes(grey, formats=kind)[:MOST]:
        try:
            paper.read(found.text)
        except FormatError:
            continue
        at = found.position
        places = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        corners = [(each.x, each.y) for each in places]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        box = _field(grey, min(xs), min(ys), max(xs), max(ys))
        if box is not None:
            yield box, corners, found.text


def _alike(grey: Image, corners: _Corners, text: str) -> bool:
    """Whether all but few modules are as the drawing of this seal has them."""
    modules = np.array(code.modules(text), dtype=bool)
    count = len(modules)
    square = np.array([(0, 0), (count, 0), (count, count), (0, count)], np.float32) * SAMPLED
    flat = cv2.getPerspectiveTransform(np.array(corners, np.float32), square)
    side = count * SAMPLED
    seen = cv2.warpPerspective(grey, flat, (side, side), flags=cv2.INTER_LINEAR)
    middles = seen[SAMPLED // 2 :: SAMPLED, SAMPLED // 2 :: SAMPLED]
    return bool(((middles < DARK) == modules).mean() >= ALIKE)


def _field(grey: Image, left: int, top: int, right: int, bottom: int) -> _Field | None:
    """The dark field around these corners, which are not known to the pixel."""
    slack = max(2, (right - left) // 20)
    x, y = max(0, left - slack), max(0, top - slack)
    dark = grey[y : bottom + slack, x : right + slack] < DARK
    if not dark.any():
        return None
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]) + 1, y + int(rows[-1]) + 1


def _same(grey: Image, box: _Field, text: str) -> bool:
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
