"""What we print around a letter is no added word: these lines, of this letter, at the edge.

spec/paper.md, section 5.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.copies.letters import LETTER, layered, picture, registered, typed

from vidimus.core.copies.furniture import EXERCISE_LINE, our_lines
from vidimus.core.copies.page import Copy
from vidimus.core.copies.recognise import Comparison, recognise

NUMBER = "QF3MZJ2K7XW4TB5A"
SHOWN = "QF3M-ZJ2K-7XW4-TB5A"
ORIGIN = "letters.example.org/log"
HOST = "letters.example.org"
FOOT = f"\n{SHOWN}\ncopy 2 of 5\n{HOST}\npage 1 of 1"


def held(copy: Copy, origin: str = ORIGIN) -> Comparison:
    text = replace(registered(LETTER, letter=NUMBER), printed=our_lines(NUMBER, origin))
    (found,) = recognise(copy, [text])
    return found


def clean(compared: Comparison) -> bool:
    return compared.whole and not compared.differences and not compared.unread


def test_what_we_print_is_no_added_word() -> None:
    for copy in (
        typed(LETTER + FOOT),
        picture(LETTER + FOOT),
        layered(LETTER + FOOT, LETTER + FOOT),
    ):
        assert clean(held(copy))
    again = f"\n{SHOWN}\ncopy 1000 of 1000\npage 2 of 2"
    assert clean(held(picture(LETTER + again)))


@pytest.mark.parametrize(
    "line",
    [
        "QF3M-ZJ2K-7XW4-TB5B",  # another letter's number
        "QF3M-ZJ2K-7XW4-TB5A not",
        "QF3M-ZJ2K-7XW4",
        "letters.example.net",
        "letters.examp1e.org",
        "letters.example.org/C/QF3M",
        "copy 6 of 5",
        "copy 2 of 5 only",
        "not released",
        EXERCISE_LINE,  # this is no exercise
    ],
)
def test_a_line_that_is_nearly_ours_was_added(line: str) -> None:
    for copy in (typed(f"{LETTER}\n{line}"), layered(f"{LETTER}\n{line}", f"{LETTER}\n{line}")):
        assert not clean(held(copy))


def test_an_exercise_says_so_on_its_paper() -> None:
    copy = layered(f"{EXERCISE_LINE}\n{LETTER}", f"{EXERCISE_LINE}\n{LETTER}")
    assert clean(held(copy, "letters.example.org/exercise"))


@pytest.mark.parametrize("origin", ["", "other.example.org/log"])
def test_another_register_does_not_know_our_host(origin: str) -> None:
    assert not clean(held(layered(LETTER + FOOT, LETTER + FOOT), origin))


def test_on_paper_they_stand_at_the_edge_or_were_added() -> None:
    first, _, rest = LETTER.partition("\n\n")
    for line in (SHOWN, HOST):
        text = f"{first}\n\n{line}\n\n{rest}"
        assert not clean(held(layered(text, text)))


@pytest.mark.parametrize(
    "read",
    ["OF3M-ZJ2K -7XW4-TB5A", "QF3M-2J2K-7XW4-T85A", "QF3M-ZJ2K-7XWA-TBSA", "QF3MZJ2K7XW4TB5A"],
)
def test_a_pictures_reader_may_misread_the_number(read: str) -> None:
    assert clean(held(picture(f"{LETTER}\n{read}\ncopy 2 of 5")))


MEANT = ["not", "now", "may", "shall", "14", "17", "leave", "all", "no", "yes", "war"]


@given(st.lists(st.sampled_from(MEANT), min_size=1))
def test_no_words_pass_for_a_number_that_was_misread(words: list[str]) -> None:
    """Nothing that anybody could mean is within three signs of sixteen drawn by lot."""
    assert not clean(held(picture(f"{LETTER}\n{' '.join(words)}")))


def test_a_letter_without_a_number_has_no_lines() -> None:
    assert our_lines("", ORIGIN) == our_lines(NUMBER, "") == ()
    assert our_lines(NUMBER, ORIGIN) == (SHOWN, HOST)
