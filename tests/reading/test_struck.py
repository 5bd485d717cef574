"""A word with a line drawn through it is not what it was."""

from __future__ import annotations

import io

import pytest
from bench.copies.camera import photo, scan
from bench.copies.typeset import letter_pdf, page_images
from PIL import Image, ImageDraw

from vidimus.adapters.reading.reader import CellReader
from vidimus.core.copies.page import Page

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
    struck = SHEET.convert("RGB")
    middle = (box.top + box.bottom) / 2 * factor + 1
    ends = [(box.left * factor - 2, middle), (box.right * factor + 2, middle)]
    ImageDraw.Draw(struck).line(ends, fill=(0, 0, 0), width=width)
    assert plain.struck == ()
    assert len(read(png(struck)).struck) == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_ordinary_copies_have_no_struck_words(seed: int) -> None:
    sheet = page_images(letter_pdf(TEXT), dpi=200)[0]
    assert read(scan(sheet, seed)).struck == ()
    assert read(photo(sheet, seed, "medium")).struck == ()
