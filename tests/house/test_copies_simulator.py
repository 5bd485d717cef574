"""The simulated copies that tests and benchmarks rest on are what they say they are."""

from __future__ import annotations

import difflib

import numpy as np
import pytest
from bench.copies import camera, edits, noise, typeset
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

LETTER = """Office of the Harbour Master
Quay Street 4

2 April 2031

Dear Ms. Aldous,

We do not object to the use of berth 12 from 1 May 2031, provided that the company shall pay
#3 of the *two* fees, $14,250.00 and 38 euros, before 20 April 2031. The pilots may refuse a
vessel. The letter of 14 March 2031 by Tobias Renn is withdrawn = void @ once.

Yours sincerely,

Ines Caldera
Deputy Harbour Master
"""


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return typeset.page_images(typeset.letter_pdf(LETTER), dpi=110)[0]


def grey(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L"), np.float32)


@pytest.mark.parametrize("font", typeset.FONTS)
def test_what_is_typeset_is_what_the_layer_says(font: str) -> None:
    """Signs with a meaning in Typst (#, *, $, @, =) are letters like any other."""
    pdf = typeset.letter_pdf(LETTER, font=font)
    assert typeset.layer_text(pdf).split() == LETTER.split()
    assert pdf == typeset.letter_pdf(LETTER, font=font)


def test_a_line_break_within_a_paragraph_stays() -> None:
    lines = typeset.layer_text(typeset.letter_pdf(LETTER)).split("\n")
    assert [line.strip() for line in lines][:2] == LETTER.split("\n")[:2]


def test_a_long_letter_takes_several_pages() -> None:
    pdf = typeset.letter_pdf(LETTER * 12, footer="Page of the office")
    assert len(typeset.page_images(pdf, dpi=20)) >= 3


def test_a_right_to_left_letter_is_typeset_without_complaint() -> None:
    pdf = typeset.letter_pdf("السلام عليكم\n\nBerth 12 is granted.\n\nشكرا")
    assert "Berth 12 is granted." in typeset.layer_text(pdf)


def test_a_scanned_pdf_has_a_picture_and_no_text(page: Image.Image) -> None:
    pdf = typeset.image_only_pdf([page, page], dpi=110)
    assert typeset.layer_text(pdf).strip() == ""
    pictures = typeset.page_images(pdf, dpi=110)
    assert len(pictures) == 2
    assert np.abs(grey(pictures[0]) - grey(page)).mean() < 3
    assert pdf == typeset.image_only_pdf([page, page], dpi=110)


def test_a_lying_pdf_shows_one_text_and_carries_another(page: Image.Image) -> None:
    """Render mode 3 draws nothing: the page looks like that of the visible letter."""
    hidden = LETTER.replace("do not object", "(object) \\")
    pdf = typeset.lying_pdf(LETTER, hidden, dpi=110)
    assert typeset.layer_text(pdf).split() == hidden.split()
    assert np.abs(grey(typeset.page_images(pdf, dpi=110)[0]) - grey(page)).mean() < 3


@pytest.mark.parametrize("strength", ["mild", "medium", "hard"])
def test_a_photo_shows_the_page_on_a_desk(page: Image.Image, strength: camera.Strength) -> None:
    """Same seed, same bytes; another seed, another desk; never the bare page."""
    picture = camera.photo(page, 7, strength)
    assert picture == camera.photo(page, 7, strength)
    shot = camera.opened(picture)
    assert shot.size[0] * shot.size[1] >= 3_000_000
    assert shot.height > shot.width
    seen = grey(shot)
    rim, middle = seen[:20].mean(), np.median(seen[seen.shape[0] // 3 : -seen.shape[0] // 3])
    assert abs(float(rim) - float(middle)) > 15, "the desk and the sheet look the same"
    assert seen.std() > 10


def test_another_seed_is_another_photo(page: Image.Image) -> None:
    assert camera.photo(page, 1) != camera.photo(page, 2)


def test_scan_fax_and_screenshot_keep_the_page_and_repeat_themselves(page: Image.Image) -> None:
    scanned = camera.scan(page, 3, dpi=110)
    assert scanned == camera.scan(page, 3, dpi=110) != camera.scan(page, 4, dpi=110)
    assert camera.opened(scanned).size == page.size
    faxed = camera.fax(page, 3)
    assert faxed == camera.fax(page, 3)
    assert set(np.unique(grey(camera.opened(faxed)))) == {0.0, 255.0}
    assert camera.opened(camera.screenshot(page)).width == 1080


def test_crop_and_rotate_do_what_they_say(page: Image.Image) -> None:
    half = camera.crop(page, bottom=0.5)
    assert half.size == (page.width, round(page.height / 2))
    assert camera.rotate(page, 90).size == (page.height, page.width)
    assert camera.rotate(camera.rotate(page, 180), 180).tobytes() == page.tobytes()


def test_misreading_is_repeatable_and_about_as_frequent_as_asked() -> None:
    text = LETTER * 20
    assert noise.misread(text, 0.0, 1) == text
    read = noise.misread(text, 0.1, 1)
    assert read == noise.misread(text, 0.1, 1) != noise.misread(text, 0.1, 2)
    assert read.count("\n") == text.count("\n")
    same = sum(
        block.size
        for line, seen in zip(text.split("\n"), read.split("\n"), strict=True)
        for block in difflib.SequenceMatcher(None, line, seen, autojunk=False).get_matching_blocks()
    )
    printed = len(text) - text.count("\n")
    assert 0.05 < 1 - same / printed < 0.15


@given(st.text(), st.floats(0, 1), st.integers(0, 9))
def test_any_text_can_be_misread(text: str, rate: float, seed: int) -> None:
    assert noise.misread(text, rate, seed).count("\n") == text.count("\n")


@pytest.mark.parametrize("kind", edits.KINDS)
def test_an_edit_changes_one_place_and_says_which(kind: str) -> None:
    for seed in range(20):
        edit = edits.alter(LETTER, kind, seed)
        assert edit == edits.alter(LETTER, kind, seed)
        assert edit.text.split() != LETTER.split()
        assert edit.was or edit.now
        assert edit.was in LETTER
        assert edit.now in edit.text
        operations = [
            step
            for step in difflib.SequenceMatcher(
                None, LETTER.split(), edit.text.split()
            ).get_opcodes()
            if step[0] != "equal"
        ]
        assert len(operations) <= 2, edit.description


def test_a_text_without_a_place_for_an_edit_is_refused() -> None:
    with pytest.raises(edits.NothingToEdit, match="amount"):
        edits.alter("Nothing here.", "amount", 1)
    assert edits.possible(LETTER) == edits.KINDS


@given(st.text())
def test_no_text_breaks_the_editor(text: str) -> None:
    for kind in edits.possible(text):
        assert edits.alter(text, kind, 1).text != text
