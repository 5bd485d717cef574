"""Where a quotation stands in a registered text, and what of it was left out.

    registered   The boats may anchor at the eastern buoys for up to 48 hours, and they must …
    quotation    “The boats may anchor … for up to 48 hours”
    passage      words 0-4 and 8-13 shown · 4-8 left out · the sentence goes on

A quotation whose words stand there one by one is found by looking for them; any other one is
aligned, as every copy is, and its dots and brackets are weighed against what is missing. See
spec/matching.md, section 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from vidimus.core.copies.alignment import Cell, align
from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.canonical import words as words_of
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.differences import difference, kind_of, names_in
from vidimus.core.copies.quotation import LIMITS, Mark, Quote, Stretch, serious
from vidimus.core.copies.sameness import same
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.tokens import Token, registered_tokens
from vidimus.core.copies.units import equal
from vidimus.core.copies.words import NEGATIONS

LEFT_OUT = "…"  # what an alteration has in the copy where words were left out
_REPLACED = 6  # words that a word in brackets may stand for
_PLACES = 200  # of a first word that are tried
_STOP = re.compile(r"\.[\"'”’»]*$")
_NEAR = 8  # words almost in a row outside of the marks that are the letter's, quoted or not
_NEAR_GRAVE = 5  # and where a number or a “not” differs
_GAP = 4  # how much any gap weighs against them, at most


@dataclass(frozen=True, slots=True)
class Omission:
    """Registered words, as tokens, that the quotation leaves out or puts other words for."""

    at: tuple[int, int]
    place: int  # in the quotation's words: it is missing before this one
    instead: str = ""  # the word in brackets; "" for dots
    kind: Kind | None = None  # of the gravest word left out; None where no sense hangs on them
    inside: bool = False  # what stands before and behind is read as one sentence


@dataclass(frozen=True, slots=True)
class Passage:
    """One quotation in one registered text."""

    registered: Registered
    tokens: tuple[Token, ...]
    seen: bytes  # per token
    differences: tuple[Difference, ...] = ()  # `copy_at` counts the quotation's words
    unread: tuple[Difference, ...] = ()
    omissions: tuple[Omission, ...] = ()

    @property
    def start(self) -> int:
        return self.seen.find(1)

    @property
    def stop(self) -> int:
        return self.seen.rfind(1) + 1

    @property
    def shown(self) -> int:
        return self.seen.count(1)

    @property
    def whole(self) -> bool:
        return self.shown == len(self.tokens)

    @property
    def unbroken(self) -> bool:
        """Nothing between its first word and its last is missing without being named."""
        named = bytearray(self.seen)
        for each in self.omissions:
            named[slice(*each.at)] = b"\x01" * (each.at[1] - each.at[0])
        return all(named[self.start : self.stop])


def find(quote: Quote, registered: Registered, after: int = 0) -> Passage | None:
    """The passage that has the quotation's words, one by one and in their order.

    The first there is, or the first from token `after` on.
    """
    tokens = registered_tokens(registered.text)
    found = _find(quote, tokens, after)
    last = quote.body.words[-1].text
    stop = _STOP.search(last)
    if found is None and stop is not None and stop.start():
        # Many papers set their full stop before the mark, whatever the sentence does.
        end = replace(quote.body.words[-1], text=last[: stop.start()])
        unstopped = replace(quote, body=replace(quote.body, words=(*quote.body.words[:-1], end)))
        found = _find(unstopped, tokens, after)
    if found is None:
        return None
    seen = bytearray(len(tokens))
    for lo, hi in found:
        seen[lo:hi] = b"\x01" * (hi - lo)
    passage = Passage(registered, tokens, bytes(seen))
    omissions = [
        omission(tokens, (before[1], behind[0]), segment[0], _instead(quote, segment[0]))
        for (before, behind), segment in zip(pairwise(found), quote.segments[1:], strict=True)
        if before[1] < behind[0]
    ]
    return replace(passage, omissions=tuple(omissions))


def from_comparison(quote: Quote, comparison: Comparison) -> Passage:
    """The passage that an alignment found, with the words of marks taken for what they are."""
    tokens = registered_tokens(comparison.registered.text)
    keys = [token.key for token in tokens]
    left: list[Difference] = []
    omissions: list[Omission] = []
    seen = bytearray(1 if bits else 0 for bits in comparison.seen)
    unread: list[Difference] = []
    for each in (*comparison.differences, *comparison.unread):
        marked = _marked(quote, tokens, keys, each)
        if marked is None:
            (left if each in comparison.differences else unread).append(each)
            continue
        (was, now), mark = marked
        seen[slice(*was)] = b"\x01" * (was[1] - was[0])
        seen[slice(*now)] = bytes(now[1] - now[0])
        omissions.append(omission(tokens, now, mark.at, "" if mark.left_out else mark.text))
    omissions.sort(key=lambda each: each.at)
    return Passage(
        comparison.registered, tokens, bytes(seen), tuple(left), tuple(unread), tuple(omissions)
    )


def omission(
    tokens: Sequence[Token], at: tuple[int, int], place: int, instead: str = ""
) -> Omission:
    """What it means that these words are missing before the quotation's word `place`."""
    gone = tokens[slice(*at)]
    grave = serious(gone) or tuple(t for t in gone if t.key in LIMITS)
    inside = not boundary(tokens, at[0]) and not boundary(tokens, at[1])
    kind = None
    if inside and not in_one_sentence(tokens, *at):
        # The halves of two sentences are made one: that may say anything.
        kind, inside = Kind.MISSING, False
    if grave:
        negations = [t for t in grave if t.key in NEGATIONS]
        place = tokens.index((negations or grave)[0])
        kind = kind_of(tokens, (), place, place + 1, 0, 0, names_in(tokens))
        kind = Kind.NEGATION if negations else kind
    return Omission(at, place, instead, kind, inside)


