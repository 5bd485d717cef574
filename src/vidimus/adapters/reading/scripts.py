"""Another script on a part of the page: where it stands, and how it is put into the reading.

    We write in English here,          words that were read with conviction tell their ink
    ونكتب هنا بالعربية                 rows of ink that none of them tells are a band
    and then go on.                    the band alone is read again, by what knows the script

A reader that does not know a script reads it all the same, as letters that it knows. So a band
is where ink is not told by any *sound* word, whatever else was said of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from vidimus.adapters.reading import light
from vidimus.adapters.reading.leftward import bounds, rightmost_first
from vidimus.adapters.reading.merit import MOST_LEFT_OUT, is_sound
from vidimus.adapters.reading.types import Image, Reading
from vidimus.core.copies.page import Box, Word

# Tesseract's languages that are not written with Latin letters, by the codes of its packs.
OTHERS = frozenset({"ara", "fas", "urd", "heb", "yid", "rus", "ukr", "bel", "bul", "srp", "mkd",
                    "kaz", "ell", "hye", "kat", "amh", "hin", "ben", "tam", "tha", "jpn", "kor",
                    "chi_sim", "chi_tra"})  # fmt: skip
# Tesseract reads joined letters best when they are small: of scans at 200 dpi set in 9 to 12
# points it found 83 to 92 % of the words as they were, and 95 to 100 % made smaller to these
# heights of a typical piece, in pixels (`python -m bench reading`).
JOINED = frozenset({"ara", "fas", "urd"})
JOINED_HEIGHTS = (13.0, 10.5)
MOST_LANGUAGES = 3  # tried on one band
MOST_BANDS = 8
PROBE = 9.0  # heights of a letter, of a band that is tried before the whole of it is read
LONGEST = 8.0  # seconds that one band may take; what is no writing holds a reader for minutes
WELL = 0.93  # share of a page's characters in sound words, from which it is of one script
LEAST_INK = 12  # letter-like pieces in a band
CONVINCED = 0.80  # a word that tells its ink is read with so much confidence
BETTER = 1.5  # times as many characters in sound words, for the new reading to be taken


def bands(page: Image, reading: Reading, text: Box | None = None) -> list[Box]:
    """Rows of a grey page that no sound word tells, from the top down; `text` is where it stands.

    None of a page that is read well as it is: a word here and there is of no other script.
    """
    characters = sum(len(word.text) for word in reading.words)
    missed = light.left_out(page, reading.words, text) if reading.words else 1.0
    if _sound(reading.words) >= WELL * characters and missed <= MOST_LEFT_OUT:
        return []
    tall = light.x_height(page)
    pieces = light.letters(page)
    if tall == 0:
        return []
    pieces = pieces[pieces[:, 3] >= 0.4 * tall]
    middles = pieces[:, :2] + pieces[:, 2:] / 2
    if text is not None:
        low, high = (text.left, text.top), (text.right, text.bottom)
        inside = ((middles >= low) & (middles <= high)).all(axis=1)
        pieces, middles = pieces[inside], middles[inside]
    told = np.zeros(len(pieces), bool)
    for word in reading.words:
        if word.box is not None and _tells(word):
            b = word.box
            told |= (
                (middles[:, 0] >= b.left - tall / 2)
                & (middles[:, 0] <= b.right + tall / 2)
                & (middles[:, 1] >= b.top - tall / 2)
                & (middles[:, 1] <= b.bottom + tall / 2)
            )
    rows = (middles[:, 1] / tall).astype(int)
    count = int(rows.max(initial=0)) + 1
    known = np.bincount(rows[told], minlength=count)
    unknown = np.bincount(rows[~told], minlength=count)
    strange = (unknown >= 2) & (unknown > known)
    found: list[Box] = []
    for first, last in _runs(strange, known):
        inside = ~told & (rows >= first) & (rows <= last)
        if inside.sum() < LEAST_INK:
            continue
        left, top = pieces[inside, :2].min(axis=0) - np.array([2 * tall, tall])
        ends = pieces[inside, :2] + pieces[inside, 2:]
        right, bottom = ends.max(axis=0) + np.array([2 * tall, tall])
        height, width = page.shape[:2]
        found.append(
            Box(
                max(0, int(left)),
                max(0, int(top)),
                min(width, int(right)),
                min(height, int(bottom)),
            )
        )
    return found[:MOST_BANDS]


def sizes(page: Image, language: str) -> tuple[float, ...]:
    """By how much to enlarge a page before a part of it is read in this language, best first."""
    tall = light.x_height(page)
    if language not in JOINED or tall == 0:
        return (light.reading_scale(page),)
    return tuple(min(2.0, max(0.3, height / tall)) for height in JOINED_HEIGHTS)


def start(page: Image, band: Box) -> Box:
    """The first lines of a band."""
    tall = light.x_height(page)
    return Box(band.left, band.top, band.right, min(band.bottom, band.top + round(PROBE * tall)))


def promising(given: Reading) -> bool:
    """Whether the first lines of a band are of this script: most that was read is sound."""
    return 2 * _sound(given.words) > sum(len(word.text) for word in given.words)


def put(reading: Reading, given: Reading, band: Box) -> Reading | None:
    """The reading with what was read in the band, or None where that is not clearly better."""
    here, there = (
        [word for word in each.words if word.box is not None and _within(word.box, band)]
        for each in (reading, given)
    )
    new, old = _sound(there), _sound(here)
    if new < LEAST_INK or new < BETTER * old or 2 * new < sum(len(w.text) for w in there):
        return None
    taken = [word.box for word in there if word.box is not None]
    kept = [
        word
        for word in reading.words
        if word.box is None
        or not _within(word.box, band)
        or (is_sound(word) and not any(_overlap(word.box, other) for other in taken))
    ]
    lines = [list(line) for _, line in groupby(kept, key=lambda word: word.line)]
    place = next((at for at, line in enumerate(lines) if _below(line, band)), len(lines))
    within = rightmost_first(there)
    lines[place:place] = [list(line) for _, line in groupby(within, key=lambda word: word.line)]
    words = tuple(replace(word, line=n) for n, line in enumerate(lines) for word in line)
    return Reading(words, reading.engine)


def _runs(strange: np.ndarray, known: np.ndarray) -> list[tuple[int, int]]:
    """Runs of strange rows, over gaps without known words that are no wider than between lines."""
    runs: list[tuple[int, int]] = []
    for row in np.flatnonzero(strange):
        at = int(row)
        if runs and at - runs[-1][1] <= 5 and not known[runs[-1][1] + 1 : at].any():
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return runs


def _tells(word: Word) -> bool:
    """Another script now and then reads as "63" or "sla!", and not without conviction."""
    return is_sound(word) and len(word.text) >= 3 and (word.confidence or 0.0) >= CONVINCED


def _sound(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words if is_sound(word))


def _within(box: Box, band: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return band.left <= x <= band.right and band.top <= y <= band.bottom


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


def _below(line: Sequence[Word], band: Box) -> bool:
    box = bounds(line)
    return box is not None and (box.top + box.bottom) / 2 > (band.top + band.bottom) / 2
