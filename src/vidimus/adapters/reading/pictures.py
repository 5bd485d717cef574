"""A picture file to pixels: upright by its own tag, and without any other of its tags.

The size is read from the header and judged before a single pixel is decoded; a picture of
60,000 x 60,000 white pixels is a few kilobytes of PNG.
"""

from __future__ import annotations

import io
import warnings

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.sniff import Kind
from vidimus.adapters.reading.types import Image
from vidimus.errors import FormatError, TooLarge

FORMATS = {Kind.PNG: "PNG", Kind.JPEG: "JPEG", Kind.WEBP: "WEBP", Kind.HEIC: "HEIF"}
NAMES = {Kind.PNG: "PNG", Kind.JPEG: "JPEG", Kind.WEBP: "WebP", Kind.HEIC: "HEIC"}
EXIF_ORIENTATION = 0x0112


def decode(content: bytes, kind: Kind, limits: Limits) -> Image:
    """BGR pixels, no longer than `limits.work_side`. Raises FormatError or TooLarge."""
    if kind is Kind.HEIC:
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False, aux_images=False, depth_images=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd tags; we drop them anyway
        Pillow.MAX_IMAGE_PIXELS = None  # `_measure` below is stricter, and says what to do
        try:
            with Pillow.open(io.BytesIO(content), formats=[FORMATS[kind]]) as picture:
                _measure(picture.size, limits)
                if kind is Kind.JPEG:
                    # libjpeg decodes at 1/2, 1/4 or 1/8 for a fraction of the time.
                    picture.draft(None, (limits.work_side, limits.work_side))
                pixels = _pixels(_upright(picture))
        except (TooLarge, MemoryError):
            raise
        except Exception as error:  # Pillow's decoders raise nearly everything on bad files
            raise FormatError(
                f"this {NAMES[kind]} picture is broken or cut off",
                hint="open it, save it again as PNG or JPEG, and try again",
            ) from error
    return shrink(pixels, limits.work_side)


def shrink(pixels: Image, side: int) -> Image:
    height, width = pixels.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def jpeg(pixels: Image, quality: int = 80) -> bytes:
    """Written afresh from pixels, so it holds no metadata of the picture it came from."""
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise FormatError("this page could not be shown as a picture", hint="try another file")
    return bytes(encoded.tobytes())


def _measure(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if max(size) > limits.side_pixels or width * height > limits.pixels:
        raise TooLarge(
            f"this picture has {width:,} x {height:,} pixels;"
            f" up to {limits.pixels // 1_000_000} million are read,"
            f" and none longer than {limits.side_pixels:,}",
            hint="make it smaller, or cut out the page itself",
        )


def _upright(picture: Pillow.Image) -> Pillow.Image:
    try:
        turned = ImageOps.exif_transpose(picture)
    except Exception:  # a broken tag: the pixels are still good
        return picture
    return picture if turned is None else turned


def _pixels(picture: Pillow.Image) -> Image:
    if picture.mode.startswith("I;16") or picture.mode == "I":
        deep = np.asarray(picture).astype(np.float32)
        grey = np.clip(deep / 257.0, 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    if picture.has_transparency_data:
        # A viewer shows a transparent page on white.
        picture = picture.convert("RGBA")
        paper = Pillow.new("RGBA", picture.size, "white")
        picture = Pillow.alpha_composite(paper, picture)
    rgb = np.asarray(picture.convert("RGB"))
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)
