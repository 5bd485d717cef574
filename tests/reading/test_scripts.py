"""Scripts that run to the left, alone and beside others."""

from __future__ import annotations

from collections import Counter

import pytest
import typst
from tests.reading import pages as made

from vidimus.adapters.reading.leftward import rightmost_first
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.reader import CellReader, engines
from vidimus.core.copies.page import Box, Question, Word

READER = CellReader(Limits(seconds=120))
INSTALLED = engines()["languages"]
# Every second word holds a lam and an alef that are written as one sign.
ARABIC = "لا يجوز لأحد خلال هذه الأسابيع أن يدخل إلا الملاك"
PAGE = """
#set page(paper: "a5", margin: 20mm)
#set text(font: "DejaVu Sans Mono", size: 12pt)
#text(dir: rtl, lang: "ar")[{arabic}]
"""


def page(arabic: str = ARABIC) -> bytes:
    content = typst.compile(
        PAGE.replace("{arabic}", arabic).encode(), format="pdf", ignore_system_fonts=True
    )
    assert isinstance(content, bytes)
    return content


def test_the_layer_of_a_pdf_gives_lam_and_alef_in_their_order() -> None:
    """One glyph for two letters; turned about it would say another word on every line."""
    (read,) = READER.read([page()]).pages
    assert made.words_of(read) == ARABIC


def test_alef_and_lam_side_by_side_stay_as_they_are() -> None:
    words = "الميناء الشمالي السفن الحال"
    (read,) = READER.read([page(words)]).pages
    assert made.words_of(read) == words


ENGLISH = (
    "Notice to all crews: the ferry to Long Point leaves at eight in the morning.",
    "Nobody may board after the bell has been rung.",
)


def mixed() -> bytes:
    first, last = ENGLISH
    return made.set_page(
        first,
        f'#text(dir: rtl, lang: "ar", font: "DejaVu Sans Mono", size: 11pt)[{ARABIC}]',
        last,
    )


@pytest.mark.skipif("ara" not in INSTALLED, reason="Tesseract's Arabic is not installed")
def test_another_script_on_a_part_of_the_page_is_read_too() -> None:
    """Read by what knows Latin letters alone it is a line of stray signs, or left out."""
    (read,) = READER.read([made.encode(made.draw(mixed(), 200))]).pages
    said = made.words_of(read)
    assert all(each in said for each in ENGLISH)
    found = Counter(said.split()) & Counter(ARABIC.split())
    assert found.total() >= 0.8 * len(ARABIC.split())
    assert said.index("morning") < said.index("يجوز") < said.index("Nobody"), "in its place"


def word(text: str, left: int, right: int, *, line: int = 0, top: int = 0) -> Word:
    return Word(text, line, Box(left, top, right, top + 20), 0.9)


def test_pieces_of_a_line_that_runs_left_are_put_in_order() -> None:
    rest, start = word("يجوز", 100, 200), word("لا", 210, 240, line=1)
    assert [w.text for w in rightmost_first([rest, start])] == ["لا", "يجوز"]
    assert len({w.line for w in rightmost_first([rest, start])}) == 1
    # Another line, another place, or another script: they stay as they were.
    below = word("لا", 210, 240, line=1, top=30)
    assert rightmost_first([rest, below]) == (rest, below)
    left = word("لا", 10, 90, line=1)
    assert rightmost_first([rest, left]) == (rest, left)
    latin = word("may", 210, 240, line=1)
    assert rightmost_first([rest, latin]) == (rest, latin)


def test_what_knows_no_arabic_says_nothing_of_an_arabic_word() -> None:
    """Else "himself" and "herself", one letter apart, would count as one word misread."""
    content = made.encode(made.draw(mixed(), 200))
    (read,) = READER.read([content]).pages
    box = Box(0, 0, read.width, read.height)
    latin, arabic = READER.reread(
        [content],
        [Question(1, box, ("Nobody", "Somebody")), Question(1, box, ("بنفسه", "بنفسها"))],
    )
    assert len(latin.scores) == 2
    assert arabic.scores == ()
    assert arabic.read == ""
