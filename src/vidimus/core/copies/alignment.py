"""Which words of a copy stand for which words of a registered text.

    registered   The troops will | not | leave Iraq
    copy             troops will |     | leave Irak
    cells        [The unseen] 1:1 1:1 [1:0] 1:1 [1:1 differs]

Words in a row that occur once in both texts anchor the rest (patience diff, Cohen); what
lies between two anchors is aligned letter by letter and grown to words, so that words which
ran together or fell apart stay side by side. Any alignment is sound: what is not equal is
reported whatever stands beside it. A better one only makes the reports shorter.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein

_DEEP = 24  # anchors within anchors; beyond, the plain edit distance of words
_WIDE = 250_000  # registered words times copy words that are still aligned by letters
_HUGE = 200_000_000  # letters times letters; beyond, words are aligned without looking inside
_EDGE = 120  # words before the first anchor that are placed by their letters
_STRAY = 6.0  # how many words in a row outweigh any jump in the registered text


class Cell(NamedTuple):
    """Registered words [r0, r1) stand where the copy has words [c0, c1)."""

    r0: int
    r1: int
    c0: int
    c1: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Cells in order; together they cover the whole copy and registered words [start, end)."""

    cells: tuple[Cell, ...]
    start: int
    end: int


@dataclass(slots=True)
class _Pair:
    r: Sequence[str]
    c: Sequence[str]
    cells: list[Cell] = field(default_factory=list)


def align(registered: Sequence[str], copy: Sequence[str]) -> Alignment:
    """Align a copy that may be a part: registered words beyond its ends are not its business."""
    pair = _Pair(registered, copy)
    if _nearly_whole(registered, copy):
        _fill(pair, 0, len(registered), 0, len(copy), 0)
        return _trimmed(pair.cells, whole=False)
    chain = _chain(registered, copy)
    if not chain:
        lo, hi = _located(registered, copy)
        _fill(pair, lo, hi, 0, len(copy), 0)
        return _trimmed(pair.cells, whole=False)
    r, c, _ = chain[0]
    reach = _reach(
        [word[::-1] for word in registered[max(0, r - 2 * min(c, _EDGE) - 8) : r][::-1]],
        [word[::-1] for word in copy[max(0, c - _EDGE) : c][::-1]],
        r,
        c,
    )
    _fill(pair, r - reach, r, 0, c, 0)
    _through(pair, chain, 0)
    r, c = chain[-1][0] + chain[-1][2], chain[-1][1] + chain[-1][2]
    left = len(copy) - c
    reach = _reach(
        registered[r : r + 2 * min(left, _EDGE) + 8],
        copy[c : c + _EDGE],
        len(registered) - r,
        left,
    )
    _fill(pair, r, r + reach, c, len(copy), 0)
    return _trimmed(pair.cells, whole=False)


def _nearly_whole(r: Sequence[str], c: Sequence[str]) -> bool:
    """Whether both begin and end alike and hardly differ between: no search is needed."""
    shorter = min(len(r), len(c))
    head = next((i for i in range(shorter) if r[i] != c[i]), shorter)
    tail = next((i for i in range(shorter - head) if r[-1 - i] != c[-1 - i]), shorter - head)
    return head > 0 and (tail > 0 or len(r) == len(c)) and 4 * (head + tail) >= 3 * len(r)


def align_whole(registered: Sequence[str], copy: Sequence[str]) -> Alignment:
    """Align two whole texts: what is missing at the ends counts."""
    pair = _Pair(registered, copy)
    _fill(pair, 0, len(registered), 0, len(copy), 0)
    return _trimmed(pair.cells, whole=True)


def _trimmed(cells: list[Cell], *, whole: bool) -> Alignment:
    """Without the missing words at either end, which were merely not seen."""
    lo, hi = 0, len(cells)
    while not whole and lo < hi and cells[lo].c0 == cells[lo].c1:
        lo += 1
    while not whole and hi > lo and cells[hi - 1].c0 == cells[hi - 1].c1:
        hi -= 1
    kept = tuple(cells[lo:hi])
    return Alignment(kept, kept[0].r0 if kept else 0, kept[-1].r1 if kept else 0)


