"""A copy held against one registered text, word by word.

    typed text, a PDF's own text   exact: every differing word is an alteration
    a picture, a PDF's witness     noisy: every differing word is a doubt, until `settle` has
                                   looked at the pixels again

A PDF with a text layer is compared twice, by its layer and by its picture: what one of them
hides, the other shows. Pages are aligned one by one, so they may come in any order and some
may be missing; what no page shows was not seen, and is no alteration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance import Levenshtein

from vidimus.core.copies.alignment import Cell, align, align_whole
from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.compared import (
    SEEN,
    TOO_SHORT,
    WITNESSED,
    Comparison,
    Doubt,
)
from vidimus.core.copies.differences import cost, difference, kind_of, names_in
from vidimus.core.copies.page import Copy, Source
from vidimus.core.copies.reading import Reading, readings
from vidimus.core.copies.sameness import same_joints, same_word
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.tokens import Token, registered_tokens
from vidimus.core.copies.units import Text, Unit, allowed_lines, equal, text_alone, text_of, units

_RUN = 8  # words matched almost in a row that make a copy
_SHARE = 0.6  # of the copy's words that must match
_CUT = 0.015  # of the page's width: a word this near the picture's edge may be cut off by it
_SIGNS = "$€£¥₽₹₪%‰‱٪°#"


def compare(copy: Copy, registered: Registered, furniture: Sequence[str] = ()) -> Comparison:
    """Hold a copy against a text. `furniture`: lines that we print on every copy of it."""
    return compare_read(copy, readings(copy), registered, furniture)


def compare_read(
    copy: Copy,
    read: tuple[tuple[Reading, ...], tuple[Reading, ...]],
    registered: Registered,
    furniture: Sequence[str] = (),
) -> Comparison:
    """`compare`, for several texts in turn without reading the copy's words anew."""
    allowed = allowed_lines(furniture)
    text = text_of(registered)
    found = _Found(text, bytearray(len(text.tokens)), bytearray(len(text.tokens)))
    main, witness = read
    _hold(found, main, len(copy.pages), allowed)
    near, copy_words, matched = found.near(), found.copy_words, found.matched
    if witness:
        found.copy_words = found.matched = 0
        found.runs = []
        _hold(found, witness, len(copy.pages), allowed)
        if not found.near():
            # What the picture shows is something else, so it is no witness to any word.
            found.seen = bytearray(bits & ~WITNESSED for bits in found.seen)
            found.spaced = bytearray(len(found.spaced))
        near = near or found.near()
    _settle_spaces(found)
    return Comparison(
        registered=registered,
        differences=tuple(found.differences),
        doubts=tuple(found.doubts),
        noise=found.noise,
        furniture=found.furniture,
        seen=bytes(found.seen),
        copy_words=copy_words,
        matched=matched,
        near=near,
        unwitnessed=any(
            page.source is Source.LAYER and page.words and not page.witness for page in copy.pages
        ),
    )


def places(
    copy: Copy, registered: Registered, furniture: Sequence[str] = ()
) -> tuple[tuple[int, int], ...]:
    """For each page that has words, in order: which registered words it shows by itself.

    Half-open, from the first word that it shows to the last, in the words of
    `Comparison.seen`; (0, 0) for a page that shows none. A page is aligned alone, so a range
    says nothing of the pages beside it: ranges out of order, overlapping, or with words
    between them that no page shows, are for the caller to judge.
    """
    allowed = allowed_lines(furniture)
    return places_read(text_of(registered), readings(copy)[0], len(copy.pages), allowed)


def places_read(
    text: Text, read: Sequence[Reading], pages: int, allowed: frozenset[str] = frozenset()
) -> tuple[tuple[int, int], ...]:
    """`places`, without reading the copy's words and the text's anew."""
    ranges = []
    for one in read:
        tokens = text_alone(text, one, pages, allowed)
        cells = align(text.keys, [t.key for t in tokens]).cells
        shown = [cell for cell in cells if equal(text.tokens, tokens, cell)]
        ranges.append((shown[0].r0, shown[-1].r1) if shown else (0, 0))
    return tuple(ranges)


