"""A PDF by pdfium: the words of its text layer with their places, and each page as a picture.

The picture shows what a viewer shows: annotations and form fields included, no script run.
pdfium is not safe for threads and has a history of memory errors: this module runs in the
cell only.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from vidimus.adapters.reading.laid_over import laid_over
from vidimus.adapters.reading.leftward import rightmost_first
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.parted import Letter
from vidimus.adapters.reading.types import Image
from vidimus.core.copies.page import Box, Word
from vidimus.errors import FormatError, TooLarge, Unreadable

LAYER_DPI = 150.0  # enough for 11-point type; smaller type is drawn larger, up to
FINEST_DPI = 300.0
PICTURE_DPI = 200.0
GOOD_LETTER = 14.0  # pixels that a typical letter of the layer should be tall
LEAST_SIDE = 1600  # a page without a layer is drawn at least as long as this
LINE_END_HYPHEN = 0x02  # how pdfium reports a hyphen that breaks a word between two lines
OTHER_INK = 8  # levels of 255; pages without such tricks came out equal to the last level
MOST_NOTES = 2_000
LINK = raw.FPDF_ANNOT_LINK
UNSEEN_FLAGS = (
    raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW | raw.FPDF_ANNOT_FLAG_INVISIBLE
)
# Their words are drawn on the page, or only describe a link to those who cannot see it.
SHOWN_KINDS = (raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_WIDGET, LINK)
SOFT_HYPHEN = "\u00ad"
LAM, ALEFS = "\u0644", frozenset("\u0622\u0623\u0625\u0627\u0671")


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as a viewer shows it, upright, and the words of its layer in its pixels."""

    image: Image
    layer: tuple[Word, ...]
    invisible: bool  # most of the layer is text that is not drawn (rendering mode 3)
    prints_otherwise: bool  # what a printer would draw is something else
    notes: bool  # it has annotations with words that are not drawn on it
    laid_over: tuple[Word, ...]  # words that something is drawn through or over


