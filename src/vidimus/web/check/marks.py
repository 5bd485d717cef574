"""Where the altered words stand, ready to be drawn: numbers, boxes, and the words around.

A mark is a solid frame for an alteration and a dashed one for a word that could not be
read with certainty; both carry the number of their line in the list, so that nothing
hangs on colour.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vidimus.core.copies.answers import Answer, Difference
from vidimus.core.copies.page import Box, Copy, Page, Source

SHOWN_PAGES = 6  # pictures of pages without marks are shown up to this many pages
MARKED_PAGES = 12  # pictures of pages at most
AROUND = 40  # words shown on both sides of a mark in a long text
LONG = 3_000  # words; a longer text is shown around its marks only
CLOSE = 4.5  # how much wider than high a close-up is
BORDER = 6  # pixels between a word and its frame, at least
CLEAR = 160  # a page is so many times as wide as that, so that a phone shows the gap too


Area = tuple[int, int, int, int]  # left, top, width, height, in pixels of a page's picture


@dataclass(frozen=True, slots=True)
class Close:
    """The part of the page to show beside a mark, and the frame in it."""

    view: Area
    frame: Area


@dataclass(frozen=True, slots=True)
class Mark:
    number: int
    kind: str
    registered: str
    copy: str
    page: int
    doubt: bool
    box: Box | None
    span: tuple[int, int]
    shown: bool = False  # there is something on the page to link to
    close: Close | None = None

    @property
    def name(self) -> str:
        return f"mark-{self.number}"


@dataclass(frozen=True, slots=True)
class Frame:
    """A mark's rectangle on its page. Its number stands in the gutter, where it hides no word."""

    mark: Mark
    area: Area
    flag_top: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words, or one mark among them; `gap` stands for words that are left out."""

    text: str = ""
    mark: Mark | None = None
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the copy as it is shown."""

    number: int
    width: int = 0
    height: int = 0
    image: str = ""  # a data: URI; it stands on the page once, the close-ups point to it
    frames: tuple[Frame, ...] = ()
    gutter: int = 0  # width of the strip beside the picture that holds the numbers
    flag: int = 0  # height of a number's flag
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    altered: tuple[Mark, ...]
    unread: tuple[Mark, ...]
    sheets: tuple[Sheet, ...]
    hidden: int  # pages that were read and are not shown


def shown(answer: Answer, copy: Copy) -> Shown:
    """Everything about the words, for the template."""
    altered = _places(answer.differences)
    unread = _places(answer.unread, known=altered)
    marks = [
        _mark(number, found, number > len(altered))
        for number, found in enumerate((*altered, *unread), start=1)
    ]
    sheets: list[Sheet] = []
    placed: set[int] = set()
    close: dict[int, Close] = {}
    few = len(copy.pages) <= SHOWN_PAGES
    offset = 0
    for page in copy.pages:
        here = [mark for mark in marks if mark.page == page.number]
        if page.source is Source.TYPED:
            pieces, numbers = _pieces(page, offset, here)
            sheets.append(Sheet(page.number, pieces=pieces))
            placed |= numbers
        elif page.image and len(sheets) < MARKED_PAGES and (few or here or not sheets):
            frames = _frames(page, here)
            placed |= {frame.mark.number for frame in frames}
            close.update((frame.mark.number, _close(page, frame.area)) for frame in frames)
            sheets.append(_sheet(page, frames))
        offset += len(page.words)
    final = tuple(
        replace(mark, shown=mark.number in placed, close=close.get(mark.number)) for mark in marks
    )
    split = len(altered)
    return Shown(final[:split], final[split:], tuple(sheets), len(copy.pages) - len(sheets))


def _places(
    found: Sequence[Difference], known: Sequence[Difference] = ()
) -> tuple[Difference, ...]:
    """Each place once: a PDF's text layer and its picture both tell of the same one."""
    named = {_place(each) for each in known}
    kept = []
    for each in found:
        if _place(each) not in named:
            named.add(_place(each))
            kept.append(each)
    return tuple(kept)


def _place(found: Difference) -> tuple[int, tuple[int, int], str]:
    return found.page, found.at, found.copy


def _mark(number: int, found: Difference, doubt: bool) -> Mark:
    return Mark(
        number,
        found.kind.value,
        found.registered,
        found.copy,
        found.page,
        doubt,
        found.box,
        found.copy_at,
    )