def split(a: Registered, b: Registered) -> tuple[Difference, ...]:
    """Where two versions differ: `registered` as in `a`, `copy` as in `b`."""
    ours, theirs = registered_tokens(a.text), registered_tokens(b.text)
    names = names_in(ours)
    cells = align_whole([t.key for t in ours], [t.key for t in theirs]).cells
    found = []
    for cell in cells:
        if not equal(ours, theirs, cell):
            kind = kind_of(ours, theirs, *cell, names)
            found.append(difference(kind, ours, theirs, *cell))
    return tuple(found)


@dataclass(slots=True)
class _Found:
    """What the units of a copy add up to."""

    text: Text
    seen: bytearray
    spaced: bytearray  # 1 for each word that a witness reads with the registered spaces
    loose: list[Doubt] = field(default_factory=list)  # a layer's words with other spaces
    differences: list[Difference] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)  # lengths of matches almost in a row
    noise: int = 0
    furniture: int = 0
    copy_words: int = 0
    matched: int = 0

    def near(self) -> bool:
        """Long and alike enough (spec/matching.md, section 5)."""
        whole = self.matched >= len(self.text.tokens) > 0 and self.copy_words <= self.matched + 2
        if self.copy_words < TOO_SHORT:
            return False
        if whole:
            return True
        need = max(TOO_SHORT, int(_SHARE * self.copy_words + 0.999))
        return self.matched >= need and max(self.runs, default=0) >= min(need, _RUN)


def _hold(found: _Found, read: Sequence[Reading], pages: int, allowed: frozenset[str]) -> None:
    found.furniture += sum(len(one.tokens) for one in read)
    for unit in units(found.text, read, pages, allowed):
        found.furniture -= len(unit.tokens)
        found.copy_words += len(unit.tokens)
        _weigh(found, unit)


def _weigh(found: _Found, unit: Unit) -> None:
    """Sort the unit's cells into equal, not seen, altered and doubtful."""
    ours, theirs = found.text.tokens, unit.tokens
    cells = unit.alignment.cells
    run = since = 0
    for i, cell in enumerate(cells):
        r0, r1, c0, c1 = cell
        if c0 < c1:
            bits = unit.readings[theirs[c0].page].bits
        if equal(ours, theirs, cell):
            found.matched += c1 - c0
            run, since = run + c1 - c0, 0
            found.runs.append(run)
            alike = same_joints(ours[r0:r1], theirs[c0:c1])
            if not alike and theirs[c0].exact:
                found.loose.append(_doubt(found, unit, cell))
                continue
            _see(found.seen, r0, r1, bits)
            if alike and not theirs[c0].exact:
                _see(found.spaced, r0, r1, 1)
            continue
        since += max(r1 - r0, c1 - c0)
        if since > 3:  # words of interruption end a run
            run = 0
        if c0 == c1 and _unseen_gap(unit, c0):
            continue
        if c0 < c1 and _cut_off(ours, unit, cell, i in (0, len(cells) - 1)):
            continue
        if r0 == r1 and _junk(theirs[c0:c1]):
            found.noise += c1 - c0
            continue
        misread = _report(found, unit, cell)
        if c0 < c1 and theirs[c0].exact:
            _see(found.seen, r0, r1, bits)
        if misread:
            found.matched += misread
            run, since = run + misread, 0
            found.runs.append(run)


def _settle_spaces(found: _Found) -> None:
    """A PDF's reader may lose spaces, or see some that are none; the witness knows better.

    Nothing else is asked: a second engine's line is compared without its spaces.
    """
    for doubt in found.loose:
        if all(found.spaced[slice(*doubt.tokens)]):
            found.noise += 1
            _see(found.seen, *doubt.tokens, SEEN)
        else:
            found.doubts.append(replace(doubt, line=None, also=None, between=False))


def _see(seen: bytearray, r0: int, r1: int, bits: int) -> None:
    for i in range(r0, r1):
        seen[i] |= bits


def _unseen_gap(unit: Unit, c0: int) -> bool:
    """Words missing where a page ends, or where the picture's edge cuts the lines off."""
    if not 0 < c0 < len(unit.tokens):
        return True
    before, after = unit.tokens[c0 - 1], unit.tokens[c0]
    if before.page != after.page:
        return True
    if before.exact or before.line == after.line or before.box is None or after.box is None:
        return False
    width = unit.readings[before.page].page.width
    return width > 0 and (before.box.right >= width * (1 - _CUT) or after.box.left <= width * _CUT)


