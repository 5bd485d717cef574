"""Which registered text a copy is a copy of; the door to the comparison.

    compared = recognise(copy, candidates)             the nearest texts, and what may be as near
    asked = questions(copy, compared[0])               what to read again from the pixels
    settled = settle(copy, compared[0], evidence)      alterations, noise, doubts left
    nearest(all settled)                               the nearest, or a tie, now that more is known

Ties are safer than the wrong version: when the copy does not show the place where two
versions part, or shows it badly, both are returned, the likelier first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vidimus.core.copies.compared import TOO_SHORT, Comparison, Doubt
from vidimus.core.copies.comparison import compare, compare_read, split
from vidimus.core.copies.misreading import MARKS, WORD, unlikelihood
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
# Letters that hardly more than a confusion tells apart from those of the likeliest text.
_MARGIN = 1.0
# Before the pixels were asked: whether a 4 is a 9 is a question of one text alone, that with 9.
_ASKED = 2.5
# Natural logarithm of how much likelier a version must be than another to be named without it:
# more than a letter of its shape weighs, where much was misread, for then that is misread too.
# (Measured with `python -m bench finding`, tuning seeds: fewer than 1 copy in 1,000 is called
# another version's than its own, unless the very word was altered in which the two differ.)
_LIKELIER, _LIKELIER_POORLY = 3.5, 4.75
_POORLY = 1 / 3  # of the words; one letter in twenty misread is a word in four

_Place = tuple[str, str, tuple[int, int], int, bool]


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
    """Those that cannot be told from the likeliest, which comes first.

    Among equals, the whole text does.
    """
    near = _within(comparisons, _ASKED)
    places = [{_place(doubt) for doubt in each.doubts} for each in near]
    shared = set.intersection(*places) if places else set()
    # Sorting keeps the order of those that are equally likely.
    ranked = sorted(
        ((_unlikelihood(each, shared), each) for each in near), key=lambda pair: pair[0]
    )
    if not ranked:
        return ()
    least, first = ranked[0]
    return tuple(
        each
        for unlikely, each in ranked
        if unlikely == least or unlikely < least + _reach(first, each)
    )


def _reach(first: Comparison, other: Comparison) -> float:
    """How much less likely another text than the first may be, and be named beside it."""
    if not (first.doubts or other.doubts):
        return 0.0
    if other.cost >= first.cost + _MARGIN:
        return _LIKELIER
    if not (first.doubts or first.differences):
        # This copy may stand; so a letter that reading confuses never makes it one text's alone.
        return math.inf
    poorly = len(first.doubts) > _POORLY * first.copy_words
    return _LIKELIER_POORLY if poorly else _LIKELIER


def _unlikelihood(comparison: Comparison, shared: set[_Place]) -> float:
    """What the text must have suffered to be read so, but for what all others share."""
    altered = sum(
        WORD * max(len(each.registered.split()), len(each.copy.split()))
        for each in comparison.differences
    )
    own = (doubt for doubt in comparison.doubts if _place(doubt) not in shared)
    return altered + sum(_misread(doubt) for doubt in own)


def _misread(doubt: Doubt) -> float:
    unlikely = unlikelihood(doubt.difference.registered, doubt.difference.copy)
    # Whether it is this letter or one of its shape, the pixels did not tell; then nothing does.
    return min(unlikely, MARKS) if doubt.asked and doubt.cost < 1 else unlikely


def _place(doubt: Doubt) -> _Place:
    """The same for two texts that have the same words where the copy has others."""
    found = doubt.difference
    return found.registered, found.copy, found.copy_at, doubt.page, doubt.witness


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
