"""Asking the pixels: each doubtful reading becomes noise, an alteration, or stays unread.

The registered text is known, so the question is not "what does the picture say?" but "does
it support the registered word, or the read one?" (CTC forward score of each, Graves et al.
2006). Measured: misreadings score 0 to 5 in favour of what was read, a changed digit 13 to
18, a changed word 50 to 400. Three outcomes, never two: what the pixels do not decide stays
a doubt, and a word that matters is noise only when every witness says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from rapidfuzz.distance import Levenshtein

from vidimus.core.copies.alignment import align_whole
from vidimus.core.copies.asked import Asked, place, plan
from vidimus.core.copies.canonical import canonical
from vidimus.core.copies.compared import SEEN, WITNESSED, Comparison, Doubt
from vidimus.core.copies.differences import MATTERS, folded
from vidimus.core.copies.page import Copy, Evidence, Question
from vidimus.core.copies.tokens import Token, registered_tokens
from vidimus.errors import UsageError

ALTERED = 10.0  # natural logarithm: above it, the pixels say what was read
CERTAIN = 25.0  # far above it: they say so without a second engine
NOISE = 5.0  # below it, they do not tell a misreading from the registered word
DIGITS = 7.0  # above it, when one engine alone read other digits, and read them twice
ALIKE = 2.0  # below it, both words explain the pixels
LOOKED = 0.85  # confidence in both looks, from which one engine's word counts without another's
SEEN_WELL = 0.6  # confidence in the second look, below which its scores clear nobody
NEIGHBOUR = 0.75  # similarity from which a word is the neighbour, read with a slip
SURE = 0.9  # the first engine's confidence in a word that is not dismissed lightly


class _Outcome(Enum):
    NOISE = "noise"
    ALTERED = "altered"
    UNREAD = "unread"


def questions(copy: Copy, comparison: Comparison) -> tuple[Question, ...]:
    """The stretches of lines to be read again: each doubt with a few words around it.

    `candidates` are the stretch as registered, as read and, where several words of it are
    doubtful, for each of them in turn the stretch as read with that word alone as registered.
    Every candidate must be scored.
    """
    return tuple(asked.question for asked in plan(copy, comparison))


def settle(copy: Copy, comparison: Comparison, evidence: Sequence[Evidence]) -> Comparison:
    """The comparison after the pixels were asked; `evidence` answers `questions`, in order.

    Without evidence every doubt stays. Raises UsageError when the evidence belongs to other
    questions.
    """
    asked_of = plan(copy, comparison)
    if not evidence:
        return comparison
    if len(evidence) != len(asked_of):
        raise UsageError(
            f"{len(evidence)} readings for {len(asked_of)} questions",
            hint="answer every question once, in order",
        )
    outcomes: dict[Doubt, set[_Outcome]] = {}
    for asked, said in zip(asked_of, evidence, strict=True):
        for i, doubt in enumerate(asked.doubts):
            outcomes.setdefault(doubt, set()).add(_outcome(asked, i, doubt, said))
    kept: list[Doubt] = []
    differences = list(comparison.differences)
    seen = bytearray(comparison.seen)
    noise = comparison.noise
    for doubt in comparison.doubts:
        found = outcomes.get(doubt, {_Outcome.UNREAD})
        if _Outcome.NOISE in found:  # between two lines, one may well not have the words
            noise += 1
            _see(seen, doubt)
        elif _Outcome.UNREAD in found:
            kept.append(replace(doubt, asked=doubt in outcomes))
        else:
            differences.append(doubt.difference)
            if doubt.difference.copy:
                _see(seen, doubt)
    return replace(
        comparison,
        differences=tuple(differences),
        doubts=tuple(kept),
        noise=noise,
        seen=bytes(seen),
    )


def _see(seen: bytearray, doubt: Doubt) -> None:
    for i in range(*doubt.tokens):
        seen[i] |= WITNESSED if doubt.witness else SEEN | WITNESSED


def _outcome(asked: Asked, i: int, doubt: Doubt, said: Evidence) -> _Outcome:
    if doubt.between:
        return _overlooked_outcome(doubt, said)
    scores = said.scores
    ratio: float | None = None
    if len(scores) == len(asked.question.candidates):
        ratio = scores[1] - scores[2 + i if len(asked.doubts) > 1 else 0]
    if ratio is not None and ratio != ratio:  # not a number: the engine could not look
        ratio = None
    reads_ours = _reads(said.read, asked, doubt, doubt.difference.registered)
    reads_theirs = _reads(said.read, asked, doubt, doubt.difference.copy)
    if not reads_theirs and _digits_differ(doubt):
        # A comma and a full stop are a pixel apart; that other digits stand there, both say.
        theirs = _unmarked(doubt.difference.copy)
        reads_theirs = not reads_ours and theirs in _unmarked(said.read).split()
    # Words may be set beside the wrong ones where much is misread. So the scores decide alone
    # only for a word replaced by another, on a line where nobody reads the registered one.
    ours = set(_compared(doubt.difference.registered))
    replaced = bool(ours and doubt.difference.copy)
    alone = replaced and ours.isdisjoint(_compared(said.read))
    if ratio is not None and ratio < ALTERED and _print_alike(doubt):
        return _Outcome.NOISE
    decide = _decide_again if asked.again else _decide
    return decide(doubt, ratio, said.confidence, reads_ours, reads_theirs, alone)


def _overlooked_outcome(doubt: Doubt, said: Evidence) -> _Outcome:
    """Words between two lines are there when the second engine reads just them."""
    refused = len(said.scores) == 2 and said.scores[0] <= said.scores[1]
    there = _compared(said.read) == _compared(doubt.difference.registered)
    return _Outcome.NOISE if there and not refused else _Outcome.UNREAD


def _decide(
    doubt: Doubt,
    ratio: float | None,
    confidence: float,
    reads_ours: bool,
    reads_theirs: bool,
    alone: bool,
) -> _Outcome:
    """`ratio` is how much more the pixels support what was read than what is registered."""
    plausible = _plausible(doubt.difference.copy)
    matters = doubt.difference.kind in MATTERS
    agreed = reads_theirs and not reads_ours and plausible
    if ratio is None:
        if agreed:
            return _Outcome.ALTERED
        dismissed = reads_ours and not matters and confidence >= 0.5
        return _Outcome.NOISE if dismissed else _Outcome.UNREAD
    if ratio >= ALTERED:
        # The other engine may have read what it expected; then nobody knows.
        certain = alone and ratio >= CERTAIN and plausible
        return _Outcome.ALTERED if agreed or certain else _Outcome.UNREAD
    if reads_ours and ratio <= 0:
        return _Outcome.NOISE
    if agreed and ratio >= NOISE:
        return _Outcome.ALTERED
    if matters:
        return _Outcome.UNREAD
    if reads_ours or (ratio <= 0 and not reads_theirs and confidence >= SEEN_WELL):
        return _Outcome.NOISE
    alike, tiny = _slip(doubt)
    low = doubt.confidence is None or doubt.confidence < SURE
    if ratio < NOISE and (alike or (tiny and low and not reads_theirs)):
        return _Outcome.NOISE
    return _Outcome.UNREAD


def _decide_again(
    doubt: Doubt,
    ratio: float | None,
    confidence: float,
    reads_ours: bool,
    reads_theirs: bool,
    alone: bool,
) -> _Outcome:
    """The same where one engine looks twice: that it agrees with itself proves little.

    So the scores must be clear, and both looks sure. Measured on photos taken in a hurry: its
    misreadings score up to 10 in their own favour and are seldom words; of 62 alterations all
    scored more than 7, and all but three more than 10.
    """
    plausible = _plausible(doubt.difference.copy)
    matters = doubt.difference.kind in MATTERS
    sure = min(confidence, 1.0 if doubt.confidence is None else doubt.confidence) >= LOOKED
    agreed = reads_theirs and not reads_ours
    if ratio is not None and plausible and sure:
        confused, _ = _slip(doubt)
        least = DIGITS if _digits_differ(doubt) else CERTAIN if confused else ALTERED
        if (agreed and ratio >= least) or (alone and ratio >= CERTAIN):
            return _Outcome.ALTERED
    if reads_ours and (ratio is None or ratio <= 0 or (ratio < ALTERED and not matters)):
        return (
            _Outcome.NOISE
            if confidence >= 0.5 and not (matters and ratio is None)
            else _Outcome.UNREAD
        )
    if ratio is None or matters:
        return _Outcome.UNREAD
    alike = ratio < ALIKE and _slip(doubt)[1] and not _inflected(doubt)
    return _Outcome.NOISE if alike and confidence >= LOOKED else _Outcome.UNREAD


def _print_alike(doubt: Doubt) -> bool:
    """ "Ila" and "lla": in many types nobody can tell them apart, so nobody can forge by it."""
    ours, theirs = (
        re.sub(r"(?<![0-9])[I|](?![0-9])", "l", text)
        for text in (doubt.difference.registered, doubt.difference.copy)
    )
    return ours == theirs


def _digits_differ(doubt: Doubt) -> bool:
    """Whether a number stands for another: a letter in it would be a misreading."""
    ours, theirs = _unmarked(doubt.difference.registered), _unmarked(doubt.difference.copy)
    return ours.isdigit() and theirs.isdigit() and ours != theirs


def _unmarked(text: str) -> str:
    return re.sub(r"[.,]", "", text)


def _inflected(doubt: Doubt) -> bool:
    """Whether these may both be words: short ones, and ones of which the other is a part."""
    ours, theirs = (
        "".join(token.key for token in registered_tokens(text))
        for text in (doubt.difference.registered, doubt.difference.copy)
    )
    short, long = sorted((ours, theirs), key=len)
    return len(short) < 4 or long.startswith(short) or long.endswith(short)


def _slip(doubt: Doubt) -> tuple[bool, bool]:
    """Whether only letters that reading confuses differ; whether hardly a letter differs."""
    ours, theirs = doubt.difference.registered.lower(), doubt.difference.copy.lower()
    tiny = Levenshtein.distance(ours, theirs) <= max(1, len(ours) // 4)
    return folded(ours) == folded(theirs), tiny


def _plausible(text: str) -> bool:
    """Whether somebody may have written this: no "c0untry", no "thc".

    Without a dictionary, a word is taken for one when it has letters or digits only and,
    in Latin script, a vowel. Nothing at all, for words taken out, is plausible.
    """
    for token in registered_tokens(text):
        for piece in re.split(r"[^\w]", token.form):
            if not piece or piece.isdigit() or len(piece) < 3 or token.text.isupper():
                continue
            if not piece.isalpha():
                return bool(re.fullmatch(r"\d+[^\W\d_]+|[^\W\d_]+\d+", piece))
            if piece.isascii() and not re.search("[aeiouy]", piece):
                return False
    return True


def _reads(read: str, asked: Asked, doubt: Doubt, words: str) -> bool:
    """Whether the second engine's line has exactly `words` where the doubt is."""
    lo, hi = place(doubt, asked.start)
    inside = canonical(asked.words[lo].text) if hi - lo == 1 else ""
    theirs = doubt.difference.copy
    if inside and inside != theirs and theirs in inside:
        words = inside.replace(theirs, words, 1)
    before = _compared(" ".join(word.text for word in asked.words[:lo]))
    middle = _compared(words)
    after = _compared(" ".join(word.text for word in asked.words[hi:]))
    line = _compared(read)
    if not line:
        return False
    whole = [*before, *middle, *after]
    start, end = len(before), len(before) + len(middle)
    found = [False] * len(whole)
    near = [False] * len(whole)
    for cell in align_whole(whole, line).cells:
        if cell.r0 == cell.r1 and start <= cell.r0 <= end:
            return False  # something else stands there too
        ours, theirs = "".join(whole[cell.r0 : cell.r1]), "".join(line[cell.c0 : cell.c1])
        found[cell.r0 : cell.r1] = [ours == theirs] * (cell.r1 - cell.r0)
        alike = Levenshtein.normalized_similarity(ours, theirs) >= NEIGHBOUR
        near[cell.r0 : cell.r1] = [alike] * (cell.r1 - cell.r0)
    if middle:
        return all(found[start:end])
    # Nothing stands there only if both neighbours were read, side by side; for that it does not
    # matter whether every letter of theirs was.
    return all(near[max(0, start - 1) : start + 1])


def _compared(text: str) -> list[str]:
    return [_sharp(token) for token in registered_tokens(text)]


def _sharp(token: Token) -> str:
    """Marks count inside numbers, and a question mark counts."""
    form = token.form if any(c.isdigit() for c in token.key) else token.key
    return form + "?" * token.question
