"""Lines of a sheet that does not lie flat are found whole, and read without their neighbours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.reading import pages as made

from vidimus.adapters.reading import bent, rapid
from vidimus.adapters.reading.types import Image


@pytest.fixture(scope="module")
def waved() -> Image:
    """A page whose lines rise and fall by three times their own height."""
    page = made.draw(made.set_page(*made.LETTER), 110)
    height, width = page.shape[:2]
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    down += 22 * np.sin(across / width * np.pi * 1.5).astype(np.float32)
    return np.asarray(
        cv2.remap(page, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def test_a_bent_page_is_read_line_by_line(waved: Image) -> None:
    lines = rapid.trace(waved)
    assert any(len(line) > 4 for line in lines)
    text = " ".join(word.text for word in rapid.read(waved, lines))
    assert made.character_errors(text) < 0.02


def test_the_words_of_a_bent_line_stand_in_their_boxes(waved: Image) -> None:
    grey = cv2.cvtColor(waved, cv2.COLOR_BGR2GRAY)
    for word in rapid.read(waved, rapid.trace(waved)):
        assert word.box is not None
        b = word.box
        assert grey[b.top : b.bottom, b.left : b.right].min() < 160, word


def test_a_straight_line_stays_four_corners() -> None:
    page = made.draw(made.set_page(*made.LETTER), 110)
    assert all(len(line) == 4 for line in rapid.trace(page))


def test_unrolling_a_ribbon_gives_back_what_was_rolled() -> None:
    x = np.linspace(20, 380, bent.POINTS)
    y = 60 + 20 * np.sin(x / 400 * np.pi)
    line = np.vstack([np.stack([x, y - 12], 1), np.stack([x, y + 12], 1)[::-1]])
    picture = np.full((120, 400, 3), 255, np.uint8)
    for left in range(30, 370, 20):  # a row of dots along the middle of the line
        middle = int(np.interp(left, x, y))
        cv2.circle(picture, (left, middle), 3, (0, 0, 0), -1)
    flat = bent.unrolled(picture, line, 48, 3200)
    dark = np.flatnonzero(flat[:, :, 0].min(axis=1) < 100)
    assert dark.min() >= 16 and dark.max() <= 32, "the dots lie on the middle of the strip"
    assert np.allclose(bent.straight(line)[:, 0], [20, 380, 380, 20])
