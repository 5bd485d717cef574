"""Make a photographed page flat from its own text lines.

Text lines of a letter are parallel and begin at one margin. Where they meet in the picture
is the vanishing point of the horizontal; where the margins meet, that of the vertical. The
line through both is the horizon, and sending it to infinity makes the page flat (Hartley
and Zisserman, "Multiple View Geometry", 2.7). No edge of the paper is needed, so this also
serves crops and screens, and a shadow's edge is not taken for the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Box

LEAST_LINES = 4
STEEPEST_MARGIN = 0.7  # a margin that leans more than this is not one
GREATEST_STRETCH = 6.0  # between the nearest and the farthest part of the page
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a decoded picture becomes the page image: quarter turns clockwise, then a matrix.

    The same plan on the same bytes gives the same pixels, which is what lets a line be
    looked at again later.
    """

    turn: int = 0
    matrix: tuple[float, ...] = IDENTITY  # row by row, from turned pixels to page pixels
    width: int = 0  # of the page; 0: as the turned picture
    height: int = 0

    @property
    def flat(self) -> bool:
        return self.matrix == IDENTITY

    def upside_down(self) -> Plan:
        """The same page, turned by half a turn after everything else."""
        half = np.array([[-1, 0, self.width - 1], [0, -1, self.height - 1], [0, 0, 1]], np.float64)
        matrix = half @ np.array(self.matrix).reshape(3, 3)
        return Plan(self.turn, tuple(float(v) for v in matrix.ravel()), self.width, self.height)

    def region(self, lines: list[Floats]) -> Box:
        """Where on the page these lines (of the turned picture) stand, all together."""
        matrix = np.array(self.matrix).reshape(3, 3)
        points = _through(matrix, np.vstack(lines))
        left, top = np.maximum(points.min(axis=0), 0).astype(int)
        right, bottom = np.ceil(points.max(axis=0)).astype(int)
        return Box(int(left), int(top), min(self.width, int(right)), min(self.height, int(bottom)))

    def apply(self, image: Image) -> Image:
        image = turn(image, self.turn)
        if self.flat:
            return image
        matrix = np.array(self.matrix).reshape(3, 3)
        return np.asarray(
            cv2.warpPerspective(
                image,
                matrix,
                (self.width, self.height),
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )


def turn(image: Image, quarter_turns: int) -> Image:
    return np.ascontiguousarray(np.rot90(image, -quarter_turns % 4))


def skew(page: Image) -> float:
    """Degrees by which the lines of a scan slope downwards; 0 when no slope stands out.

    Rows of text give a projection of sharp peaks only when they are level (Postl, 1986).
    """
    height, width = page.shape
    factor = min(1.0, 900 / max(height, width))
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    ink = ink.astype(np.float32)
    rows, columns = np.nonzero(ink)
    if not 200 <= len(rows) <= 0.5 * ink.size:
        return 0.0

    def sharpness(degrees: float) -> float:
        levels = rows - columns * np.tan(np.radians(degrees))
        counts = np.bincount((levels - levels.min()).astype(np.int64)).astype(np.float64)
        return float(np.sum(np.diff(counts) ** 2))

    coarse = max(np.arange(-6, 6.01, 0.5).tolist(), key=sharpness)
    fine = max(np.arange(coarse - 0.5, coarse + 0.51, 0.1).tolist(), key=sharpness)
    return fine if sharpness(fine) > 1.1 * sharpness(0.0) else 0.0


def rotation(width: int, height: int, degrees: float) -> Plan:
    """Level a page whose lines slope by so much; the whole page stays in sight."""
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), [0, 0, 1]])
    return _fit(matrix, width, height)


def lies_sideways(lines: list[Floats]) -> bool:
    """Whether most of the text, by length, runs up or down the picture."""
    upright = sideways = 0.0
    for corners in lines:
        across = float(np.linalg.norm(corners[1] - corners[0]))
        down = float(np.linalg.norm(corners[3] - corners[0]))
        if across >= down:
            upright += across
        else:
            sideways += down
    return sideways > upright


