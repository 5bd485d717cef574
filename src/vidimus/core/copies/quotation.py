"""The quotations in a pasted text: what stands in quotation marks, apart from what does not.

    The letter says that the boats “will not enter the […] Basin [of Corvane]”, officials said.
                                    └─────────── one quotation ───────────┘
    words      will not enter the Basin
    marks      before word 4: left out; before word 5: put in, “of Corvane”

What is outside of the marks is whoever quotes'. Brackets and dots inside are his, too, and
say so; but a word that turns a sentence over stays in the quotation, bracket or not. See
spec/matching.md, section 8.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from vidimus.core.copies.compared import TOO_SHORT
from vidimus.core.copies.page import Copy, Page, Source, Word
from vidimus.core.copies.tokens import Token, copy_tokens, registered_tokens
from vidimus.core.copies.words import MODALS, MONTHS_AND_DAYS, NEGATIONS, NUMBER_WORDS

# On these a sentence hangs: what they say holds only if, until or except.
CONDITIONS = frozenset(
    {"if", "unless", "until", "till", "provided", "providing", "except", "only", "subject"}
    | {"whether", "insofar", "otherwise", "but", "however", "although"}
    | {"si", "sauf", "tant", "jusqu", "siempre", "salvo", "hasta", "cuando", "sino", "mais"}
    | {"wenn", "falls", "sofern", "außer", "bis", "solange", "vorausgesetzt", "aber", "nur"}
    | {"إذا", "اذا", "لو", "إن", "إلا", "الا", "حتى", "بشرط", "شريطة", "لكن", "فقط"}
)

# These say when or within what it holds: without them it holds always.
LIMITS = frozenset(
    {"before", "after", "during", "within", "while", "when", "since", "beyond", "outside", "inside"}
    | {"avant", "après", "pendant", "depuis", "antes", "después", "durante", "desde"}
    | {"vor", "nach", "während", "innerhalb", "außerhalb", "seit"}
    | {"قبل", "بعد", "خلال", "أثناء", "عندما", "منذ", "خارج", "داخل"}
)

# And these turn it over without a “not”.
TURNING = frozenset(
    {"impossible", "unlikely", "illegal", "unlawful", "invalid", "void", "false", "untrue", "wrong"}
    | {"fail", "fails", "failed", "stop", "stops", "stopped", "cease", "ceases", "ceased"}
    | {"prohibited", "prohibits", "forbidden", "forbids", "forbid", "banned", "reject", "rejects"}
    | {"rejected", "against", "oppose", "opposes", "opposed", "avoid", "prevent", "prevents"}
    | {"cancelled", "suspended", "withdrawn", "rarely", "seldom", "doubt", "doubts", "doubtful"}
    | {"interdit", "verboten", "untersagt", "prohibido", "ممنوع", "يمنع", "يحظر", "محظور"}
)

_GRAVE = NEGATIONS | TURNING | MODALS | NUMBER_WORDS | MONTHS_AND_DAYS | CONDITIONS

# Which marks close a quotation that this one opened.
_CLOSING = {
    "“": '”"',
    "„": '“”"',
    "‟": "”",
    "”": "”",
    '"': '"”',
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
    "〝": "〞〟",
    "‘": "’'",
    "‚": "‘’",
    "'": "'’",
}
# Marks that people see as these.
_SEEN_AS = str.maketrans("❝❞❛❜＂＇″‶´❮❯﹁﹂﹃﹄｢｣", '“”‘’"\'""\'‹›「」『』「」')
_NO_SINGLES = str.maketrans("‘’‚'‹›", "      ")
_OPENING = "“„‟”\"«»‹›「『〝‘‚'`❝❞❛❜＂＇″‶❮❯﹁﹃｢"
_SINGLE = "‘‚'’‹›"
# These look alike at both ends, or are used at both; what stands beside them tells which it is.
_EITHER = "\"'”»›"
_LIKE_ITS_END = "\"'‘‚”"
_BEFORE_OPENING = "([{-–—/¡¿:"
_LEFT_OUT = re.compile(
    r"\[\s*(?:…|\.{2,}|\.(?:\s+\.)+)\s*\]|\(\s*(?:…|\.{2,}|\.(?:\s+\.)+)\s*\)"
    r"|…+\.?|\.{3,}|\.(?:[ \u00a0]\.){2,}"
)
_QUOTATION = "\"'“”„‟«»‹›‘’‚「」『』"
_MARKS = 40  # dots and brackets of one quotation; what more of them leave out is missing
_LONGEST = 20_000  # words; no newspaper's article is longer, and no letter
_SPANS = 200  # quotations of a text; more are no newspaper's
_PUT_IN_WORDS = 8  # a longer passage in brackets is quoted like the rest
_PUT_IN = re.compile(r"\[([^\[\]]{1,120})\]")


@dataclass(frozen=True, slots=True)
class Mark:
    """What whoever quotes has put before the quotation's word `at` (or behind the last)."""

    at: int
    text: str
    left_out: bool  # dots: words are missing; else a word in brackets was put in


