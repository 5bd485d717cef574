"""Tokens: the words of a text as the comparison sees them.

    "(1,000)."  ->  key "1000"   what the alignment compares
                    form "1,000" what must be equal besides, since marks count inside numbers
    "well-/being" (over a line)  ->  key "wellbeing", broken: the hyphen may be the printer's

What is folded here and what is not is section 4 of spec/matching.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from vidimus.core.copies.canonical import JOIN, fold
from vidimus.core.copies.page import Box, Page, Word
from vidimus.core.copies.words import NEGATIVE_PREFIXES

# Scripts that put no spaces between words: each character stands alone.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff])"
)
_VOWELS = re.compile("[\u064b-\u0652\u0670\u06d6-\u06ed]")  # Arabic; most texts leave them out
_DIGITS = re.compile(r"\d+")
_OUTER = ".,;:!?\"'()[]{}<>|~_*•·◦▪‣،؛؟。、，"
_NUMBER_TAIL = ".,;:!?\"'*،؛؟。"
_SENTENCE_END = re.compile(r"[.!?:؟。][\"')\]]*$")
_QUESTION = ("?", "؟")


class Token(NamedTuple):
    text: str  # canonical, as it stands
    key: str
    form: str
    at: int  # half-open range of words this token comes from
    to: int
    page: int = 1
    line: int = 0
    question: bool = False  # ends with a question mark
    bracketed: bool = False  # a number in brackets is a negative amount
    capital: bool = False  # a capital where a sentence does not begin
    broken: bool = False  # joined over a line break between letters
    vowels: str = ""
    box: Box | None = None
    confidence: float | None = None
    exact: bool = True


def registered_tokens(text: str) -> tuple[Token, ...]:
    """Tokens of a registered text; `at` counts the words of `canonical.words(text)`."""
    pieces = fold(text).split()
    return _built((piece, Word(piece, 0), i, i + 1) for i, piece in enumerate(pieces))


def copy_tokens(
    words: Sequence[Word], page: Page, *, exact: bool, offset: int = 0
) -> tuple[Token, ...]:
    """Tokens of one page as it was read; `at` counts from `offset`."""
    pieces: list[tuple[str, Word, int, int]] = []
    for i, word in enumerate(words, offset):
        for piece in fold(word.text).split():
            joined = _over_line(pieces[-1], piece, word) if pieces else None
            if joined is None:
                pieces.append((piece, word, i, i + 1))
            else:
                pieces[-1] = (joined, pieces[-1][1], pieces[-1][2], i + 1)
    return _built(pieces, page=page.number, exact=exact)


def _over_line(last: tuple[str, Word, int, int], piece: str, word: Word) -> str | None:
    """The same rule as the canonical text's, for words whose line is known by its number."""
    text, before = last[0], last[1]
    if word.line == before.line or len(text) < 2 or text[-1] != "-":
        return None
    if not (text[-2].isalnum() and piece[0].isalnum()):
        return None
    return (
        text[:-1] + JOIN + piece
        if text[-2].islower() and piece[0].islower()
        else (text + JOIN + piece)
    )


def _built(
    pieces: Iterable[tuple[str, Word, int, int]], *, page: int = 1, exact: bool = True
) -> tuple[Token, ...]:
    built: list[Token] = []
    shapes: dict[str, tuple[Token, ...]] = {}  # most words of a long text repeat
    starts, minus = True, False
    for piece, word, at, to in pieces:
        shape = shapes.get(piece)
        if shape is None:
            shape = shapes[piece] = tuple(_shape(part) for part in _UNSPACED.split(piece) if part)
        for part in shape:
            if not part.key:
                if part.question and built:
                    built[-1] = built[-1]._replace(question=True)
                minus = part.text == "-"
                starts = starts or bool(_SENTENCE_END.search(part.text))
                continue
            built.append(
                part._replace(
                    form="-" + part.form if minus and part.form[:1].isdecimal() else part.form,
                    at=at,
                    to=to,
                    page=page,
                    line=word.line,
                    capital=part.capital and not starts,
                    box=word.box,
                    confidence=word.confidence,
                    exact=exact,
                )
            )
            minus, starts = False, bool(_SENTENCE_END.search(part.text))
    return tuple(built)


def _shape(raw: str) -> Token:
    """A word by itself, before its place is known."""
    plain = raw.rstrip(".,;:")
    if plain.isascii() and plain.isalnum():
        key = plain.lower()
        capital = plain[0].isupper() and key != "i"
        return Token(text=raw, key=key, form=key, at=0, to=0, capital=capital)
    cut = raw.find(JOIN)
    text = raw.replace(JOIN, "")
    lowered = text.lower()
    if lowered.isascii() and lowered.isalnum():
        key = lowered
    else:
        lowered = _VOWELS.sub("", lowered)
        key = "".join(filter(_kept, lowered))
    inner = lowered.strip(_OUTER)
    if any(c.isdigit() for c in key):
        form = lowered.rstrip(_NUMBER_TAIL + ")]}").lstrip("\"'([{•·▪*")
    else:
        # U.S. and US are one; example.org and exampleorg are not.
        marks = "-'" if max(map(len, inner.split("."))) < 3 else "-'."
        form = "".join(c for c in inner if c in marks or _kept(c)).strip("-")
    first = next((c for c in text if c.isalpha()), "")
    return Token(
        text=text,
        key=key,
        form=form,
        at=0,
        to=0,
        question=text.rstrip("\"')]}.!").endswith(_QUESTION),
        bracketed=text[:1] in "([" and text.rstrip(_NUMBER_TAIL)[-1:] in (")", "]"),
        capital=first.isupper() and key != "i",
        broken=cut > 0 and raw[cut + 1 :][:1].isalpha() and raw[:cut].rstrip("-")[-1:].isalpha(),
        vowels="".join(_VOWELS.findall(text)),
    )


def _kept(char: str) -> bool:
    """All that can be seen, but for marks between words and specks."""
    if char.isalnum() or char in "%‰/&@#§¶":
        return True
    category = unicodedata.category(char)
    return category[0] not in "PZ" and category not in ("Cc", "Cf", "Sk") and char not in "|~◦▪"


def same(a: Token, b: Token) -> bool:
    """Whether two tokens of equal key say the same; `a` is registered."""
    if a.question != b.question or (a.vowels and b.vowels and a.vowels != b.vowels):
        return False
    if b.exact and a.bracketed != b.bracketed and _DIGITS.search(a.key):
        return False
    if a.form == b.form:
        return True
    return (a.broken or b.broken) and _unhyphened(a) == _unhyphened(b)


def _unhyphened(token: Token) -> str:
    """The form without hyphens between letters; those beside digits always count."""
    return re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", "", token.form)


def same_spaced(a: Sequence[Token], b: Sequence[Token], weighty: frozenset[str]) -> bool:
    """Whether words that run together, or fell apart, still say the same.

    The joined letters are equal already. "inthe" and "in the" are the same; "notable" and
    "no table", "10 00" and "1000", "atypical" and "a typical" are not.
    """
    if any(t.question for t in a) != any(t.question for t in b):
        return False
    if sum(t.key in weighty for t in a) != sum(t.key in weighty for t in b):
        return False
    runs_a = [run for t in a for run in _DIGITS.findall(t.form)]
    runs_b = [run for t in b for run in _DIGITS.findall(t.form)]
    if runs_a or runs_b:
        joined = "".join(t.form for t in a) == "".join(t.form for t in b)
        return joined and runs_a == runs_b
    exact = all(t.exact for t in b)
    return not exact or not (_prefix_cut(a, b) or _prefix_cut(b, a))


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
