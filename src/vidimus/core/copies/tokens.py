"""Tokens: the words of a text as the comparison sees them.

    "(1,000)."  ->  key "1000"   what the alignment compares
                    form "1,000" what must be equal besides, since marks count inside numbers
                    lead "(", trail ")"   signs that belong to the amount
                    stop                  a sentence, or a clause, ends behind it
    "well-/being" (over a line)  ->  key "wellbeing", broken: the hyphen may be the printer's

What is folded here and what is not is section 4 of spec/matching.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vidimus.core.copies.canonical import JOIN, fold, fold_lines
from vidimus.core.copies.page import Box, Page, Source, Word
from vidimus.core.copies.words import ACRONYMS, CURRENCIES, MODALS, NEGATIONS

# Scripts that put no spaces between words: each character stands alone.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff])"
)
VOWELS = re.compile("[\u064b-\u0652\u0670\u06d6-\u06ed]")  # Arabic; most texts leave them out
_OUTER = ".,;:!?\"'()[]{}<>|~_*•·◦▪‣،؛؟。、，"
_NUMBER_TAIL = ".,;:!?\"'*،؛؟。"
_SENTENCE_END = re.compile(r"[.!?:؟。][\"')\]]*$")
_QUESTION = ("?", "؟", "⸮", "՞", "፧", "‽")
# Behind any of these a sentence or a clause is over; a comma only lets one breathe.
STOPS = frozenset(".!?:;؟؛。।။។։۔።")
# Marks of the same class (Unicode Po) that end nothing. Any other one of it may end a
# sentence in some script, so it counts.
_BREATHS = frozenset(",\"'*·•‧…@#%&/\\،、，‰‱†‡§¶′″‴")
# Marks beside a number that say nothing of it. All others do: "-", "(", "~", "\\"…
_IDLE = frozenset(".,;:!?\"'*_|•·◦▪‣،؛؟。、，…")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_PAUSES = frozenset(",،、，-")  # a dash may stand for a comma


def ends_clause(marks: str) -> bool:
    """Whether these marks end a sentence or a clause, in any script."""
    return any(
        each in STOPS or (each not in _BREATHS and unicodedata.category(each) == "Po")
        for each in marks
        if not each.isalnum()
    )


class Token(NamedTuple):
    text: str  # canonical, as it stands
    key: str
    form: str
    at: int  # half-open range of words this token comes from
    to: int
    page: int = 1
    line: int = 0
    question: int = 0  # how many question marks it ends with
    capital: bool = False  # a capital where a sentence does not begin
    broken: bool = False  # joined over a line break between letters
    vowels: str = ""
    box: Box | None = None
    confidence: float | None = None
    exact: bool = True
    typed: bool = True  # exact, and nothing stands between the writer and us
    # Signs beside a number or a currency, without spaces: all before it and all behind it,
    # and of these the ones that no break of the page can part from it.
    lead: str = ""
    trail: str = ""
    own: str = ""
    tail: str = ""
    apart: str = ""  # marks that stand alone before this word
    stop: bool = False  # a sentence or a clause ends behind it
    ends: bool = False  # the last on its line
    fresh: bool = False  # what follows on another line begins anew: a capital, or a gap
    first: bool = False  # of its page, or of the text
    final: bool = False
    acronym: bool = False  # capitals alone make another word of it: US, WHO
    aside: str = ""  # marks that set this word apart from its sentence: (not), no, ~not~


class _Shape(NamedTuple):
    """A word by itself, before its place is known."""

    text: str
    key: str
    form: str
    head: str  # marks before its first letter
    tail: str  # marks behind its last
    question: int = 0
    capital: bool = False
    broken: bool = False
    vowels: str = ""

    @property
    def amount(self) -> bool:
        """A number or a currency, or any sign of its own such as %."""
        if self.key.isalpha():
            return self.key in CURRENCIES
        return any(c.isdigit() for c in self.key) or not any(c.isalnum() for c in self.key)

    @property
    def upper(self) -> bool:
        return next((c for c in self.text if c.isalpha()), "").isupper()


class _Placed(NamedTuple):
    shape: _Shape
    word: Word
    at: int
    to: int
    apart: str
    minus: bool
    capital: bool


def registered_tokens(text: str) -> tuple[Token, ...]:
    """Tokens of a registered text; `at` counts the words of `canonical.words(text)`."""
    pieces = [
        (piece, Word(piece, number))
        for number, line in enumerate(fold_lines(text))
        for piece in line
    ]
    return _built((piece, word, i, i + 1) for i, (piece, word) in enumerate(pieces))


def copy_tokens(
    words: Sequence[Word], page: Page, *, exact: bool, offset: int = 0
) -> tuple[Token, ...]:
    """Tokens of one page as it was read; `at` counts from `offset`."""
    pieces: list[tuple[list[str], Word, int]] = []
    ends: list[int] = []
    for i, word in enumerate(words, offset):
        for piece in fold(word.text).split():
            # A word may go on over very many lines, so it is put together once, at the end.
            if not pieces or not _over_line(pieces[-1][0], pieces[-1][1], piece, word):
                pieces.append(([piece], word, i))
                ends.append(i + 1)
            else:
                ends[-1] = i + 1
    joined = (
        ("".join(parts), word, at, to) for (parts, word, at), to in zip(pieces, ends, strict=True)
    )
    return _built(joined, page=page, exact=exact)


def _over_line(parts: list[str], before: Word, piece: str, word: Word) -> bool:
    """The same rule as the canonical text's, for words whose line is known by its number."""
    text = parts[-1]
    if word.line == before.line or len(text) < 2 or text[-1] != "-":
        return False
    if not (text[-2].isalnum() and piece[0].isalnum()):
        return False
    if text[-2].islower() and piece[0].islower():
        parts[-1] = text[:-1]
    parts += [JOIN, piece]
    return True