_PAGE = Page(1, Source.TYPED, ())


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of the copy, and which of its words they are."""

    words: tuple[Word, ...] = ()
    places: tuple[int, ...] = ()
    page: Page = _PAGE  # that they are on

    @property
    def copy(self) -> Copy:
        kind = "text" if self.page.source is Source.TYPED else "image"
        return Copy(kind, (replace(self.page, words=self.words),))

    def tokens(self, start: int = 0, stop: int | None = None) -> tuple[Token, ...]:
        some = self.words[start:stop]
        exact = self.page.source is not Source.PICTURE
        return copy_tokens(some, self.page, exact=exact, offset=start)

    def part(self, start: int, stop: int) -> Stretch:
        return Stretch(self.words[start:stop], self.places[start:stop], self.page)


@dataclass(frozen=True, slots=True)
class Quote:
    """One quotation: its words without the brackets and dots, and these."""

    body: Stretch
    marks: tuple[Mark, ...]
    text: str  # as it was pasted, without the quotation marks
    size: int  # in words

    @property
    def long(self) -> bool:
        """Long enough to be looked for by itself."""
        return self.size >= TOO_SHORT

    @property
    def segments(self) -> tuple[tuple[int, int], ...]:
        """The runs of words between marks, half-open."""
        cuts = sorted({0, len(self.body.words), *(mark.at for mark in self.marks)})
        return tuple(pairwise(cuts))

    @property
    def ended(self) -> bool:
        """Whether a sentence is over where the quotation is."""
        return self.text.rstrip().endswith((".", "!", "?", "؟", "。"))


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text with quotations in it; `around[i]` are the words before quotation i."""

    quotes: tuple[Quote, ...]
    around: tuple[Stretch, ...]
    loose: bool  # a mark that opens or closes nothing

    @property
    def outside(self) -> Stretch:
        return Stretch(
            tuple(word for each in self.around for word in each.words),
            tuple(place for each in self.around for place in each.places),
            self.around[0].page,
        )


def quoted(copy: Copy) -> Quoted | None:
    """The quotations of a text or of a picture of one; None if it quotes nothing long enough.

    A text that stands in quotation marks as a whole, with nothing left out, is only a text.
    """
    if len(copy.pages) != 1:
        return None
    page = copy.pages[0]
    if page.source is Source.LAYER or page.witness or page.hidden:
        return None  # two texts in one, which may have their marks at other places
    if len(page.words) > _LONGEST:
        return None
    if not any(mark in word.text for word in page.words for mark in _OPENING):
        return None
    line = _Line(page)
    marked = line.text.translate(_SEEN_AS)
    if page.source is Source.PICTURE:
        # A reader takes specks for single marks, and single marks for none.
        marked = marked.translate(_NO_SINGLES)
    spans, loose = _spans(marked)
    if len(spans) > _SPANS:
        spans, loose = spans[:_SPANS], True
    quotes, around, at = [], [], 0
    for start, stop in spans:
        quote = _quote(line, start, stop)
        if quote.size:
            around.append(line.stretch(at, start))
            quotes.append(quote)
            at = stop
    around.append(line.stretch(at, len(line.text)))
    found = Quoted(tuple(quotes), tuple(around), loose)
    if not any(quote.long for quote in quotes):
        return None
    alone = len(quotes) == 1 and not quotes[0].marks and not found.outside.tokens()
    return None if alone else found


