"""Small writing that a reader of lines passes over: above a line, in a margin, at the foot.

Tesseract drops what is smaller or paler than the text around it, or takes it for a part of the
word below. Whatever ink is left when the words are taken away is put together to rows, along the
page and up it, and shown to the second engine by itself. Only what that engine reads as writing
counts: a crest, a signature's loops, dust and the grain of a photo it does not.

    each colour − its ground  →  beyond the grain  →  − the bands of the lines  →  pieces
    → rows  →  the second engine reads each, alone on its ground  →  words
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import cv2
import numpy as np

from vidimus.adapters.reading import light, rapid
from vidimus.adapters.reading.types import Floats, Image
from vidimus.core.copies.page import Box, Word

TALL = 22.0  # pixels that a word's box is tall in the picture that is searched
GROUND = 2.2  # heights of a word: how far around a place its ground is looked for
FAINTEST, GRAIN = 10.0, 5.0  # levels of 255; standard deviations of the ground's own noise
EDGE, EDGE_WIDE = 40, 0.6  # levels by which a ground changes at the edge of a sheet or of a panel
COLOURED = 14.0  # levels by which one colour departs from the grey of the paper
BAND = 0.12  # of a word's height, by which a line's letters may leave its band
NEAR, INNER = 7, 0.75  # so many words beside it; a box is stretched outwards, never inwards
HIGH = re.compile(r"[^acegmnopqrsuvwxyz.,:;_\-]")  # letters that reach above the others
LOW = re.compile(r"[^a-ik-or-xzA-IK-PR-Z0-9.:'\"\-]")  # and below them
LEAST, MOST = 0.14, 1.7  # heights of a word between which a piece may be a letter
APART = 0.9  # heights of the taller piece between two letters or words of one row
CROSSED = 4.0  # the same, where a line of the text runs between them
FEWEST_ACROSS, SURE_ACROSS = 3, 0.85  # letters of such writing, and how sure they are read
DARKER = 1.6  # times as far from the paper as pale writing is, and so of the line beneath
LEVEL = 0.6  # of the taller piece, by which two neighbours' middles may differ
LONGEST, MOST_ROWS, MOST_PIECES = 40.0, 48, 4000
AROUND = 0.3  # of a row's height, shown around it
STICKING_OUT = 0.2  # heights of a word, by which no letter's own foot or head leaves its band
SHORTEST = 0.2  # of a word's height: what is less tall, a person cannot read either
SURE_OF = (0.97, 0.72, 0.72, 0.55)  # the engine's own sureness, of one letter, two, three, more
STRAY = 0.6  # the reader's confidence in a mark, below which it may be no mark
STROKES = frozenset("017IJLOijlo")  # what a scratch, a rule or a loop is read as
SEEN_AGAIN = 0.6  # of its letters that a word below it has in a row
LEFT_OUT = 0.5  # of a word's height, by which its box may end before its last letter
ALIKE = str.maketrans("1i|0", "lllo")


@dataclass(frozen=True, slots=True)
class _Row:
    left: float
    top: float
    right: float
    bottom: float
    pieces: int
    across: bool = False  # it goes on behind a line of the text

    @property
    def high(self) -> float:
        return self.bottom - self.top

    @property
    def wide(self) -> float:
        return self.right - self.left


def written_in(page: Image, words: Sequence[Word]) -> tuple[Word, ...]:
    """What the second engine reads where none of these words stands (boxes of `page`)."""
    heights = [w.box.bottom - w.box.top for w in words if w.box and len(w.text) > 2]
    if not heights or rapid.models() is None:
        return ()
    tall = float(np.median(heights))
    factor = min(1.0, TALL / max(tall, 1.0))
    small = light.resize(page, factor)
    tall *= factor
    # What the reader took for a stray mark may be a letter to the other engine.
    stray = [word for word in words if _is_stray(word)]
    words = [word for word in words if not _is_stray(word)]
    bands = _bands(small.shape[:2], words, factor)
    found: list[Word] = []
    rows: list[_Row] = []
    edges = _edges(light.grey(small), tall)
    for ink in _inks(small, tall):
        pieces = _pieces(ink, bands, edges, tall)
        rows += _rows(pieces)
        turned = [(y, x, high, wide) for x, y, wide, high in pieces]
        upwards = _rows(turned, np.ascontiguousarray(bands.T))
        rows += [_Row(r.top, r.left, r.bottom, r.right, r.pieces, r.across) for r in upwards]
    even = light.is_even(light.grey(small))
    rows = [row for row in rows if min(row.high, row.wide) >= SHORTEST * tall]
    for row in _apart(rows)[:MOST_ROWS]:
        word = _read(page, small, bands, row, factor)
        if word is None or _is_part(word, words):
            continue
        # One sign by itself is told from a stain only where the light is even, or the reader
        # saw a sign there, too; and from a stroke nowhere.
        seen = even or any(_touch(word, each) for each in stray)
        if _letters(word.text) > 1 or (seen and _letters(word.text) and not STROKES & {*word.text}):
            found.append(word)
    return tuple(found)


def _is_stray(word: Word) -> bool:
    doubtful = word.confidence is not None and word.confidence < STRAY
    return doubtful and not any(map(str.isalnum, word.text))


def _touch(one: Word, other: Word) -> bool:
    a, b = one.box, other.box
    return (
        a is not None and b is not None
        and a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
    )  # fmt: skip


def _letters(text: str) -> int:
    """How many; a single sign of a script of thousands is what a crest looks like to the engine."""
    letters = [c for c in text if c.isalnum()]
    return len(letters) if len(letters) > 1 or "".join(letters).isascii() else 0


def _is_part(found: Word, words: Sequence[Word]) -> bool:
    """Whether this is only a piece of the words that stand there, seen again."""
    assert found.box is not None
    f = found.box
    there = "".join(
        _folded(w.text)
        for w in words
        if w.box and w.box.left < f.right and f.left < w.box.right
        and w.box.top < f.bottom and f.top < w.box.bottom
    )  # fmt: skip
    text = _folded(found.text)
    if len(text) == 1 and text.isalpha() and any(_ends_in(text, f, word) for word in words):
        return True
    same = SequenceMatcher(None, text, there, autojunk=False).find_longest_match().size
    return same >= SEEN_AGAIN * len(text)


def _ends_in(letter: str, box: Box, word: Word) -> bool:
    """Whether this is the last letter of a word, or its first, that its box has left out."""
    w = word.box
    if w is None or w.top >= box.bottom or box.top >= w.bottom:
        return False
    near, text = LEFT_OUT * (w.bottom - w.top), _folded(word.text)
    middle = (box.left + box.right) / 2
    return (text.endswith(letter) and 0 <= middle - w.right <= near) or (
        text.startswith(letter) and 0 <= w.left - middle <= near
    )


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold())).translate(ALIKE)


def _bands(shape: tuple[int, int], words: Sequence[Word], factor: float) -> Image:
    """1 where the letters of a line may be.

    The box of one word may reach up to what is written above it, and so does not tell; the
    words beside it on the line do, if their letters reach as far.
    """
    mask = np.zeros(shape, np.uint8)
    lines: dict[int, list[Word]] = {}
    for word in words:
        if word.box:
            lines.setdefault(word.line, []).append(word)
    for line in lines.values():
        for word in line:
            assert word.box is not None
            box = word.box
            top, bottom = _level(word, line)
            beyond = BAND * (bottom - top)
            cv2.rectangle(
                mask,
                (int((box.left - beyond) * factor) - 1, int((top - beyond) * factor) - 1),
                (int((box.right + beyond) * factor) + 1, int((bottom + beyond) * factor) + 1),
                1,
                cv2.FILLED,
            )
    return mask


def _level(word: Word, line: Sequence[Word]) -> tuple[float, float]:
    """From where to where the letters of this word reach, by those like it beside it."""
    box = word.box
    assert box is not None
    beside = sorted(
        (other for other in line if other.box and any(map(str.isalnum, other.text))),
        key=lambda w: abs(w.box.left + w.box.right - box.left - box.right) if w.box else 0,
    )
    up, down = _reaches(HIGH, word), _reaches(LOW, word)
    tops = [w.box.top for w in beside if w.box and _reaches(HIGH, w) == up][:NEAR]
    bottoms = [w.box.bottom for w in beside if w.box and _reaches(LOW, w) == down][:NEAR]
    top = max(box.top, float(np.quantile(tops, INNER))) if tops else box.top
    bottom = min(box.bottom, float(np.quantile(bottoms, 1 - INNER))) if bottoms else box.bottom
    return (top, bottom) if bottom > top else (box.top, box.bottom)


def _reaches(letters: re.Pattern[str], word: Word) -> bool:
    return letters.search(word.text) is not None


def _inks(page: Image, tall: float) -> list[Image]:
    """What departs from its ground: in brightness, and in colour."""
    side = min(255, round(GROUND * tall) | 1)
    grey = light.grey(page)
    inks = [_beyond(grey, side, FAINTEST)]
    if page.ndim == 3:
        wide = page.astype(np.int16)
        for one, other in ((2, 1), (0, 1), (2, 0)):
            apart = np.clip(128 + wide[:, :, one] - wide[:, :, other], 0, 255).astype(np.uint8)
            if int(apart.max()) - int(apart.min()) > COLOURED:
                inks.append(_beyond(apart, side, COLOURED))
    return inks


def _beyond(channel: Image, side: int, least: float) -> Image:
    ground = cv2.medianBlur(channel, side)
    apart = cv2.absdiff(cv2.GaussianBlur(channel, (3, 3), 0), ground)
    small = cv2.resize(apart, None, None, 0.25, 0.25, cv2.INTER_NEAREST)
    usual = cv2.medianBlur(small, 31)
    height, width = channel.shape
    grain = cv2.resize(usual, (width, height), interpolation=cv2.INTER_LINEAR)
    level = np.maximum(least, GRAIN / 0.6745 * grain.astype(np.float32))
    return np.asarray(apart > level, np.uint8)


def _edges(grey: Image, tall: float) -> Image:
    """1 where one ground ends and another begins: there the grain of both is ink to the other."""
    ground = cv2.medianBlur(grey, round(GROUND * tall) | 1)
    near = np.ones((round(EDGE_WIDE * tall) | 1,) * 2, np.uint8)
    return np.asarray(cv2.morphologyEx(ground, cv2.MORPH_GRADIENT, near) > EDGE, np.uint8)


def _pieces(
    ink: Image, bands: Image, edges: Image, tall: float
) -> list[tuple[float, float, float, float]]:
    """(left, top, width, height) of what is no part of a line's letters."""
    free = ink * (1 - bands)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=8)
    if count < 2 or count > MOST_PIECES:
        return []
    # What hangs on a line's letters is their foot or head, unless it goes on far from them.
    near = cv2.dilate(bands, np.ones((3, 3), np.uint8)) * free
    hanging = np.zeros(count, bool)
    hanging[np.unique(labels[near > 0])] = True
    split = np.zeros(count, bool)
    split[np.unique(labels[(edges & free) > 0])] = True
    found = []
    height, width = ink.shape
    for at in range(1, count):
        x, y, wide, high, area = (int(v) for v in stats[at])
        if split[at] or (hanging[at] and max(wide, high) < STICKING_OUT * tall):
            continue
        if x == 0 or y == 0 or x + wide == width or y + high == height:
            continue
        if not LEAST * tall <= max(wide, high) or min(wide, high) > MOST * tall:
            continue
        if max(wide, high) > 12 * tall or area < 5 or max(wide, high) > 14 * min(wide, high):
            continue
        found.append((float(x), float(y), float(wide), float(high)))
    return found


