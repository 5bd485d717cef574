"""A seal of ours is let pass beside the words; what is drawn over it, or like it, is not."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec

from vidimus.adapters.paper import code
from vidimus.adapters.reading.own_seal import outside, without_seals
from vidimus.adapters.reading.types import Image
from vidimus.core.copies.page import Box, Word
from vidimus.core.seal import paper
from vidimus.core.seal.keys import MemorySigner

KEY = MemorySigner(ec.derive_private_key(2031, ec.SECP256R1()))
SEAL = paper.write(
    paper.PaperSeal(
        *("letters.example.org", "QF3MZJ2K7XW4TB5A", 2, 22347, paper.Kind.LETTER),
        *(sha256(b"a letter").digest(), 31),
    ),
    KEY,
)
LEFT, TOP = 700, 900


def page(modules: list[list[bool]], scale: float = 3.3) -> Image:
    """A page with some writing and a code, as a viewer draws it: soft at the edges."""
    drawn = np.full((1400, 1200, 3), 255, np.uint8)
    cv2.putText(drawn, "We will not leave.", (90, 200), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    fine = np.kron(np.where(np.array(modules), 0, 255).astype(np.uint8), np.ones((8, 8), np.uint8))
    side = round(len(modules) * scale)
    small = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    drawn[TOP : TOP + side, LEFT : LEFT + side] = small[:, :, None]
    return drawn


@pytest.mark.parametrize("scale", [2.95, 3.3, 4.0, 5.9])
def test_the_seal_is_taken_off_and_nothing_else(scale: float) -> None:
    shown = page(code.modules(SEAL), scale)
    bare = without_seals(shown)
    assert bare is not None
    assert (bare[TOP:, LEFT:] == 255).all()
    assert (bare[:TOP] == shown[:TOP]).all()


def test_what_is_drawn_over_a_seal_is_not_taken_off_with_it() -> None:
    shown = page(code.modules(SEAL))
    for draw in (
        lambda on: cv2.putText(on, "not", (730, 960), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (190,) * 3, 1),
        lambda on: cv2.rectangle(on, (760, 950), (764, 954), (255, 255, 255), -1),
        lambda on: cv2.line(on, (700, 1000), (880, 1000), (0, 0, 0), 2),
    ):
        spoilt = shown.copy()
        draw(spoilt)
        assert without_seals(spoilt) is None


def test_a_module_turned_over_makes_another_drawing() -> None:
    """A letter made of modules can be read through by error correction; it is ink all the same."""
    modules = code.modules(SEAL)
    for y, x in ((30, 30), (30, 31), (31, 30)):
        modules[y][x] = not modules[y][x]
    assert without_seals(page(modules)) is None


@pytest.mark.parametrize(
    "text", ["HTTPS://LETTERS.EXAMPLE.ORG/C/QF3MZJ2K7XW4TB5A.2", "not", SEAL + "="]
)
def test_other_codes_stay(text: str) -> None:
    made = segno.make(text, error="m", micro=False)
    assert without_seals(page([[bool(each) for each in row] for row in made.matrix], 5)) is None


def test_a_page_without_a_code_is_left_alone(tmp_path: Path) -> None:
    assert without_seals(np.full((300, 200, 3), 255, np.uint8)) is None
    assert without_seals(np.zeros((300, 200), np.uint8)) is None


def test_what_was_read_off_a_scanned_seal_is_no_writing() -> None:
    """A number or a letter that a reader sees in the modules; what stands beside them stays."""
    shown = cv2.GaussianBlur(page(code.modules(SEAL), 3.0), (3, 3), 0)
    inside = Word("2", 1, Box(LEFT + 40, TOP + 60, LEFT + 50, TOP + 72))
    beside = Word("5", 2, Box(LEFT + 40, TOP + 250, LEFT + 50, TOP + 262))
    over = Word("not", 3, Box(LEFT - 20, TOP + 60, LEFT + 20, TOP + 72))
    assert outside(shown, (inside, beside, over)) == (beside, over)
    other = page([[not each for each in row] for row in code.modules(SEAL)], 3.0)
    assert outside(other, (inside, beside, over)) == (inside, beside, over)
    assert outside(shown, ()) == ()
