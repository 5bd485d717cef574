"""A copy's pages, without their furniture, each where it stands in the registered text.

A page with enough words of the text has a place of its own; one with fewer, such as a
signature alone, goes with the page before it. But not where the page between them is missing:
words that stand in one place of the text alone, and on no other page, are there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vidimus.core.copies.alignment import Alignment, Cell, align
from vidimus.core.copies.differences import WEIGHTY, names_in
from vidimus.core.copies.furniture import belongs, line_key, without_furniture, without_lines
from vidimus.core.copies.page import Source
from vidimus.core.copies.reading import Reading
from vidimus.core.copies.sameness import same, same_spaced
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.tokens import Token, registered_tokens

_OWN_PLACE = 8  # words by which a page is placed by itself; with fewer it goes with its neighbour
_NOT_BY_CHANCE = 2  # … unless these few stand so in one place alone


@dataclass(frozen=True, slots=True)
class Text:
    """A registered text, as everything on a copy is held against it."""

    registered: Registered
    tokens: tuple[Token, ...]
    keys: tuple[str, ...]
    names: frozenset[str]
    joined: str
    ours: frozenset[str] = frozenset()  # what we print on every paper of it, as keys


@dataclass(frozen=True, slots=True)
class Unit:
    """Pages that are aligned together: one that has a place of its own, and those without."""

    tokens: tuple[Token, ...]
    readings: dict[int, Reading]
    alignment: Alignment


def units(
    text: Text, read: Sequence[Reading], pages: int, allowed: frozenset[str]
) -> Iterable[Unit]:
    keys = text.keys
    parts: list[tuple[tuple[Token, ...], Reading]] = []
    for one in read:
        tokens = text_alone(text, one, pages, allowed)
        if tokens:
            parts.append((tokens, one))
    if len(parts) == 1:
        tokens, one = parts[0]
        yield Unit(tokens, {one.page.number: one}, align(keys, [t.key for t in tokens]))
        return
    groups: list[list[tuple[tuple[Token, ...], Reading]]] = []
    placed: list[Alignment | None] = []
    homeless: list[tuple[tuple[Token, ...], Reading]] = []
    alignments = [align(keys, [t.key for t in tokens]) for tokens, _ in parts]
    own = [
        matched >= _OWN_PLACE and 2 * matched >= len(tokens)
        for (tokens, _), alone in zip(parts, alignments, strict=True)
        for matched in (sum(equal(text.tokens, tokens, cell) for cell in alone.cells),)
    ]
    taken = [a for a, has in zip(alignments, own, strict=True) if has]
    end = -1  # of the words of the page before
    for (tokens, one), alone, has in zip(parts, alignments, own, strict=True):
        follows = alone.start == end
        end = alone.end
        apart = not follows and _there_alone(text, tokens, alone, taken)
        if apart:
            taken.append(alone)
        if has or apart:
            groups.append([*homeless, (tokens, one)])
            placed.append(None if homeless else alone)
            homeless = []
        elif groups:
            groups[-1].append((tokens, one))
            placed[-1] = None
        else:
            homeless.append((tokens, one))
    if homeless:
        groups.append(homeless)
        placed.append(None)
    for group, alignment in zip(groups, placed, strict=True):
        together = tuple(token for tokens, _ in group for token in tokens)
        yield Unit(
            together,
            {one.page.number: one for _, one in group},
            alignment or align(keys, [t.key for t in together]),
        )


def _there_alone(
    text: Text, tokens: Sequence[Token], found: Alignment, taken: Sequence[Alignment]
) -> bool:
    """Whether a few words stand so in one place of the text, and no other page is near it."""
    words = text.keys[found.start : found.end]
    run = all(equal(text.tokens, tokens, cell) for cell in found.cells)
    once = text.joined.count(f" {' '.join(words)} ") == 1
    free = all(found.end <= each.start or each.end <= found.start for each in taken)
    return run and once and free and len(words) >= _NOT_BY_CHANCE


def text_alone(text: Text, one: Reading, pages: int, allowed: frozenset[str]) -> tuple[Token, ...]:
    """A page's tokens without page numbers and the like, unless these may belong to the text."""
    keys = text.keys
    allowed |= text.ours
    kept, removed = without_furniture(one.tokens, one.words, one.page, pages, text.joined, allowed)
    if not removed:
        return kept
    typed = one.page.source is Source.TYPED
    cells = [c for c in align(keys, [t.key for t in kept]).cells if c.c0 < c.c1]
    begins, ends = [cell.c0 for cell in cells], [cell.c1 for cell in cells]
    ours = set()
    for line in removed:
        above, below = bisect_right(ends, line.at) - 1, bisect_left(begins, line.at)
        before = cells[above].r1 if above >= 0 else -1
        after = cells[below].r0 if below < len(cells) else -1
        if belongs(line, keys, before, after):
            continue
        if typed and _runs_on(text.tokens, before, after):
            continue
        ours.add(line.line)
    return without_lines(one.tokens, ours)[0]


def _runs_on(ours: Sequence[Token], before: int, after: int) -> bool:
    """Whether a sentence goes on between these places, as far as anybody can tell."""
    place = before if before >= 0 else after
    if not 0 < place < len(ours):
        return False
    last = ours[place - 1]
    return not (last.stop or last.question or (last.ends and last.fresh))


def text_of(registered: Registered) -> Text:
    tokens = registered_tokens(registered.text)
    keys = tuple(token.key for token in tokens)
    ours = allowed_lines(registered.printed)
    return Text(registered, tokens, keys, names_in(tokens), f" {' '.join(keys)} ", ours)


def equal(ours: Sequence[Token], theirs: Sequence[Token], cell: Cell) -> bool:
    """Whether a cell's words say the same on both sides."""
    a, b = ours[cell.r0 : cell.r1], theirs[cell.c0 : cell.c1]
    if len(a) == len(b) == 1:
        return a[0].key == b[0].key and same(a[0], b[0])
    if not a or not b or "".join(t.key for t in a) != "".join(t.key for t in b):
        return False
    return same_spaced(a, b, WEIGHTY)


def allowed_lines(furniture: Sequence[str]) -> frozenset[str]:
    """Lines that we print on every copy, in the form in which a copy's lines are compared."""
    return frozenset(line_key(registered_tokens(line)) for line in furniture)
