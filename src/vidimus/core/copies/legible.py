"""How well a picture was read, as a whole: what may be said of it, and what not.

A letter read badly may be one of ours all the same, and a word that seems altered among
many that could not be read may be one more misreading. Both are doubts, not answers.
"""

from __future__ import annotations

from vidimus.core.copies.answers import Difference
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.differences import once
from vidimus.core.copies.page import Copy, Source

# Pictures read worse than this on the whole (mean confidence of the words) say nothing.
LEGIBLE = 0.45
# To say that a picture shows no text of ours takes more: so much, in so many of its words.
CLEAR, CLEAR_WORD, CLEAR_SHARE = 0.8, 0.6, 0.8
FALLBACK = "rapidocr"  # reads a page that Tesseract could not
# An alteration among so many places that could not be read is one more of them. Tesseract
# mixes the lines of such a page; the fallback finds them first, and reads on until it fails.
SHAKY = 4
FAILING = 0.2  # of a page's words


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

    On a page full of doubts a word that seems altered is one more of them.
    """
    altered, unread = once(comparison.differences), once(comparison.unread)
    if not all(page.source is Source.PICTURE for page in copy.pages):
        return altered, unread
    if len(unread) < max(SHAKY, 2 * len(altered)):
        return altered, unread
    lined = {page.number for page in copy.pages if page.engine == FALLBACK}
    if len(unread) > FAILING * comparison.seen_words:
        lined = set()
    told = tuple(each for each in altered if each.page in lined)
    return told, (*(each for each in altered if each not in told), *unread)