def open_pdf(content: bytes, limits: Limits) -> pdfium.PdfDocument:
    """Raises FormatError, Unreadable (a password is needed) or TooLarge (its pages)."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Unreadable(
                "this PDF is encrypted: it opens with a password only",
                hint="open it, print it to a new PDF without a password, and send that",
            ) from error
        raise FormatError(
            "this PDF is broken or cut off",
            hint="send it again, print it to a new PDF, or send a picture of the page",
        ) from error
    pages = len(document)
    if pages == 0:
        raise Unreadable("this PDF has no pages", hint="send it again")
    refuse_many(pages, limits)
    if document.get_formtype() != raw.FORMTYPE_NONE:
        document.init_forms()
    return document


def refuse_many(pages: int, limits: Limits) -> None:
    if pages > limits.pages:
        raise TooLarge(
            f"this copy has {pages:,} pages; up to {limits.pages:,} are read",
            hint="send the pages in question only",
        )


def draw(document: pdfium.PdfDocument, index: int, limits: Limits) -> DrawnPage:
    """One page. The same bytes and index give the same pixels."""
    try:
        page = document[index]
        text = _upright_text(page)
        letters = _ligatures(list(_letters(text, limits)))
        size = page.get_size()
        if min(size) < 1 or not all(map(math.isfinite, size)):
            raise FormatError(f"page {index + 1} of this PDF has no size", hint="print it anew")
        scale = _scale(size, letters, limits)
        bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=False)
        image = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
        prints_otherwise = _differ(image, page, scale)
        place = bitmap.get_posconv(page)
        set_words = list(_words(letters, place, image.shape[1], image.shape[0]))
        words = rightmost_first([word for word, _ in set_words])
        invisible = _mostly_invisible(text) if words else False
        spoiled: tuple[Word, ...] = ()
        if not invisible:
            drawn = [of for _, of in set_words]
            found = laid_over(document, index, scale, limits.work_side, drawn)
            spoiled = tuple(w for (w, _), bad in zip(set_words, found, strict=True) if bad)
        notes = _has_notes(page)
    except pdfium.PdfiumError as error:
        raise FormatError(
            f"page {index + 1} of this PDF is broken",
            hint="print it to a new PDF, or send a picture of the page",
        ) from error
    return DrawnPage(image, words, invisible, prints_otherwise, notes, spoiled)


def _differ(image: Image, page: pdfium.PdfPage, scale: float) -> bool:
    """Whether paper would show this page otherwise than the screen does.

    Annotations and layers can be for the one or for the other alone (ISO 32000-2, 12.5.3 and
    8.11.4.4), so one file can show one text to whoever checks it and print another.
    """
    bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=False, optimize_mode="print")
    printed = bitmap.to_numpy()[:, :, :3]
    if printed.shape != image.shape:
        return True
    apart = cv2.absdiff(image, np.ascontiguousarray(printed))
    return bool((apart.max(axis=2) > OTHER_INK).any())


def _has_notes(page: pdfium.PdfPage) -> bool:
    count = raw.FPDFPage_GetAnnotCount(page)
    if count > MOST_NOTES:
        return True
    for index in range(count):
        note = raw.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        kind, flags = raw.FPDFAnnot_GetSubtype(note), raw.FPDFAnnot_GetFlags(note)
        # The length is told in bytes of UTF-16 with an end mark of two.
        worded = raw.FPDFAnnot_GetStringValue(note, b"Contents", None, 0) > 2
        raw.FPDFPage_CloseAnnot(note)
        if flags & UNSEEN_FLAGS and (worded or kind not in (raw.FPDF_ANNOT_WIDGET, LINK)):
            return True
        if kind in (raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_POPUP) or (
            worded and kind not in SHOWN_KINDS
        ):
            return True
    return False


def _letters(text: pdfium.PdfTextPage, limits: Limits) -> Iterator[Letter]:
    count = text.count_chars()
    if count > limits.characters:
        raise TooLarge(
            f"one page of this PDF holds {count:,} characters;"
            f" up to {limits.characters:,} are read",
            hint="send the pages in question as pictures",
        )
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    high = 0
    for i in range(count):
        code = raw.FPDFText_GetUnicode(text, i)
        if 0xD800 <= code < 0xDC00:  # some builds report UTF-16 halves
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        raw.FPDFText_GetCharBox(text, i, left, right, bottom, top)
        character = chr(code) if 0 < code < 0x110000 else "\ufffd"
        yield Letter(character, left.value, bottom.value, right.value, top.value)


def _ligatures(letters: list[Letter]) -> list[Letter]:
    """The letters of lam-alef, one glyph, in their order.

    pdfium turns a line that runs to the left about letter by letter, and with it the two that
    this glyph stands for; alef-lam is never written as one, so nothing else is mistaken for it.
    """
    for at, (first, second) in enumerate(pairwise(letters)):
        same = (first.left, first.right, first.top) == (second.left, second.right, second.top)
        if same and first.character in ALEFS and second.character == LAM:
            letters[at], letters[at + 1] = second, first
    return letters


def _scale(size: tuple[float, float], letters: list[Letter], limits: Limits) -> float:
    """Pixels for each point."""
    heights = [x.top - x.bottom for x in letters if x.character.isalnum() and x.top > x.bottom]
    dpi = PICTURE_DPI
    if heights:
        dpi = min(FINEST_DPI, max(LAYER_DPI, GOOD_LETTER / max(0.5, median(heights)) * 72))
    scale = dpi / 72
    if not heights:
        scale = max(scale, LEAST_SIDE / max(size))
    # math.ceil in pdfium's wrapper may add a pixel; a sliver of a page still has one.
    return min(scale, limits.work_side / max(size))


def _words(
    letters: list[Letter], place: pdfium.PdfPosConv, width: int, height: int
) -> Iterator[tuple[Word, list[Letter]]]:
    """Words as they are printed: a hyphen at a line's end stays, and ends its word.

    Letters that lie wholly outside the visible page are nobody's words.
    """
    line = 0
    current: list[Letter] = []

    def finish() -> Iterator[tuple[Word, list[Letter]]]:
        if not current:
            return
        printed = "".join(x.character for x in current)
        printed = printed.rstrip(SOFT_HYPHEN) + ("-" if printed.endswith(SOFT_HYPHEN) else "")
        printed = printed.replace(SOFT_HYPHEN, "")
        box = _box(current, place, width, height)
        if box is not None and printed:
            yield Word(printed, line, box), current

    for letter in letters:
        code = ord(letter.character)
        if code == LINE_END_HYPHEN or letter.character == "\ufffe":
            current.append(Letter("-", letter.left, letter.bottom, letter.right, letter.top))
            yield from finish()
            current, line = [], line + 1
        elif letter.character.isspace() or code < 0x20 or 0x7F <= code < 0xA0:
            yield from finish()
            current = []
            if letter.character == "\n":
                line += 1
        else:
            current.append(letter)
    yield from finish()


def _box(letters: list[Letter], place: pdfium.PdfPosConv, width: int, height: int) -> Box | None:
    drawn = [x for x in letters if x.right > x.left or x.top > x.bottom] or letters
    low = place.to_bitmap(min(x.left for x in drawn), min(x.bottom for x in drawn))
    high = place.to_bitmap(max(x.right for x in drawn), max(x.top for x in drawn))
    left, right = sorted((low[0], high[0]))
    top, bottom = sorted((low[1], high[1]))
    if right < 0 or bottom < 0 or left >= width or top >= height:
        return None
    left, top = min(max(0, left), width - 1), min(max(0, top), height - 1)
    return Box(
        left, top, max(left + 1, min(width, right + 1)), max(top + 1, min(height, bottom + 1))
    )


def _upright_text(page: pdfium.PdfPage) -> pdfium.PdfTextPage:
    """The page's text, after the page was turned so that most of its letters stand upright.

    pdfium orders lines rightly on upright pages only: sideways ones can come last line first.
    """
    text = page.get_textpage()
    count = text.count_chars()
    votes = [0, 0, 0, 0]
    for i in range(0, count, max(1, count // 200)):
        # Radians clockwise in the page's own space, whatever its /Rotate; below zero: unknown.
        angle = raw.FPDFText_GetCharAngle(text, i)
        if angle >= 0 and math.isfinite(angle):
            votes[round(angle / (math.pi / 2)) % 4] += 1
    upright = -90 * votes.index(max(votes)) % 360
    if not sum(votes) or upright == page.get_rotation():
        return text
    page.set_rotation(upright)
    return page.get_textpage()


def _mostly_invisible(text: pdfium.PdfTextPage) -> bool:
    count = text.count_chars()
    seen = hidden = 0
    for i in range(0, count, max(1, count // 200)):
        found = raw.FPDFText_GetTextObject(text, i)
        if found:
            mode = raw.FPDFTextObj_GetTextRenderMode(found)
            seen += 1
            hidden += mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE
    return seen > 0 and hidden * 2 > seen
