"""A quotation in its context: the sentence that it is taken from, run by run.

The boats Heron and Lapwing  will not enter the Old Basin  between 21:00 and 05:00.
└─ beside ────────────────┘  └─ quoted ─────────────────┘  └─ beside ────────────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from vidimus.core.copies.answers import Difference, Part, Run
from vidimus.core.copies.canonical import words as words_of
from vidimus.core.copies.passage import Passage, boundary, word_range

_BESIDE = 30  # words of the sentence shown on each side
_LONG = 90  # quoted words in a row; of more, the ends are shown
_ENDS = 30


def context(passage: Passage, differences: Sequence[Difference]) -> tuple[Run, ...]:
    """The registered words around and in the passage, and what became of them."""
    tokens, start, stop = passage.tokens, passage.start, passage.stop
    begin, end = start, stop
    while begin > 0 and not boundary(tokens, begin):
        begin -= 1
    while end < len(tokens) and not boundary(tokens, end):
        end += 1
    lo, hi = word_range(passage, (begin, end))
    first, last = word_range(passage, (start, stop))
    lo, hi = max(lo, first - _BESIDE), min(hi, last + _BESIDE)
    words = words_of(passage.registered.text)
    parts: list[tuple[Part, int]] = [
        (Part.QUOTED if first <= at < last else Part.BESIDE, 0) for at in range(lo, hi)
    ]
    copies = [""]
    for each in passage.omissions:
        copies.append(each.instead or "…")
        _paint(parts, lo, word_range(passage, each.at), (Part.OMITTED, len(copies) - 1))
    added: list[tuple[int, str]] = []
    for difference in differences:
        if difference.at[0] == difference.at[1]:
            added.append((difference.at[0] - lo, difference.copy))
            continue
        copies.append(difference.copy)
        _paint(parts, lo, difference.at, (Part.DIFFERS, len(copies) - 1))
    runs: list[Run] = []
    at = 0
    for (part, copy), group in groupby(parts):
        size = len(list(group))
        cuts = sorted({at, at + size, *(place for place, _ in added if at < place < at + size)})
        for left, right in pairwise(cuts):
            runs += [Run(Part.DIFFERS, "", said) for place, said in added if place == left]
            runs += _shown(part, words[lo + left : lo + right], copies[copy])
        at += size
    runs += [Run(Part.DIFFERS, "", said) for place, said in added if place >= at]
    return tuple(runs)


def _paint(
    parts: list[tuple[Part, int]], lo: int, at: tuple[int, int], colour: tuple[Part, int]
) -> None:
    for place in range(max(0, at[0] - lo), min(len(parts), at[1] - lo)):
        parts[place] = colour


def _shown(part: Part, words: Sequence[str], copy: str) -> list[Run]:
    if part is not Part.QUOTED or len(words) <= _LONG:
        return [Run(part, " ".join(words), copy)]
    skipped = len(words) - 2 * _ENDS
    return [
        Run(part, " ".join(words[:_ENDS])),
        Run(Part.SKIPPED, f"{skipped} words"),
        Run(part, " ".join(words[-_ENDS:])),
    ]
