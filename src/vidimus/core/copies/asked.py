"""What to look at again: each doubt with a few words around it, and the texts it may say.

    read        … rnust pay 1,350 euros before …         doubts: "rnust", "1,350"
    stretch     … office rnust pay 1,350 euros before 1  their neighbours, three on each side
    candidates  as registered · as read · with the first doubt alone as registered · …

A stretch and not the whole line: on a sheet that is bent or was photographed askew a long strip
shows the lines above and below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vidimus.core.copies.canonical import canonical
from vidimus.core.copies.compared import Comparison, Doubt
from vidimus.core.copies.legible import FALLBACK
from vidimus.core.copies.page import Box, Copy, Page, Question, Word

BESIDE = 3  # words on each side that are looked at with a doubt
MOST = 200  # stretches; of a copy with more of them whole lines are looked at
ROOM = 5  # heights of a line: a word that the reader lost at a line's end is rarely longer


@dataclass(frozen=True, slots=True)
class Asked:
    question: Question
    words: tuple[Word, ...]  # of the stretch
    start: int  # index of its first word on the page
    doubts: tuple[Doubt, ...]
    again: bool = False  # the engine that looks is the one that read


def plan(copy: Copy, comparison: Comparison) -> list[Asked]:
    """The questions, with the doubts that each one settles."""
    found = _planned(copy, comparison, BESIDE)
    return found if len(found) <= MOST else _planned(copy, comparison, len(comparison.seen))


def _planned(copy: Copy, comparison: Comparison, beside: int) -> list[Asked]:
    pages = {page.number: page for page in copy.pages}
    by_line: dict[tuple[int, bool, int], list[Doubt]] = {}
    found: list[Asked] = []
    for doubt in comparison.doubts:
        if doubt.between:
            between = _overlooked(pages[doubt.page], doubt)
            if between:
                found.append(between)
        elif doubt.line is not None:
            by_line.setdefault((doubt.page, doubt.witness, doubt.line), []).append(doubt)
            if doubt.also is not None:
                by_line.setdefault((doubt.page, doubt.witness, doubt.also), []).append(doubt)
    for (number, witness, line), doubts in sorted(by_line.items(), key=lambda item: item[0]):
        page = pages[number]
        words = page.witness if witness else page.words
        again = (page.witness_engine if witness else page.engine) == FALLBACK
        at = [i for i, word in enumerate(words) if word.line == line]
        own = words[at[0] : at[-1] + 1]
        for some, (lo, hi) in _stretches(sorted(doubts, key=lambda d: d.words), own, at[0], beside):
            near = own[lo:hi]
            box = _union([word.box for word in near])
            if box is None:
                continue
            if any(not doubt.difference.copy for doubt in some):
                box = _reaching(box, words, lo == 0, hi == len(own))
            start = at[0] + lo
            texts = [_line(near, start, some), _line(near, start, [])]
            if len(some) > 1:
                texts += [_line(near, start, [doubt]) for doubt in some]
            asked = Question(number, box, tuple(texts))
            found.append(Asked(asked, near, start, tuple(some), again))
    return found


def _stretches(
    doubts: Sequence[Doubt], line: Sequence[Word], start: int, beside: int
) -> list[tuple[list[Doubt], tuple[int, int]]]:
    """Doubts of a line, in order, and the stretch of its words to look at; near ones together."""
    found: list[tuple[list[Doubt], tuple[int, int]]] = []
    for doubt in doubts:
        lo, hi = place(doubt, start)
        lo, hi = max(0, min(lo, len(line)) - beside), min(len(line), hi + beside)
        if found and lo < found[-1][1][1]:
            some, (first, last) = found[-1]
            found[-1] = ([*some, doubt], (first, max(last, hi)))
        else:
            found.append(([doubt], (lo, hi)))
    return found


def _reaching(box: Box, words: Sequence[Word], first: bool, last: bool) -> Box:
    """A stretch from which words are missing, up to the margins: there the reader loses them.

    Not further than ROOM, nor up to words that stand beside it; and a little beyond the margin,
    for it may be the widest line that lost its end.
    """
    boxes = [word.box for word in words if word.box]
    level = [b for b in boxes if b.top < box.bottom and box.top < b.bottom]
    tall = box.bottom - box.top
    room = ROOM * tall
    left, right = box.left, box.right
    if first:
        beside = max((b.right for b in level if b.right <= left), default=0)
        left = max(min(b.left for b in boxes) - tall, beside, left - room)
    if last:
        beside = min((b.left for b in level if b.left >= right), default=right + room)
        right = min(max(b.right for b in boxes) + tall, beside, right + room)
    return Box(min(left, box.left), box.top, max(right, box.right), box.bottom)


def _overlooked(page: Page, doubt: Doubt) -> Asked | None:
    """The stretch between two lines, where a whole line may have been passed over."""
    words = page.witness if doubt.witness else page.words
    at = doubt.words[0]
    if not 0 < at < len(words):
        return None
    above, below = words[at - 1].box, words[at].box
    if above is None or below is None or below.top <= above.bottom:
        return None
    lines = [word.box for word in words if word.box]
    box = Box(min(b.left for b in lines), above.bottom, max(b.right for b in lines), below.top)
    return Asked(Question(page.number, box, (doubt.difference.registered, "")), (), at, (doubt,))


def _union(boxes: Sequence[Box | None]) -> Box | None:
    whole: Box | None = None
    for box in boxes:
        if box is not None:
            whole = box if whole is None else whole.union(box)
    return whole


def place(doubt: Doubt, start: int) -> tuple[int, int]:
    """The doubt's words on a line that begins at word `start`; before it, at its beginning."""
    return max(0, doubt.words[0] - start), max(0, doubt.words[1] - start)


def _line(words: Sequence[Word], start: int, doubts: Sequence[Doubt]) -> str:
    """The line with these doubts as registered, and everything else as it was read."""
    texts: list[str | None] = [word.text for word in words]
    before: dict[int, list[str]] = {}
    for doubt in doubts:
        lo, hi = place(doubt, start)
        ours, theirs = doubt.difference.registered, doubt.difference.copy
        inside = canonical(words[lo].text) if hi - lo == 1 else ""
        if inside and inside != theirs and theirs in inside:
            # One character of a script without spaces; its neighbours stay.
            texts[lo] = (texts[lo] or inside).replace(theirs, ours, 1)
            continue
        before.setdefault(lo, []).append(ours)
        texts[lo:hi] = [None] * (hi - lo)
    parts: list[str] = []
    for i, text in enumerate([*texts, None]):
        parts += before.get(i, [])
        if text is not None:
            parts.append(text)
    return " ".join(part for part in parts if part)