def _rows(
    pieces: Sequence[tuple[float, float, float, float]], bands: Image | None = None
) -> list[_Row]:
    """Pieces beside each other, as the letters of a word and the words of a note are.

    What is written up the page goes on behind a line that it crosses: where one of `bands` lies
    between two pieces, there may be letters that were taken away with the line's.
    """
    rows: list[tuple[_Row, tuple[float, float, float, float]]] = []
    for piece in sorted(pieces):
        x, y, wide, high = piece
        for at in range(len(rows) - 1, -1, -1):
            row, (_, py, _, phigh) = rows[at]
            size = max(high, phigh)
            gap, across = x - row.right, row.across
            if bands is not None and APART * size < gap <= CROSSED * size:
                gap -= float(bands[int(y + high / 2), int(row.right) : int(x)].sum())
                across = True
            if (
                -0.4 * size <= gap <= APART * size
                and abs(y + high / 2 - py - phigh / 2) <= LEVEL * size
                and x + wide - row.left <= LONGEST * size
            ):
                grown = _Row(
                    row.left, min(row.top, y), max(row.right, x + wide),
                    max(row.bottom, y + high), row.pieces + 1, across,
                )  # fmt: skip
                rows[at] = (grown, piece)
                break
        else:
            rows.append((_Row(x, y, x + wide, y + high, 1), piece))
    return [row for row, _ in rows]


