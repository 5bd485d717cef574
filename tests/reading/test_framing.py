"""A screenshot's frame: what stands around the page is told apart from what stands on it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.reading import pages as made

from vidimus.adapters.reading import framing
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.reader import CellReader
from vidimus.adapters.reading.rectify import Plan
from vidimus.core.copies.page import Box, Word

LEVEL = Plan(0, width=600, height=1000)
PAPER, GROUND = (255, 255, 255), (230, 224, 214)


def drawn(frame: tuple[int, int, int] | None = GROUND) -> Image.Image:
    """A white page from (60, 200) to (540, 800); around it another ground, or the same."""
    screen = Image.new("RGB", (600, 1000), frame or PAPER)
    ImageDraw.Draw(screen).rectangle((60, 200, 540, 800), fill=PAPER)
    return screen


def written(
    screen: Image.Image, *words: tuple[str, int, int, int]
) -> tuple[np.ndarray, list[Word]]:
    """The picture with these words (text, x, y, line) on it, and what a reader says of it."""
    pen, font = ImageDraw.Draw(screen), ImageFont.load_default(20)
    read = []
    for text, x, y, line in words:
        pen.text((x, y), text, fill=(20, 20, 20), font=font)
        left, top, right, bottom = (round(edge) for edge in pen.textbbox((x, y), text, font=font))
        read.append(Word(text, line, Box(left, top, right, bottom), 0.95))
    return np.asarray(screen)[:, :, ::-1].copy(), read


SAID = "The north basin is closed and will be dredged from Monday on until all is done"
LETTER = [(word, 80 + 150 * (at % 3), 300 + 30 * (at // 3), 2 + at // 3)
          for at, word in enumerate(SAID.split())]  # fmt: skip
AROUND = [("Marta", 100, 150, 1), ("seen", 100, 880, 99), ("this?", 170, 880, 99)]
CLOCK = [("14:07", 30, 10, 0), ("81%", 520, 10, 0)]


def texts(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in words]


def test_words_around_the_page_are_no_words_of_it() -> None:
    image, words = written(drawn(), *LETTER, *AROUND, *CLOCK)
    found = framing.framed(image, LEVEL, words)
    assert texts(found.words) == SAID.split()
    assert texts(found.beside) == ["Marta", "seen", "this?"]
    assert texts(found.screen) == ["14:07", "81%"]


def test_a_number_below_the_page_is_told_and_not_taken_for_a_clock() -> None:
    image, words = written(drawn(), *LETTER, ("14:07", 100, 900, 99))
    assert texts(framing.framed(image, LEVEL, words).beside) == ["14:07"]


def test_a_share_above_the_page_without_a_clock_is_told() -> None:
    image, words = written(drawn(), *LETTER, ("50%", 520, 10, 0))
    found = framing.framed(image, LEVEL, words)
    assert texts(found.beside) == ["50%"]
    assert found.screen == ()


def test_the_hour_of_a_message_in_its_last_line_is_not_of_the_letter() -> None:
    image, words = written(drawn(), *LETTER, ("13:58", 460, 760, 90))
    found = framing.framed(image, LEVEL, words)
    assert texts(found.beside) == ["13:58"]
    # Within a line, or above others, it is an hour that the letter names.
    image, words = written(drawn(), *LETTER, ("at", 100, 580, 90), ("13:58", 150, 580, 90))
    assert not framing.framed(image, LEVEL, words).beside
    image, words = written(drawn(), ("13:58", 100, 260, 1), *LETTER)
    assert not framing.framed(image, LEVEL, words).beside


def test_a_line_drawn_around_the_text_is_no_frame() -> None:
    """Beyond it the same paper goes on, and what stands there was added to the letter."""
    screen = drawn(None)
    ImageDraw.Draw(screen).rectangle((60, 200, 540, 800), outline=(0, 0, 0), width=3)
    image, words = written(screen, *LETTER, *AROUND)
    assert texts(framing.framed(image, LEVEL, words).words) == texts(tuple(words))


def test_a_page_without_another_ground_around_it_has_no_frame() -> None:
    image, words = written(drawn(None), *LETTER, *AROUND, *CLOCK)
    assert framing.framed(image, LEVEL, words) == framing.Framed(tuple(words), (), ())


def test_a_scan_or_a_photo_has_no_frame() -> None:
    """A desk around the paper is none: what a lens saw is never even to the last level."""
    image, words = written(drawn(), *LETTER, *AROUND)
    grain = np.random.default_rng(1).normal(0, 3, image.shape)
    image = np.clip(image + grain, 0, 255).astype(np.uint8)
    assert not framing.framed(image, LEVEL, words).beside


def test_nothing_is_lost_and_nothing_is_told_twice() -> None:
    image, words = written(drawn(), *LETTER, *AROUND, *CLOCK)
    found = framing.framed(image, LEVEL, words)
    everything = [*found.words, *found.beside, *found.screen]
    assert sorted(texts(tuple(everything))) == sorted(texts(tuple(words)))
    assert framing.framed(image, LEVEL, []) == framing.Framed((), (), ())


@pytest.mark.parametrize("ground", [(236, 229, 221), (11, 20, 26)])
def test_a_screenshot_of_a_messenger_is_read_without_its_frame(
    ground: tuple[int, int, int],
) -> None:
    sheet = Image.fromarray(made.draw(made.letter_pdf(), 110)[:, :, ::-1])
    screen = Image.new("RGB", (sheet.width + 80, sheet.height + 700), ground)
    screen.paste(sheet, (40, 300))
    pen = ImageDraw.Draw(screen)
    words = (20, 20, 20) if ground[0] > 100 else (235, 235, 235)
    pen.text((60, 20), "14:07", fill=words, font=ImageFont.load_default(32))
    pen.text((120, 140), "Marta Quell", fill=words, font=ImageFont.load_default(44))
    stream = io.BytesIO()
    screen.save(stream, "PNG")
    copy = CellReader(Limits(seconds=120)).read([stream.getvalue()])
    (page,) = copy.pages
    assert made.character_errors(made.words_of(page)) < 0.01
    assert {"Marta", "Quell"} & {word.text for word in page.beside}
    assert any("around page 1" in sentence for sentence in copy.not_checked)