def _built(
    pieces: Iterable[tuple[str, Word, int, int]], *, page: Page | None = None, exact: bool = True
) -> tuple[Token, ...]:
    placed: list[_Placed] = []
    gaps: list[str] = []  # the marks before each word, those of the word before it included
    tails: list[str] = []
    stops: list[bool] = []
    questions: list[int] = []
    shapes: dict[str, tuple[_Shape, ...]] = {}  # most words of a long text repeat
    quoted = _Quoted()
    starts, minus, apart, left = True, False, "", ""
    for piece, word, at, to in pieces:
        parts = shapes.get(piece)
        if parts is None:
            parts = shapes[piece] = tuple(_shape(part) for part in _UNSPACED.split(piece) if part)
        for part in parts:
            ends = bool(_SENTENCE_END.search(part.text))
            if not part.key:
                if placed:
                    questions[-1] += part.question
                    stops[-1] |= ends_clause(part.text)
                minus, starts = part.text == "-", starts or ends
                apart += quoted.alone(part.text, bool(placed) and not apart and _number(placed[-1]))
                continue
            if placed and not part.key[0].isdigit():
                stops[-1] |= ends_clause(part.head)
            quoted.opened(part.head)
            placed.append(_Placed(part, word, at, to, apart, minus, part.capital and not starts))
            gaps.append(left + apart + part.head)
            left = quoted.closed(part.tail, part.key[-1].isdigit())
            tails.append(left)
            questions.append(part.question)
            stops.append(ends_clause(part.tail))
            minus, starts, apart = False, ends, ""
    gaps.append(left + apart)
    tokens: list[Token] = []
    for i, one in enumerate(placed):
        shape, word = one.shape, one.word
        last = i + 1 == len(placed)
        below = 1 if last else placed[i + 1].word.line - word.line
        amount = shape.amount
        trailing = amount and (last or not placed[i + 1].shape.amount)
        tokens.append(
            Token(
                text=shape.text,
                key=shape.key,
                form=_signed(shape) if one.minus else shape.form,
                at=one.at,
                to=one.to,
                page=page.number if page else 1,
                line=word.line,
                question=questions[i],
                capital=one.capital,
                broken=shape.broken,
                vowels=shape.vowels,
                box=word.box,
                confidence=word.confidence,
                exact=exact,
                typed=exact and (page is None or page.source is Source.TYPED),
                lead=_signs(gaps[i]) if amount else "",
                trail=_signs(gaps[i + 1]) if trailing else "",
                own=_signs(one.apart + shape.head) if amount else "",
                tail=_signs(tails[i]) if amount else "",
                apart=one.apart,
                stop=stops[i],
                ends=below != 0,
                fresh=last or below > 1 or (below == 1 and placed[i + 1].shape.upper),
                first=i == 0,
                final=last,
                acronym=shape.key in ACRONYMS and _shouted(placed, i),
                aside=_aside(shape, "" if last else gaps[i + 1]),
            )
        )
    return tuple(tokens)


def _signed(shape: _Shape) -> str:
    """The form of a word behind a minus that stands alone."""
    amount = any(c.isdigit() for c in shape.key) and not shape.form.startswith("-")
    return "-" + shape.form if amount else shape.form