def joined(before: Passage, after: Passage, place: int) -> Passage:
    """Two quotations of one text that are read as one; `place`: the words of the first.

    What is missing between the two is left out, dots or not.
    """
    seen = bytes(a | b for a, b in zip(before.seen, after.seen, strict=True))
    moved = [replace(each, place=each.place + place) for each in after.omissions]
    at = (before.stop, after.start)
    gap = [omission(before.tokens, at, place)] if at[0] < at[1] else []
    return replace(before, seen=seen, omissions=(*before.omissions, *gap, *moved))


def in_one_sentence(tokens: Sequence[Token], start: int, stop: int) -> bool:
    return not any(boundary(tokens, place) for place in range(start, stop + 1))


def said(passage: Passage, at: tuple[int, int]) -> str:
    """These tokens as the registered text has them."""
    lo, hi = word_range(passage, at)
    return " ".join(words_of(passage.registered.text)[lo:hi])


def word_range(passage: Passage, at: tuple[int, int]) -> tuple[int, int]:
    """The same place in the words of the canonical text, which every report counts."""
    tokens, (lo, hi) = passage.tokens, at
    if lo >= hi:
        place = tokens[lo].at if lo < len(tokens) else tokens[-1].to if tokens else 0
        return place, place
    return tokens[lo].at, tokens[hi - 1].to


def altered(passage: Passage, found: Omission) -> Difference:
    """An omission as the alteration that it is: “not” stands there, and dots here."""
    made = difference(found.kind or Kind.MISSING, passage.tokens, (), *found.at, 0, 0)
    return replace(made, copy=found.instead or LEFT_OUT, copy_at=(found.place, found.place))


def paragraph(passage: Passage) -> int:
    """In which paragraph of the registered text it begins, from 1."""
    lines = passage.registered.text.splitlines()
    before = passage.tokens[passage.start].line
    count, blank = 0, True
    for line in lines[: before + 1]:
        count += bool(line.strip()) and blank
        blank = not line.strip()
    return max(1, count)


