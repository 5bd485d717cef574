"""Pages of registered letters, with none to four words altered, as a device would show them.

page 0 1 2 3 4 5 …     0, 2, 0, 3, 0, 4 changes, over and over: half of the pages clean
tuning                 the fonts and devices that thresholds were set with
final                  other texts, other fonts, other devices (`unseen.py`)
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import Image

from bench.copies import camera, corpus, typeset, unseen
from bench.copies.placed_edits import Change, altered
from bench.copies.typeset import Placed

COUNTS = (0, 2, 0, 3, 0, 4)
ORDINARY = ("scan", "screenshot", "fax", "photo mild", "photo medium")
CONDITIONS = (*ORDINARY, "photo hard")
SHORTEST, LONGEST = 60, 300  # words; what is longer needs more than a page
DPI = 200

# Where Debian keeps them; VIDIMUS_BENCH_FONTS names a folder with others.
_DEJAVU = "/usr/share/fonts/truetype/dejavu"
TUNING_FONTS = (typeset.SERIF, "DejaVu Sans", "DejaVu Serif")
# Metric twins of Times, Arial, Calibri and Cambria: fonts-liberation2, fonts-crosextra-*.
FINAL_FONTS = {
    "Liberation Serif": "LiberationSerif-Regular.ttf",
    "Liberation Sans": "LiberationSans-Regular.ttf",
    "Carlito": "Carlito-Regular.ttf",
    "Caladea": "Caladea-Regular.ttf",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A registered text, and a picture of a copy of it on one page."""

    number: int
    condition: str
    font: str
    registered: str
    text: str  # of the copy
    changes: tuple[Change, ...]
    words: tuple[Placed, ...]  # of the copy, as printed
    picture: bytes


def fonts(final: bool) -> tuple[str, ...]:
    """Those of the final run that are there; without any, the one that Typst brings along."""
    if not final:
        return TUNING_FONTS
    folder = Path(os.environ.get("VIDIMUS_BENCH_FONTS", "/usr/share/fonts/truetype"))
    there = {file.name for file in folder.rglob("*.ttf")}
    return tuple(name for name, file in FINAL_FONTS.items() if file in there) or (typeset.MODERN,)


def sheet(seed: int, number: int, condition: str) -> Sheet:
    """Page `number` of this condition: the same for the same seed, another for another one."""
    final = seed in corpus.FINAL
    chance = random.Random(f"sheet {seed} {condition} {number}")
    registered = _text(seed, chance)
    count = COUNTS[number % len(COUNTS)]
    made = altered(registered, count, chance.randrange(1 << 30))
    font = chance.choice(fonts(final))
    pdf = typeset.letter_pdf(
        made.text,
        font=font,
        size_pt=chance.choice((10, 10.5, 11, 12)) * (0.9 if font.startswith("DejaVu") else 1),
        justify=chance.random() < 0.3,
        folders=(_DEJAVU, os.environ.get("VIDIMUS_BENCH_FONTS", _DEJAVU)),
    )
    page = typeset.page_images(pdf, DPI)[0]
    picture = _taken(page, condition, chance.randrange(1 << 30), final)
    placed = tuple(word for word in typeset.placed_words(pdf) if word.page == 0)
    return Sheet(number, condition, font, registered, made.text, made.changes, placed, picture)


def _text(seed: int, chance: random.Random) -> str:
    while True:
        made = corpus.text(seed, chance.randrange(20_000))
        if made.genre != "arabic" and SHORTEST <= len(made.text.split()) <= LONGEST:
            return made.text


def _taken(page: Image.Image, condition: str, seed: int, final: bool) -> bytes:
    if condition.startswith("photo"):
        strength = cast(camera.Strength, condition.split()[1])
        return (unseen if final else camera).photo(page, seed, strength)
    if condition == "scan":
        return unseen.scan(page, seed) if final else camera.scan(page, seed, dpi=DPI)
    if condition == "fax":
        return (unseen if final else camera).fax(page, seed)
    return unseen.screenshot(page, seed) if final else camera.screenshot(page)


def place(words: Sequence[Placed], at: tuple[int, int]) -> list[tuple[float, float, float, float]]:
    """The boxes of these words, or for words that are missing the gap that they left."""
    if at[0] < at[1]:
        return [(w.left, w.top, w.right, w.bottom) for w in words[slice(*at)]]
    before, after = words[at[0] - 1 : at[0]], words[at[0] : at[0] + 1]
    gaps = []
    for word in before:
        gaps.append((word.right, word.top, word.right, word.bottom))
    for word in after:
        gaps.append((word.left, word.top, word.left, word.bottom))
    return gaps
