"""Small writing beside the words or between them, that a reader of lines passes over."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from bench.copies import adversary_letters as letters
from bench.copies.adversary_picture import printed
from bench.copies.dress import letterhead, signed
from PIL import Image, ImageDraw, ImageFont

from vidimus.adapters.reading import rapid
from vidimus.adapters.reading.types import Image as Pixels
from vidimus.adapters.reading.written_in import _level as level
from vidimus.adapters.reading.written_in import written_in
from vidimus.core.copies.page import Box, Word

pytestmark = pytest.mark.skipif(rapid.models() is None, reason="the second engine is not there")


def page(seed: int = 1) -> tuple[Image.Image, list[Word]]:
    """A page, and its words in boxes as tight as a reader's are."""
    ((image, words),) = printed(letters.PERMIT, Random(seed))
    dark = np.asarray(image.convert("L")) < 160
    return image, [Word(w.text, w.line, tight(dark, w.box)) for w in words if w.box]


def tight(dark: np.ndarray, box: Box) -> Box:
    rows, columns = np.nonzero(dark[box.top : box.bottom, box.left : box.right])
    return Box(
        box.left + int(columns.min()), box.top + int(rows.min()),
        box.left + int(columns.max()) + 1, box.top + int(rows.max()) + 1,
    )  # fmt: skip


def pixels(image: Image.Image) -> Pixels:
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def tall(words: list[Word]) -> Word:
    """One in the middle of the page and of its line, of letters that reach up."""
    return next(
        word
        for word, after in zip(words[len(words) // 2 :], words[len(words) // 2 + 1 :], strict=False)
        if word.text.startswith(("b", "h", "l", "d")) and after.line == word.line
    )


def add(
    image: Image.Image,
    text: str,
    at: tuple[int, int],
    size: int,
    colour: tuple[int, ...],
    turn: int = 0,
) -> None:
    font = ImageFont.load_default(size=size)
    box = font.getbbox(text)
    note = Image.new("L", (round(box[2]) + 6, round(box[3]) + 6), 0)
    ImageDraw.Draw(note).text((3, 3), text, font=font, fill=255)
    note = note.rotate(turn, expand=True)
    image.paste(Image.new("RGB", note.size, colour), at, note)


def read(image: Image.Image, words: list[Word]) -> str:
    return " ".join(word.text for word in written_in(pixels(image), words))


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_page_as_it_was_printed_bears_nothing_else(seed: int) -> None:
    image, words = page(seed)
    assert read(image, words) == ""


def test_a_dash_does_not_tell_how_tall_the_words_beside_it_are() -> None:
    """Else the upper half of their letters would be taken for writing above them."""
    crowns = Word("crowns", 0, Box(286, 588, 364, 602))
    dash = Word("-", 0, Box(370, 596, 377, 597))
    assert level(crowns, [crowns, dash]) == (588, 602)


def test_a_crest_and_a_signature_are_no_writing() -> None:
    image, words = page()
    dressed = Image.new("RGB", (image.width, image.height + 200), "white")
    dressed.paste(image, (0, 200))
    letterhead(dressed)
    signed(dressed, Random(3))
    down = [
        Word(w.text, w.line, Box(w.box.left, w.box.top + 200, w.box.right, w.box.bottom + 200))
        for w in words
        if w.box
    ]
    assert read(dressed, down) == ""


@pytest.mark.parametrize(
    ("colour", "turn"),
    [((0, 0, 0), 0), ((200, 0, 0), 4), ((60, 60, 200), -6), ((150, 150, 150), 0)],
)
def test_a_small_note_between_two_lines_is_read(colour: tuple[int, ...], turn: int) -> None:
    image, words = page()
    box = tall(words).box
    assert box is not None
    add(image, "until 2032", (box.left, box.top - 20), 15, colour, turn)
    assert "until" in read(image, words) or "2032" in read(image, words)


@pytest.mark.parametrize("turn", [90, 270])
def test_a_word_up_the_margin_is_read(turn: int) -> None:
    image, words = page()
    add(image, "void", (15, 700), 20, (200, 0, 0), turn)
    assert read(image, words) == "void"


def test_a_pale_word_up_the_page_is_read_across_a_line() -> None:
    """Its middle stands among the line's letters; each of its ends alone is one letter."""
    image, words = page()
    dim = np.asarray(image) * np.linspace(0.98, 0.7, image.width)[None, :, None]
    image = Image.fromarray(dim.astype(np.uint8))
    box = next(word.box for word in words if word.text == "two")
    assert box is not None
    add(image, "void", (box.left, box.top - 21), 26, (150, 150, 150), 90)
    assert "void" in read(image, words)


def test_a_word_is_not_hidden_by_a_box_that_was_stretched_over_it() -> None:
    """Tesseract takes what stands above a word for a part of it."""
    image, words = page()
    word = tall(words)
    b = word.box
    assert b is not None
    add(image, "never", (b.left, b.top - 18), 15, (0, 0, 0))
    words[words.index(word)] = Word(
        word.text, word.line, Box(b.left, b.top - 18, b.right, b.bottom)
    )
    assert "never" in read(image, words)


def test_one_figure_by_itself_counts_in_even_light_alone() -> None:
    image, words = page()
    add(image, "2", (image.width // 2, image.height - 120), 22, (0, 0, 0))
    assert read(image, words) == "2"
    dim = Image.fromarray((np.asarray(image) * np.linspace(0.9, 0.4, image.width)[None, :, None])
                          .astype(np.uint8))  # fmt: skip
    assert read(dim, words) == ""


def test_a_page_without_words_or_of_one_grey_is_left_alone() -> None:
    image, words = page()
    assert written_in(pixels(image), []) == ()
    grey = np.ascontiguousarray(np.asarray(image.convert("L")))
    assert written_in(grey, words) == ()
