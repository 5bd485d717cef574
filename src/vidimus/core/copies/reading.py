"""The pages of a copy as the comparison takes them: what was read first, and what was witnessed.

typed text, picture       one reading
layer with its picture    two: the layer's words, and the witness that shall confirm them
"""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.copies.compared import SEEN, WITNESSED
from vidimus.core.copies.page import Copy, Page, Source, Word
from vidimus.core.copies.tokens import Token, copy_tokens


@dataclass(frozen=True, slots=True)
class Reading:
    """One page as one of its readers saw it."""

    page: Page
    words: tuple[Word, ...]
    offset: int
    tokens: tuple[Token, ...]
    witness: bool
    bits: int


def readings(copy: Copy) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
    """The copy's pages as they were read, and its layered pages as their pictures show them."""
    main: list[Reading] = []
    witness: list[Reading] = []
    at = seen_at = 0
    for page in copy.pages:
        layered = page.source is Source.LAYER and bool(page.words)
        if page.words:
            tokens = copy_tokens(
                page.words, page, exact=page.source is not Source.PICTURE, offset=at
            )
            bits = SEEN if layered and page.witness else SEEN | WITNESSED
            main.append(Reading(page, page.words, at, tokens, False, bits))
        if page.witness:
            tokens = copy_tokens(page.witness, page, exact=False, offset=seen_at)
            if layered:
                witness.append(Reading(page, page.witness, seen_at, tokens, True, WITNESSED))
            else:
                both = SEEN | WITNESSED
                main.append(Reading(page, page.witness, seen_at, tokens, True, both))
        at += len(page.words)
        seen_at += len(page.witness)
    return tuple(main), tuple(witness)
