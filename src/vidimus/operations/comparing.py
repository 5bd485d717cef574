"""Which registered wordings a copy may be of, and what comparing it with each of them shows."""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.copies.canonical import digest
from vidimus.core.copies.fingerprints import asked
from vidimus.core.copies.furniture import our_lines
from vidimus.core.copies.page import Copy
from vidimus.core.copies.recognise import (
    Comparison,
    Registered,
    nearest,
    questions,
    recognise,
    settle,
)
from vidimus.core.copies.sheets import in_order
from vidimus.operations.ports import IndexedText, Progress, Reader, TextIndex

MOST_LETTERS = 8  # how many letters are compared word by word (research: recall@8 is 100 %)
LIKELY = 64  # letters that the index proposes, and of which all runs are looked at
NARROWED = 128  # … with every wording; of more, the latest wordings are looked at before
# Letters that share nearly as many runs as the nearest: they are compared too, and if there are
# more of them, nobody can say which it is.
CLOSE = 4
MOST_CLOSE = 8
MOST_TEXTS = 24  # wordings that are compared, besides one of each of the nearest letters
# A text that shares so many runs of six letters less with the copy than the nearest one does is
# not nearer to it: an altered word costs a dozen.
FAR = 16
KIN = 2  # other letters that stay beside the nearest, to show whether it is one of a form


def wordings(
    copy: Copy, indexes: Sequence[TextIndex], size: int
) -> tuple[tuple[IndexedText, ...], bool]:
    """The wordings to compare with, and whether there are more than can be compared."""
    found: dict[tuple[str, int], IndexedText] = {}
    crowded = False
    for text in _readings(copy):
        grams = asked(text)
        for index in indexes:
            texts, more = _likely(text, index, index.candidates(grams, LIKELY), size)
            crowded = crowded or more
            # What is word for word a registered text is compared with that one in any case.
            exact = index.wordings(index.named(digest(text)))
            for each in (*_known(exact, size), *_worth(text, texts)):
                found.setdefault((each.letter, each.version), each)
    return tuple(found.values()), crowded


def _likely(
    read: str, index: TextIndex, voted: tuple[str, ...], size: int
) -> tuple[list[IndexedText], bool]:
    """The wordings of the few letters that it may be of, and whether others are as likely."""
    if len(voted) > NARROWED:
        # What a letter said earlier is looked at only where its latest wording is near.
        voted = tuple(letter for letter, _ in _ranked(read, _known(index.latest(voted), size)))
    texts = _known(index.wordings(voted[:NARROWED]), size)
    if len(voted) <= MOST_LETTERS:
        return texts, False
    ranked = _ranked(read, texts)
    least = ranked[0][1] - CLOSE if ranked else 0
    close = [letter for letter, count in ranked[MOST_LETTERS:] if count >= least]
    named = {letter for letter, _ in ranked[:MOST_LETTERS]}.union(close[:MOST_CLOSE])
    return [each for each in texts if each.letter in named], len(close) > MOST_CLOSE


def _known(texts: Sequence[IndexedText], size: int) -> list[IndexedText]:
    """A wording is known from the entry on that made it known."""
    return [each for each in texts if each.since < size]


def _ranked(read: str, texts: Sequence[IndexedText]) -> list[tuple[str, int]]:
    """The letters of these texts, nearest first, with how many runs they share with the copy."""
    from vidimus.core.copies.narrow import shared

    counts, weighed = shared(read, [each.text for each in texts])
    best: dict[str, tuple[int, int]] = {}
    for each, weight, count in zip(texts, weighed.tolist(), counts.tolist(), strict=True):
        best[each.letter] = max((weight, count), best.get(each.letter, (0, 0)))
    ranked = sorted(best, key=lambda letter: best[letter], reverse=True)
    return [(letter, best[letter][1]) for letter in ranked]


def _worth(read: str, texts: Sequence[IndexedText]) -> list[IndexedText]:
    """Those that share nearly as much with the copy as the best does, and a few others."""
    if len(texts) <= KIN:
        return list(texts)
    from vidimus.core.copies.narrow import shared

    counts, weighed = (each.tolist() for each in shared(read, [each.text for each in texts]))
    order = sorted(range(len(texts)), key=lambda at: (-counts[at], -weighed[at]))
    least = counts[order[0]] - FAR - counts[order[0]] // 50
    chosen: list[IndexedText] = []
    letters: set[str] = set()
    for at in order:
        letter = texts[at].letter
        if counts[at] >= least and len(chosen) < MOST_TEXTS:
            chosen.append(texts[at])
        elif letter in letters or len(letters) > KIN or counts[at] < counts[order[0]] // 2:
            continue
        else:
            chosen.append(texts[at])
        letters.add(letter)
    return chosen


def compared(
    parts: Sequence[bytes],
    copy: Copy,
    found: Sequence[IndexedText],
    reader: Reader,
    progress: Progress,
    origin: str = "",
) -> tuple[Comparison, ...]:
    """The nearest of these wordings, each compared word by word; ties together.

    `origin`: of the register, whose own lines on its papers are none of the text.
    """
    copy = in_order(copy)
    candidates = [
        Registered(w.letter, w.version, w.language, w.text, our_lines(w.letter, origin))
        for w in found
    ]
    comparisons = recognise(copy, candidates)
    if not any(questions(copy, each) for each in comparisons):
        return nearest(comparisons)
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
