"""What comes out when a copy is held against a registered text.

differences   altered, for certain
unread        differs as it was read, and may be a misreading: a doubt
noise         differed as it was read, and the pixels say that it does not
seen          which words of the registered text the copy shows at all

A word of the registered text is seen when the copy has it, or when it is certain that the
copy has another in its place. Words that are missing, words that no page reached and words
still in doubt are not seen; `settle` adds those that the pixels decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.copies.answers import Difference
from vidimus.core.copies.differences import cost
from vidimus.core.copies.shown import Registered

# Fewer words than this are part of too many texts to be called a copy of one.
TOO_SHORT = 5

# Bits of `Comparison.seen`: in what was read first, and in the picture behind a text layer.
SEEN, WITNESSED = 1, 2


@dataclass(frozen=True, slots=True)
class Doubt:
    """A difference read from a picture, before or after the pixels were asked.

    `line` is None when it spans several lines; such a doubt cannot be asked about. Words
    missing where a line ends may have been overlooked on the next, so both are asked.
    """

    difference: Difference
    page: int
    witness: bool
    line: int | None
    also: int | None  # the next line, for words missing between two
    words: tuple[int, int]  # half-open, of the page's words or witness
    tokens: tuple[int, int]  # half-open, of the registered text
    between: bool  # whole lines may have been overlooked here
    confidence: float | None
    cost: float
    asked: bool = False  # the pixels were asked, and did not tell


@dataclass(frozen=True, slots=True)
class Comparison:
    registered: Registered
    differences: tuple[Difference, ...]
    doubts: tuple[Doubt, ...]
    noise: int  # readings dismissed as noise
    furniture: int  # words dismissed as page numbers and the like
    # For each registered word, in order (in scripts without spaces: for each character): was
    # it seen (1) and, behind a layer, witnessed (2)? `places` counts the same words.
    seen: bytes
    copy_words: int
    matched: int
    near: bool  # near enough to be called a copy of this text
    unwitnessed: bool  # a page's own text was believed with no picture beside it

    @property
    def unread(self) -> tuple[Difference, ...]:
        """What may be misread. Nobody may call the copy the same while any is left."""
        return tuple(doubt.difference for doubt in self.doubts)

    @property
    def seen_words(self) -> int:
        return self.seen.count(SEEN | WITNESSED)

    @property
    def of_words(self) -> int:
        return len(self.seen)

    @property
    def whole(self) -> bool:
        """Nothing of the registered text is missing from the copy."""
        return self.seen_words == self.of_words

    @property
    def cost(self) -> float:
        typed = sum(cost(d.registered, d.copy, exact=True) for d in self.differences)
        return typed + sum(doubt.cost for doubt in self.doubts)

    @property
    def distance(self) -> float:
        """0 for not one differing word, 1 for nothing in common."""
        return min(1.0, self.cost / (4.0 * max(1, self.copy_words, self.seen_words)))
