"""Checking a text that quotes letters: each quotation is looked for by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vidimus.core.copies.comparison import compare
from vidimus.core.copies.heard import Heard
from vidimus.core.copies.page import Copy, Source
from vidimus.core.copies.passage import Passage, find, from_comparison
from vidimus.core.copies.quotation import Quote, Quoted
from vidimus.core.copies.recognise import Comparison, nearest, recognise
from vidimus.core.copies.shown import Registered
from vidimus.operations.ports import IndexedText

MOSTLY = 20  # words outside of the marks; fewer are no letter that has quotations in it
HALF = 2  # a picture shows a letter where it shows so great a part of its words
MOST = 24  # quotations looked for in one text

Lookup = Callable[[Copy], tuple[Sequence[IndexedText], bool]]
Hold = Callable[[Copy, Sequence[IndexedText]], tuple[Comparison, ...]]


@dataclass(frozen=True, slots=True)
class Looked:
    """A quotation, the texts that it may be of, and how it compares with them."""

    quote: Quote
    passages: tuple[Passage, ...] = ()
    # Where its words differ and no mark explains it: to be judged as any other copy is.
    comparisons: tuple[Comparison, ...] = ()
    found: Sequence[IndexedText] = ()
    crowded: bool = False

    @property
    def heard(self) -> Heard:
        return Heard((self.quote,), self.quote.body, self.passages, self.crowded)

    @property
    def registered(self) -> tuple[Registered, ...]:
        return tuple(dict.fromkeys(each.registered for each in self.passages))


def is_the_letter(found: Quoted, comparisons: Sequence[Comparison], lookup: Lookup) -> bool:
    """Whether the text is not somebody's who quotes, but a letter that has quotations in it.

    It is where it is a copy without a differing word, or where most of it stands outside of
    the quotation marks and is a copy of a letter by itself. Nor does a paper become somebody
    else's by two marks drawn around the half of its text.
    """
    if comparisons and not any(each.differences or each.unread for each in comparisons):
        return True
    outside = found.outside
    if outside.page.source is Source.PICTURE and any(
        HALF * each.seen_words >= each.of_words for each in comparisons
    ):
        return True
    if len(outside.tokens()) < max(MOSTLY, sum(quote.size for quote in found.quotes)):
        return False
    texts, _ = lookup(outside.copy)
    return bool(recognise(outside.copy, tuple(map(_registered, texts))))


def looked(quote: Quote, lookup: Lookup, hold: Hold) -> Looked:
    """Where this quotation may come from."""
    if not quote.long:
        return Looked(quote)
    texts, crowded = lookup(quote.body.copy)
    known = tuple(map(_registered, texts))
    exact = [each for each in (find(quote, one) for one in known) if each is not None]
    if exact:
        least = min(map(_missing, exact))
        nearest = tuple(each for each in exact if _missing(each) == least)
        return Looked(quote, nearest, (), texts, crowded)
    comparisons = hold(quote.body.copy, texts)
    if not comparisons and quote.marks:
        comparisons = _by_its_longest(quote, known)
    aligned = tuple(from_comparison(quote, each) for each in comparisons)
    plain = not quote.marks and any(each.differences or each.unread for each in comparisons)
    return Looked(quote, aligned, comparisons if plain else (), texts, crowded)


def _by_its_longest(quote: Quote, known: Sequence[Registered]) -> tuple[Comparison, ...]:
    """By the longest run of words that nothing was left out of; the rest is then compared."""
    start, stop = max(quote.segments, key=lambda each: each[1] - each[0])
    likely = nearest(recognise(quote.body.part(start, stop).copy, known))
    return tuple(compare(quote.body.copy, each.registered) for each in likely)


def _missing(passage: Passage) -> int:
    return sum(each.at[1] - each.at[0] for each in passage.omissions)


def _registered(text: IndexedText) -> Registered:
    return Registered(text.letter, text.version, text.language, text.text)
