"""Where a person and a machine would see different things on one page."""

from __future__ import annotations

import contextlib
import ctypes
import io
import time
import unicodedata

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from tests.reading import pages as made

from vidimus.adapters.reading import faint, pdf, tesseract, unread
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.reader import CellReader
from vidimus.adapters.reading.text import MOST_MARKS, UNSEEN
from vidimus.core.copies.page import Box, Word
from vidimus.errors import TooLarge, Unreadable, VidimusError

READER = CellReader(Limits(seconds=120))
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def drawn(content: bytes) -> pdf.DrawnPage:
    return pdf.draw(pdf.open_pdf(content, Limits()), 0, Limits())


@pytest.fixture(scope="module")
def letter() -> pdf.DrawnPage:
    return drawn(made.letter_pdf())


def with_a_band(
    page: np.ndarray, ground: tuple[int, int, int], ink: tuple[int, int, int], size: int = 26
) -> np.ndarray:
    """The page with one more sentence below it, in RGB colours."""
    picture = Pillow.fromarray(np.ascontiguousarray(page[:, :, ::-1]))
    draw = ImageDraw.Draw(picture)
    top = round(picture.height * 0.85)
    if ground != WHITE:
        draw.rectangle([80, top, picture.width - 80, top + 3 * size], fill=ground)
    draw.text((110, top + size), "This letter is void since May", ink, ImageFont.load_default(size))
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


@pytest.mark.parametrize("level", [252, 245, 230])
def test_a_word_far_paler_than_the_others_is_named_faint(level: int) -> None:
    """Even light makes it read like any other word; a person hardly sees it."""
    page = drawn(
        made.set_page(
            "The cargo must"
            f" #text(fill: luma({level}))[not] be moved from the northern quay before the Board"
            " has met on the last day of March in the hall of this office."
        )
    )
    found = faint.faint(page.image, page.layer)
    assert [word.text for word in found] == ["not"]


def test_light_type_beside_bold_headings_in_shadow_is_not_faint() -> None:
    """Neither a lighter weight, nor a small size, nor grey print that is plain to see."""
    page = drawn(
        made.set_page(
            "#text(size: 20pt, weight: 800)[Office of the Harbour Master]",
            "#text(size: 8pt)[Small print that nobody likes to read stands here, and goes on.]",
            "#text(fill: luma(130))[Grey print is quite usual in the head of a letter.]",
            "The cargo must not be moved before the Board has met.",
        )
    )
    shade = np.linspace(1.0, 0.45, page.image.shape[1])[None, :, None]
    dim = (page.image * shade).astype(np.uint8)
    assert faint.faint(page.image, page.layer) == ()
    assert faint.faint(dim, page.layer) == ()


def test_a_line_looked_at_again_shows_no_ink_that_is_far_too_pale() -> None:
    """A word that nobody sees must not be found by looking twice."""
    strip = np.full((60, 600), 255, np.uint8)
    for at, ink in enumerate((0, 0, 235, 0, 0)):
        where = (10 + 118 * at, 42)
        cv2.putText(strip, "word", where, cv2.FONT_HERSHEY_SIMPLEX, 1.2, ink, 3, cv2.LINE_AA)
    shown = faint.without(strip, 34.0)
    assert (shown[:, 246:360] == 255).all()
    assert np.array_equal(shown[:, :240], strip[:, :240])