def unquoted(ours: Sequence[Token], stretch: Stretch) -> Iterator[tuple[int, int]]:
    """Where words outside of the marks are nearly the letter's, and not all of them are.

    As ranges of the stretch's words: eight almost in a row, and among them one that differs;
    or five, and one on which the sense hangs differs.
    """
    theirs = stretch.tokens()
    if len(theirs) < _NEAR_GRAVE:
        return
    score = best = first = last = 0
    differs, pending = 0, 0  # 1: in a word; 2: in one on which the sense hangs
    end = Cell(0, _GAP * len(theirs), 0, 0)
    for cell in (*align([t.key for t in ours], [t.key for t in theirs]).cells, end):
        if cell is not end and equal(ours, theirs, cell):
            if not score:
                first, differs, pending, best = cell.c0, 0, 0, 0
            score += cell.c1 - cell.c0
            if score >= best:
                best, last, differs, pending = score, cell.c1, max(differs, pending), 0
            continue
        some = (*ours[cell.r0 : cell.r1], *theirs[cell.c0 : cell.c1])
        pending = max(pending, 1 + bool(serious(some)))
        gap = max(cell.r1 - cell.r0, cell.c1 - cell.c0)
        score -= gap if cell is end else min(_GAP, gap)
        if score <= 0:
            if best >= (_NEAR, _NEAR, _NEAR_GRAVE)[differs] and differs:
                yield theirs[first].at, theirs[last - 1].to
            score = best = 0


def _find(quote: Quote, tokens: Sequence[Token], after: int) -> list[tuple[int, int]] | None:
    """Token ranges for the segments, in order, with as little between them as can be."""
    segments = quote.segments
    runs = [quote.body.tokens(*segment) for segment in segments]
    if not runs or not all(runs):
        return None
    places: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        places.setdefault(token.key, []).append(at)
    # The best way to have ended at each place, as (words between so far, ranges).
    ways: list[tuple[int, list[tuple[int, int]]]] = []
    for i, run in enumerate(runs):
        starts = places.get(run[0].key, [])[:_PLACES]
        fits = [at for at in starts if at >= after and _stands(tokens, at, run)]
        following = []
        for at in fits:
            if not i:
                following.append((0, [(at, at + len(run))]))
                continue
            before = [(gap + at - way[-1][1], way) for gap, way in ways if way[-1][1] <= at]
            if not _dots(quote, segments[i][0]):
                before = [(gap, way) for gap, way in before if at - way[-1][1] <= _REPLACED]
            if before:
                gap, way = min(before, key=lambda each: each[0])
                following.append((gap, [*way, (at, at + len(run))]))
        ways = following
    return min(ways, key=lambda each: each[0])[1] if ways else None


def _stands(tokens: Sequence[Token], at: int, run: Sequence[Token]) -> bool:
    if at + len(run) > len(tokens):
        return False
    pairs = zip(tokens[at : at + len(run)], run, strict=True)
    return all(a.key == b.key and same(a, b) for a, b in pairs)


def _dots(quote: Quote, at: int) -> bool:
    return any(mark.at == at and mark.left_out for mark in quote.marks)


def _instead(quote: Quote, at: int) -> str:
    return next((m.text for m in quote.marks if m.at == at and not m.left_out), "")


def _marked(
    quote: Quote, tokens: Sequence[Token], keys: Sequence[str], found: Difference
) -> tuple[tuple[tuple[int, int], tuple[int, int]], Mark] | None:
    """The missing tokens as they were aligned, as moved to a mark, and the mark that they are at.

    “The boats … the buoys”: which of the two “the” is the missing one, no alignment can know.
    """
    if found.copy or found.at[0] == found.at[1]:
        return None
    inside = [i for i, t in enumerate(tokens) if t.at < found.at[1] and t.to > found.at[0]]
    if not inside:
        return None
    lo, hi, at = inside[0], inside[-1] + 1, found.copy_at[0]
    most = min(hi - lo, 8)
    for step in (0, *(sign * n for n in range(1, most + 1) for sign in (-1, 1))):
        if step < 0 and keys[lo + step : lo] != keys[hi + step : hi]:
            continue
        if step > 0 and keys[lo : lo + step] != keys[hi : hi + step]:
            continue
        for mark in quote.marks:
            if mark.at == at + step and (mark.left_out or hi - lo <= _REPLACED):
                return ((lo, hi), (lo + step, hi + step)), mark
    return None


def boundary(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sentence begins at this token: one ends before it, or an empty line is there."""
    if at <= 0 or at >= len(tokens):
        return True
    before = tokens[at - 1]
    return before.stop or before.question > 0 or before.line + 1 < tokens[at].line
