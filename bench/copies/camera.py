"""What happens to a page between the printer and the person who asks: scan, photo, fax.

A page picture goes in (150 to 300 dpi); what a device would have saved comes out. The
strengths of `photo` were set by looking at the results and at how engines read them:
*mild* is a careful picture by day, *medium* a quick one under a lamp, *hard* one taken in
a hurry, in poor light, and sent on by a messenger that shrinks pictures.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Strength = Literal["mild", "medium", "hard"]
Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Lens:
    """How far from ideal a photo is. Lengths are shares of the frame, light 0..1."""

    corners: float  # each corner of the page strays by up to this much: the perspective
    turn: float  # degrees
    curl: float  # the bow of the sheet
    shadow: float  # how dark the deepest shadow on the sheet is
    falloff: float  # light lost from one side of the frame to the other
    blur: float  # sigma in pixels of the full frame
    motion: int  # length in pixels of the smear of a moving hand
    noise: float  # sigma in grey levels
    long_side: int  # pixels of the picture that is kept
    quality: int  # JPEG


_LENSES: dict[Strength, _Lens] = {
    "mild": _Lens(0.015, 1.2, 0.003, 0.10, 0.10, 0.7, 0, 2.5, 3264, 90),
    "medium": _Lens(0.035, 3.0, 0.007, 0.25, 0.22, 1.1, 3, 5.0, 2800, 72),
    "hard": _Lens(0.055, 6.5, 0.012, 0.38, 0.34, 1.4, 6, 9.0, 2048, 48),
}

# Red, green, blue of wood, cloth, stone and a dark desk.
_DESKS = ((132, 98, 66), (88, 92, 104), (150, 144, 134), (58, 50, 46), (176, 146, 108))


def photo(image: Image.Image, seed: int, strength: Strength = "mild") -> bytes:
    """A JPEG as a phone would save it: the sheet on a desk, seen at an angle, badly lit."""
    lens = _LENSES[strength]
    chance = np.random.default_rng([seed, 1])
    # The sensor is a little larger than what is kept; 3:4, upright or on its side like the page.
    tall = image.height >= image.width
    frame = (2448, 3264) if tall else (3264, 2448)
    scene = _on_desk(image, frame, lens, chance)
    scene *= _light(frame, lens, chance)[:, :, None]
    # Lamps are warm and the white balance is never quite right.
    scene *= np.array([1.0, chance.uniform(0.95, 1.0), chance.uniform(0.86, 0.98)], np.float32)
    scene = cv2.GaussianBlur(scene, (0, 0), lens.blur)
    if lens.motion:
        scene = cv2.filter2D(scene, -1, _smear(lens.motion, chance.uniform(0, 180)))
    if max(frame) > lens.long_side:
        scale = lens.long_side / max(frame)
        scene = cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    scene += _grain(scene.shape[:2], lens.noise, chance)
    # Phones sharpen what they took; it is what draws the pale rims around letters.
    scene = cv2.addWeighted(scene, 1.5, cv2.GaussianBlur(scene, (0, 0), 1.6), -0.5, 0)
    return _jpeg(scene, lens.quality)


def scan(image: Image.Image, seed: int, *, dpi: int = 200, quality: int = 75) -> bytes:
    """A JPEG as a flatbed or a feeder would save it. `dpi` is the resolution of `image`."""
    chance = np.random.default_rng([seed, 2])
    page = _pixels(image)
    height, width = page.shape[:2]
    angle = float(chance.uniform(-0.9, 0.9))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    page = cv2.warpAffine(
        page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(244, 244, 242)
    )
    page = cv2.GaussianBlur(page, (0, 0), float(chance.uniform(0.4, 0.7)) * dpi / 200)
    page = page * float(chance.uniform(0.9, 0.96)) + float(chance.uniform(4, 14))
    page += _grain((height, width), 3.5, chance)
    for _ in range(int(chance.integers(8, 25))):  # dust on the glass
        spot = (int(chance.integers(0, width)), int(chance.integers(0, height)))
        shade = float(chance.uniform(60, 200))
        cv2.circle(page, spot, int(chance.integers(1, 3)), (shade, shade, shade), -1, cv2.LINE_AA)
    # The lid leaves a dark line at one edge.
    edge = int(chance.integers(2, 6))
    page[:, :edge] *= np.linspace(0.55, 1.0, edge, dtype=np.float32)[None, :, None]
    return _jpeg(page, quality, dpi)


def screenshot(image: Image.Image, *, width: int = 1080) -> bytes:
    """A PNG of the page in a phone's viewer: few pixels, a grey surround, a bar on top."""
    margin, bar = width // 40, width // 9
    page = image.convert("RGB")
    inner = width - 2 * margin
    page = page.resize((inner, round(page.height * inner / page.width)), Image.Resampling.BILINEAR)
    screen = Image.new("RGB", (width, page.height + bar + 2 * margin), (82, 86, 89))
    screen.paste((32, 33, 36), (0, 0, width, bar))
    screen.paste(page, (margin, bar + margin))
    return _png(screen)


