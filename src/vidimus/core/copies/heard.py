"""Quotations as they are read: each with the passages that it may be of, and some as one.

“The boats will,” the letter said, “not enter the basin.”
 └────────────── one sentence, of one passage ─────────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vidimus.core.copies import passage as passages
from vidimus.core.copies.answers import Answer
from vidimus.core.copies.cut import NOTHING
from vidimus.core.copies.doubts import SMALLEST_PART
from vidimus.core.copies.passage import Passage
from vidimus.core.copies.quotation import Quote, Quoted, Stretch

_SENTENCE = 8  # words between two quotations that are still read as one sentence
_LONG = 40  # and where both are of one sentence of the letter


@dataclass(frozen=True, slots=True)
class Heard:
    """One quotation, or several that are read as one, and where it may be registered."""

    quotes: tuple[Quote, ...]
    stretch: Stretch  # its words, those of several one after the other
    passages: tuple[Passage, ...]
    crowded: bool = False
    # Compared as any copy is: with words that differ and no mark in it.
    judged: Answer | None = None
    before: Stretch = NOTHING  # what stands outside of the marks
    after: Stretch = NOTHING

    @property
    def words(self) -> int:
        return sum(quote.size for quote in self.quotes)

    @property
    def long(self) -> bool:
        return self.words >= SMALLEST_PART

    @property
    def exact(self) -> bool:
        return bool(self.passages) and not any(
            each.differences or each.unread for each in self.passages
        )


def merged(found: Quoted, heard: Sequence[Heard]) -> tuple[Heard, ...]:
    """Quotations that a few words part, read as the one sentence that they are.

    “The boats will,” the letter said, “not enter the basin.” The short ones are looked for
    beside the others; what they leave out between them is left out, as by dots.
    """
    kept: list[Heard] = []
    for at, one in enumerate(heard):
        each = replace(one, before=found.around[at], after=found.around[at + 1])
        before = kept[-1] if kept else None
        around = found.around[at]
        if before is None or not one_sentence(before.quotes[-1], around, _LONG):
            kept.append(each)
            continue
        both = _both(before, each, near=one_sentence(before.quotes[-1], around))
        if both is None:
            kept.append(each)
        else:
            kept[-1] = both
    return tuple(kept)


def one_sentence(before: Quote, around: Stretch, most: int = _SENTENCE) -> bool:
    """Whether what follows is read on from this quotation, with these words between."""
    if before.ended or len(around.tokens()) > most:
        return False
    ends = (".", "!", "?", "؟", "。")
    return not any(word.text.rstrip("\"'”’»").endswith(ends) for word in around.words)


def _both(before: Heard, after: Heard, near: bool) -> Heard | None:
    """The two as one, in every text that has both in this order; None where none has."""
    if any(each.judged is not None for each in (before, after)):
        return None
    pairs: list[tuple[Passage, Passage]] = []
    if before.exact and after.exact:
        texts = {each.registered: each for each in before.passages}
        pairs = [(texts[p.registered], p) for p in after.passages if p.registered in texts]
    elif before.exact and not after.passages and len(after.quotes) == 1:
        for first in before.passages:
            behind = passages.find(after.quotes[0], first.registered, first.stop)
            pairs += [(first, behind)] if behind is not None else []
    elif after.exact and not before.passages and len(before.quotes) == 1:
        for second in after.passages:
            ahead = _ending_at(before.quotes[0], second)
            pairs += [(ahead, second)] if ahead is not None else []
    pairs = [
        (first, second)
        for first, second in pairs
        if first.stop <= second.start
        and not passages.boundary(first.tokens, first.stop)
        and (near or passages.in_one_sentence(first.tokens, first.stop, second.start))
    ]
    if not pairs:
        return None
    place = len(before.stretch.words)
    return Heard(
        (*before.quotes, *after.quotes),
        Stretch(
            (*before.stretch.words, *after.stretch.words),
            (*before.stretch.places, *after.stretch.places),
            before.stretch.page,
        ),
        tuple(passages.joined(first, second, place) for first, second in pairs),
        before.crowded or after.crowded,
        before=before.before,
        after=after.after,
    )


def _ending_at(quote: Quote, before: Passage) -> Passage | None:
    """The last place of a short quotation before a passage of the same text."""
    best, after = None, 0
    while True:
        found = passages.find(quote, before.registered, after)
        if found is None or found.stop > before.start:
            return best
        best, after = found, found.start + 1