def from_lines(lines: list[Floats], width: int, height: int, turned: int) -> Plan:
    """A plan for a picture (already turned) whose text lines are these; never fails.

    With too few lines it levels the page, or leaves it as it is.
    """
    level = Plan(turned, IDENTITY, width, height)
    long_enough = [
        c for c in lines if np.linalg.norm(c[1] - c[0]) > 2 * np.linalg.norm(c[3] - c[0])
    ]
    if not long_enough:
        return level
    # Measured from the middle, in units of the picture, so that numbers stay near one.
    scale = 2.0 / max(width, height)
    centre = np.array([width / 2, height / 2])
    starts = (np.array([(c[0] + c[3]) / 2 for c in long_enough]) - centre) * scale
    ends = (np.array([(c[1] + c[2]) / 2 for c in long_enough]) - centre) * scale
    slope = _median_slope(starts, ends)
    tilt = rotation(width, height, float(np.degrees(np.arctan(slope))))
    tilt = Plan(turned, tilt.matrix, tilt.width, tilt.height)
    if abs(slope) < 0.001:
        tilt = level
    if len(long_enough) < LEAST_LINES:
        return tilt
    across = _meeting_point(starts, ends)
    left = _margin(starts, ends, left=True)
    right = _margin(starts, ends, left=False)
    if left is None and right is None:
        down = np.array([-slope, 1.0, 0.0])  # square to the lines, as seen in the middle
    elif left is None or right is None:
        a, b = left if left is not None else right  # type: ignore[misc]
        del a
        down = np.array([b, 1.0, 0.0])
    else:
        down = np.cross(_line(left), _line(right))
    horizon = np.cross(across, down)
    if abs(horizon[2]) < 1e-9:
        return tilt
    horizon = horizon / horizon[2]
    project = np.array([[1, 0, 0], [0, 1, 0], [horizon[0], horizon[1], 1]])
    right_hand, downwards = (_direction(project @ point) for point in (across, down))
    if right_hand is None or downwards is None:
        return tilt
    right_hand = right_hand if right_hand[0] > 0 else -right_hand
    downwards = downwards if downwards[1] > 0 else -downwards
    basis = np.array([right_hand, downwards]).T
    if abs(np.linalg.det(basis)) < 0.5:
        return tilt
    square = np.eye(3)
    square[:2, :2] = np.linalg.inv(basis)
    to_units = np.array([[scale, 0, -centre[0] * scale], [0, scale, -centre[1] * scale], [0, 0, 1]])
    matrix = np.diag([1 / scale, 1 / scale, 1]) @ square @ project @ to_units
    plan = _fit_text(matrix, lines, width, height)
    return Plan(turned, plan.matrix, plan.width, plan.height) if plan else tilt


def _median_slope(starts: Floats, ends: Floats) -> float:
    run = np.maximum(ends[:, 0] - starts[:, 0], 1e-6)
    order = np.argsort((ends[:, 1] - starts[:, 1]) / run)
    weight = np.cumsum(run[order])
    middle = int(np.searchsorted(weight, weight[-1] / 2))
    return float(((ends[:, 1] - starts[:, 1]) / run)[order][middle])


def _meeting_point(starts: Floats, ends: Floats) -> Floats:
    """Where the lines meet, by least squares, outliers losing weight round by round."""
    ones = np.ones((len(starts), 1))
    lines = np.cross(np.hstack([starts, ones]), np.hstack([ends, ones]))
    lines = lines / np.maximum(np.linalg.norm(lines[:, :2], axis=1, keepdims=True), 1e-9)
    length = np.linalg.norm(ends - starts, axis=1)
    weight = length**2
    point = np.array([1.0, 0.0, 0.0])
    for _ in range(8):
        moment = (lines * weight[:, None]).T @ lines
        point = np.linalg.eigh(moment)[1][:, 0]
        middle = (starts + ends) / 2
        # How far each line turns away from the meeting point, seen from its own middle.
        to_point = point[None, :2] - point[2] * middle
        to_point = to_point / np.maximum(np.linalg.norm(to_point, axis=1, keepdims=True), 1e-9)
        along = (ends - starts) / np.maximum(length[:, None], 1e-9)
        away = np.abs(to_point[:, 0] * along[:, 1] - to_point[:, 1] * along[:, 0])
        weight = length**2 / (1 + (away / 0.004) ** 2)
    return np.asarray(point)