def fax(image: Image.Image, seed: int) -> bytes:
    """A PNG in black and white at 204 by 196 dots an inch, with dropped and struck lines."""
    chance = np.random.default_rng([seed, 3])
    # A4 and US letter alike are sent 1728 dots wide (ITU-T T.4).
    size = (1728, round(1728 * image.height / image.width * 196 / 204))
    grey = np.asarray(image.convert("L").resize(size, Image.Resampling.BOX), np.float32).copy()
    grey += chance.standard_normal(grey.shape, np.float32) * 22
    black = cv2.GaussianBlur(grey, (0, 0), 0.6) < 150
    for _ in range(int(chance.integers(1, 4))):  # a line lost on the wire repeats the one above
        row = int(chance.integers(1, size[1]))
        black[row] = black[row - 1]
    bits = np.where(black, 0, 255).astype(np.uint8)
    return _png(Image.fromarray(bits).convert("1"), dpi=204)


def crop(
    image: Image.Image,
    *,
    top: float = 0.0,
    bottom: float = 1.0,
    left: float = 0.0,
    right: float = 1.0,
) -> Image.Image:
    """A part of a page; the edges are shares of its height and width."""
    box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
    return image.crop(tuple(round(edge) for edge in box))


def rotate(image: Image.Image, degrees: float) -> Image.Image:
    """The page turned counter-clockwise on white, with room for its corners."""
    if degrees % 90 == 0:
        return image.rotate(degrees, expand=True)
    return image.convert("RGB").rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255)
    )


def opened(picture: bytes) -> Image.Image:
    """A saved copy as a picture again, for a second trip through `crop` or `photo`."""
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image.convert("RGB")


def _on_desk(
    image: Image.Image, frame: tuple[int, int], lens: _Lens, chance: np.random.Generator
) -> Pixels:
    """The sheet, bowed and in perspective, with its own shadow, on a textured desk."""
    width, height = frame
    desk = _desk(frame, chance)
    corners = _corners(image, frame, lens, chance)
    to_sheet = cv2.getPerspectiveTransform(
        corners, np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    )
    # For every pixel of the frame: where on the sheet (u across, v down, 0..1) does it look?
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    m = to_sheet.astype(np.float32)
    depth = m[2, 0] * across + m[2, 1] * down + m[2, 2]
    u = (m[0, 0] * across + m[0, 1] * down + m[0, 2]) / depth
    v = (m[1, 0] * across + m[1, 1] * down + m[1, 2]) / depth
    del depth, down, across
    # A sheet that does not lie flat: a wave along its length, a smaller one across.
    phase, skewed = chance.uniform(0, np.pi), chance.uniform(-0.6, 0.6)
    bow = np.sin(np.pi * (u + skewed * v) + np.float32(phase)).astype(np.float32)
    v += np.float32(lens.curl) * bow
    u += np.float32(lens.curl * 0.6) * np.sin(2 * np.pi * v + np.float32(phase))
    # 1 on the sheet and 0 beside it, going over within about a pixel.
    inside = np.clip((0.5 - np.maximum(np.abs(u - 0.5), np.abs(v - 0.5))) * 2500, 0, 1)
    paper = _pixels(image) * np.array([0.985, 0.98, 0.96], np.float32)
    sheet = _looked_up(_enough(paper, corners), u, v)
    # Paper catches the light where it bends towards it.
    sheet *= (1 + np.float32(lens.curl * 9) * np.cos(np.pi * u + np.float32(phase)))[:, :, None]
    mask = inside.astype(np.float32)
    offset = (float(chance.uniform(-30, 30)), float(chance.uniform(10, 40)))
    cast = cv2.warpAffine(mask, np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float32), frame)
    cast = _soft(cast, 22)
    desk *= (1 - 0.55 * cast)[:, :, None]
    return sheet * mask[:, :, None] + desk * (1 - mask[:, :, None])


