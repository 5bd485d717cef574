"""What was said of a page, against what was done to it.

flagged   reported as altered where it is; of these: of the right kind, in the right words,
          with its box on the right word of the picture
unread    "cannot read" at its place, or the words there not counted as seen, or the page
          not recognised: nothing is said that is not so
silent    passed over: the words there counted as seen and the same
accused   reported as altered where nothing was done
doubted   "cannot read" where nothing was done
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

from bench.copies.altered_pages import Sheet, place
from bench.copies.placed_edits import Change
from vidimus.core.copies.answers import Difference
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.page import Box, Copy, Page

NEAREST = 14  # words that tell how the picture lies there


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one change."""

    kind: str
    outcome: str  # "flagged", "unread" or "silent"
    right_kind: bool = False
    right_words: bool = False
    right_box: bool = False
    said: str = ""  # for whoever tunes


@dataclass(frozen=True, slots=True)
class Scored:
    found: tuple[Found, ...]
    accused: tuple[str, ...]
    doubted: tuple[str, ...]
    same: bool  # called the whole registered text, with nothing differing and nothing in doubt
    right: bool  # every change reported, nothing else, nothing in doubt, all the rest seen


def score(
    sheet: Sheet,
    copy: Copy,
    comparison: Comparison | None,
    altered: Sequence[Difference],
    unread: Sequence[Difference],
) -> Scored:
    if comparison is None:
        found = [Found(each.kinds[0], "unread", said="not recognised") for each in sheet.changes]
        return Scored(tuple(found), (), ("not recognised",), False, False)
    told = [_found(sheet, copy, comparison, each, altered, unread) for each in sheet.changes]
    accused = tuple(_said(d) for d in altered if not any(_meet(d.at, c) for c in sheet.changes))
    doubted = tuple(_said(d) for d in unread if not any(_meet(d.at, c) for c in sheet.changes))
    quiet = not altered and not unread
    missing = sum(c.at[1] - c.at[0] for c in sheet.changes if not c.now)
    whole = comparison.seen_words + missing >= comparison.of_words
    right = all(each.outcome == "flagged" for each in told) and not accused and not unread
    return Scored(tuple(told), accused, doubted, quiet and comparison.whole, right and whole)


def score_diff(sheet: Sheet, read: str) -> Scored:
    """The peer: an engine's text, compared word by word without case and punctuation."""
    ours, theirs = _plain(sheet.registered), _plain(read)
    steps = [op for op in Levenshtein.opcodes(ours, theirs) if op.tag != "equal"]
    spans = [(op.src_start, op.src_end) for op in steps]
    found = [
        Found(each.kinds[0], "flagged" if any(_meet(s, each) for s in spans) else "silent")
        for each in sheet.changes
    ]
    accused = tuple(
        f"{ours[op.src_start : op.src_end]} → {theirs[op.dest_start : op.dest_end]}"
        for op in steps
        if not any(_meet((op.src_start, op.src_end), each) for each in sheet.changes)
    )
    right = not accused and all(each.outcome == "flagged" for each in found)
    return Scored(tuple(found), accused, (), not steps, right)


def _plain(text: str) -> list[str]:
    words = ("".join(c for c in word.lower() if c.isalnum()) for word in text.split())
    return [word for word in words if word]


def _meet(at: tuple[int, int], change: Change) -> bool:
    """Whether a reported range and a change share a word, or a place between two."""
    start, stop = change.at
    if at[0] < at[1] and start < stop:
        return at[0] < stop and start < at[1]
    return at[0] <= stop and start <= at[1]


def _found(
    sheet: Sheet,
    copy: Copy,
    comparison: Comparison,
    change: Change,
    altered: Sequence[Difference],
    unread: Sequence[Difference],
) -> Found:
    kind = change.kinds[0]
    hits = [each for each in altered if _meet(each.at, change)]
    doubts = [each for each in unread if _meet(each.at, change)]
    truth = f"“{change.was}” → “{change.now}”"
    if hits:
        first = hits[0]
        return Found(
            kind,
            "flagged",
            any(each.kind.value in change.kinds for each in hits),
            any(_plain(each.copy) == _plain(change.now) for each in hits),
            any(_on_it(sheet, copy.pages[0], change, each.box) for each in hits),
            f"{truth}: said {_said(first)}",
        )
    if doubts:
        return Found(kind, "unread", said=f"{truth}: in doubt {_said(doubts[0])}")
    beside = range(max(0, change.at[0] - 1), min(len(comparison.seen), change.at[1] + 1))
    ours = range(*change.at) if change.now else beside
    if any(not comparison.seen[at] for at in ours) and change.at[0] < change.at[1]:
        return Found(kind, "unread", said=f"{truth}: not seen")
    return Found(kind, "silent", said=f"{truth}: passed over")


def _said(difference: Difference) -> str:
    return f"{difference.kind.value} “{difference.registered}” → “{difference.copy}”"


def _on_it(sheet: Sheet, page: Page, change: Change, box: Box | None) -> bool:
    """Whether the middle of the box lies on the altered word, and the box is no wider than due."""
    targets = place(sheet.words, change.now_at)
    if box is None or not targets:
        return False
    shown = _shown(sheet, page, targets)
    tall = max(bottom - top for _, top, _, bottom in shown)
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    if change.now:
        left, top = min(b[0] for b in shown), min(b[1] for b in shown)
        right, bottom = max(b[2] for b in shown), max(b[3] for b in shown)
        inside = left - tall <= x <= right + tall and top - tall / 2 <= y <= bottom + tall / 2
        return inside and box.right - box.left <= 2 * (right - left) + 4 * tall
    return any(
        abs(x - left) <= 2 * tall and top - tall / 2 <= y <= bottom + tall / 2
        for left, top, _, bottom in shown
    )


def _shown(
    sheet: Sheet, page: Page, boxes: Sequence[tuple[float, float, float, float]]
) -> list[tuple[float, float, float, float]]:
    """Where the page's picture shows these printed boxes: as the words around them lie."""
    printed = [_key(word.text) for word in sheet.words]
    read = [_key(word.text) for word in page.words]
    pairs = []
    for block in Levenshtein.editops(printed, read).as_matching_blocks():
        for at in range(block.size):
            ours, seen = sheet.words[block.a + at], page.words[block.b + at].box
            if seen is not None:
                pairs.append((ours, seen))
    if len(pairs) < 4:
        return list(boxes)
    middle = np.array([[(o.left + o.right) / 2, (o.top + o.bottom) / 2] for o, _ in pairs])
    answer = []
    for box in boxes:
        here = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
        apart = np.abs(middle - here) * (1, 3)  # lines above and below tell the slope, too
        near = np.argsort(apart.sum(axis=1))[:NEAREST]
        rows, wanted = [], []
        for at in near:
            ours, seen = pairs[at]
            for point, target in (
                ((ours.left, ours.top), (seen.left, seen.top)),
                ((ours.right, ours.bottom), (seen.right, seen.bottom)),
            ):
                rows.append((*point, 1.0))
                wanted.append(target)
        plane, *_ = np.linalg.lstsq(np.array(rows), np.array(wanted, float), rcond=None)
        left, top = np.array([box[0], box[1], 1.0]) @ plane
        right, bottom = np.array([box[2], box[3], 1.0]) @ plane
        answer.append((float(left), float(top), float(right), float(bottom)))
    return answer


def _key(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
