"""How well a picture was read, as a whole: what may be said of it, and what not.

A letter read badly may be one of ours all the same, and a word that seems altered among
many that could not be read may be one more misreading. Both are doubts, not answers.
"""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein

from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.differences import once
from vidimus.core.copies.page import Copy, Source

# Pictures read worse than this on the whole (mean confidence of the words) say nothing.
LEGIBLE = 0.45
# To say that a picture shows no text of ours takes more: so much, in so many of its words.
CLEAR, CLEAR_WORD, CLEAR_SHARE = 0.8, 0.6, 0.8
FALLBACK = "rapidocr"  # reads a page that Tesseract could not
# An alteration among so many places that could not be read is one more of them.
SHAKY = 4


def legible(copy: Copy) -> bool:
    read = _confidences(copy)
    return not read or sum(read) / len(read) >= LEGIBLE


def clear(copy: Copy) -> bool:
    read = _confidences(copy)
    if not read:
        return True
    sure = sum(each >= CLEAR_WORD for each in read)
    return sum(read) / len(read) >= CLEAR and sure >= CLEAR_SHARE * len(read)


def _confidences(copy: Copy) -> list[float]:
    return [
        word.confidence
        for page in copy.pages
        if page.source is Source.PICTURE
        for word in page.words
        if word.confidence is not None
    ]


def weighed(
    copy: Copy, comparison: Comparison
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """The alterations that may be told as such, and what could not be read with certainty.

    On a page full of doubts a word that seems altered is one more of them. And where the
    first engine failed, the second read the page and was asked about its own reading: one
    letter of a word is then a misreading as likely as not.
    """
    altered, unread = once(comparison.differences), once(comparison.unread)
    if not all(page.source is Source.PICTURE for page in copy.pages):
        return altered, unread
    if len(unread) >= max(SHAKY, 2 * len(altered)):
        return (), (*altered, *unread)
    alone = {page.number for page in copy.pages if page.engine == FALLBACK}
    slips = tuple(each for each in altered if each.page in alone and _one_letter(each))
    return tuple(each for each in altered if each not in slips), (*slips, *unread)


def _one_letter(difference: Difference) -> bool:
    ours, theirs = difference.registered.lower(), difference.copy.lower()
    if difference.kind not in (Kind.WORD, Kind.NAME) or min(len(ours), len(theirs)) < 4:
        return False
    return Levenshtein.distance(ours, theirs) == 1
