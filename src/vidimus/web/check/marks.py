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
BORDER = 6  # pixels between a word and its frame


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

    @property
    def name(self) -> str:
        return f"mark-{self.number}"


@dataclass(frozen=True, slots=True)
class Frame:
    """A mark's rectangle on its page, and where its number stands; in pixels of the image."""

    mark: Mark
    left: int
    top: int
    width: int
    height: int
    flag_left: int
    flag_top: int


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
    image: str = ""  # a data: URI
    frames: tuple[Frame, ...] = ()
    flag: int = 0  # side of the flag with the number
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    altered: tuple[Mark, ...]
    unread: tuple[Mark, ...]
    sheets: tuple[Sheet, ...]
    hidden: int  # pages that were read and are not shown


def shown(answer: Answer, copy: Copy) -> Shown:
    """Everything about the words, for the template."""
    marks = [
        _mark(number, difference, number > len(answer.differences))
        for number, difference in enumerate((*answer.differences, *answer.unread), start=1)
    ]
    sheets: list[Sheet] = []
    placed: set[int] = set()
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
            sheets.append(_sheet(page, frames))
        offset += len(page.words)
    final = tuple(replace(mark, shown=mark.number in placed) for mark in marks)
    split = len(answer.differences)
    return Shown(final[:split], final[split:], tuple(sheets), len(copy.pages) - len(sheets))


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


def _sheet(page: Page, frames: tuple[Frame, ...]) -> Sheet:
    assert page.image is not None
    image = "data:image/jpeg;base64," + b64encode(page.image).decode()
    return Sheet(page.number, page.width, page.height, image, frames, _flag(page))


def _flag(page: Page) -> int:
    return max(16, page.width // 38)


def _frames(page: Page, marks: Sequence[Mark]) -> tuple[Frame, ...]:
    side = _flag(page)
    frames = []
    for mark in marks:
        if mark.box is None or page.width <= 0 or page.height <= 0:
            continue
        left = min(max(0, mark.box.left - BORDER), page.width - 1)
        top = min(max(0, mark.box.top - BORDER), page.height - 1)
        right = min(page.width, mark.box.right + BORDER)
        bottom = min(page.height, mark.box.bottom + BORDER)
        # The flag stands above the word, or below it on the first line of the page.
        flag_top = top - side if top >= side else min(bottom, page.height - side)
        frames.append(
            Frame(
                mark,
                left,
                top,
                max(1, right - left),
                max(1, bottom - top),
                min(left, max(0, page.width - 2 * side)),
                flag_top,
            )
        )
    return tuple(frames)


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
