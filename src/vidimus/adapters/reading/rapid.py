"""PP-OCRv6 (small): find the text lines of a page, and read a line, by onnxruntime directly.

The two networks are files inside the `rapidocr` wheel (Apache-2.0; see its
MODEL_LICENSES.md). They are found without importing that package, whose own dependencies
we do not need. Lines: Liao et al., "Real-time scene text detection with differentiable
binarization" (AAAI 2020). Reading: CTC over 48-pixel strips.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vidimus.adapters.reading import bent
from vidimus.adapters.reading.ctc import Alphabet, greedy
from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Box, Word

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNISER = "PP-OCRv6_rec_small.onnx"

DETECT_SIDE = 960  # finds the same lines as full size in a sixth of the time
INK, LINE = 0.3, 0.6  # thresholds of pixel and of line
GROW = 1.6  # the unclip ratio
# Of densely set lines a strip shows the feet and heads of the lines above and below: its outer
# rows are painted over. A strip without them is read worse: its spaces are lost.
OUTER = 6
TIGHT = 0.15  # of a strip's height at top and bottom lies beyond its letters
WIDER = 0.15  # of a line's height, at either end: half a last letter reads as another letter
MOST_LINES = 600
STRIP = 48  # height of a line as the recogniser wants it
WIDEST = 3200  # of a strip, in its pixels; a line of 120 characters is about 1,600
BATCH = 6


def models() -> Path | None:
    """The folder with both networks, or None."""
    try:
        spec = importlib.util.find_spec("rapidocr")
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or importlib.util.find_spec("onnxruntime") is None:
        return None
    folder = Path(spec.origin).parent / "models"
    return folder if all((folder / name).is_file() for name in (DETECTOR, RECOGNISER)) else None


@cache
def _session(name: str) -> Any:
    """Loaded once in a cell, and only when it is needed: 0.2 seconds each."""
    import onnxruntime

    folder = models()
    if folder is None:
        raise FileNotFoundError(name)
    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps the largest line's memory for ever
    return onnxruntime.InferenceSession(
        str(folder / name), options, providers=["CPUExecutionProvider"]
    )


@cache
def alphabet() -> Alphabet:
    """Blank, the characters of the model's metadata, and last the space."""
    meta = _session(RECOGNISER).get_modelmeta().custom_metadata_map
    return Alphabet.of(("", *meta["character"].split("\n"), " "))


def detect(image: Image) -> list[Floats]:
    """The text lines of a BGR page: four corners each, clockwise from the top left, unordered."""
    return [corners for corners, _ in _detected(image)]


def trace(image: Image) -> list[Floats]:
    """The same, but a line that is bent comes as a ribbon: its upper edge from left to right in
    some points, then its lower edge back."""
    return [corners if ribbon is None else ribbon for corners, ribbon in _detected(image)]


