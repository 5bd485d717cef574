"""Lines that are bent, as on a sheet that does not lie flat.

    ribbon    its upper edge from left to right in POINTS points, then its lower edge back
    corners   the same for a straight line: two points above, two below

A rectangle around a bent line holds half of its neighbours; what is read in it is theirs, too.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from vidimus.adapters.reading.types import Floats, Image

POINTS = 16
BENT = 1.25  # the rectangle around a line, by its own thickness: beyond this it is bent
LONG = 6.0  # by its thickness: a shorter piece is straight enough
STEEPEST = 0.5


def ribbon(contour: Any, grow: float) -> Floats | None:
    """The ribbon of a detected (shrunken) line, grown back; None where it is straight, or stands
    up the page."""
    left, top, wide, tall = cv2.boundingRect(contour)
    mask = np.zeros((tall, wide), np.uint8)
    cv2.drawContours(mask, [contour], -1, 1, cv2.FILLED, offset=(-left, -top))
    rows = np.arange(tall)[:, None]
    thick = mask.sum(axis=0).astype(np.float64)
    at = np.flatnonzero(thick)
    usual = float(np.median(thick[at]))
    _, sides, _ = cv2.minAreaRect(contour)
    if usual < 3 or wide < LONG * usual or min(sides) < BENT * usual:
        return None
    middle = (mask * rows).sum(axis=0)[at] / thick[at]
    # A cubic follows any sheet that one can read from; ragged ends hardly pull at it.
    across = at / wide - 0.5
    curve = np.polynomial.Polynomial.fit(across, middle, 3, domain=[-0.5, 0.5])
    slope = curve.deriv()
    # The offset of a long rectangle (Liao, 3.4), at each end and on both sides.
    reach = grow * usual * wide / (2 * (wide + usual))
    x = np.linspace(at[0] - reach, at[-1] + reach, POINTS)
    inside = np.clip(x / wide - 0.5, across[0], across[-1])
    steep = slope(inside) / wide
    if float(np.abs(steep).max()) > STEEPEST:
        return None
    y = curve(inside) + steep * (x - (inside + 0.5) * wide)
    half = (usual / 2 + reach) * np.sqrt(1 + steep**2)
    upper = np.stack([left + x, top + y - half], axis=1)
    lower = np.stack([left + x, top + y + half], axis=1)
    return np.vstack([upper, lower[::-1]])


def edges(line: Floats) -> tuple[Floats, Floats]:
    """Upper and lower edge, both from left to right."""
    half = len(line) // 2
    return line[:half], line[half:][::-1]


def straight(line: Floats) -> Floats:
    """Four corners: those of a straight line, or of the straight one nearest to a ribbon."""
    if len(line) == 4:
        return line
    upper, lower = edges(line)
    middle = (upper + lower) / 2
    slope, level = np.polyfit(middle[:, 0], middle[:, 1], 1)
    half = float(np.median(np.linalg.norm(lower - upper, axis=1))) / 2
    x = middle[[0, -1], 0]
    y = level + slope * x
    return np.array(
        [[x[0], y[0] - half], [x[1], y[1] - half], [x[1], y[1] + half], [x[0], y[0] + half]]
    )


def longer(line: Floats, share: float) -> Floats:
    """A ribbon pushed out at both ends by a share of its height."""
    upper, lower = edges(line)
    tall = float(np.median(np.linalg.norm(lower - upper, axis=1)))
    pushed = []
    for edge in (upper, lower):
        first, last = edge[1] - edge[0], edge[-1] - edge[-2]
        ends = (
            edge[0] - first / max(1e-6, float(np.linalg.norm(first))) * tall * share,
            edge[-1] + last / max(1e-6, float(np.linalg.norm(last))) * tall * share,
        )
        pushed.append(np.vstack([ends[0], edge[1:-1], ends[1]]))
    return np.vstack([pushed[0], pushed[1][::-1]])


def between(line: Floats, start: float, end: float, inwards: float = 0.0) -> Floats:
    """The points of both edges from one share of the line's length to another, moved towards its
    middle by a share of its height."""
    shares = np.array([start, (start + end) / 2, end])
    upper, lower = (_along(edge, shares) for edge in edges(line))
    step = (lower - upper) * inwards
    return np.vstack([upper + step, lower - step])


def unrolled(image: Image, line: Floats, tall: int, widest: int) -> Image:
    """The pixels of a ribbon, made straight and `tall` pixels high."""
    upper, lower = edges(line)
    length = float(np.linalg.norm(np.diff((upper + lower) / 2, axis=0), axis=1).sum())
    height = float(np.median(np.linalg.norm(lower - upper, axis=1)))
    width = int(np.clip(round(length * tall / max(1.0, height)), 16, widest))
    shares = (np.arange(width) + 0.5) / width
    above, below = _along(upper, shares), _along(lower, shares)
    down = ((np.arange(tall) + 0.5) / tall)[:, None, None]
    places = (above[None] * (1 - down) + below[None] * down - 0.5).astype(np.float32)
    if height > 2 * tall:  # looking up single pixels of a large picture would alias
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), height / tall / 2), np.uint8)
    return np.asarray(
        cv2.remap(
            image, places[..., 0], places[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def _along(edge: Floats, shares: Floats) -> Floats:
    """Points of a polyline at these shares of its length."""
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(edge, axis=0), axis=1))])
    at = shares * steps[-1]
    return np.stack([np.interp(at, steps, edge[:, axis]) for axis in (0, 1)], axis=1)