def _sheet(page: Page, frames: Sequence[Frame]) -> Sheet:
    assert page.image is not None
    image = "data:image/jpeg;base64," + b64encode(page.image).decode()
    gutter = page.width // 11 if frames else 0
    flag = min(gutter // 2, page.height // max(1, len(frames)))
    flagged = _flagged(frames, flag, page.height)
    return Sheet(page.number, page.width, page.height, image, flagged, gutter, flag)


def _frames(page: Page, marks: Sequence[Mark]) -> tuple[Frame, ...]:
    frames = []
    for mark in marks:
        if mark.box is None or page.width <= 0 or page.height <= 0:
            continue
        border = max(BORDER, page.width // CLEAR)
        left = min(max(0, mark.box.left - border), page.width - 1)
        top = min(max(0, mark.box.top - border), page.height - 1)
        right = min(page.width, mark.box.right + border)
        bottom = min(page.height, mark.box.bottom + border)
        frames.append(Frame(mark, (left, top, max(1, right - left), max(1, bottom - top))))
    return tuple(frames)


def _flagged(frames: Sequence[Frame], flag: int, height: int) -> tuple[Frame, ...]:
    """Each number beside its word's line, pushed down, then up, until none covers another."""
    ordered = sorted(frames, key=lambda frame: (frame.area[1], frame.area[0]))
    tops: list[int] = []
    for frame in ordered:
        wanted = frame.area[1] + frame.area[3] // 2 - flag // 2
        tops.append(max(wanted, tops[-1] + flag if tops else 0))
    floor = height
    for i in reversed(range(len(tops))):
        tops[i] = max(0, min(tops[i], floor - flag))
        floor = tops[i]
    return tuple(replace(f, flag_top=top) for f, top in zip(ordered, tops, strict=True))


def _close(page: Page, frame: Area) -> Close:
    """The line around a frame, a few times as wide as high, within the page."""
    left, top, wide, high = frame
    height = max(3 * high, round((wide + 8 * high) / CLOSE), 24)
    width = min(page.width, round(CLOSE * height))
    height = min(page.height, round(width / CLOSE))
    start = min(max(0, left + wide // 2 - width // 2), page.width - width)
    above = min(max(0, top + high // 2 - height // 2), page.height - height)
    return Close((start, above, width, height), frame)


def _pieces(page: Page, offset: int, marks: Sequence[Mark]) -> tuple[tuple[Piece, ...], set[int]]:
    """The words of a typed page with its marks among them, and the numbers of those placed."""
    pieces: list[Piece] = []
    numbers: set[int] = set()
    at = 0
    for mark in sorted(marks, key=lambda mark: mark.span):
        start, stop = mark.span[0] - offset, mark.span[1] - offset
        if not at <= start <= stop <= len(page.words):
            continue  # inside a mark before it; the list still names it
        pieces += _between(page, at, start)
        # Words that are missing stand between two others: a space, and no word of the copy.
        pieces.append(Piece(_join(page, start) if start < stop else " "))
        pieces.append(Piece(_run(page, start, stop), mark))
        numbers.add(mark.number)
        at = stop
    pieces += _between(page, at, len(page.words))
    return tuple(pieces), numbers


def _between(page: Page, start: int, stop: int) -> list[Piece]:
    """The words from one mark to the next; of a long text only those near a mark."""
    if start >= stop:
        return []
    if len(page.words) <= LONG or stop - start <= 2 * AROUND:
        return [Piece(_join(page, start) + _run(page, start, stop))]
    found = []
    if start > 0:
        found.append(Piece(_join(page, start) + _run(page, start, start + AROUND)))
    found.append(Piece(gap=True))
    if stop < len(page.words):
        found.append(Piece(_run(page, stop - AROUND, stop)))
    return found


def _run(page: Page, start: int, stop: int) -> str:
    parts = []
    for i in range(start, stop):
        parts.append(page.words[i].text if i == start else _join(page, i) + page.words[i].text)
    return "".join(parts)


def _join(page: Page, at: int) -> str:
    """What stood between this word and the one before: a space, a line's end, a blank line."""
    if at == 0:
        return ""
    lines = page.words[at].line - page.words[at - 1].line
    return " " if lines <= 0 else "\n" * min(lines, 2)