def _detected(image: Image) -> list[tuple[Floats, Floats | None]]:
    height, width = image.shape[:2]
    factor = DETECT_SIDE / max(height, width)
    wide, tall = (max(32, round(side * factor / 32) * 32) for side in (width, height))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, (wide, tall), interpolation=how).astype(np.float32)
    blob = ((small / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)[np.newaxis]
    (heat,) = _session(DETECTOR).run(None, {"x": blob})
    ink = heat[0, 0]
    mask = cv2.dilate((ink > INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    back = np.array([width / ink.shape[1], height / ink.shape[0]])
    found: list[tuple[Floats, Floats | None]] = []
    for contour in contours[:MOST_LINES]:
        (centre, (a, b), angle) = cv2.minAreaRect(contour)
        if min(a, b) < 3:
            continue
        # Inside its own outline: the rectangle around a bent line is mostly paper.
        if _mean_inside(ink, contour) < LINE:
            continue
        # The network is trained on shrunken lines; this offset grows them back (Liao, 3.4).
        offset = a * b * GROW / (2 * (a + b))
        corners = clockwise(
            np.asarray(cv2.boxPoints((centre, (a + 2 * offset, b + 2 * offset), angle)), np.float64)
        )
        ribbon = bent.ribbon(contour, GROW)
        if ribbon is not None:
            corners = bent.straight(ribbon)
        elif min(a, b) + 2 * offset < 5:
            continue
        found.append((corners * back, None if ribbon is None else ribbon * back))
    return found


def _mean_inside(heat: Floats, contour: Any) -> float:
    left, top, wide, tall = cv2.boundingRect(contour)
    mask = np.zeros((tall, wide), np.uint8)
    cv2.drawContours(mask, [contour], -1, 1, cv2.FILLED, offset=(-left, -top))
    return float(cv2.mean(heat[top : top + tall, left : left + wide], mask)[0])


def clockwise(corners: Floats) -> Floats:
    """Top left, top right, bottom right, bottom left."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], np.float64)


def strip(image: Image, corners: Floats) -> Image:
    """One line, straightened and 48 pixels tall; a little wider than it was found."""
    if len(corners) > 4:
        return bent.unrolled(image, corners, STRIP, WIDEST)
    top_left, top_right, bottom_right, bottom_left = corners
    wide = max(np.linalg.norm(top_right - top_left), np.linalg.norm(bottom_right - bottom_left))
    tall = max(np.linalg.norm(bottom_left - top_left), np.linalg.norm(bottom_right - top_right))
    width = int(np.clip(round(float(wide) * STRIP / max(1.0, float(tall))), 16, WIDEST))
    target = np.array([[0, 0], [width, 0], [width, STRIP], [0, STRIP]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    flags = cv2.INTER_AREA if tall > 2 * STRIP else cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpPerspective(
            image, matrix, (width, STRIP), flags=flags, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def posteriors(strips: list[Image]) -> list[Floats]:
    """For each strip (steps, classes). Strips of like width go together, none is squeezed."""
    answers: list[Floats] = [np.empty((0, 0))] * len(strips)
    order = sorted(range(len(strips)), key=lambda i: strips[i].shape[1])
    for start in range(0, len(order), BATCH):
        group = order[start : start + BATCH]
        widest = max(strips[i].shape[1] for i in group)
        batch = np.zeros((len(group), 3, STRIP, widest), np.float32)
        for row, i in enumerate(group):
            pixels = strips[i].astype(np.float32) / 127.5 - 1.0
            batch[row, :, :, : strips[i].shape[1]] = pixels.transpose(2, 0, 1)
        (given,) = _session(RECOGNISER).run(None, {"x": batch})
        for row, i in enumerate(group):
            steps = given.shape[1]
            used = min(steps, -(-strips[i].shape[1] * steps // widest) + 1)
            answers[i] = given[row, :used]
    return answers


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a line: its text, its sureness, and from where to where (0..1) it stands."""

    text: str
    confidence: float
    start: float
    end: float


def pieces(given: Floats, width: int) -> list[Piece]:
    """Words from the best path. A word reaches half-way to its neighbours' letters at most."""
    letters = [
        (alphabet().characters[label], p, first, last) for label, p, first, last in greedy(given)
    ]
    steps = max(1, given.shape[0])
    inked = [i for i, (c, *_) in enumerate(letters) if not c.isspace()]
    if not inked:
        return []
    first, last = letters[inked[0]][2], letters[inked[-1]][3]
    half = 0.55 * (last - first + 1) / max(1, len(letters))  # about half a letter, in steps
    words: list[Piece] = []
    current: list[int] = []
    for i in [*range(len(letters)), None]:
        if i is not None and not letters[i][0].isspace():
            current.append(i)
            continue
        if current:
            text = "".join(letters[k][0] for k in current)
            sure = float(np.exp(np.mean([np.log(max(letters[k][1], 1e-6)) for k in current])))
            start = max(0.0, (letters[current[0]][2] - half) / steps)
            end = min(1.0, (letters[current[-1]][3] + 1 + half) / steps)
            words.append(Piece(text, sure, start, end))
        current = []
    return words


def read(image: Image, lines: list[Floats]) -> tuple[Word, ...]:
    """All words of an upright BGR page, row by row."""
    rows = in_rows(lines)
    flat = [corners for row in rows for corners in row]
    strips = [
        alone(strip(image, widened(corners, image.shape[1], image.shape[0]))) for corners in flat
    ]
    given = posteriors(strips)
    words: list[Word] = []
    at = 0
    for line, row in enumerate(rows):
        for corners in row:
            wide = widened(corners, image.shape[1], image.shape[0])
            for piece in pieces(given[at], strips[at].shape[1]):
                box = _box(wide, piece, image.shape[1], image.shape[0])
                words.append(Word(piece.text, line, box, piece.confidence))
            at += 1
    return tuple(words)


def alone(line: Image) -> Image:
    """A strip without what its outer rows show of other lines; paper in its place."""
    paper = np.quantile(line.reshape(-1, line.shape[2]), 0.8, axis=0).astype(np.uint8)
    line = line.copy()
    line[:OUTER] = paper
    line[STRIP - OUTER :] = paper
    return line


def widened(corners: Floats, width: int, height: int) -> Floats:
    """Line boxes end tightly; this is the line to its ends."""
    if len(corners) > 4:
        return np.clip(bent.longer(corners, WIDER), 0, (width, height))
    top_left, top_right, _, bottom_left = corners
    along = top_right - top_left
    along = along / max(1.0, float(np.linalg.norm(along)))
    tall = float(np.linalg.norm(bottom_left - top_left))
    push = np.array([-along, along, along, -along]) * tall * WIDER
    return np.clip(corners + push, 0, (width, height))


def in_rows(lines: list[Floats]) -> list[list[Floats]]:
    """Lines by rows from the top, each row from the left. Slopes are taken out first."""
    if not lines:
        return []
    whole, lines = lines, [bent.straight(line) for line in lines]
    slopes = [(c[1] - c[0])[1] / max(1.0, (c[1] - c[0])[0]) for c in lines]
    weights = [float(np.linalg.norm(c[1] - c[0])) for c in lines]
    slope = float(np.average(slopes, weights=weights)) if sum(weights) else 0.0
    placed = []
    for corners, line in zip(lines, whole, strict=True):
        centre = corners.mean(axis=0)
        tall = float(np.linalg.norm(corners[3] - corners[0]))
        placed.append((float(centre[1] - slope * centre[0]), tall, float(centre[0]), line))
    placed.sort(key=lambda item: item[0])
    rows: list[list[tuple[float, float, float, Floats]]] = []
    for item in placed:
        if rows:
            level = float(np.mean([other[0] for other in rows[-1]]))
            least = min(item[1], *(other[1] for other in rows[-1]))
            if abs(item[0] - level) < 0.5 * least:
                rows[-1].append(item)
                continue
        rows.append([item])
    return [[item[3] for item in sorted(row, key=lambda item: item[2])] for row in rows]


def _box(corners: Floats, piece: Piece, width: int, height: int) -> Box:
    points = bent.between(corners, piece.start, piece.end, TIGHT)
    left, top = np.clip(np.floor(points.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    return Box(
        int(left),
        int(top),
        int(max(left + 1, min(width, right))),
        int(max(top + 1, min(height, bottom))),
    )