def _anchors(r: Sequence[str], c: Sequence[str], size: int) -> list[tuple[int, int]]:
    """Places (in r, in c) of runs of `size` words that occur once in each, in one order."""
    places: dict[tuple[str, ...], int] = {}
    for i, gram in enumerate(zip(*(r[k:] for k in range(size)), strict=False)):
        places[gram] = -1 if gram in places else i
    found: dict[tuple[str, ...], int] = {}
    for j, gram in enumerate(zip(*(c[k:] for k in range(size)), strict=False)):
        if gram in places:
            found[gram] = -1 if gram in found else j
    pairs = sorted((j, places[g]) for g, j in found.items() if j >= 0 and places[g] >= 0)
    return _longest_rising(pairs)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence rising in r, of pairs (c, r) rising in c; as (r, c)."""
    tails: list[int] = []
    tail_at: list[int] = []
    before: list[int] = []
    for i, (_, r) in enumerate(pairs):
        k = bisect_left(tails, r)
        if k == len(tails):
            tails.append(r)
            tail_at.append(i)
        else:
            tails[k] = r
            tail_at[k] = i
        before.append(tail_at[k - 1] if k else -1)
    chain: list[tuple[int, int]] = []
    i = tail_at[-1] if tail_at else -1
    while i >= 0:
        chain.append((pairs[i][1], pairs[i][0]))
        i = before[i]
    return chain[::-1]


def _blocks(anchors: list[tuple[int, int]], size: int) -> list[tuple[int, int, int]]:
    """Anchors on one diagonal merged: (r, c, length), disjoint in both texts."""
    blocks: list[tuple[int, int, int]] = []
    for r, c in anchors:
        if blocks:
            r0, c0, length = blocks[-1]
            if r - c == r0 - c0 and r <= r0 + length:
                blocks[-1] = (r0, c0, r + size - r0)
                continue
            overlap = max(r0 + length - r, c0 + length - c, 0)
            if overlap >= size:
                continue
            blocks.append((r + overlap, c + overlap, size - overlap))
        else:
            blocks.append((r, c, size))
    return blocks


def _chain(r: Sequence[str], c: Sequence[str]) -> list[tuple[int, int, int]]:
    """The anchored blocks, without stray ones at the ends (Kadane's maximum subarray)."""
    sizes = (3,) if len(c) <= 40 else (3, 2, 1)
    for size in sizes:
        blocks = _blocks(_anchors(r, c, size), size)
        if not blocks:
            continue
        best, best_range = 0.0, (0, 0)
        total, start = 0.0, 0
        for i, (r0, c0, length) in enumerate(blocks):
            if i:
                shift = abs((r0 - c0) - (blocks[i - 1][0] - blocks[i - 1][1]))
                total -= min(_STRAY, 0.5 * shift)
            if total <= 0:
                total, start = 0.0, i
            total += length
            if total > best:
                best, best_range = total, (start, i + 1)
        return blocks[best_range[0] : best_range[1]]
    return []


def _through(pair: _Pair, chain: list[tuple[int, int, int]], depth: int) -> None:
    """The blocks of a chain, and what lies between them."""
    for i, (r, c, length) in enumerate(chain):
        if i:
            r0, c0, before = chain[i - 1]
            _fill(pair, r0 + before, r, c0 + before, c, depth)
        pair.cells.extend(Cell(r + k, r + k + 1, c + k, c + k + 1) for k in range(length))


def _fill(pair: _Pair, r0: int, r1: int, c0: int, c1: int, depth: int) -> None:
    """Align the words between two anchors."""
    r, c, cells = pair.r, pair.c, pair.cells
    while r0 < r1 and c0 < c1 and r[r0] == c[c0]:
        cells.append(Cell(r0, r0 + 1, c0, c0 + 1))
        r0, c0 = r0 + 1, c0 + 1
    tail = 0
    while r0 < r1 - tail and c0 < c1 - tail and r[r1 - tail - 1] == c[c1 - tail - 1]:
        tail += 1
    r1, c1 = r1 - tail, c1 - tail
    if r0 < r1 or c0 < c1:
        if r0 == r1 or c0 == c1:
            cells.append(Cell(r0, r1, c0, c1))
        else:
            _between(pair, r0, r1, c0, c1, depth)
    cells.extend(Cell(r1 + k, r1 + k + 1, c1 + k, c1 + k + 1) for k in range(tail))


def _between(pair: _Pair, r0: int, r1: int, c0: int, c1: int, depth: int) -> None:
    r, c = pair.r[r0:r1], pair.c[c0:c1]
    if depth < _DEEP:
        for size in (2, 1):
            blocks = _blocks(_anchors(r, c, size), size)
            if blocks:
                chain = [(r0 + a, c0 + b, n) for a, b, n in blocks]
                _fill(pair, r0, chain[0][0], c0, chain[0][1], depth + 1)
                _through(pair, chain, depth + 1)
                a, b, n = chain[-1]
                _fill(pair, a + n, r1, b + n, c1, depth + 1)
                return
    if (r1 - r0) * (c1 - c0) <= _WIDE and sum(map(len, r)) * sum(map(len, c)) <= _HUGE:
        pair.cells.extend(_by_letters(r, c, r0, c0))
        return
    for op in Levenshtein.opcodes(list(r), list(c)):
        a0, a1, b0, b1 = r0 + op.src_start, r0 + op.src_end, c0 + op.dest_start, c0 + op.dest_end
        if op.tag == "equal" or (a1 - a0 == b1 - b0):
            pair.cells.extend(Cell(a0 + k, a0 + k + 1, b0 + k, b0 + k + 1) for k in range(a1 - a0))
        else:
            pair.cells.append(Cell(a0, a1, b0, b1))


def _starts(words: Sequence[str]) -> dict[int, int]:
    """Where in the joined letters each word begins: letters -> index of the word."""
    starts, at = {}, 0
    for i, word in enumerate(words):
        starts[at] = i
        at += len(word)
    starts[at] = len(words)
    return starts


def _by_letters(r: Sequence[str], c: Sequence[str], r0: int, c0: int) -> list[Cell]:
    """Align letters, then cut wherever a word begins in both texts at once."""
    in_r, in_c = _starts(r), _starts(c)
    cuts: list[tuple[int, int]] = [(0, 0)]
    for op in Levenshtein.opcodes("".join(r), "".join(c)):
        rise_r = op.tag != "insert"
        rise_c = op.tag != "delete"
        steps = max(op.src_end - op.src_start, op.dest_end - op.dest_start)
        for k in range(1, steps + 1):
            a = in_r.get(op.src_start + k * rise_r)
            b = in_c.get(op.dest_start + k * rise_c)
            if a is not None and b is not None:
                cuts.append((a, b))
    cells: list[Cell] = []
    for (a0, b0), (a1, b1) in pairwise(cuts):
        _add_cell(cells, Cell(r0 + a0, r0 + a1, c0 + b0, c0 + b1), r, c, r0, c0)
    return cells


def _add_cell(
    cells: list[Cell], cell: Cell, r: Sequence[str], c: Sequence[str], r0: int, c0: int
) -> None:
    """Add a cell; missing words beside added ones are words replaced, and runs stay runs."""
    if cell.r0 == cell.r1 and cell.c0 == cell.c1:
        return
    one_sided = cell.r0 == cell.r1 or cell.c0 == cell.c1
    if one_sided and cells:
        last = cells[-1]
        if last.r0 == last.r1 or last.c0 == last.c1:
            cells[-1] = Cell(last.r0, cell.r1, last.c0, cell.c1)
            return
    width = cell.r1 - cell.r0
    joined_r = "".join(r[cell.r0 - r0 : cell.r1 - r0])
    joined_c = "".join(c[cell.c0 - c0 : cell.c1 - c0])
    if width > 1 and width == cell.c1 - cell.c0 and joined_r != joined_c:
        cells.extend(
            Cell(cell.r0 + k, cell.r0 + k + 1, cell.c0 + k, cell.c0 + k + 1) for k in range(width)
        )
    else:
        cells.append(cell)


def _reach(near_r: Sequence[str], near_c: Sequence[str], left_r: int, left_c: int) -> int:
    """How many registered words the copy's words beyond an anchor stand for.

    Both are given nearest first, at most 2 * _EDGE + 8 and _EDGE of them, of `left_r` and
    `left_c` that there are; every word is spelt in the direction away from the anchor.
    """
    if not left_r or not left_c:
        return 0
    piece = "".join(near_c)
    if len(piece) * sum(map(len, near_r)) > _HUGE:
        return min(left_c, left_r)
    costs = _prefix_costs(piece, "".join(near_r))
    best, reach, at = (float("inf"), 0), 0, 0
    for taken in range(len(near_r) + 1):
        rank = (float(costs[at]), abs(taken - len(near_c)))
        if rank < best:
            best, reach = rank, taken
        if taken < len(near_r):
            at += len(near_r[taken])
    if best[0] <= 0.6 * len(piece) or not set(near_c).isdisjoint(near_r[:reach]):
        return reach
    # Nothing alike stands there. A word or two, or as many as are left, were replaced; more
    # were added before or after what was copied.
    if left_c <= 2:
        return min(left_c, left_r)
    return left_r if abs(left_r - left_c) <= max(1, left_c // 2) else 0


def _prefix_costs(piece: str, window: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Edit distance of `piece` to every prefix of `window`, one vectorised row a letter."""
    codes = np.frombuffer(window.encode("utf-32-le"), dtype="<u4")
    steps = np.arange(len(codes) + 1)
    row = steps.copy()
    for i, char in enumerate(piece, 1):
        row = _next_row(row, codes == ord(char), steps, i)
    return row


def _next_row(
    row: np.ndarray[tuple[int], np.dtype[np.int64]],
    equal: np.ndarray[tuple[int], np.dtype[np.bool_]],
    steps: np.ndarray[tuple[int], np.dtype[np.int64]],
    first: int,
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    following = row + 1
    following[0] = first
    np.minimum(following[1:], row[:-1] + ~equal, out=following[1:])
    # Inserting letters of the window is a running minimum once each step's cost is taken out.
    return np.minimum.accumulate(following - steps) + steps


def _located(r: Sequence[str], c: Sequence[str]) -> tuple[int, int]:
    """The stretch of the registered text nearest to a short copy with no anchor (Sellers 1980)."""
    if not r or not c or len(c) > _EDGE:
        return 0, len(r)
    text, piece = "".join(r), "".join(c)
    if len(text) * len(piece) > _HUGE:
        return 0, len(r)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    steps = np.arange(len(codes) + 1)
    row = np.zeros(len(codes) + 1, dtype=np.int64)
    for i, char in enumerate(piece, 1):
        row = _next_row(row, codes == ord(char), steps, i)
    end = int(row.argmin())
    back = text[max(0, end - 2 * len(piece) - 8) : end][::-1]
    start = end - int(_prefix_costs(piece[::-1], back).argmin())
    starts = sorted(_starts(r))
    lo = max(0, bisect_left(starts, start + 1) - 1)
    hi = min(len(r), bisect_left(starts, end))
    return lo, max(lo, hi)
