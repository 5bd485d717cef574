"""A letter in a frame: the screen of a messenger or a viewer around the picture of a page.

    14:07            81%      the screen's own clock: left aside
    ( ) Marta Quell           words beside the page: told, and not compared
    ┌──────────────────┐
    │ To the keepers … │      the page: one even ground, with straight edges, and another
    │            13:58 │      ground beyond each of them
    └──────────────────┘
    Have you seen this?

Only where the picture is drawn by a machine, as a screenshot is: there the ground is even to
the last level. A line around the text is no frame, because beyond it the same paper goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vidimus.adapters.reading.rectify import Plan
from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Box, Word

EVEN = 0.5  # of a screenshot's pixels have neighbours of their own shade; of photos, a tenth
STEP = 1  # levels between such neighbours
SAME = 12  # levels of 255 within which a pixel is of the page's ground
SIDE = 1000  # of the picture in which the page is looked for
STRAIGHT = 0.85  # of an edge along which there is page on this side …
OTHER = 0.85  # … and another ground on the other one
BEYOND = 0.008  # of the picture's longer side: where the other ground is looked for
LEAST_PAGE = 0.08  # of the picture
BAR = 0.12  # of the picture's height, in which a screen has its own clock
CLOCK = re.compile(r"\d{1,2}[:.]\d{2}")
SCREEN = re.compile(r"\d{1,2}[:.]\d{2}|\d{1,3}\s?%|[345]G|LTE|[^\w]+")


Flags = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Framed:
    words: tuple[Word, ...]  # on the page
    beside: tuple[Word, ...]  # around it
    screen: tuple[Word, ...]  # the clock and the like above it


def framed(image: Image, plan: Plan, words: Sequence[Word]) -> Framed:
    """All words are on the page where no frame is seen around it.

    `image` is the picture as it was decoded, `plan` how the words' page was made of it: on what
    was levelled or flattened no edge is straight to the pixel any more.
    """
    places = [None if word.box is None else _back(plan, word.box) for word in words]
    known = [(word, box) for word, box in zip(words, places, strict=True) if box is not None]
    page = find(image, known) if not plan.turn else None
    if page is None:
        return Framed(tuple(words), (), ())
    inside: list[Word] = []
    beside: list[Word] = []
    screen: list[Word] = []
    lines = Counter(word.line for word in words)
    lowest = max((box.bottom for _, box in known if _in(box, page)), default=0)
    for word, box in zip(words, places, strict=True):
        if box is None:
            inside.append(word)
        elif _in(box, page):
            alone = lines[word.line] == 1 and CLOCK.fullmatch(word.text)
            # The hour at which a message was sent stands in its last line, alone.
            stamp = alone and box.bottom >= lowest - (box.bottom - box.top)
            (beside if stamp else inside).append(word)
        else:
            high = box.bottom <= min(page.top, BAR * image.shape[0])
            (screen if high and SCREEN.fullmatch(word.text) else beside).append(word)
    if not any(CLOCK.fullmatch(word.text) for word in screen):
        # Every screen that shows its battery shows the hour; "50%" alone is somebody's word.
        return Framed(tuple(inside), (*screen, *beside), ())
    return Framed(tuple(inside), tuple(beside), tuple(screen))


def is_flat(image: Image, plan: Plan, words: Sequence[Word]) -> bool:
    """Whether a page stands straight in its frame, so that nothing is to be made flat."""
    known = [(word, _back(plan, word.box)) for word in words if word.box is not None]
    return not plan.turn and find(image, known) is not None


def find(image: Image, words: Sequence[tuple[Word, Box]]) -> Box | None:
    """The page within its frame; the boxes are in this picture's pixels."""
    if not words or image.ndim != 3 or not is_drawn(image):
        return None
    height, width = image.shape[:2]
    factor = min(1.0, SIDE / max(height, width))
    small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
    ground = _ground(image, [box for _, box in words])
    alike = (np.abs(small.astype(np.float32) - ground).max(axis=2) <= SAME).astype(np.uint8)
    tall = factor * float(np.median([box.bottom - box.top for _, box in words]))
    side = 2 * max(2, round(tall / 2)) + 1
    # Letters are filled with their ground; an edge between two grounds stays where it is.
    filled = cv2.morphologyEx(alike, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(filled, connectivity=4)
    votes: Counter[int] = Counter()
    for word, box in words:
        x = min(labels.shape[1] - 1, round((box.left + box.right) / 2 * factor))
        y = min(labels.shape[0] - 1, round((box.top + box.bottom) / 2 * factor))
        votes[int(labels[max(0, y), max(0, x)])] += len(word.text)
    votes.pop(0, None)
    if not votes:
        return None
    label = votes.most_common(1)[0][0]
    left, top, wide, tall = (int(value) for value in stats[label, :4])
    found = Box(left, top, left + wide, top + tall)
    if wide * tall < LEAST_PAGE * labels.size or not _is_sheet(labels == label, alike, found):
        return None
    edges = (left, top, left + wide, top + tall)
    return Box(*(round(edge / factor) for edge in edges))


def is_drawn(image: Image) -> bool:
    """Whether a machine drew this picture: what a lens or a scanner saw is never so even."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.int16)
    across = np.abs(np.diff(grey, axis=1))[:-1] <= STEP
    down = np.abs(np.diff(grey, axis=0))[:, :-1] <= STEP
    return bool((across & down).mean() >= EVEN)


def _ground(image: Image, boxes: Sequence[Box]) -> Floats:
    """The shade on which most of the text stands."""
    shades: Counter[tuple[int, ...]] = Counter()
    for box in boxes:
        inside = image[box.top : box.bottom, box.left : box.right].reshape(-1, 3)
        if len(inside):
            shade = Counter(map(tuple, inside[:: max(1, len(inside) // 200)].tolist()))
            shades[shade.most_common(1)[0][0]] += len(inside)
    return np.array(shades.most_common(1)[0][0] if shades else (255, 255, 255), np.float32)


def _is_sheet(page: Flags, alike: Flags, box: Box) -> bool:
    """Straight edges, and beyond each another ground, as far as the picture goes on there."""
    height, width = page.shape
    far = max(3, round(BEYOND * max(page.shape)))
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    edges: list[tuple[Flags, Flags]] = []
    if box.left >= far:
        edges.append((page[rows, box.left + 1], alike[rows, box.left - far]))
    if box.right + far < width:
        edges.append((page[rows, box.right - 2], alike[rows, box.right + far]))
    if box.top >= far:
        edges.append((page[box.top + 1, columns], alike[box.top - far, columns]))
    if box.bottom + far < height:
        edges.append((page[box.bottom - 2, columns], alike[box.bottom + far, columns]))
    straight = all(here.mean() >= STRAIGHT and there.mean() <= 1 - OTHER for here, there in edges)
    return bool(edges) and straight


def _back(plan: Plan, box: Box) -> Box:
    """Where these pixels of the page were in the picture; for plans without a quarter turn."""
    matrix = np.linalg.inv(np.array(plan.matrix).reshape(3, 3))
    corners = np.array([[x, y, 1.0] for x in (box.left, box.right) for y in (box.top, box.bottom)])
    points = corners @ matrix.T
    points = points[:, :2] / points[:, 2:]
    left, top = (max(0, round(float(value))) for value in points.min(axis=0))
    right, bottom = (round(float(value)) for value in points.max(axis=0))
    return Box(left, top, max(left + 1, right), max(top + 1, bottom))


def _in(box: Box, page: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return page.left <= x <= page.right and page.top <= y <= page.bottom
