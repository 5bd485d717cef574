"""What a quotation was cut from: the rest of its sentence, and what stands there instead.

    registered   The boats will not | enter the Old Basin between 21:00 and 05:00.
    quoted       They may “enter the Old Basin between 21:00 and 05:00”.      torn from its “not”
    quoted       They will not “enter the Old Basin between 21:00 and 05:00”. rightly led up to

Whoever quotes a part of a sentence says the rest in his own words, and may. But where a “not”,
an “if”, or the very number beside the quotation is not among them, it says something else.
"""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.copies.alignment import align_whole
from vidimus.core.copies.passage import Passage, boundary, said
from vidimus.core.copies.quotation import CONDITIONS, TURNING, Stretch, serious
from vidimus.core.copies.tokens import Token
from vidimus.core.copies.units import equal
from vidimus.core.copies.words import NEGATIONS

_BESIDE = 5  # words before a quotation in which a “not” may be its own
_HEAD = 80  # words of its sentence before it that are looked at
_OUTSIDE = 12  # words beside the quotation marks that lead up to it, or on from it
_ALIKE = 3  # of them, at least, are the letter's where they are held against it
_PAUSES = (",", "،", ";", "؛")
NOTHING = Stretch()


def cut(passage: Passage, before: Stretch = NOTHING, after: Stretch = NOTHING) -> str | None:
    """The words that were cut off before or behind it, on which its sentence hangs.

    None where what stands outside, before and after the quotation marks, says them as well.
    """
    tokens, start, stop = passage.tokens, passage.start, passage.stop
    begin = _sentence(tokens, start)
    if _torn_before(tokens[begin:start], _leading(before)):
        return said(passage, (begin, start))
    end = stop
    while end < len(tokens) and not boundary(tokens, end):
        end += 1
    return said(passage, (stop, end)) if _torn_behind(tokens[stop:end], _following(after)) else None


def beside(passage: Passage, before: Stretch, after: Stretch) -> bool:
    """Whether the words beside the quotation marks are the letter's, but for one or two."""
    tokens = passage.tokens
    ahead = tokens[max(0, passage.start - _OUTSIDE) : passage.start]
    behind = tokens[passage.stop : passage.stop + _OUTSIDE]
    backwards = _differs([*reversed(ahead)], [*reversed(_leading(before))])
    return backwards or _differs(behind, _following(after))


def _sentence(tokens: Sequence[Token], at: int) -> int:
    """Where the sentence begins that this token is in; what leads to a list is of each item."""
    begin = at
    while begin > 0 and at - begin < _HEAD:
        before = tokens[begin - 1]
        goes_on = before.text.endswith((":", ";", "؛"))
        if boundary(tokens, begin) and not goes_on:
            break
        begin -= 1
    return begin


def _torn_before(head: Sequence[Token], outside: Sequence[Token]) -> bool:
    clause = max((i + 1 for i, t in enumerate(head) if t.text.endswith(_PAUSES)), default=0)
    near = min(clause, max(0, len(head) - _BESIDE))
    if any(t.text.endswith(":") for t in head):
        near = clause = 0  # “It is not allowed:”, and then a list
    turning = any(_turns(t) for t in head[near:])
    if not (turning or any(t.key in CONDITIONS for t in head) or serious(head[-1:])):
        return False
    grave = [t for i, t in enumerate(head) if i >= clause or (i >= near and _turns(t))]
    grave += [t for t in head[: min(near, clause)] if t.key in CONDITIONS]
    return _keys(grave) != _keys(outside)


def _torn_behind(tail: Sequence[Token], outside: Sequence[Token]) -> bool:
    clause = next((i + 1 for i, t in enumerate(tail) if t.text.endswith(_PAUSES)), len(tail))
    turning = any(_turns(t) for t in tail[:clause])
    if not (turning or any(t.key in CONDITIONS for t in tail) or serious(tail[:1])):
        return False
    grave = [t for i, t in enumerate(tail) if i < clause or t.key in CONDITIONS]
    return _keys(grave) != _keys(outside)


def _turns(token: Token) -> bool:
    return token.key in NEGATIONS or token.key in TURNING


def _keys(tokens: Sequence[Token]) -> list[str]:
    return [token.key for token in serious(tokens)]


def _leading(before: Stretch) -> tuple[Token, ...]:
    """The words before the quotation marks that are of the same sentence."""
    tokens = before.tokens()
    ended = max((i + 1 for i, t in enumerate(tokens) if t.stop), default=0)
    return tokens[max(ended, len(tokens) - _OUTSIDE) :]


def _following(after: Stretch) -> tuple[Token, ...]:
    tokens = after.tokens()
    ended = next((i + 1 for i, t in enumerate(tokens) if t.stop), len(tokens))
    return tokens[: min(ended, _OUTSIDE)]


def _differs(ours: Sequence[Token], theirs: Sequence[Token]) -> bool:
    """Whether these are nearly the same words, from the first on: some agree, and one does not.

    One that agrees is enough where a number stands for a number, or a “may” for a “must”.
    """
    some = ours[: len(theirs) + 1]
    matched, differs = 0, False
    for cell in align_whole([t.key for t in some], [t.key for t in theirs]).cells:
        left, right = some[cell.r0 : cell.r1], theirs[cell.c0 : cell.c1]
        if equal(some, theirs, cell):
            matched += len(right)
        elif max(len(left), len(right)) > 2:
            break
        elif matched and serious(left) and serious(right):
            return True
        else:
            differs = differs or bool(serious((*left, *right)))
    return differs and matched >= _ALIKE
