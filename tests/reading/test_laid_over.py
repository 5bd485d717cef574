"""What is drawn through the letters of a PDF's own text or over them, to the pixel."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from bench.copies import adversary_letters as letters
from bench.copies.adversary_book import LEADING, LEFT, TOP, WIDE, Sheet, drawn, stream
from bench.copies.adversary_work import Edit, Work, begun
from bench.copies.typeset import FONTS, letter_pdf
from PIL import Image

from vidimus.adapters.reading import pdf
from vidimus.adapters.reading.limits import Limits

Draws = Callable[[Work, Sheet, float, float, float], None]


def seen(content: bytes) -> list[str]:
    document = pdf.open_pdf(content, Limits())
    pages = (pdf.draw(document, at, Limits()) for at in range(len(document)))
    return [word.text for page in pages for word in page.laid_over]


def drawn_at(word: str, draws: Draws | str, text: str = letters.ORDER, under: bool = False) -> str:
    """The words that are found, where this is drawn at the first such word of a letter.

    In a string, X and Y are the start of the word's line of feet, E is its end.
    """
    work = begun(text, Random(1))
    assert work is not None
    row = next(n for n, line in enumerate(work.rows) if f" {word} " in f" {line} ")
    column = f" {work.rows[row]} ".index(f" {word} ")
    work.edit = Edit(row, column, word, "")
    sheet, at = work.here()
    x, y, wide = LEFT + column * WIDE, TOP - at * LEADING, len(word) * WIDE
    work.lines()
    if callable(draws):
        draws(work, sheet, x, y, wide)
    else:
        placed = []
        for each in draws.split():
            name, _plus, more = each.partition("+")
            known = {"X": x, "Y": y, "E": x + wide, "W": wide}
            placed.append(f"{known[name] + float(more or 0):.2f}" if name in known else each)
        sheet.drawing.insert(0 if under else len(sheet.drawing), f"q {' '.join(placed)} Q")
    return " ".join(seen(work.book.written()))


STROKES = {
    "a line": "0.8 w X Y+2.8 m E Y+2.8 l S",
    "through its last letter": "0.6 w E+-6 Y+3 m E Y+3 l S",
    "an X": "0.7 w X Y m E Y+7 l S X Y+7 m E Y l S",
    "slanted": "0.6 w X+1 Y m X+5 Y+6.5 l S",
    "a thin white line": "1 G 0.5 w X Y+2.5 m E Y+2.5 l S",
    "red": "1 0 0 RG 0.8 w X Y+2.5 m E Y+2.5 l S",
    "pale": "0.75 G 0.8 w X Y+2.5 m E Y+2.5 l S",
    "a thin panel": "X Y+2.5 W 0.6 re f",
    "a curve": "0.8 w X Y+2 m X+2 Y+6 E+-2 Y E Y+4 c S",
    "a white panel": "1 g X Y+-2 W 11 re f",
    "half a white panel": "1 g X Y+2 W 1.5 re f",
}
LET_PASS = {
    "nothing": "",
    "an underline": "0.5 w X Y+-1.3 m E Y+-1.3 l S",
    "a thin panel under it": "0 0 1 rg X Y+-1.6 W 0.6 re f",
    "a dotted line under it": "[2 1] 0 d 0.5 w X Y+-1.6 m E Y+-1.6 l S",
    "the frame of a link": "1 0 0 RG 0.5 w X+-1 Y+-3 W+2 12 re S",
    "a square before the line": "40 Y+2 4 4 re f",
}
BEHIND = {
    "a highlight": "1 1 0 rg X Y+-2 W 11 re f",
    "a panel": "0.9 g 50 Y+-60 500 120 re f",
    "a white page": "1 g 0 0 595 842 re f",
    "a table": "0.5 w 55 Y+-3.2 m 550 Y+-3.2 l 55 Y+11.8 m 550 Y+11.8 l 55 100 m 55 800 l S",
    "a large pale word": "0.85 g BT /F1 90 Tf 0.7 0.7 -0.7 0.7 150 350 Tm (COPY) Tj ET",
}


@pytest.mark.parametrize("word", ["not", "1,250,000", "2.1"])
@pytest.mark.parametrize("how", STROKES)
def test_a_stroke_through_one_letter_and_a_cover_over_it_are_seen(word: str, how: str) -> None:
    text = letters.SPEECH if word == "2.1" else letters.ORDER.replace("€", "")
    assert drawn_at(word, STROKES[how], text) == word


@pytest.mark.parametrize("how", [each for each in STROKES if "white" not in each])
def test_a_stroke_under_the_letters_is_seen_as_one_over_them(how: str) -> None:
    assert drawn_at("not", STROKES[how], under=True) == "not"


@pytest.mark.parametrize("how", LET_PASS)
def test_lines_under_words_and_frames_around_them_say_nothing(how: str) -> None:
    assert drawn_at("not", LET_PASS[how]) == ""
    assert drawn_at("enter", LET_PASS[how]) == ""


@pytest.mark.parametrize("how", BEHIND)
def test_what_is_behind_words_says_nothing(how: str) -> None:
    assert drawn_at("not", BEHIND[how], under=True) == ""


def test_a_mark_that_makes_another_sign_is_seen() -> None:
    """A tail under a point makes a comma of it, and a dot in white takes one away."""
    assert drawn_at("2.1", "X+8.5 Y+-1.5 1 1.5 re f", letters.SPEECH) == "2.1"
    assert drawn_at("2.1", "1 g X+7.5 Y+-0.5 3 3 re f", letters.SPEECH) == "2.1"


def strip(work: Work, sheet: Sheet, x: float, y: float, wide: float) -> None:
    sheet.resources += f" /XObject << /P {work.book.picture(Image.new('L', (8, 8), 0))} >>"
    sheet.drawing.append(f"q {wide} 0 0 0.8 {x} {y + 2.5} cm /P Do Q")


def form(work: Work, x: float, y: float, wide: float, kind: str = "") -> str:
    """A line in a form in a form."""
    box = f"/Type /XObject /Subtype /Form /BBox [0 0 {wide} 9] "
    inner = work.book.add(stream(b"0.8 w 0 2.5 m 90 2.5 l S", box))
    return work.book.add(stream(b"/I Do", f"{box} /Resources << /XObject << /I {inner} >> >> "))


def nested(work: Work, sheet: Sheet, x: float, y: float, wide: float) -> None:
    sheet.resources += f" /XObject << /P {form(work, x, y, wide)} >>"
    sheet.drawing.append(f"q 1 0 0 1 {x} {y} cm /P Do Q")


def note(work: Work, sheet: Sheet, x: float, y: float, wide: float) -> None:
    added = work.book.add(
        f"<< /Type /Annot /Subtype /StrikeOut /F 4 /Rect [{x} {y} {x + wide} {y + 9}]"
        f" /AP << /N {form(work, x, y, wide)} >> >>".encode()
    )
    sheet.entries += f" /Annots [{added}]"


def shading(work: Work, sheet: Sheet, x: float, y: float, wide: float) -> None:
    black = "<< /FunctionType 2 /Domain [0 1] /C0 [0] /C1 [0] /N 1 >>"
    sheet.resources += (
        " /Shading << /S << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 1 0]"
        f" /Function {black} /Extend [true true] >> >>"
    )
    sheet.drawing.append(f"q {x} {y + 2.5} {wide} 0.7 re W n /S sh Q")


def dashes(work: Work, sheet: Sheet, x: float, y: float, wide: float) -> None:
    sheet.drawing.append(f"q BT /F1 10 Tf {x} {y} Td ({'-' * round(wide / WIDE)}) Tj ET Q")


def space(work: Work, sheet: Sheet, x: float, y: float, wide: float) -> None:
    """A font of its own, whose space is a stroke."""
    glyph = work.book.add(stream(b"600 0 0 0 600 600 d1 0 250 600 60 re f"))
    font = work.book.add(
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 700] /FontMatrix [0.001 0 0 0.001 0 0]"
        f" /CharProcs << /space {glyph} >> /Encoding << /Type /Encoding /Differences [32 /space]"
        " >> /FirstChar 32 /LastChar 32 /Widths [600] /Resources << >> >>".encode()
    )
    sheet.fonts += f" /F9 {font}"
    sheet.drawing.append(f"q BT /F9 10 Tf {x} {y} Td ({' ' * round(wide / WIDE)}) Tj ET Q")


def shapes(work: Work, sheet: Sheet, x: float, y: float, wide: float) -> None:
    """A white cover, and other letters drawn on it in shapes."""
    name = work.book.stencil(drawn("now"))
    sheet.resources += f" /XObject << /P {name} >>"
    sheet.drawing.append(f"q 1 g {x} {y - 2} {wide} 11 re f 0 g {wide} 0 0 12 {x} {y - 3} cm /P Do")
    sheet.drawing.append("Q")


@pytest.mark.parametrize("draws", [strip, nested, note, shading, dashes, space, shapes])
def test_whatever_draws_the_stroke_it_is_seen(draws: Draws) -> None:
    assert drawn_at("not", draws) == "not"


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("text", [letters.ORDER, letters.ARABIC])
def test_a_letter_as_it_was_set_has_nothing_over_it(text: str, font: str) -> None:
    for size in (8, 11, 14):
        assert seen(letter_pdf(text, font=font, size_pt=size, footer="Page 1 — 2")) == []
