"""A letter of several sheets: some of them missing, or given in another order."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from bench.copies.typeset import letter_pdf, page_images

import vidimus
from vidimus import wiring
from vidimus.core.copies.answers import EXIT_STATUS, Answer, Headline
from vidimus.operations import story as stories
from vidimus.operations.desk import Desk

EXAMPLE = Path(vidimus.__file__).parent / "example"
ROTA = (EXAMPLE / "rota.txt").read_text(encoding="utf-8")
CUT = ROTA.index("The costs of pilotage")
LAST = ROTA.index("This arrangement holds")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("pages") / "registry"
    wiring.play(stories.read((EXAMPLE / "story.yaml").read_bytes()), EXAMPLE, folder)
    return wiring.public_desk(folder)


def sheet(text: str, footer: str = "") -> bytes:
    """A clean picture of one page."""
    (image,) = page_images(letter_pdf(text, footer=footer))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def check(desk: Desk, *parts: bytes) -> Answer:
    return desk.check(parts).answer


def test_numbered_sheets_may_be_given_in_any_order(desk: Desk) -> None:
    first, second = sheet(ROTA[:CUT], "Page 1 of 2"), sheet(ROTA[CUT:], "Page 2 of 2")
    right = check(desk, first, second)
    assert right.headline is Headline.STANDS
    turned = check(desk, second, first)
    assert turned.headline is Headline.STANDS
    said = "put in the order of the numbers printed on them: page 2, then page 1"
    assert said in turned.sentence and any(said in each for each in turned.checked)
    assert said not in right.sentence


def test_sheets_whose_numbers_say_another_order_do_not_stand(desk: Desk) -> None:
    """Whoever reads them by their numbers reads something else."""
    first, second = sheet(ROTA[:CUT], "Page 2 of 2"), sheet(ROTA[CUT:], "Page 1 of 2")
    for parts in ((first, second), (second, first)):
        answer = check(desk, *parts)
        assert EXIT_STATUS.get(answer.headline, 1) != 0


def test_sheets_without_numbers_are_named_in_their_order(desk: Desk) -> None:
    answer = check(desk, sheet(ROTA[CUT:]), sheet(ROTA[:CUT]))
    assert answer.headline is Headline.CANNOT_TELL
    assert "give them as page 2, then page 1" in answer.sentence


def test_a_sheet_that_is_missing_between_two_is_named(desk: Desk) -> None:
    answer = check(desk, sheet(ROTA[:CUT], "Page 1 of 3"), sheet(ROTA[LAST:], "Page 3 of 3"))
    assert answer.headline is Headline.CANNOT_TELL
    (stretch,) = answer.missing
    assert (stretch.after, stretch.before, stretch.sheets) == (1, 2, (2,))
    assert stretch.begins.startswith("The costs of pilotage")
    assert stretch.words == len(ROTA[CUT:LAST].split())
    assert "page 2 of the letter" in answer.sentence


def test_a_sheet_of_which_its_number_alone_can_be_read_hides_what_stands_on_it(
    desk: Desk,
) -> None:
    """Else the first sheet would be told to stand as a part, and nobody would ask for more."""
    answer = check(desk, sheet(ROTA[:CUT], "Page 1 of 2"), sheet("Page 2 of 2"))
    assert answer.headline is Headline.CANNOT_TELL
    assert "page 2" in answer.sentence
