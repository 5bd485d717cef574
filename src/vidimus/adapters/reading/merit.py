"""How well a page was read, judged from its words and from the ink that no word covers.

Two engines' confidences do not mean the same, so readings are compared by what they hold:
characters in sound words against characters in all others.
"""

from __future__ import annotations

import re

from vidimus.adapters.reading.types import Reading
from vidimus.core.copies.page import Word

MOST_LEFT_OUT = 0.03
FEW_WORDS = 8
SURE = 0.60  # a word below this counts against a reading
# Mean confidence by characters. On simulated photos Tesseract's pages from 0.940 up had at most
# 0.6 % wrong characters, nearly all of them none, those from 0.90 to 0.940 up to 18 %; clean
# scans have 0.96.
GOOD_MEAN = 0.940
# Of other scripts it is never as sure: Arabic pages above 0.915 were read without a mistake.
GOOD_MEAN_OTHER = 0.915
# … nor of a fax; softened (`light.py`), those above this had at most 2 % of words wrong.
GOOD_MEAN_FAX = 0.930
GOOD_SHARE = 0.90  # of characters in words that are sure and look like words

NUMBER = re.compile(r"[^\w]*[\d][\d.,:/%()\-–]*[\w]{0,3}[^\w]*\Z")
VOWEL = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûü]", re.IGNORECASE)
# Letters of other scripts, each with the marks upon it; Greek is the first, Latin ends before.
OTHER = re.compile(
    r"[^\w]*(?:(?=\w)[\u0370-\u1dff\u2c80-\ua6ff\ua800-\uff00]"
    r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]*)+[^\w]*\Z"
)
CASED = re.compile(r"[^\w]*(?:[A-Z]?[a-z’'-]+|[A-Z]+|(?:[A-Z]?[a-z]+[-’'/])+[A-Z]?[a-z]+)[^\w]*\Z")


def is_good(reading: Reading, mean: float = GOOD_MEAN) -> bool:
    """Sure enough to stop here. Few words are never enough to be sure of a page."""
    if len(reading.words) < FEW_WORDS:
        return False
    above = sum(len(w.text) * ((w.confidence or 0.0) - _enough(w, mean)) for w in reading.words)
    whole = reading.left_out <= MOST_LEFT_OUT
    return whole and above >= 0 and reads_well(reading)


def reads_well(reading: Reading) -> bool:
    """Whether nearly all of it is in sound words; of engines whose confidence means less."""
    characters = sum(len(word.text) for word in reading.words)
    return len(reading.words) >= FEW_WORDS and _sound(reading) >= GOOD_SHARE * characters


def _enough(word: Word, mean: float) -> float:
    return GOOD_MEAN_OTHER if OTHER.match(word.text) else mean


def runs_sideways(reading: Reading) -> bool:
    """Whether most of the longer words stand in boxes taller than wide."""
    boxes = [word.box for word in reading.words if word.box and len(word.text) >= 4]
    return sum(b.bottom - b.top > b.right - b.left for b in boxes) * 2 > len(boxes)


def merit(reading: Reading) -> float:
    """Characters in sound words, less those in the others: what was read, not how proudly."""
    characters = sum(len(word.text) for word in reading.words)
    sound = _sound(reading)
    return sound - 1.5 * (characters - sound)


def _sound(reading: Reading) -> int:
    return sum(len(word.text) for word in reading.words if is_sound(word))


def is_sound(word: Word) -> bool:
    return (word.confidence or 0.0) >= SURE and looks_like_a_word(word)


def looks_like_a_word(word: Word) -> bool:
    """Letters in a usual case with a vowel among them, an abbreviation, or a number."""
    text = word.text
    if NUMBER.match(text) or OTHER.match(text):
        return True
    if not CASED.match(text):
        return False
    letters = re.sub(r"[^A-Za-z]", "", text)
    return len(letters) <= 4 or letters.isupper() or VOWEL.search(letters) is not None
