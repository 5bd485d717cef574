"""A word with a line drawn through it is not what it was."""

from __future__ import annotations

import io

import numpy as np
import pytest
from bench.copies.camera import photo, scan
from bench.copies.typeset import letter_pdf, page_images
from PIL import Image, ImageDraw, ImageFont

from vidimus.adapters.reading.reader import CellReader
from vidimus.adapters.reading.struck import struck
from vidimus.core.copies.page import Box, Page, Word

TEXT = """To the harbour office

From Monday the boats will not enter the old basin between nine in the evening and five in
the morning. They may anchor at the eastern buoys for up to two days.

A. Keeper"""
READER = CellReader()
SHEET = page_images(letter_pdf(TEXT), dpi=150)[0]


def read(picture: bytes) -> Page:
    return READER.read((picture,)).pages[0]


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("width", [1, 2])
def test_a_line_through_a_word_is_seen(width: int) -> None:
    """The reader reads the word all the same, so the line itself must be looked for."""
    plain = read(png(SHEET))
    box = next(word.box for word in plain.words if word.text == "not")
    assert box is not None
    factor = SHEET.width / plain.width
    crossed = SHEET.convert("RGB")
    middle = (box.top + box.bottom) / 2 * factor + 1
    ends = [(box.left * factor - 2, middle), (box.right * factor + 2, middle)]
    ImageDraw.Draw(crossed).line(ends, fill=(0, 0, 0), width=width)
    assert plain.struck == ()
    seen = read(png(crossed))
    assert any(abs(word.box.left - box.left) < 9 for word in seen.struck if word.box)
    assert len(seen.struck) <= 2  # a reader's box may reach over its neighbour


@pytest.mark.parametrize("text", ["of", "it", "the", "120", "No"])
def test_a_line_through_the_shortest_words_is_seen(text: str) -> None:
    """A word as short as "of" has no room for more than a stroke from end to end."""
    image = Image.new("RGB", (400, 80), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=24)
    pen.text((40, 20), text, (0, 0, 0), font)
    pen.text((150, 20), "harbour", (0, 0, 0), font)
    words = [
        Word(each, 0, Box(*map(round, pen.textbbox((left, 20), each, font))))
        for each, left in ((text, 40), ("harbour", 150))
    ]
    assert struck(np.asarray(image), words) == ()
    box = words[0].box
    assert box is not None
    middle = (box.top + box.bottom) // 2 + 1
    pen.line((box.left - 2, middle, box.right + 2, middle), (0, 0, 0), 2)
    assert struck(np.asarray(image), words) == (words[0],)


@pytest.mark.parametrize("seed", [1, 2])
def test_ordinary_copies_have_no_struck_words(seed: int) -> None:
    sheet = page_images(letter_pdf(TEXT), dpi=200)[0]
    assert read(scan(sheet, seed)).struck == ()
    assert read(photo(sheet, seed, "medium")).struck == ()


def arabic(text: str, *, size: int = 30) -> tuple[Image.Image, Word]:
    """The word as it is set, and where it stands."""
    sheet = page_images(letter_pdf(text, font="DejaVu Sans Mono", size_pt=size / 3), dpi=216)[
        0
    ].convert("RGB")
    ink = np.argwhere(np.asarray(sheet.convert("L")) < 128)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
    return sheet, Word(text, 0, Box(int(left), int(top), int(right), int(bottom)))


@pytest.mark.parametrize("text", ["لا", "لن", "الشمالي", "مكتب", "دينارا", "سفينته", "بسبب"])
def test_joined_letters_are_not_taken_for_a_stroke_nor_a_stroke_for_them(text: str) -> None:
    """Arabic letters hang together by the very run that would be a stroke elsewhere."""
    sheet, word = arabic(text)
    assert struck(np.asarray(sheet), [word]) == ()
    box = word.box
    assert box is not None
    tall = box.bottom - box.top
    middle = box.top + tall // 2
    ends = (box.left - tall // 8, middle, box.right + tall // 8, middle)
    ImageDraw.Draw(sheet).line(ends, (0, 0, 0), 2)
    assert struck(np.asarray(sheet), [word]) == (word,)
