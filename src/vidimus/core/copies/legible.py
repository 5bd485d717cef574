"""How well a picture was read, as a whole: what may be said of it, and what not.

A letter read badly may be one of ours all the same, and a word that seems altered among
many that could not be read may be one more misreading. Both are doubts, not answers.
"""

from __future__ import annotations

from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.differences import once
from vidimus.core.copies.page import Copy, Source

# Pictures read worse than this on the whole (mean confidence of the words) say nothing.
LEGIBLE = 0.45
# To say that a picture shows no text of ours takes more: so much, in so many of its words.
CLEAR, CLEAR_WORD, CLEAR_SHARE = 0.8, 0.6, 0.8
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


def shaky(copy: Copy, comparison: Comparison) -> bool:
    """Was so much unreadable that a word which seems altered is one more misreading?"""
    pictured = all(page.source is Source.PICTURE for page in copy.pages)
    unread = len(once(comparison.unread))
    return pictured and unread >= max(SHAKY, 2 * len(comparison.differences))
