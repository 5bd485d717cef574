"""What is to be set on paper: the registered words, and what we print around them.

    Sir,                                a short line keeps its end, as in an address
                                        an empty line parts paragraphs
    the patrol will be repositioned     a long line was broken by the writer's own editor:
    to the outer harbour.               it flows on
    - the first point                   an item keeps its mark and begins a line

No word is added, dropped or broken: what stands on the paper is what was registered. What we
print besides is furniture (core/copies/furniture.py). See spec/paper.md, section 4.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

FULL_LINE = 60  # characters: a line at least so long was not ended on purpose
_ITEM = re.compile(r"(?:[-–—•·*◦▪]|\(?[0-9٠-٩]{1,3}[.)]|\(?[A-Za-z]\)|[IVXivx]{1,4}\.)\s+\S")
_LEFTWARD = frozenset(["ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "ckb", "dv", "arc"])
# No longer word is kept together: it would stick out of the page.
_LONGEST_KEPT = 30
_JOINTS = frozenset("-‐‑–—/")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or an item of a list. Lines are to be broken only where the page ends."""

    lines: tuple[str, ...]
    leftward: bool
    item: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One copy. `seal` None: a coordination copy, which says so in `above` on every page."""

    title: str
    reference: str
    office: str
    cls: str
    language: str
    made: datetime
    blocks: tuple[Block, ...]
    above: tuple[str, ...] = ()  # on every page
    number: str = ""  # the letter's, grouped
    copy: str = ""  # copy 2 of 5
    host: str = ""
    seal: str | None = None
    bundle: bytes | None = None

    @property
    def leftward(self) -> bool:
        return self.language.partition("-")[0] in _LEFTWARD

    @property
    def reads_leftward(self) -> bool:
        """Whether any of it needs letters that run to the left."""
        return self.leftward or any(each.leftward for each in self.blocks)


@dataclass(frozen=True, slots=True)
class MadeCopy:
    """A copy that was made: what a `dispatch` can name. `receiver` may be empty."""

    number: int
    of: int
    sha256: str
    file: str
    receiver: str = ""


def blocks(text: str) -> tuple[Block, ...]:
    """The paragraphs of a registered text."""
    found: list[Block] = []
    lines: list[str] = []
    flows = False

    def finish() -> None:
        nonlocal lines, flows
        if lines:
            first = " ".join(lines)
            found.append(Block(tuple(lines), _leftward(first), _is_item(lines[0])))
        lines, flows = [], False

    for raw in text.splitlines():
        line = " ".join(raw.split())
        if not line:
            finish()
            continue
        if _is_item(line):
            finish()
        if flows and lines:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
        flows = len(line) >= FULL_LINE
    finish()
    return tuple(found)


def pieces(line: str) -> list[tuple[str, bool]]:
    """The line in pieces; those marked must not be broken.

    At the end of a line nobody could tell the hyphen of “re-sign” from a printer's own.
    """
    made: list[tuple[str, bool]] = []
    for word in re.split(r"( )", line):
        kept = (
            len(word) <= _LONGEST_KEPT
            and bool(_JOINTS.intersection(word[:-1]))
            and not any(unicodedata.bidirectional(each) in ("R", "AL") for each in word)
        )
        if made and not kept and not made[-1][1]:
            made[-1] = (made[-1][0] + word, False)
        else:
            made.append((word, kept))
    return [each for each in made if each[0]]


def coordination_mark(copy: int, of: int, receiver: str) -> str:
    """What stands on every page of a draft that leaves the office."""
    return f"coordination copy {copy} of {of} — not released — for {receiver}"


def _is_item(line: str) -> bool:
    return _ITEM.match(line) is not None


def _leftward(text: str) -> bool:
    """By its first letter of a strong direction (UAX 9, rule P2)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
