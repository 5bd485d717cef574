"""Ink among the words of a PDF's own text, and beside them: writing that is in no layer."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from bench.copies import adversary_letters as letters
from bench.copies import adversary_work as tricks
from bench.copies.adversary_book import LEADING, LEFT, TOP, drawn
from bench.copies.typeset import FONTS, letter_pdf
from PIL import Image, ImageDraw, ImageFont

from vidimus.adapters.reading import pdf
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.overdrawn import overdrawn, stamped


def seen(content: bytes) -> list[bool]:
    document = pdf.open_pdf(content, Limits())
    pages = (pdf.draw(document, at, Limits()) for at in range(len(document)))
    return [overdrawn(page.image, page.layer) for page in pages]


def with_ink(*placed: str) -> bytes:
    """The permit, with the shapes of a word drawn on it by each of these matrices."""
    word = "VOID" if any("200 200" in each for each in placed) else "not"
    work = tricks.begun(letters.PERMIT, Random(1))
    assert work is not None
    work.lines()
    (sheet,) = work.book.sheets
    sheet.resources += f" /XObject << /W {work.book.stencil(drawn(word))} >>"
    sheet.drawing += [f"q {each} cm /W Do Q" for each in placed]
    return work.book.written()


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("text", [letters.ORDER, letters.ARABIC])
def test_a_letter_as_it_was_set_bears_nothing_else(text: str, font: str) -> None:
    for size in (8, 11, 14):
        assert not any(seen(letter_pdf(text, font=font, size_pt=size)))
    assert seen(with_ink()) == [False]


@pytest.mark.parametrize(
    "matrix",
    [
        f"0.6 g 12 0 0 6 {LEFT} {TOP - 6 * LEADING - 6}",  # pale, between two lines
        f"0 g 10 0 0 5 {LEFT + 100} {TOP - 9 * LEADING + 8}",  # small, above a word
        f"0 g 18 0 0 9 {LEFT} 30",  # at the foot
        "0 g 0 18 -9 0 570 500",  # up the margin
        "0.85 g 200 200 -80 80 150 150",  # large and pale, across the empty half
        "0.9 0.5 0.5 rg 200 200 -80 80 100 450",  # and across the text
    ],
)
def test_a_word_of_shapes_alone_is_noticed(matrix: str) -> None:
    """No layer holds it, and no reader need have read it."""
    assert seen(with_ink(matrix)) == [True]


def test_rules_a_crest_and_a_signature_are_let_pass() -> None:
    lines = [
        f"q 0.8 w {LEFT} {TOP - 7 * LEADING - 3} m {LEFT + 300} {TOP - 7 * LEADING - 3} l S Q",
        "q 1 0 0 RG 2 w 500 800 m 520 830 l 540 800 l 500 818 l 540 818 l s Q",
        f"q 1.2 w {LEFT} 420 m {LEFT + 60} 470 {LEFT + 20} 400 {LEFT + 110} 440 c S Q",
        f"q 0.5 w {LEFT - 4} {TOP - 13 * LEADING - 4} 400 {6 * LEADING} re S Q",
    ]
    work = tricks.begun(letters.PERMIT, Random(1))
    assert work is not None
    work.lines()
    work.book.sheets[0].drawing += lines
    assert seen(work.book.written()) == [False]


@pytest.mark.parametrize("angle", [0, 35])
def test_a_large_pale_word_on_a_scan_is_noticed(angle: int) -> None:
    """Tesseract does not read it; the page below a short letter is where it is put."""
    document = pdf.open_pdf(letter_pdf(letters.CORRECTION), Limits())
    page = pdf.draw(document, 0, Limits())
    paper = Image.fromarray(page.image)
    assert not stamped(np.asarray(paper), page.layer)
    mask = Image.new("L", (900, 400), 0)
    ImageDraw.Draw(mask).text((20, 20), "VOID", fill=255, font=ImageFont.load_default(size=260))
    mask = mask.rotate(angle, expand=True)
    paper.paste(Image.new("RGB", mask.size, (205, 205, 205)), (100, 700), mask)
    assert stamped(np.asarray(paper), page.layer)
