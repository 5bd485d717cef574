"""Writing on a page that no word was read from.

A reader of grey pictures cannot see green on red of the same brightness, nor pale grey on white;
a person can. Here each colour is looked at for itself, for what is darker or lighter than its
surroundings, of a letter's size, and in a row with others of its kind.

    channel − its local median  →  beyond what the page's own grain explains  →  pieces
    → of a letter's size, in no word's box  →  in rows of LEAST_ROW and more  →  counted
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vidimus.adapters.reading import light
from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Word

LETTER = 18.0  # pixels that a word's box is tall in the picture that is searched
LEAST_LETTER = 5.0  # below this nothing looks like a letter
SMALLEST, TALLEST = 0.45, 4.0  # of a letter, against the boxes of the page's words
FAINTEST = 8.0  # levels of 255 that a person sees as writing on an even ground
GRAIN = 6.0  # standard deviations of the ground's own noise that ink must exceed
LEAST_ROW = 4  # letters, of which some may run together to one piece
LEAST_UPWARDS = 6  # the same, up or down the page: a round stamp's rim has runs of four
LEVEL = 0.3  # of the taller letter, by which the feet of two neighbours may differ
LEAST_PIECES = 2
DENSE, DENSE_SIDE = 0.36, 3.0  # share of ink, in a square of so many letters, that no text has
LONGEST_UPWARDS = 2.0  # of a letter's width, in writing that runs up or down the page
LONGEST_SIDE = 2400  # of the picture that is searched
USUAL_LETTER = 1 / 45  # of the page's height, when no word tells


def unexplained(page: Image, words: Sequence[Word]) -> int:
    """How many letter-like shapes stand in rows where none of these words does."""
    heights = [w.box.bottom - w.box.top for w in words if w.box and len(w.text) > 2]
    tall = float(np.median(heights)) if heights else page.shape[0] * USUAL_LETTER
    factor = min(1.0, LETTER / max(tall, 1.0), LONGEST_SIDE / max(page.shape[:2]))
    small = light.resize(page, factor)
    letter = max(LEAST_LETTER, tall * factor)
    if min(small.shape[:2]) < letter:
        return 0
    free = _free(small, words, factor, letter)
    counted: list[Floats] = []
    for channel in _channels(small):
        for pieces in _pieces(channel, free, letter):
            # The paper's own edge breaks into long pieces, one above the other; letters do not.
            upwards = pieces[pieces[:, 3] <= LONGEST_UPWARDS * pieces[:, 2]][:, [1, 0, 3, 2]]
            found = [
                *_rows(pieces, LEAST_ROW),
                *([box[[1, 0, 3, 2]] for box in r] for r in _rows(upwards, LEAST_UPWARDS)),
            ]
            for row in found:
                new = [box for box in row if not _known(box, counted)]
                counted += new
    return round(sum(map(_letters, counted)))


def _channels(page: Image) -> list[Image]:
    """Brightness, and the three colours where they show what it does not."""
    grey = light.grey(page)
    if page.ndim == 2:
        return [grey]
    colours = [np.ascontiguousarray(page[:, :, at]) for at in range(3)]
    seen = [colour for colour in colours if int(cv2.absdiff(colour, grey).max()) >= FAINTEST]
    return [grey, *seen]


def _free(page: Image, words: Sequence[Word], factor: float, letter: float) -> Image:
    """1 where no word stands; around each, the halo that JPEG leaves is not free either."""
    free = np.ones(page.shape[:2], np.uint8)
    halo = max(2, round(0.3 * letter))
    for word in words:
        if word.box:
            b = word.box
            left, top = max(0, int(b.left * factor) - halo), max(0, int(b.top * factor) - halo)
            free[top : int(b.bottom * factor) + halo, left : int(b.right * factor) + halo] = 0
    return free


def _pieces(channel: Image, free: Image, letter: float) -> list[Floats]:
    """Rows (left, top, width, height), for what is darker than its ground and what is lighter."""
    side = round(1.6 * letter) | 1
    ground = cv2.medianBlur(channel, side)
    found: list[Floats] = []
    apart: Image = np.asarray(cv2.absdiff(channel, ground), np.uint8)
    least = np.maximum(FAINTEST, GRAIN / 0.6745 * _usual(apart, letter))
    beyond = (apart > least).astype(np.uint8)
    ground_free = free & _open(apart, letter)
    for side_of in (channel < ground, channel > ground):
        ink = beyond & side_of.astype(np.uint8)
        count, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
        if count < 2 or count > light.MOST_PIECES:
            continue
        boxes = stats[1:, :4].astype(np.float64)
        filled = stats[1:, cv2.CC_STAT_AREA] / (boxes[:, 2] * boxes[:, 3])
        places = centres[1:].astype(int)
        kept = (boxes[:, 3] >= SMALLEST * letter) & (boxes[:, 3] <= TALLEST * letter)
        kept &= (boxes[:, 2] <= 10 * boxes[:, 3]) & (boxes[:, 3] <= 8 * boxes[:, 2])
        # Beyond its edges a flattened photo repeats its last pixels, as stripes.
        right, bottom = boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]
        kept &= (boxes[:, :2] > 0).all(axis=1)
        kept &= (right < channel.shape[1]) & (bottom < channel.shape[0])
        kept &= (filled >= 0.12) & (ground_free[places[:, 1], places[:, 0]] == 1)
        found.append(boxes[kept])
    return found


def _open(apart: Image, letter: float) -> Image:
    """1 where ink is as sparse as in writing: square codes and bar codes are not."""
    # Against the grain of the whole page: inside a code its own modules would pass for grain;
    # and against the strongest ink nearby, or JPEG's halo would pass for ink.
    side = round(DENSE_SIDE * letter)
    strongest = cv2.dilate(apart, np.ones((side, side), np.uint8))
    grain = max(FAINTEST, GRAIN / 0.6745 * float(np.median(apart)))
    beyond = (apart > np.maximum(grain, 0.35 * strongest)).astype(np.uint8)
    share = cv2.boxFilter(beyond, cv2.CV_32F, (side, side))
    dense = cv2.dilate((share > DENSE).astype(np.uint8), np.ones((side | 1, side | 1), np.uint8))
    return np.asarray(dense == 0, np.uint8)


def _usual(apart: Image, letter: float) -> Floats:
    """The median difference around each pixel: grain, and the texture of a desk or of a seal."""
    height, width = apart.shape
    step = 4
    small = cv2.resize(
        apart, (max(1, width // step), max(1, height // step)), None, 0, 0, cv2.INTER_NEAREST
    )
    around = cv2.medianBlur(small, round(4 * letter / step) | 1)
    return cv2.resize(around, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)


def _rows(pieces: Floats, least: int) -> list[list[Floats]]:
    """Pieces that follow each other from left to right at one height, like letters of a line."""
    rows: list[list[Floats]] = []
    for box in pieces[np.argsort(pieces[:, 0])] if len(pieces) else ():
        left, top, _, height = box
        for row in reversed(rows):
            last = row[-1]
            taller = max(height, last[3])
            gap = left - (last[0] + last[2])
            level = abs((top + height) - (last[1] + last[3])) <= LEVEL * taller
            alike = min(height, last[3]) >= 0.45 * taller
            if level and alike and -0.3 * taller <= gap <= 1.0 * taller:
                row.append(box)
                break
        else:
            rows.append([box])
    return [row for row in rows if len(row) >= LEAST_PIECES and sum(map(_letters, row)) >= least]


def _letters(box: Floats) -> float:
    """How many letters a piece stands for: those that run together are about as wide as tall."""
    return max(1.0, float(box[2] / box[3]))


def _known(box: Floats, counted: Sequence[Floats]) -> bool:
    """Whether one channel already showed it to us."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return any(b[0] <= x <= b[0] + b[2] and b[1] <= y <= b[1] + b[3] for b in counted)
