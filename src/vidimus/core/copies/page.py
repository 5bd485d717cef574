"""What was read from a copy: words in reading order, where each stands, how sure the reader was.

    Copy ─ Page 1 ─ words    "We" (120,410)-(160,440) 0.97 line 3
                    witness  the same page read a second way, from its picture
                    image    the picture that the boxes are measured in

A PDF can show one text and hide another under it. So a page with a text layer carries
two readings: `words` from the layer and `witness` from the picture; the comparison
believes neither alone. A pasted text has one page, no boxes and no picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the page's `image`; the origin is its top left corner."""

    left: int
    top: int
    right: int
    bottom: int

    def union(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was read, punctuation attached. `confidence` is 0..1, None for typed text."""

    text: str
    line: int
    box: Box | None = None
    confidence: float | None = None


class Source(StrEnum):
    TYPED = "typed"  # pasted or a text file: exact
    LAYER = "layer"  # the PDF's own text: exact, but what the eye sees may differ
    PICTURE = "picture"  # read by OCR: noisy


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `words` in reading order; `line` numbers rise with it."""

    number: int  # from 1
    source: Source
    words: tuple[Word, ...]
    engine: str = ""  # which reader produced `words`, empty for typed text
    width: int = 0  # of `image`, in pixels
    height: int = 0
    image: bytes | None = None  # JPEG, metadata stripped; upright and rectified as it was read
    witness: tuple[Word, ...] = ()  # for LAYER: the same page as read from its picture
    witness_engine: str = ""
    # Text that lies under the picture and is not drawn, as scanners put it there to be
    # searched. Nobody sees it; but it is what is copied out, and what a screen reader says.
    hidden: tuple[Word, ...] = ()
    # Words, also among `words` or `witness`, whose ink is so much paler than that of the
    # words around them that a person may not see them. Software that evens out the light does.
    faint: tuple[Word, ...] = ()
    struck: tuple[Word, ...] = ()  # words that a line goes through
    # Words around the page: a messenger's or a viewer's frame, and what was written below it.
    # They are no words of the page, and are in none of the above; nobody compared them.
    beside: tuple[Word, ...] = ()
    # Small writing between the lines or in a margin, as a second look at what ink is left reads it:
    # in none of the above, and not compared.
    written_in: tuple[Word, ...] = ()
    # How many letter-like shapes, in rows as letters stand, are on the page where no word
    # was read: what a person may see there, nobody compared.
    unexplained: int = 0
    prints_otherwise: bool = False  # a PDF's page that paper shows differently from a screen
    # Among the words of a PDF's own text, or in large letters on a picture, stands ink that is
    # none of the words.
    overdrawn: bool = False
    # Words of a PDF that another reader of PDFs shows or reads otherwise than the first; and
    # whether that other one could not show the page at all.
    elsewhere: tuple[Word, ...] = ()
    second_failed: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """Everything that was read from what somebody holds."""

    kind: str  # "text" | "pdf" | "image"
    pages: tuple[Page, ...]
    checked: tuple[str, ...] = ()  # sentences: what the reader did
    not_checked: tuple[str, ...] = ()  # sentences: what it could not do
    # Why other people may see other words in this file than were read here, whatever these are.
    unsure: tuple[str, ...] = ()
    sealed_by: str = ""  # the key of an electronic signature that holds over the whole file


@dataclass(frozen=True, slots=True)
class Question:
    """Look at this line again: which of these texts does the picture support?"""

    page: int
    box: Box  # the whole text line, in pixels of the page's image
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a second engine saw on that line.

    `scores[i]` is the natural logarithm of the probability of `candidates[i]` given
    the pixels (CTC forward algorithm, Graves et al. 2006); only differences mean
    anything. Empty when the engine could not look.
    """

    read: str
    confidence: float
    scores: tuple[float, ...] = field(default=())