@pytest.mark.parametrize(
    ("ground", "ink"),
    [
        (WHITE, (225, 225, 225)),
        (WHITE, (240, 240, 240)),
        ((200, 0, 0), (0, 102, 0)),  # green on red of one brightness
        ((255, 150, 150), (120, 215, 170)),
        (BLACK, WHITE),
    ],
)
def test_writing_that_no_word_covers_is_counted(
    letter: pdf.DrawnPage, ground: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    """The sentence has 24 letters; whoever judges answers "cannot tell" from 12 on."""
    assert unread.unexplained(letter.image, letter.layer) == 0
    page = with_a_band(letter.image, ground, ink)
    assert 18 <= unread.unexplained(page, letter.layer) <= 40
    turned = np.ascontiguousarray(np.rot90(page))
    assert unread.unexplained(turned, ()) >= 18


def test_what_is_no_line_of_letters_is_not_counted(letter: pdf.DrawnPage) -> None:
    """A signature, a round stamp, a frame, a square code and a line drawn under a word."""
    page = letter.image.copy()
    height, width = page.shape[:2]
    xs = np.arange(0, 260)
    ys = np.sin(xs / 9.0) * 22 * np.cos(xs / 50.0)
    points = np.stack([xs + 200, ys + height * 0.8], axis=1).astype(np.int32)
    cv2.polylines(page, [points], False, (120, 40, 20), 3, cv2.LINE_AA)
    cv2.circle(page, (round(width * 0.7), round(height * 0.8)), 90, (40, 40, 190), 4, cv2.LINE_AA)
    cv2.circle(page, (round(width * 0.7), round(height * 0.8)), 62, (40, 40, 190), 2, cv2.LINE_AA)
    cv2.rectangle(page, (30, 30), (width - 30, height - 30), (0, 0, 0), 2)
    cv2.line(page, (200, 300), (420, 300), (0, 0, 0), 2)
    code = cv2.QRCodeEncoder.create().encode("HTTPS://LETTERS.EXAMPLE/C/" + "A7" * 60)
    code = cv2.resize(code, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    side = code.shape[0]
    page[height - side - 60 : height - 60, width - side - 60 : width - 60] = code[:, :, None]
    assert unread.unexplained(page, letter.layer) == 0


def test_an_honest_photo_has_nothing_faint_and_nothing_unexplained() -> None:
    """Shadow, grain, the edges of the paper and the desk are not writing."""
    (page,) = READER.read([made.encode(made.photograph(made.draw(made.letter_pdf())))]).pages
    assert (page.faint, page.unexplained, page.prints_otherwise) == ((), 0, False)


@pytest.mark.parametrize(("bottom", "read"), [(130, "I"), (131, "I"), (135, "|")])
def test_a_lone_stroke_upon_the_line_is_the_word_i(bottom: int, read: str) -> None:
    """Without serifs it looks like a bar; a bar reaches below the feet of the letters."""
    rows = [
        (10, 110, 20, "|", bottom - 110),
        (30, 110, 80, "thank", 20),
        (120, 115, 60, "your", 20),
    ]
    tsv = "\n".join(
        f"5\t1\t1\t1\t1\t{at}\t{left}\t{top}\t{wide}\t{tall}\t90\t{text}"
        for at, (left, top, wide, text, tall) in enumerate(rows)
    )
    assert [word.text for word in tesseract.parse(tsv, 400, 400)] == [read, "thank", "your"]


def wide(text: str) -> ctypes.Array[ctypes.c_ushort]:
    """UTF-16 with an end mark, as pdfium takes it."""
    words = (text + "\0").encode("utf-16-le")
    return (ctypes.c_ushort * (len(words) // 2)).from_buffer_copy(words)


def noted(kind: int, flags: int, text: str) -> bytes:
    """The letter with one annotation on it, drawn as a black square."""
    document = pdfium.PdfDocument(made.letter_pdf())
    page = document[0]
    note = raw.FPDFPage_CreateAnnot(page, kind)
    raw.FPDFAnnot_SetRect(note, raw.FS_RECTF(100, 160, 160, 100))
    raw.FPDFAnnot_SetFlags(note, flags)
    raw.FPDFAnnot_SetStringValue(note, b"Contents", wide(text))
    look = "0 0 0 rg 100 100 60 60 re f"
    raw.FPDFAnnot_SetAP(note, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, wide(look))
    raw.FPDFPage_CloseAnnot(note)
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


NOVIEW, PRINT = raw.FPDF_ANNOT_FLAG_NOVIEW, raw.FPDF_ANNOT_FLAG_PRINT


@pytest.mark.parametrize(
    ("kind", "flags", "otherwise", "notes"),
    [
        (raw.FPDF_ANNOT_STAMP, PRINT, False, False),
        (raw.FPDF_ANNOT_STAMP, PRINT | NOVIEW, True, True),
        (raw.FPDF_ANNOT_STAMP, 0, True, False),  # on the screen, and not on paper
        (raw.FPDF_ANNOT_TEXT, PRINT, False, True),
        (raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_FLAG_HIDDEN, False, True),
    ],
)
def test_what_only_a_printer_or_a_click_shows_is_told(
    kind: int, flags: int, otherwise: bool, notes: bool
) -> None:
    """ISO 32000-2, 12.5.3: NoView is drawn on paper alone; without Print, on the screen alone."""
    page = drawn(noted(kind, flags, "void" if kind == raw.FPDF_ANNOT_TEXT else ""))
    assert (page.prints_otherwise, page.notes) == (otherwise, notes)


def test_notes_and_a_different_print_reach_the_one_who_asked() -> None:
    """In sentences, among what was not checked."""
    copy = READER.read([noted(raw.FPDF_ANNOT_STAMP, PRINT | NOVIEW, "void")])
    assert copy.pages[0].prints_otherwise
    assert any("Notes attached to page 1" in sentence for sentence in copy.not_checked)
    assert any("Printed, page 1" in sentence for sentence in copy.not_checked)


MARKS = st.sampled_from("\u0301\u0316\u0334\u20dd\u034f\u0e38\U0001e8d0\ufe0f")
BETWEEN = st.sampled_from(["", "\u200d", "\u0640", "\u00ad", "\u2060"])


@settings(max_examples=200, deadline=None)
@given(st.text("ab é語\n", min_size=1), st.lists(st.tuples(MARKS, BETWEEN), min_size=31))
def test_a_heap_of_combining_characters_is_refused(
    before: str, heap: list[tuple[str, str]]
) -> None:
    """UAX 15, 1.3: their canonical ordering takes time that grows with the square of them."""
    text = before + "".join(map("".join, heap)) + "a"
    with pytest.raises(Unreadable, match="combining"):
        READER.read([text.encode()])


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Mn", "Me", "Cc"]), max_size=200))
@example("0\U000e0080")  # not assigned, and unseen all the same: what comes after it is on the 0
@example("0\u302e")  # a spacing mark that combines
def test_no_text_without_such_heaps_is_refused_for_them(text: str) -> None:
    """As many as any script writes stay: here up to MOST_MARKS on each letter."""
    letters = (c for c in text if not UNSEEN.match(c) and not unicodedata.combining(c))
    marked = "".join(c + "\u0301" * MOST_MARKS for c in letters)
    try:
        READER.read([("a" + marked).encode()])
    except VidimusError as error:
        assert "combining" not in error.fact


@pytest.mark.parametrize(
    "unit",
    [
        "a\u0301\u0316",
        "\u0301",
        "a ",
        "\ufdfa",
        "\u1100\u1161",
        "\u200d\u0301",
        "語\n",
        "\U0001f600",
    ],
)
def test_a_million_characters_of_anything_are_read_or_refused_at_once(unit: str) -> None:
    """Typed text is read in the very process that serves everybody."""
    content = (unit * (1_000_000 // len(unit))).encode()
    start = time.process_time()
    with contextlib.suppress(TooLarge, Unreadable):
        READER.read([content])
    assert time.process_time() - start < 2


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 3000, 3), (3000, 1, 3), (9, 9, 3), (40, 7)])
def test_slivers_of_pages_hold_nothing_and_break_nothing(shape: tuple[int, ...]) -> None:
    """A page can be a mile long and a pixel wide."""
    page = np.full(shape, 200, np.uint8)
    word = Word("none", 0, Box(0, 0, 1, 1), None)
    assert unread.unexplained(page, ()) == unread.unexplained(page, (word,)) == 0
    assert faint.faint(page, (word,)) == (word,)
