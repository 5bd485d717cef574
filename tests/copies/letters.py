"""Letters, copies of them, and pictures misread, for the tests of this folder. Nobody is real."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from vidimus.core.copies.page import Box, Copy, Evidence, Page, Question, Source, Word
from vidimus.core.copies.recognise import Registered

LETTER = """Headquarters of the Northern Mission
Reference NM/2031/117
12 March 2031

Dear Minister,

In due deference to the sovereignty of your country, and as requested by the Assembly, the
Mission will be repositioning its forces over the course of the coming days and weeks to
prepare for onward movement. The staff will not leave before 14 May 2031, and 1,250 of them
shall remain in Northville until the harbour is closed.

The cost is $10.5 million, or 12 % of the yearly budget. Nobody may enter the depot without a
permit. We respect the decision that ordered our departure. Will your office answer this?

During this time we will conduct operations that we are confident will be visible to the
public, including more flights around the central district; such activity is necessary to
carry out the move in a safe and orderly manner.

Sincerely,

Ada Example
Head of Mission"""

VOCABULARY = [
    word
    for line in (
        "the of and to in a we will not must may country office minister letter forces move",
        "remain depot Northville Example March May 14 2031 1,250 12% $10.5 Nobody harbour",
        "movement answer decision respect safe orderly public flights district budget permit",
        "without never shall should during conduct operations confident visible including central",
        "activity carry out",
    )
    for word in line.split()
]


def registered(text: str, version: int = 1, letter: str = "NM-1") -> Registered:
    return Registered(letter, version, "en", text)


def typed(text: str) -> Copy:
    lines = text.split("\n")
    words = tuple(Word(word, i) for i, line in enumerate(lines) for word in line.split())
    return Copy("text", (Page(1, Source.TYPED, words),))


def printed(text: str, confidence: float | None = None) -> tuple[Word, ...]:
    """The words of a text with boxes as if it were printed, ten pixels a letter."""
    words = []
    for i, line in enumerate(text.split("\n")):
        left = 100
        for word in line.split():
            box = Box(left, 100 + 40 * i, left + 10 * len(word), 130 + 40 * i)
            words.append(Word(word, i, box, confidence))
            left = box.right + 10
    return tuple(words)


def picture(*texts: str, confidence: float = 0.95) -> Copy:
    pages = tuple(
        Page(i, Source.PICTURE, printed(text, confidence), "ocr", 1400, 2000)
        for i, text in enumerate(texts, 1)
    )
    return Copy("image", pages)


def layered(layer: str, shown: str | None) -> Copy:
    """A PDF whose own text is `layer` and whose picture shows `shown`."""
    witness = printed(shown, 0.95) if shown is not None else ()
    page = Page(1, Source.LAYER, printed(layer), "pdf", 1400, 2000, None, witness, "ocr")
    return Copy("pdf", (page,))


CONFUSIONS = (("rn", "m"), ("o", "0"), ("l", "1"), ("e", "c"), ("i", "l"), ("h", "b"), ("u", "ii"))


def misread(text: str, seed: int, share: float) -> str:
    """A text as a poor reader would have it; lines stay."""
    random = Random(seed)
    out = []
    for char in text:
        roll = random.random()
        if char in "\n " or roll > share:
            out.append(char)
        elif roll < share / 2:
            out.append(dict(CONFUSIONS).get(char, random.choice("abcdefgnotu")))
        elif roll < 0.8 * share:
            out.append(char + random.choice("il.,"))
    return "".join(out)


def look(shown: Sequence[str], questions: Sequence[Question]) -> tuple[Evidence, ...]:
    """What a second engine sees that reads without a fault: `shown[n]` is printed on page n + 1."""
    said = []
    for question in questions:
        line = _within(shown[question.page - 1], question.box)
        scores = tuple(-12.0 * Levenshtein.distance(line, text) for text in question.candidates)
        said.append(Evidence(line, 0.97, scores))
    return tuple(said)


def _within(text: str, box: Box) -> str:
    """The printed words whose middle lies in this box, give or take half a word."""
    seen = []
    for word in printed(text):
        assert word.box is not None
        middle = (word.box.left + word.box.right) / 2
        if word.box.top == box.top and box.left - 20 <= middle <= box.right + 20:
            seen.append(word.text)
    return " ".join(seen)


sentences = st.lists(st.sampled_from(VOCABULARY), min_size=12, max_size=120)