def _margin(starts: Floats, ends: Floats, *, left: bool) -> tuple[float, float] | None:
    """x = a + b*y of a margin, or None. Lines end on it or inside it, hardly any beyond it."""
    points = starts if left else ends
    if len(points) < LEAST_LINES:
        return None
    inward = 1.0 if left else -1.0
    tall = float(np.ptp(points[:, 1]))
    wide = float(max(ends[:, 0].max() - starts[:, 0].min(), 1e-6))
    near = 0.012 * wide
    best: tuple[float, float, float] | None = None
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            rise = points[j, 1] - points[i, 1]
            if abs(rise) < 0.25 * tall or tall < 0.15:
                continue
            b = (points[j, 0] - points[i, 0]) / rise
            if abs(b) > STEEPEST_MARGIN:
                continue
            a = points[i, 0] - b * points[i, 1]
            inside = (points[:, 0] - a - b * points[:, 1]) * inward
            on, beyond = np.abs(inside) <= near, inside < -near
            score = float(on.sum() - 2 * beyond.sum())
            if score >= max(LEAST_LINES, 0.25 * len(points)) and (best is None or score > best[0]):
                fit = np.polyfit(points[on, 1], points[on, 0], 1)
                best = (score, float(fit[1]), float(fit[0]))
    return None if best is None else (best[1], best[2])


def _line(margin: tuple[float, float]) -> Floats:
    a, b = margin
    return np.array([1.0, -b, -a])


def _direction(point: Floats) -> Floats | None:
    length = float(np.hypot(point[0], point[1]))
    if length < 1e-9 or abs(point[2]) > 1e-6 * length:
        return None
    return np.asarray(point[:2] / length)


def _fit(matrix: Floats, width: int, height: int) -> Plan:
    corners = _through(matrix, np.array([[0, 0], [width, 0], [width, height], [0, height]], float))
    low, high = corners.min(axis=0), corners.max(axis=0)
    return _window(matrix, low, high, 1.0)


def _fit_text(matrix: Floats, lines: list[Floats], width: int, height: int) -> Plan | None:
    """A window on the whole picture, for a seal or a signature may stand far from the text;
    but not on what a steep view throws far away from it."""
    text = np.vstack(lines)
    depth = np.hstack([text, np.ones((len(text), 1))]) @ matrix[2]
    if depth.min() <= 0 or depth.max() / depth.min() > GREATEST_STRETCH:
        return None
    flat = _through(matrix, text)
    low, high = flat.min(axis=0), flat.max(axis=0)
    margin = 0.5 * max(width, height)
    low, high = low - margin, high + margin
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    depth = np.hstack([corners, np.ones((4, 1))]) @ matrix[2]
    if depth.min() > 0:
        whole = _through(matrix, corners)
        low, high = np.maximum(low, whole.min(axis=0)), np.minimum(high, whole.max(axis=0))
    size = high - low
    if size.min() < 16:
        return None
    limit = 1.5 * max(width, height)
    return _window(matrix, low, high, min(1.0, limit / float(size.max())))


def _window(matrix: Floats, low: Floats, high: Floats, factor: float) -> Plan:
    move = np.array([[factor, 0, -low[0] * factor], [0, factor, -low[1] * factor], [0, 0, 1]])
    moved = move @ matrix
    size = np.maximum(16, np.ceil((high - low) * factor)).astype(int)
    values = tuple(float(v) for v in (moved / moved[2, 2]).ravel())
    return Plan(0, values, int(size[0]), int(size[1]))


def _through(matrix: Floats, points: Floats) -> Floats:
    mapped = np.hstack([points, np.ones((len(points), 1))]) @ matrix.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:])
