"""Which registered text a copy is a copy of; the door to the comparison.

    compared = recognise(copy, candidates)             the nearest texts, and what may be as near
    asked = questions(copy, compared[0])               what to read again from the pixels
    settled = settle(copy, compared[0], evidence)      alterations, noise, doubts left
    nearest(all settled)                               the nearest, or a tie, now that more is known

Ties are safer than the wrong version: when the copy does not show the place where two
versions part, or shows it badly, both are returned.
"""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.copies.compared import TOO_SHORT, Comparison, Doubt
from vidimus.core.copies.comparison import compare, compare_read, split
from vidimus.core.copies.page import Copy
from vidimus.core.copies.reading import readings
from vidimus.core.copies.settle import questions, settle
from vidimus.core.copies.shown import Registered

__all__ = [
    "TOO_SHORT",
    "Comparison",
    "Doubt",
    "Registered",
    "compare",
    "nearest",
    "questions",
    "recognise",
    "settle",
    "split",
]

_LONGER = 4  # a text's letters on one page; three fifths of the copy must match
_MARGIN = 1.0  # one letter that reading does not confuse
# Before the pixels were asked: whether a 4 is a 9 is a question of one text alone, that with 9.
_ASKED = 2.5


def recognise(
    copy: Copy, candidates: Sequence[Registered], furniture: Sequence[str] = ()
) -> tuple[Comparison, ...]:
    """The nearest texts, nearest first; () when none is near enough to be called its original.

    `nearest` tells which of them are, after the pixels were asked, or where they cannot be.
    """
    read = readings(copy)
    letters = sum(len(token.key) for one in read[0] for token in one.tokens)
    # A copy many times as long as a text cannot be near it, whatever it repeats: a page
    # matches each word of the text once.
    most = _LONGER * max(1, len(copy.pages))
    compared = (
        compare_read(copy, read, candidate, furniture)
        for candidate in candidates
        if letters <= most * len(candidate.text)
    )
    return _within([comparison for comparison in compared if comparison.near], _ASKED)


def nearest(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Those that cannot be told from the nearest. Among equals, the whole text comes first."""
    return _within(comparisons, _MARGIN)


def _within(comparisons: Sequence[Comparison], reach: float) -> tuple[Comparison, ...]:
    ranked = sorted(
        ((comparison.cost, comparison) for comparison in comparisons),
        key=lambda pair: (pair[0], not pair[1].whole, -pair[1].seen_words),
    )
    if not ranked:
        return ()
    least, first = ranked[0]
    kept = []
    for cost, comparison in ranked:
        margin = reach if comparison.doubts or first.doubts else 0.0
        if cost == least or cost < least + margin:
            kept.append(comparison)
    return tuple(kept)