def _looked_up(paper: Pixels, u: Pixels, v: Pixels) -> Pixels:
    height, width = paper.shape[:2]
    return cv2.remap(
        paper,
        u * np.float32(width) - np.float32(0.5),
        v * np.float32(height) - np.float32(0.5),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _enough(paper: Pixels, corners: NDArray[np.float32]) -> Pixels:
    """The page at about the size at which the frame shows it: a lens does not alias."""
    seen = float(np.linalg.norm(corners[3] - corners[0]))
    scale = seen / paper.shape[0]
    if scale >= 1:
        return paper
    return cv2.resize(paper, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _corners(
    image: Image.Image, frame: tuple[int, int], lens: _Lens, chance: np.random.Generator
) -> NDArray[np.float32]:
    """Where the four corners of the sheet fall, all of them within the frame."""
    width, height = frame
    share = float(chance.uniform(0.80, 0.86))
    scale = min(share * width / image.width, share * height / image.height)
    half = np.array([image.width, image.height]) * scale / 2
    ideal = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = np.deg2rad(chance.uniform(-lens.turn, lens.turn))
    turned = ideal @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    stray = chance.uniform(-lens.corners, lens.corners, (4, 2)) * frame
    centre = np.array(frame) * chance.uniform(0.485, 0.515, 2)
    margin = 0.012 * min(frame)
    placed = np.clip(turned + stray + centre, margin, np.array(frame) - margin)
    return placed.astype(np.float32)


def _desk(frame: tuple[int, int], chance: np.random.Generator) -> Pixels:
    """Grain along one direction, with slow changes of shade over it."""
    width, height = frame
    colour = np.array(_DESKS[int(chance.integers(len(_DESKS)))], np.float32)
    grain = chance.standard_normal((height // 3, max(4, width // 240)), np.float32)
    slow = chance.standard_normal((height // 400 + 3, width // 400 + 3), np.float32)
    texture = cv2.resize(grain, frame, interpolation=cv2.INTER_CUBIC) * 5
    texture += cv2.resize(slow, frame, interpolation=cv2.INTER_CUBIC) * 7
    return colour + texture[:, :, None]


def _light(frame: tuple[int, int], lens: _Lens, chance: np.random.Generator) -> Pixels:
    """1.0 where the lamp shines; less to one side, in the corners, and under the hand."""
    small = (frame[0] // 8, frame[1] // 8)
    down, across = np.mgrid[0 : small[1], 0 : small[0]].astype(np.float32)
    across, down = across / small[0] - 0.5, down / small[1] - 0.5
    angle = chance.uniform(0, 2 * np.pi)
    light = 1 - lens.falloff * (across * np.cos(angle) + down * np.sin(angle) + 0.5)
    light -= 0.35 * lens.falloff * (across**2 + down**2)
    # The shadow of a hand and a phone: a wide wedge from an edge, soft at the rim.
    wedge = np.zeros((small[1], small[0]), np.float32)
    base, tip = chance.uniform(0.1, 0.9, 2), chance.uniform(0.3, 0.7, 2)
    spread = chance.uniform(0.18, 0.32)
    left, right = base[0] - spread, base[0] + spread
    near, far = tip[0] - spread / 2, tip[0] + spread / 2
    outline = np.array([[left, 1.15], [near, tip[1]], [far, tip[1]], [right, 1.15]]) * small
    if chance.random() < 0.5:
        outline[:, 1] = small[1] - outline[:, 1]
    cv2.fillPoly(wedge, [outline.astype(np.int32)], 1.0)
    light *= 1 - lens.shadow * cv2.GaussianBlur(wedge, (0, 0), small[0] / 18)
    return cv2.resize(light.astype(np.float32), frame, interpolation=cv2.INTER_LINEAR)


def _soft(mask: Pixels, sigma: float) -> Pixels:
    """A wide blur, done on a smaller picture because nobody can see the difference."""
    small = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / 4)
    return cv2.resize(small, (mask.shape[1], mask.shape[0]), interpolation=cv2.INTER_LINEAR)


def _smear(length: int, angle: float) -> Pixels:
    """The kernel of a hand that moved `length` pixels during the exposure."""
    size = length * 2 + 1
    kernel = np.zeros((size, size), np.float32)
    kernel[length, length - length // 2 : length + length // 2 + 1] = 1
    matrix = cv2.getRotationMatrix2D((float(length), float(length)), angle, 1.0)
    kernel = cv2.warpAffine(kernel, matrix, (size, size))
    return kernel / kernel.sum()


def _grain(shape: tuple[int, int], sigma: float, chance: np.random.Generator) -> Pixels:
    """Noise in brightness, softened as phones do, and coarser noise in colour."""
    height, width = shape
    bright = chance.standard_normal((height, width), np.float32)
    bright = cv2.GaussianBlur(bright, (0, 0), 0.6) * np.float32(1.7 * sigma)
    coarse = (height // 4 + 1, width // 4 + 1, 3)
    colour = chance.standard_normal(coarse, np.float32) * np.float32(0.4 * sigma)
    return cv2.resize(colour, (width, height)) + bright[:, :, None]


def _pixels(image: Image.Image) -> Pixels:
    return np.array(image.convert("RGB"), np.float32)


def _jpeg(pixels: Pixels, quality: int, dpi: int = 72) -> bytes:
    image = Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8))
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, dpi=(dpi, dpi))
    return stream.getvalue()


def _png(image: Image.Image, dpi: int = 96) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", dpi=(dpi, dpi))
    return stream.getvalue()