def _shouted(placed: Sequence[_Placed], at: int) -> bool:
    """In capitals, where not every word is."""
    beside = (*placed[max(0, at - 1) : at], *placed[at + 1 : at + 2])
    return placed[at].shape.text.isupper() and not all(x.shape.text.isupper() for x in beside)


def _aside(shape: _Shape, gap: str) -> str:
    """What stands around one word alone, and behind a "no" that answers for itself.

    "~not~" is a word struck out in many messengers. Quotation marks count around words that
    turn a sentence over; around others they are too often a printer's choice.
    """
    if shape.head + shape.tail == "" and shape.key not in NEGATIONS:
        return ""
    found = "~" if "~" in shape.head + shape.tail else ""
    for opened, closed in _BRACKETS.items():
        if opened in shape.head and closed in shape.tail and not shape.amount:
            found += opened
    if shape.key in NEGATIONS or shape.key in MODALS:
        quoted = any(mark in shape.head and mark in shape.tail for mark in "\"'")
        found += "'" if quoted else ""
    if shape.key in NEGATIONS and not _PAUSES.isdisjoint(gap):
        found += ","
    return found


def _number(placed: _Placed) -> bool:
    return placed.shape.key[-1].isdigit() and not placed.shape.tail


_FEET = str.maketrans({"'": "′", '"': "″"})


class _Quoted:
    """Tells the mark that closes a quotation from the one that makes a number feet or inches.

    The latter come out as primes, which the canonical text does not have.
    """

    def __init__(self) -> None:
        self._open = {"'": 0, '"': 0}

    def opened(self, head: str) -> None:
        for mark in self._open:
            self._open[mark] += head.count(mark)

    def closed(self, tail: str, number: bool) -> str:
        kept = ""
        for mark in tail:
            if self._open.get(mark):
                self._open[mark] -= 1
                mark = ""
            elif number and mark in self._open:
                mark = mark.translate(_FEET)
            else:
                number = False
            kept += mark
        return kept

    def alone(self, text: str, number: bool) -> str:
        if number or any(self._open.get(mark) for mark in text):
            return self.closed(text, number)
        self.opened(text)
        return text


def _signs(marks: str) -> str:
    return "".join(mark for mark in marks if mark not in _IDLE)


def _shape(raw: str) -> _Shape:
    plain = raw.rstrip(".,;:")
    if plain.isascii() and plain.isalnum():
        key = plain.lower()
        capital = plain[0].isupper() and key != "i"
        return _Shape(raw, key, key, "", raw[len(plain) :], capital=capital)
    cut = raw.find(JOIN)
    text = raw.replace(JOIN, "")
    lowered = text.lower()
    if lowered.isascii() and lowered.isalnum():
        key = lowered
    else:
        lowered = VOWELS.sub("", lowered)
        key = "".join(filter(kept, lowered))
    inner = lowered.strip(_OUTER)
    if any(c.isdigit() for c in key):
        form = lowered.rstrip(_NUMBER_TAIL + ")]}").lstrip("\"'([{•·▪*")
    else:
        # U.S. and US are one; example.org and exampleorg are not.
        marks = "-'" if max(map(len, inner.split("."))) < 3 else "-'."
        form = "".join(c for c in inner if c in marks or kept(c)).strip("-")
    first = next((c for c in text if c.isalpha()), "")
    inside = [i for i, c in enumerate(text) if kept(c)] if key else []
    return _Shape(
        text=text,
        key=key,
        form=form,
        head=text[: inside[0]] if inside else "",
        tail=text[inside[-1] + 1 :] if inside else "",
        question=_questions(text),
        capital=first.isupper() and key != "i",
        broken=cut > 0 and raw[cut + 1 :][:1].isalpha() and raw[:cut].rstrip("-")[-1:].isalpha(),
        vowels="".join(VOWELS.findall(text)),
    )


def kept(char: str) -> bool:
    """All that can be seen, but for marks between words and specks."""
    if char.isalnum() or char in "%‰‱٪؉؊/&@#§¶":
        return True
    category = unicodedata.category(char)
    return category[0] not in "PZ" and category not in ("Cc", "Cf", "Sk") and char not in "|~◦▪"


def _questions(text: str) -> int:
    """How many question marks a word ends with; brackets, quotes and stops may be among them."""
    end = text.rstrip("\"')]}.!")
    if not end.endswith(_QUESTION):
        return 0
    marks = end[len(end.rstrip("".join(_QUESTION) + "\"')]}.!")) :]
    return sum(c in _QUESTION for c in marks)