def _apart(rows: Sequence[_Row]) -> list[_Row]:
    """Each once, though several colours show it; those of the most pieces first."""
    kept: list[_Row] = []
    for row in sorted(rows, key=lambda r: (-r.pieces, r.top, r.left)):
        x, y = (row.left + row.right) / 2, (row.top + row.bottom) / 2
        if not any(k.left <= x <= k.right and k.top <= y <= k.bottom for k in kept):
            kept.append(row)
    return kept


def _read(page: Image, small: Image, bands: Image, row: _Row, factor: float) -> Word | None:
    edge = AROUND * min(row.high, row.wide) + 1
    height, width = small.shape[:2]
    left, top = max(0, int(row.left - edge)), max(0, int(row.top - edge))
    right, bottom = min(width, int(row.right + edge) + 1), min(height, int(row.bottom + edge) + 1)
    box = Box(*(round(v / factor) for v in (left, top, right, bottom)))
    part = np.ascontiguousarray(page[box.top : box.bottom, box.left : box.right])
    if part.ndim == 2:
        part = np.repeat(part[:, :, np.newaxis], 3, axis=2)
    if min(part.shape[:2]) < 4:
        return None
    band = bands[top:bottom, left:right]
    beside: Image = np.asarray(cv2.resize(band, part.shape[1::-1], None, 0, 0, cv2.INTER_NEAREST))
    paper = np.median(part.reshape(-1, 3), axis=0).astype(np.uint8)
    alone = part.copy()
    alone[beside > 0] = paper
    ways = [alone, part] if beside.any() else [part]
    if row.high > 1.3 * row.wide:
        # The feet and heads of two lines' letters are no writing across the line between them.
        ways = [_paler(part, paper, beside)] if row.across else ways
        ways = [np.ascontiguousarray(np.rot90(way, turn)) for way in ways for turn in (1, 3)]
    best: tuple[float, str] = (0.0, "")
    strips = [_strip(way) for way in ways]
    for way, strip, given in zip(ways, strips, rapid.posteriors(strips), strict=True):
        found = rapid.pieces(given, strip.shape[1])
        text = " ".join(piece.text for piece in found)
        letters = _letters(text)
        sure = float(np.mean([piece.confidence for piece in found])) if found else 0.0
        if row.across and letters < FEWEST_ACROSS:
            continue
        if letters == 1 and way is part and beside.any():
            continue  # a letter of the line
        if letters and sure > max(best[0], SURE_ACROSS if row.across else _needed(letters)):
            best = (sure, text)
    sure, text = best
    return Word(text, 0, box, sure) if text else None


def _paler(part: Image, paper: Image, beside: Image) -> Image:
    """Without the ink of a line that is far darker than what is written across it."""
    apart = cv2.absdiff(part, np.full_like(part, paper)).max(axis=2)
    own = float(np.quantile(apart[beside == 0], 0.98)) if (beside == 0).any() else 255.0
    line = ((apart > DARKER * own) & (beside > 0)).astype(np.uint8)
    bare = part.copy()
    bare[cv2.dilate(line, np.ones((3, 3), np.uint8)) > 0] = paper
    return bare


def _needed(letters: int) -> float:
    return SURE_OF[min(letters, len(SURE_OF)) - 1]


def _strip(part: Image) -> Image:
    high, wide = part.shape[:2]
    corners: Floats = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float64)
    return rapid.strip(part, corners)
