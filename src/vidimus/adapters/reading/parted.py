"""A page of a PDF drawn in parts: as it is, without its text, and its text alone.

What is text here are letters, upright and of a letter's size. Dashes by themselves are strokes,
whatever draws them; a word across the page is something that is laid over it.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from vidimus.adapters.reading.types import Image

FINE, FINEST_DPI = 2.0, 300.0  # times as large as the page is shown, for strokes are thin
MOST_OBJECTS, DEEPEST = 20_000, 15  # beyond, their places are not looked up
CORE = 0.6  # of a pixel that a letter covers, from which the pixel is its ink
SLANTED, LARGE = 0.15, 4.0  # radians; heights of the page's letters
SIGNS = frozenset("/\\|_•·~=<>")  # which are strokes themselves, as these kinds are:
KINDS = frozenset({"Zs", "Cc", "Pd", "Pc", "Sm", "So"})


@dataclass(frozen=True, slots=True)
class Letter:
    """In the page's own units."""

    character: str
    left: float
    bottom: float
    right: float
    top: float


class Parts(NamedTuple):
    behind: Image  # the page without its text
    apart: Image  # levels by which the page with its text is something else
    ink: Image  # 1 where a letter of the text is


class Parted(NamedTuple):
    parts: Parts
    place: pdfium.PdfPosConv
    touched: list[bool]  # for each word whether anything but letters may reach it
    dashes: list[Letter]


def parted(
    document: pdfium.PdfDocument,
    index: int,
    scale: float,
    longest: int,
    words: Sequence[Sequence[Letter]],
) -> Parted | None:
    """None where nothing but letters is near a word.

    `scale` is that of the page as it is shown; no side of a picture is longer than `longest`.
    """
    page = document[index]  # with its own objects, which are switched off and on below
    objects = list(_objects(page))
    strange = _strange(page)
    touched = [
        near and not any((each.left, each.bottom) in strange.letters for each in word)
        for near, word in zip(_touched(page, objects, strange, words), words, strict=True)
    ]
    if not any(touched):
        return None
    scale = max(scale, min(FINE * scale, FINEST_DPI / 72, longest / max(page.get_size())))
    return Parted(*_drawn(page, objects, strange, scale), touched, strange.dashes)


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[Any, int, int]]:
    """Whatever is drawn, with its kind and how deep it is nested in forms."""
    count = raw.FPDFPage_CountObjects(page)
    pending = [(raw.FPDFPage_GetObject(page, at), 0) for at in range(count)]
    while pending:
        each, depth = pending.pop()
        kind = raw.FPDFPageObj_GetType(each)
        if kind != raw.FPDF_PAGEOBJ_FORM or depth >= DEEPEST:
            yield each, kind, depth
            continue
        inner = raw.FPDFFormObj_CountObjects(each)
        pending += [(raw.FPDFFormObj_GetObject(each, at), depth + 1) for at in range(inner)]


def _touched(
    page: pdfium.PdfPage,
    objects: Sequence[tuple[Any, int, int]],
    strange: _Strange,
    words: Sequence[Sequence[Letter]],
) -> list[bool]:
    """Which words anything but letters may reach. The places in a form are not the page's."""
    if raw.FPDFPage_GetAnnotCount(page) or len(objects) > MOST_OBJECTS:
        return [True] * len(words)
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    found = []
    for each, kind, depth in objects:
        if kind == raw.FPDF_PAGEOBJ_TEXT and _address(each) not in strange.objects:
            continue
        if depth or not raw.FPDFPageObj_GetBounds(each, left, bottom, right, top):
            return [True] * len(words)
        found.append((left.value, bottom.value, right.value, top.value))
    things = np.array(found).reshape(-1, 4)
    touched = []
    for word in words:
        high = max(each.top - each.bottom for each in word)
        near = (
            (things[:, 0] <= max(each.right for each in word) + high)
            & (things[:, 2] >= min(each.left for each in word) - high)
            & (things[:, 1] <= max(each.top for each in word) + high)
            & (things[:, 3] >= min(each.bottom for each in word) - high)
        )
        touched.append(bool(near.any()))
    return touched