def _cut_off(ours: Sequence[Token], unit: Unit, cell: Cell, at_end: bool) -> bool:
    """Half a word at the edge of a picture that shows a part: it was not seen."""
    r0, r1, c0, c1 = cell
    token = unit.tokens[c0]
    width = unit.readings[token.page].page.width
    if not at_end or token.exact or r1 - r0 != 1 or c1 - c0 != 1 or not token.box or not width:
        return False
    key, whole = token.key, ours[r0].key
    if len(key) >= len(whole):
        return False
    if c0 == 0 and whole.endswith(key):
        return token.box.left <= width * _CUT
    return whole.startswith(key) and token.box.right >= width * (1 - _CUT)


def _junk(tokens: Sequence[Token]) -> bool:
    """Specks that a picture's reader took for signs. A letter or a digit is never junk."""
    return all(not t.exact and not any(c.isalnum() or c in _SIGNS for c in t.key) for t in tokens)


def _report(found: _Found, unit: Unit, cell: Cell) -> int:
    """Report one differing cell; returns how many of its words are merely misread."""
    r0, r1, c0, c1 = cell
    ours, theirs = found.text.tokens, unit.tokens
    beside = theirs[c0:c1] or theirs[max(0, c0 - 1) : c0 + 1]
    if all(token.exact for token in beside):
        kind = kind_of(ours, theirs, r0, r1, c0, c1, found.text.names)
        if r1 - r0 == c1 - c0 == 1 and ours[r0].key == theirs[c0].key:
            # Only the sentence ends elsewhere: the "not" that stands there is not in question.
            kind = Kind.WORD if same_word(ours[r0], theirs[c0]) else kind
        found.differences.append(difference(kind, ours, theirs, r0, r1, c0, c1))
        return 0
    alike = 0
    if r0 < r1 and c0 < c1:
        a, b = "".join(found.text.keys[r0:r1]), "".join(t.key for t in theirs[c0:c1])
        alike = c1 - c0 if Levenshtein.normalized_similarity(a, b) >= 0.5 else 0
        found.doubts.append(_doubt(found, unit, cell))
        return alike
    # An added passage is asked about line by line.
    start = c0
    for i in range(c0 + 1, c1 + 1):
        if i == c1 or (theirs[i].page, theirs[i].line) != (theirs[start].page, theirs[start].line):
            found.doubts.append(_doubt(found, unit, Cell(r0, r1, start, i)))
            start = i
    if c0 == c1:
        found.doubts.append(_doubt(found, unit, cell))
    return 0


def _doubt(found: _Found, unit: Unit, cell: Cell) -> Doubt:
    r0, r1, c0, c1 = cell
    ours, theirs = found.text.tokens, unit.tokens
    kind = kind_of(ours, theirs, r0, r1, c0, c1, found.text.names)
    reported = difference(kind, ours, theirs, r0, r1, c0, c1)
    beside, following = theirs[c0:c1] or theirs[c0 - 1 : c0], theirs[c1 : c1 + 1]
    one = unit.readings[beside[0].page]
    if c0 < c1:
        span = (theirs[c0].at - one.offset, theirs[c1 - 1].to - one.offset)
    else:
        span = (theirs[c0 - 1].to - one.offset, theirs[c0 - 1].to - one.offset)
    lines = {(one.page.number, word.line) for word in one.words[slice(*span)]}
    lines |= {(token.page, token.line) for token in beside}
    sure = [t.confidence for t in beside if t.confidence is not None]
    return Doubt(
        difference=reported,
        page=one.page.number,
        witness=one.witness,
        line=beside[0].line if len(lines) == 1 else None,
        also=following[0].line if c0 == c1 and following[0].line != beside[0].line else None,
        words=span,
        tokens=(r0, r1),
        between=c0 == c1 and r1 - r0 > 2 and _room(theirs, c0),
        confidence=min(sure, default=None),
        cost=cost(reported.registered, reported.copy, exact=False),
    )


def _room(theirs: Sequence[Token], c0: int) -> bool:
    """Whether there is room for a line between these two, so that one may be overlooked."""
    before, after = theirs[c0 - 1], theirs[c0]
    if before.line == after.line or before.box is None or after.box is None:
        return False
    height = max(before.box.bottom - before.box.top, after.box.bottom - after.box.top, 1)
    return after.box.top - before.box.bottom >= height
