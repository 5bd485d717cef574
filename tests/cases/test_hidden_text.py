"""PDFs that show one text and hold another: whatever the trick, they never stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.copies.typeset import letter_pdf, lying_pdf

import vidimus
from vidimus import wiring
from vidimus.core.copies.answers import Headline
from vidimus.operations import story as stories
from vidimus.operations.desk import Desk

EXAMPLE = Path(vidimus.__file__).parent / "example"
ROTA = (EXAMPLE / "rota.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("hidden") / "registry"
    wiring.play(stories.read((EXAMPLE / "story.yaml").read_bytes()), EXAMPLE, folder)
    return wiring.public_desk(folder)


def test_a_picture_with_the_same_text_under_it_stands(desk: Desk) -> None:
    """What a scanner makes: the picture, and its words to be searched."""
    assert desk.check((lying_pdf(ROTA, ROTA),)).answer.headline is Headline.STANDS


def test_the_misreadings_of_a_scanner_do_not_accuse_a_scan(desk: Desk) -> None:
    """Its hidden text is full of them; the picture is what counts."""
    misread = ROTA.replace("Lapwing", "Lapwmg").replace("anchor", "ancbor")
    assert desk.check((lying_pdf(ROTA, misread),)).answer.headline is Headline.STANDS


def test_a_changed_picture_over_the_registered_text_is_altered(desk: Desk) -> None:
    """The text layer alone would say that nothing was changed."""
    shown = ROTA.replace("up to 48 hours", "up to 84 hours")
    answer = desk.check((lying_pdf(shown, ROTA),)).answer
    assert answer.headline is Headline.ALTERED
    assert ("48", "84") in {(each.registered, each.copy) for each in answer.differences}


@pytest.mark.parametrize(
    ("was", "hidden"), [("will not enter", "will enter"), ("48 hours", "84 hours")]
)
def test_the_registered_picture_over_a_changed_text_cannot_stand(
    desk: Desk, was: str, hidden: str
) -> None:
    """Whoever copies the words out, or hears them read aloud, would get other words."""
    answer = desk.check((lying_pdf(ROTA, ROTA.replace(was, hidden)),)).answer
    assert answer.headline is Headline.CANNOT_TELL
    assert "hidden text" in " ".join(answer.reasons)


def test_a_plain_pdf_of_the_letter_stands(desk: Desk) -> None:
    """And its text layer is exact, because the picture says the same."""
    assert desk.check((letter_pdf(ROTA),)).answer.headline is Headline.STANDS


def test_a_hidden_text_that_leaves_a_weighty_word_out_cannot_stand(desk: Desk) -> None:
    """A gap is no difference word by word; but a screen reader would say the opposite."""
    cut = ROTA[: ROTA.index(" not enter")]
    answer = desk.check((lying_pdf(ROTA, cut),)).answer
    assert answer.headline is Headline.CANNOT_TELL