def _address(found: Any) -> int:
    return ctypes.cast(found, ctypes.c_void_p).value or 0


class _Strange(NamedTuple):
    """Text that is looked at as what is drawn, and not as letters."""

    objects: frozenset[int]
    dashes: list[Letter]  # where dashes and the like are, which are no marks at these places
    letters: frozenset[tuple[float, float]]  # of watermarks and of what is written up a margin


def _strange(page: pdfium.PdfPage) -> _Strange:
    """Dashes by themselves are strokes; very large letters, and slanted ones, are laid over all."""
    text = page.get_textpage()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    held: dict[int, list[tuple[bool, float, Letter]]] = {}
    for at in range(text.count_chars()):
        found = raw.FPDFText_GetTextObject(text, at)
        if not found:
            continue
        code = raw.FPDFText_GetUnicode(text, at)
        sign = chr(code) if 0 < code < 0x110000 else " "
        like = sign in SIGNS or unicodedata.category(sign) in KINDS
        raw.FPDFText_GetCharBox(text, at, left, right, bottom, top)
        place = Letter(sign, left.value, bottom.value, right.value, top.value)
        angle = raw.FPDFText_GetCharAngle(text, at)
        held.setdefault(_address(found), []).append((like, angle, place))
    every = [each for many in held.values() for each in many if not each[0]]
    angles = Counter(round(angle, 1) for _, angle, _ in every)
    usual = angles.most_common(1)[0][0] if angles else 0.0
    high = float(np.median([p.top - p.bottom for *_, p in every])) if every else 0.0
    objects, dashes, letters = set(), [], set()
    for address, many in held.items():
        if all(like for like, *_ in many):
            objects.add(address)
            dashes += [place for *_, place in many]
        elif any(abs(angle - usual) > SLANTED for like, angle, _ in many if not like) or (
            max(p.top - p.bottom for *_, p in many) > LARGE * high
        ):
            objects.add(address)
            letters |= {(p.left, p.bottom) for *_, p in many}
    return _Strange(frozenset(objects), dashes, frozenset(letters))


def _drawn(
    page: pdfium.PdfPage,
    objects: Sequence[tuple[Any, int, int]],
    strange: _Strange,
    scale: float,
) -> tuple[Parts, pdfium.PdfPosConv]:
    bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=False)
    text = [
        each
        for each, kind, _ in objects
        if kind == raw.FPDF_PAGEOBJ_TEXT and _address(each) not in strange.objects
    ]
    kept = {_address(each) for each in text}
    for each in text:
        raw.FPDFPageObj_SetIsActive(each, False)
    behind = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=False)
    for each, _, _ in objects:
        raw.FPDFPageObj_SetIsActive(each, _address(each) in kept)
    for each in text:
        raw.FPDFPageObj_SetFillColor(each, 0, 0, 0, 255)
        raw.FPDFPageObj_SetStrokeColor(each, 0, 0, 0, 255)
    # In colours like the others: letters on a grey bitmap come out otherwise.
    alone = page.render(
        scale=scale,
        rev_byteorder=False,
        prefer_bgrx=False,
        draw_annots=False,
        may_draw_forms=False,
    )
    paper = np.ascontiguousarray(behind.to_numpy()[:, :, :3])
    shown = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    apart = _most(np.asarray(cv2.absdiff(shown, paper), np.uint8))
    ink = (_most(np.ascontiguousarray(alone.to_numpy())) < 255 * (1 - CORE)).astype(np.uint8)
    return Parts(paper, apart, ink), bitmap.get_posconv(page)


def _most(colours: Image) -> Image:
    """The largest of the three, pixel by pixel."""
    blue, green, red = cv2.split(colours)[:3]
    return np.asarray(cv2.max(cv2.max(blue, green), red), np.uint8)
