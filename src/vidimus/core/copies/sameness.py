"""Whether words whose letters agree say the same: signs, sentence ends, spaces, hyphens.

    1,250  (1,250)       another amount, wherever the words are exact
    not enter / not. Enter     another sentence, wherever the words are exact
    allowed / all owed         other words, in typed text; behind a PDF's own text, a doubt

Section 4 of spec/matching.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from vidimus.core.copies.tokens import VOWELS, Token, ends_clause, kept
from vidimus.core.copies.words import NEGATIVE_PREFIXES, TITLES

_DIGITS = re.compile(r"\d+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def same(a: Token, b: Token) -> bool:
    """Whether two tokens of equal key say the same; `a` is registered."""
    return not stopped(a, b) and same_word(a, b)


def same_word(a: Token, b: Token) -> bool:
    """The same, whatever stands between this word and the next sentence."""
    if a.question != b.question or (a.vowels and b.vowels and a.vowels != b.vowels):
        return False
    if b.exact and not (_same_signs(a, b) and _same_aside(a, b)):
        return False
    if b.typed and a.text != b.text and not same_joints((a,), (b,)):
        return False
    if a.form == b.form:
        return True
    return (a.broken or b.broken) and _unhyphened(a) == _unhyphened(b)


def _unhyphened(token: Token) -> str:
    """The form without hyphens between letters; those beside digits always count."""
    return re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", "", token.form)


def _same_signs(a: Token, b: Token) -> bool:
    return _same_lead(a, b) and _same_trail(a, b)


def _same_aside(a: Token, b: Token) -> bool:
    """Neither is set apart from its sentence, nor made another word by capitals, alone.

    Where a copy ends, what stands behind its last word was not seen.
    """
    if a.acronym != b.acronym and not (a.text.isupper() and b.text.isupper()):
        return False
    return a.aside == b.aside or (b.final and b.aside in a.aside)


def _same_lead(a: Token, b: Token) -> bool:
    # Where a page begins, the bracket that closed behind the word before was not seen.
    return b.lead == a.lead or (b.first and b.lead == a.own)


def _same_trail(a: Token, b: Token) -> bool:
    return b.trail == a.trail or (b.final and b.trail == a.tail)


def stopped(a: Token, b: Token) -> bool:
    """Whether a sentence or a clause ends behind one of them alone, where words are exact.

    Not where the registered text ends, nor where a copy breaks off without a stop; nor where
    a heading ends, which people write with and without one: a line of both, or a registered
    line that another beginning follows.
    """
    if a.stop == b.stop or not b.exact or a.final:
        return False
    if b.final:
        # A quotation may break off; it may not end a sentence that goes on.
        return b.stop and not (_abbreviated(a) or _abbreviated(b))
    if a.ends and (a.fresh if b.stop else b.ends):
        return False
    # The dot of an abbreviation ends nothing; but one of its dots elsewhere hides no lost end.
    return not _abbreviated(a if a.stop else b)


def _abbreviated(token: Token) -> bool:
    bare = token.text.strip("\"'()[]{},")
    if token.key in TITLES or (len(token.key) > 1 and _INITIALS.fullmatch(bare)):
        return True
    # "A." may be a name; "a." and "I." end what they stand in.
    if _INITIALS.fullmatch(bare):
        return bare.isupper() and token.key != "i"
    return len(token.key) == 1 and token.text.strip(".").isupper() and token.key not in "ai"


def same_spaced(a: Sequence[Token], b: Sequence[Token], weighty: frozenset[str]) -> bool:
    """Whether words that run together, or fell apart, still say the same.

    The joined letters are equal already. Read from a picture or by a PDF's reader, "inthe"
    and "in the" are the same; "notable" and "no table", "10 00" and "1000", "atypical" and
    "a typical" are not. In typed text a space may come and go beside a mark only.
    """
    if sum(t.question for t in a) != sum(t.question for t in b):
        return False
    if stopped(a[-1], b[-1]):
        return False
    if sum(t.key in weighty for t in a) != sum(t.key in weighty for t in b):
        return False
    exact, typed = all(t.exact for t in b), all(t.typed for t in b)
    if exact and not (_same_lead(a[0], b[0]) and _same_trail(a[-1], b[-1])):
        return False
    if typed and not same_joints(a, b):
        return False
    runs_a = [run for t in a for run in _DIGITS.findall(t.form)]
    runs_b = [run for t in b for run in _DIGITS.findall(t.form)]
    if runs_a or runs_b:
        return _joined(a, exact) == _joined(b, exact) and runs_a == runs_b
    return not exact or not (_prefix_cut(a, b) or _prefix_cut(b, a))


def _joined(tokens: Sequence[Token], exact: bool) -> str:
    """The words in one; read from a picture, without the stop that stood between two of them."""
    whole = "".join(t.form for t in tokens)
    return whole if exact else re.sub(r"(?<!\d)[.,;:]|[.,;:](?!\d)", "", whole)


# What may stand between two letters of the same row of letters.
_JOINED, _HYPHEN, _APOSTROPHE, _SPACE, _DASH, _STOP, _INITIAL = range(7)
# A dash may lose its spaces, or stand for a comma; an initial may lose its dot.
_ALIKE = {
    frozenset(pair)
    for pair in (
        (_DASH, _SPACE),
        (_DASH, _HYPHEN),
        (_INITIAL, _STOP),
        (_INITIAL, _JOINED),
        (_INITIAL, _SPACE),
    )
}


def same_joints(a: Sequence[Token], b: Sequence[Token]) -> bool:
    """Whether the same words begin and end at the same letters.

    White space beside a sign (12 %), and in scripts that have none, says nothing. A hyphen
    counts, unless a line was broken in one of the words.
    """
    ours, theirs = _joints(a), _joints(b)
    if ours == theirs:
        return True
    broken = any(t.broken for t in (*a, *b))
    for at in ours.keys() | theirs.keys():
        one, other = ours.get(at, _JOINED), theirs.get(at, _JOINED)
        if one == other or frozenset((one, other)) in _ALIKE:
            continue
        if not (broken and {one, other} == {_JOINED, _HYPHEN}):
            return False
    return True


def _joints(tokens: Sequence[Token]) -> dict[int, int]:
    marks: dict[int, str] = {}
    letters: list[str] = []
    for i, token in enumerate(tokens):
        if i and token.at >= tokens[i - 1].to:
            marks[len(letters)] = marks.get(len(letters), "") + token.apart + " "
        for char in VOWELS.sub("", token.text.lower()):
            if kept(char):
                letters.append(char)
            else:
                marks[len(letters)] = marks.get(len(letters), "") + char
    joints: dict[int, int] = {}
    last = 0
    for at, some in sorted(marks.items()):
        if not 0 < at < len(letters):
            continue
        beside = letters[at - 1] + letters[at]
        unspaced = all(_UNSPACED.match(char) for char in beside)
        if (unspaced and some == " ") or any(map(_sign, beside)):
            continue
        if beside.isdigit() and " " not in some:
            continue  # 1,000 and 12:30: the form says it, mark for mark
        joints[at] = _joint(some, at - last == 1 and letters[at - 1].isalpha())
        last = at
    return joints


def _joint(marks: str, single: bool) -> int:
    if ends_clause(marks):
        return _INITIAL if single and marks.strip() == "." else _STOP
    if marks in ("-", "'"):
        return _HYPHEN if marks == "-" else _APOSTROPHE
    return _DASH if "-" in marks else _SPACE


def _sign(char: str) -> bool:
    return not char.isalnum() and unicodedata.category(char)[0] in "SP"


# "in to" and "in this" are only badly spaced, whatever stands joined on the other side.
_AFTER_PREFIX = {
    *("side", "stead", "deed", "this", "that", "their", "these", "those", "your", "which"),
    *("some", "such"),
}


def _prefix_cut(split: Sequence[Token], joined: Sequence[Token]) -> bool:
    """Whether a space was put after, or taken from, what may be a negative prefix."""
    ends = set()
    at = 0
    for token in joined:
        at += len(token.key)
        ends.add(at)
    at = 0
    for token, following in pairwise(split):
        at += len(token.key)
        if (
            at not in ends
            and token.key in NEGATIVE_PREFIXES
            and len(following.key) >= 4
            and following.key not in _AFTER_PREFIX
            and "-" not in token.text
        ):
            return True
    return False