class _Line:
    """A page's words in one line, and of which word each character is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.words = words = page.words
        parts: list[str] = []
        self.owners: list[int] = []
        for i, word in enumerate(words):
            lines = word.line - words[i - 1].line if i else 0
            gap = "" if not i else "\n" * min(lines, 2) if lines > 0 else " "
            parts += [gap, word.text]
            self.owners += [-1] * len(gap) + [i] * len(word.text)
        self.text = "".join(parts)

    def stretch(
        self,
        start: int,
        stop: int,
        dropped: Container[int] = (),
        joined: Container[int] = (),
        starts: list[int] | None = None,
    ) -> Stretch:
        """The words of these characters; one ends where a character is dropped, too.

        `joined` characters are left out of words that they stand in. `starts` is filled with
        where each word begins.
        """
        words: list[Word] = []
        places: list[int] = []
        chars: list[str] = []
        owner = began = -1
        for at in range(start, stop + 1):
            mine = self.owners[at] if at < stop and at not in dropped else -1
            if chars and mine != owner:
                text = "".join(chars)
                chars = []
                if text.strip(_QUOTATION):
                    words.append(replace(self.words[owner], text=text))
                    places.append(owner)
                    if starts is not None:
                        starts.append(began)
            if mine >= 0 and at not in joined:
                if not chars:
                    owner, began = mine, at
                chars.append(self.text[at])
        return Stretch(tuple(words), tuple(places), self.page)


def _quote(line: _Line, start: int, stop: int) -> Quote:
    """The quotation between two marks, with its own brackets and dots taken out."""
    while start < stop and _CLOSING.get(line.text[start]):
        start += 1
    text = line.text[start:stop]
    dropped: set[int] = set()
    joined: set[int] = set()  # brackets inside a word: [T]he
    events: list[tuple[int, str, bool]] = []
    for match in _LEFT_OUT.finditer(text):
        dropped.update(range(start + match.start(), start + match.end()))
        events.append((start + match.start(), match[0], True))
    for match in _PUT_IN.finditer(text):
        lo, hi = start + match.start(), start + match.end()
        if lo in dropped:
            continue
        beside = line.text[max(start, lo - 1) : lo] + line.text[hi : min(stop, hi + 1)]
        if any(char.isalnum() for char in beside):
            joined.update((lo, hi - 1))
        elif not serious(registered_tokens(match[1])) and len(match[1].split()) <= _PUT_IN_WORDS:
            dropped.update(range(lo, hi))
            events.append((lo, match[1], False))
    for match in re.finditer(r"\n+[\"“„«»”‟]", text):
        dropped.add(start + match.end() - 1)  # opens each paragraph of one quotation anew
    for lo, _, _ in events:
        # The comma or stop behind dots belongs to them.
        at = next((i for i in range(lo, stop) if i not in dropped), stop)
        while at < stop and (line.owners[at] < 0 or not line.text[at].isalnum()):
            if line.text[at] not in ".,;:" or line.text[at + 1 : at + 2].isalnum():
                break
            dropped.add(at)
            at += 1
    starts: list[int] = []
    body = line.stretch(start, stop, dropped, joined, starts)
    marks = []
    for at, said, left_out in sorted(events)[:_MARKS]:
        before = bisect_left(starts, at)
        if 0 < before < len(body.words):
            marks.append(Mark(before, said, left_out))
    said = re.sub(r"(?<!\n)\n(?!\n)", " ", text.strip())
    return Quote(body, tuple(marks), said, len(body.tokens()))


def serious(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Those of these words on which the sense of a sentence hangs."""
    return tuple(t for t in tokens if t.key in _GRAVE or any(c.isdigit() for c in t.key))


def _spans(text: str) -> tuple[list[tuple[int, int]], bool]:
    """What stands between marks that belong together, and whether any mark is left over."""
    found: list[tuple[int, int]] = []
    loose, at = False, 0
    last = text.rfind("''")
    doubled = any(mark in text for mark in '“”„«"')
    while at < len(text):
        mark = text[at]
        if mark in ("`", "'") and text[at : at + 2] in ("``", "''"):
            end = text.find("''", at + 2) if mark == "`" and at < last else -1
            found += [(at + 2, end)] if end > 0 else []
            loose |= end < 0
            at = end + 2 if end > 0 else at + 2
            continue
        if mark not in _CLOSING and mark not in "’»›」』":
            at += 1
            continue
        if not _opens(text, at, doubled):
            loose |= mark not in _SINGLE and not _inches(text, at)
            at += 1
            continue
        ends = _end(text, at)
        if ends is None:
            loose |= mark not in _SINGLE
            at += 1
            continue
        found.append((at + 1, ends))
        at = ends + 1
    return found, loose


def _opens(text: str, at: int, doubled: bool) -> bool:
    mark, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if mark not in _CLOSING:
        return False
    free = not before or before.isspace() or before in _BEFORE_OPENING
    if mark in "'‘":
        # '98, 'tis and the boats' are no quotations; where “these” are used, ' is none at all.
        begins = after.isalpha() or (after != "" and after in "[(…")
        return (
            free and (begins or (mark == "‘" and after.isdigit())) and (mark == "‘" or not doubled)
        )
    if mark in _EITHER:
        return free and bool(after) and not after.isspace()
    return True


def _end(text: str, start: int) -> int | None:
    """Where the quotation ends that begins at `start`; None if it does not."""
    mark = text[start]
    closing = _CLOSING[mark]
    if mark in "“„":
        following = text.find(mark, start + 1)
        inside = text[start + 1 : following if following >= 0 else len(text)]
        if any(char in inside for char in closing if char != '"'):
            closing = closing.replace('"', "")  # a straight mark inside is the letter's own
    candidates: list[int] = []
    for at in range(start + 1, len(text)):
        char = text[at]
        if char not in closing and char != mark:
            continue
        before, after = text[at - 1], text[at + 1 : at + 2]
        anew = before == "\n" and after and not after.isspace()
        if anew and (char == mark or (mark == "«" and char == "»")):
            continue  # the next paragraph of the same quotation
        ends = not before.isspace() and not (after and after.isalnum())
        sure = mark not in _LIKE_ITS_END and char != '"'
        if char in closing and (ends or sure):
            if mark not in _SINGLE or not _possessive(text, at):
                return at
            candidates.append(at)
        elif char == mark and mark not in _SINGLE:
            return None  # another one is opened, so this one was never closed
        elif char == mark and not before.isalnum() and after.isalpha():
            break
    return candidates[-1] if candidates else None


def _possessive(text: str, at: int) -> bool:
    """Whether this may be the apostrophe of “the boats’ crews” and end nothing."""
    return text[at - 1] in "sS" and bool(re.match(r"\s\w", text[at + 1 : at + 3]))


def _inches(text: str, at: int) -> bool:
    return text[at] in '"”' and text[at - 1 : at].isdigit()
