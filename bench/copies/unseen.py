"""Devices that nobody looked at while tuning: other optics, other scanners, other messengers.

As strong as those of `camera.py` of the same name (the same perspective, shadow, pixels and
JPEG quality, within a few percent), but made otherwise: a lens out of focus instead of a soft
one, a sheet bent like a tile, a blind's bars of light, noise that grows with the light, a
feeder's streaks and the text of the other side showing through.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.copies.camera import Strength

Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Optics:
    corners: float  # share of the frame by which each corner of the sheet strays
    turn: float  # degrees
    bend: float  # depth of the bent sheet, as a share of its width
    bars: float  # how dark the bars of the blind are
    vignette: float
    focus: float  # radius of the disc that a point becomes, in pixels
    shake: int  # pixels
    grain: float  # grey levels at full light
    long_side: int
    quality: int


_OPTICS: dict[Strength, _Optics] = {
    "mild": _Optics(0.015, 1.3, 0.010, 0.08, 0.10, 1.0, 0, 3.0, 3264, 88),
    "medium": _Optics(0.035, 3.2, 0.022, 0.22, 0.22, 1.7, 3, 6.0, 2720, 70),
    "hard": _Optics(0.055, 6.5, 0.035, 0.34, 0.34, 2.3, 6, 10.0, 2048, 50),
}


def photo(image: Image.Image, seed: int, strength: Strength = "mild") -> bytes:
    optics = _OPTICS[strength]
    chance = np.random.default_rng([seed, 11])
    width, height = 2448, 3264
    table = np.array([chance.uniform(70, 200)] * 3, np.float32) * chance.uniform(0.8, 1.1, 3)
    matrix = _pose(image, (width, height), optics, chance)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    m = matrix.astype(np.float32)
    depth = m[2, 0] * across + m[2, 1] * down + m[2, 2]
    u = (m[0, 0] * across + m[0, 1] * down + m[0, 2]) / depth
    v = (m[1, 0] * across + m[1, 1] * down + m[1, 2]) / depth
    del depth, down, across
    # Bent like a tile about an upright axis: the middle comes nearer and so looks larger.
    axis = np.float32(chance.uniform(0.3, 0.7))
    lift = np.float32(optics.bend) * np.cos(np.pi * (u - axis))
    v = (v - np.float32(0.5)) * (1 - lift) + np.float32(0.5)
    u = u + np.float32(0.4) * lift * (u - axis)
    inside = ((np.abs(u - 0.5) < 0.5) & (np.abs(v - 0.5) < 0.5)).astype(np.float32)
    inside = cv2.GaussianBlur(inside, (0, 0), 0.8)
    paper = _small_enough(np.array(image.convert("RGB"), np.float32) * 0.975, height * 0.84)
    tall, wide = paper.shape[:2]
    sheet = cv2.remap(
        paper,
        u * np.float32(wide) - np.float32(0.5),
        v * np.float32(tall) - np.float32(0.5),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    scene = sheet * inside[:, :, None] + table * (1 - inside[:, :, None])
    scene *= _blind((width, height), optics, chance)[:, :, None]
    scene *= np.array([chance.uniform(0.94, 1.0), 1.0, chance.uniform(0.9, 1.0)], np.float32)
    scene = cv2.filter2D(scene, -1, _disc(optics.focus))
    if optics.shake:
        line = np.zeros((2 * optics.shake + 1,) * 2, np.uint8)
        reach, angle = optics.shake / 2, chance.uniform(0, np.pi)
        way = np.array([np.cos(angle), np.sin(angle)]) * reach
        middle = np.array([optics.shake, optics.shake])
        ends = [tuple(int(x) for x in np.round(middle + sign * way)) for sign in (-1, 1)]
        cv2.line(line, ends[0], ends[1], 1, 1)
        scene = cv2.filter2D(scene, -1, line.astype(np.float32) / line.sum())
    if height > optics.long_side:
        scale = optics.long_side / height
        scene = cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    bright = chance.standard_normal(scene.shape[:2], np.float32)
    grain = optics.grain * np.sqrt(np.clip(scene.mean(axis=2), 8, 255) / 255)
    scene += (bright * grain.astype(np.float32))[:, :, None]
    return _jpeg(cv2.medianBlur(np.clip(scene, 0, 255).astype(np.uint8), 3), optics.quality)


def scan(image: Image.Image, seed: int) -> bytes:
    """A grey JPEG of a feeder, at the resolution of `image`: streaks, and the other side."""
    chance = np.random.default_rng([seed, 12])
    page = np.array(image.convert("L"), np.float32)
    height, width = page.shape
    other = cv2.GaussianBlur(page[:, ::-1], (0, 0), 2.0)
    page = page - float(chance.uniform(0.02, 0.06)) * (255 - other)
    # The rollers pull one side faster: the page is sheared rather than turned.
    shear, stretch = float(chance.uniform(-0.012, 0.012)), float(chance.uniform(0.99, 1.01))
    matrix = np.array([[1, 0, 0], [shear, stretch, 0]], np.float32)
    page = cv2.warpAffine(
        page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    page = cv2.blur(page, (2, 2))
    for _ in range(int(chance.integers(0, 3))):  # dust under the sensor draws a line
        at = int(chance.integers(0, width))
        page[:, at] = page[:, at] * 0.6 + 255 * 0.4 * float(chance.uniform(0, 1))
    page = 255 * np.clip((page - 12) / 225, 0, 1) ** float(chance.uniform(0.85, 1.2))
    page += chance.standard_normal(page.shape, np.float32) * 4
    return _jpeg(np.clip(page, 0, 255).astype(np.uint8), 65)


def screenshot(image: Image.Image, seed: int) -> bytes:
    """A JPEG as a messenger sends it on: another width, a dark frame, a bubble's margin."""
    chance = np.random.default_rng([seed, 13])
    width = int(chance.choice([1125, 1170, 1242]))
    inner = round(width * 0.94)
    page = image.convert("RGB")
    page = page.resize((inner, round(page.height * inner / page.width)), Image.Resampling.LANCZOS)
    screen = Image.new("RGB", (width, page.height + 260), (18, 27, 33))
    screen.paste(page, (round(width * 0.03), 150))
    stream = io.BytesIO()
    screen.save(stream, "JPEG", quality=82)
    return stream.getvalue()


