"""Which registered wordings a copy may be of, and what comparing it with each of them shows."""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.copies.canonical import digest
from vidimus.core.copies.fingerprints import fingerprints
from vidimus.core.copies.page import Copy
from vidimus.core.copies.recognise import (
    Comparison,
    Registered,
    nearest,
    questions,
    recognise,
    settle,
)
from vidimus.operations.ports import CROWDED, IndexedText, Progress, Reader, TextIndex

MOST_LETTERS = 8  # how many letters are compared word by word (research: recall@8 is 100 %)
SHORT = 400  # characters; a shorter text asks with every gram it has, not with a sample


def wordings(
    copy: Copy, indexes: Sequence[TextIndex], size: int
) -> tuple[tuple[IndexedText, ...], bool]:
    """The wordings to compare with, and whether there are more than can be compared."""
    found: dict[tuple[str, int], IndexedText] = {}
    crowded = False
    for text in _readings(copy):
        grams = fingerprints(text, every=len(text) < SHORT)
        for index in indexes:
            voted = index.candidates(grams, MOST_LETTERS)
            crowded = crowded or len(voted) >= CROWDED
            # What is word for word a registered text is compared with that one first.
            for each in index.wordings((*index.named(digest(text)), *voted)):
                # A wording is known from the entry on that made it known.
                if each.since < size:
                    found.setdefault((each.letter, each.version), each)
    return tuple(found.values()), crowded


def compared(
    parts: Sequence[bytes],
    copy: Copy,
    found: Sequence[IndexedText],
    reader: Reader,
    progress: Progress,
) -> tuple[Comparison, ...]:
    """The nearest of these wordings, each compared word by word; ties together."""
    candidates = [Registered(w.letter, w.version, w.language, w.text) for w in found]
    comparisons = recognise(copy, candidates)
    if not any(questions(copy, each) for each in comparisons):
        return comparisons
    progress("looking again at the words that differ", None)
    settled = []
    for each in comparisons:
        asked = questions(copy, each)
        evidence = reader.reread(parts, asked) if asked else ()
        settled.append(settle(copy, each, evidence))
    return nearest(settled)


def _readings(copy: Copy) -> list[str]:
    """What to look for: the text of the whole copy, and what its pictures say instead."""
    words = " ".join(word.text for page in copy.pages for word in page.words)
    witness = " ".join(word.text for page in copy.pages for word in page.witness)
    return [each for each in (words, witness) if each]
