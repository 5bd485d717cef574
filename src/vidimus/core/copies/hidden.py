"""Text hidden under the picture of a page: does it say something else than the picture?

Scanned PDFs carry the scanner's own reading, invisible, to be searched. It is full of
misreadings, so it is neither compared strictly nor believed; the picture alone is judged.
But it is also what is copied out of the file and read aloud, so a copy whose hidden text
says another number, another name or “not” is in doubt, whatever the picture shows.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.comparison import compare, places
from vidimus.core.copies.differences import folded
from vidimus.core.copies.page import Copy, Page, Source, Word
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.tokens import Token, registered_tokens
from vidimus.core.copies.words import MODALS, NEGATIONS

# Of the letters of a word, how many a scanner may misread before it is another word.
MISREAD = 0.34
SERIOUS = frozenset({Kind.NEGATION, Kind.MODAL})


# Unicode's directional formatting (UAX 9). In a text that runs one way throughout, some of it
# changes nothing that is seen; the rest makes 14 look like 41, or changes two numbers about.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_IDLE_FROM_LEFT = frozenset("\u200e\u202a\u202c\u202d\u2066\u2068\u2069")
_IDLE_FROM_RIGHT = frozenset("\u061c\u200f")


def shown_turned(copy: Copy, registered: Registered) -> bool:
    """Whether typed text holds signs that show its words in another order than they stand in.

    The canonical text leaves them out, so the words alone would not tell. The registered
    text's own are no surprise.
    """
    found = {
        sign
        for page in copy.pages
        if page.source is Source.TYPED
        for word in page.words
        for sign in _DIRECTIONS.intersection(word.text)
    }
    if not found:
        return False
    ways = {unicodedata.bidirectional(c) for c in registered.text}
    left, right = "L" in ways, not ways.isdisjoint(("R", "AL"))
    idle = frozenset() if left and right else _IDLE_FROM_RIGHT if right else _IDLE_FROM_LEFT
    return not found <= idle.union(registered.text)


def hidden_says_otherwise(copy: Copy, seen: bytes, registered: Registered) -> Difference | None:
    """The first word of the hidden text that no misreading explains.

    `seen` marks the registered words that the picture shows (`Comparison.seen`).
    """
    pages = tuple(_as_typed(page) for page in copy.pages if page.hidden)
    if not pages:
        return None
    hidden = Copy("text", pages)
    said = compare(hidden, registered)
    return next((each for each in said.differences if not _misread(each)), None) or _left_out(
        hidden, said, seen, registered
    )


def _left_out(
    hidden: Copy, said: Comparison, seen: bytes, registered: Registered
) -> Difference | None:
    """A weighty word of the picture that the hidden text leaves out, or pages in disorder."""
    tokens = registered_tokens(registered.text)
    for at, token in enumerate(tokens):
        if at < len(seen) and seen[at] and not said.seen[at] and _weighty(token):
            return Difference(Kind.MISSING, token.text, "", (at, at + 1), (0, 0))
    shown = [each for each in places(hidden, registered) if each[1] > each[0]]
    for (_, stop), (start, _) in pairwise(shown):
        if start < stop:
            return Difference(Kind.ADDED, "", "the words of another page", (start, stop), (0, 0))
    return None


def _weighty(token: Token) -> bool:
    return (
        token.key in NEGATIONS or token.key in MODALS or any(each.isdigit() for each in token.key)
    )


def _as_typed(page: Page) -> Page:
    words = tuple(Word(word.text, word.line) for word in page.hidden)
    return Page(page.number, Source.TYPED, words)


def _misread(difference: Difference) -> bool:
    # A digit is never taken for another one here: 6 and 8 are one class to the eye only.
    if any(each.isdigit() for each in difference.registered + difference.copy):
        return False
    ours, theirs = folded(difference.registered), folded(difference.copy)
    if ours == theirs:
        return True
    if difference.kind in SERIOUS or not ours or not theirs:
        return not ours and not any(each.isalnum() for each in difference.copy)
    return Levenshtein.distance(ours, theirs) <= MISREAD * max(len(ours), len(theirs))