def fax(image: Image.Image, seed: int) -> bytes:
    """Black and white by a slanting threshold, the paper fed unevenly, specks on it."""
    chance = np.random.default_rng([seed, 14])
    size = (1728, round(1728 * image.height / image.width))
    grey = np.asarray(image.convert("L").resize(size, Image.Resampling.BILINEAR), np.float32)
    slope = np.linspace(*chance.uniform(135, 175, 2), size[0]).astype(np.float32)
    dark = grey + chance.standard_normal(grey.shape, np.float32) * 14 < slope[None, :]
    rows = np.arange(size[1]) + np.cumsum(chance.choice([0, 0, 0, 1, -1], size[1])) * 0.3
    dark = dark[np.clip(rows.astype(int), 0, size[1] - 1)]
    specks = chance.random(dark.shape) < 0.0006
    bits = np.where(dark ^ specks, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(bits).convert("1").save(stream, "PNG", dpi=(204, 204))
    return stream.getvalue()


def _pose(
    image: Image.Image, frame: tuple[int, int], optics: _Optics, chance: np.random.Generator
) -> NDArray[np.float64]:
    """The homography from the frame to the sheet (0..1 across and down)."""
    size = np.array(frame, np.float64)
    scale = float(chance.uniform(0.80, 0.86)) * min(size / (image.width, image.height))
    half = np.array([image.width, image.height]) * scale / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = np.deg2rad(chance.uniform(-optics.turn, optics.turn))
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    # Seen from one side: both corners of an edge draw together, the opposite ones apart.
    lean = chance.uniform(-optics.corners, optics.corners, 2) * 2
    corners *= 1 + corners[:, ::-1] / half[::-1] * lean[::-1] / 2
    placed = np.clip(corners + size / 2, 0.012 * size.min(), size - 0.012 * size.min())
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(placed.astype(np.float32), unit), np.float64)


def _blind(
    frame: tuple[int, int], optics: _Optics, chance: np.random.Generator
) -> NDArray[np.float32]:
    """Bars of light and shadow with soft rims, darker towards the corners."""
    small = (frame[0] // 8, frame[1] // 8)
    down, across = np.mgrid[0 : small[1], 0 : small[0]].astype(np.float32)
    across, down = across / small[0] - 0.5, down / small[1] - 0.5
    angle = chance.uniform(0, np.pi)
    wave = np.sin(
        2 * np.pi * chance.uniform(0.8, 2.0) * (across * np.cos(angle) + down * np.sin(angle))
        + chance.uniform(0, 2 * np.pi)
    )
    light = 1 - optics.bars / (1 + np.exp(-6 * wave))
    light -= 2 * optics.vignette * (across**2 + down**2) * 0.7
    return cv2.resize(light.astype(np.float32), frame, interpolation=cv2.INTER_LINEAR)


def _disc(radius: float) -> Pixels:
    reach = int(np.ceil(radius))
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(down, across), 0, 1).astype(np.float32)
    return np.asarray(disc / disc.sum(), np.float32)


def _small_enough(paper: Pixels, seen: float) -> Pixels:
    scale = seen / paper.shape[0]
    if scale >= 1:
        return paper
    return cv2.resize(paper, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=quality)
    return stream.getvalue()
