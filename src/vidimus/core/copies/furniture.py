"""Page furniture: lines that number the page or the copy, and the few that we print around one
letter. Nothing else.

Strict on purpose. A line is furniture when it stands alone, reads exactly like this, and is
not part of the registered text:

    Page 2 of 3      Seite 2/3      copy 3 of 12      - 2 -      2/3
    ABCD-EFGH-IJKL-MNOP       the number of this very letter, under its seal (`our_lines`)
    letters.example.org       where this register is asked

On paper it counts where a page begins or ends, and nowhere else. A pasted text may hold
several pages, so a line counts between any two of its lines where a sentence of the
registered text is over; but not in the short forms: "2/3" alone on a line could be the
answer to the line above. When in doubt a line was added.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from vidimus.core.copies.canonical import canonical
from vidimus.core.copies.page import Page, Source, Word
from vidimus.core.copies.tokens import Token
from vidimus.core.seal.paper import EXERCISE_LINE, grouped, host_of

_OF = r"\s*(?:of|sur|de|von|/|من|из)\s*"
_WORDED = re.compile(
    rf"(?:page|seite|página|pagina|pág\.|p\.|صفحة|стр\.|copy|copy no\.?)\s*"
    rf"(\d{{1,3}})(?:{_OF}(\d{{1,3}}))?\s*\.?",  # a speck may be read as a dot that stands alone
    re.IGNORECASE,
)
_COPY = re.compile(r"copy (\d{1,5}) of (\d{1,5})")  # as we print it
_SHORT = re.compile(r"-\s*(\d{1,3})\s*-|(\d{1,3})\s*/\s*(\d{1,3})|(\d{1,3}) of (\d{1,3})")
_NUMBER = re.compile(r"\d+")
_NUMBERED = re.compile(r"[a-z2-7]{16}")
# What looks alike to a reader of pictures, in upper case.
_ALIKE = str.maketrans("0qd1l|j8527649", "oooiiiibsztgag")
_EDGE_LINES = 2
_LONGEST = 12  # words of a line that can be furniture
_EXERCISE = "/exercise"  # how the name of an exercise's log ends


def our_lines(letter: str, origin: str) -> tuple[str, ...]:
    """What we print around this letter besides numbers (spec/paper.md, 5). None without a name."""
    if not letter or not origin:
        return ()
    lines = (grouped(letter), host_of(origin))
    return (*lines, EXERCISE_LINE) if origin.endswith(_EXERCISE) else lines


@dataclass(frozen=True, slots=True)
class Removed:
    """A line taken out before the kept token `at`."""

    at: int
    line: int
    keys: tuple[str, ...]


def without_furniture(
    tokens: Sequence[Token],
    words: Sequence[Word],
    page: Page,
    pages: int,
    registered: str,
    allowed: frozenset[str] = frozenset(),
) -> tuple[tuple[Token, ...], tuple[Removed, ...]]:
    """The page's tokens without its furniture, and the lines that were taken out.

    `registered` is the text's keys, each between two spaces. `allowed` are lines that the
    caller knows to be printed by us on every copy, such as the caption of the seal, written
    as keys: see `line_key`.
    """
    lines: dict[int, list[Token]] = {}
    for token in tokens:
        lines.setdefault(token.line, []).append(token)
    order = list(lines)
    if page.source is Source.TYPED and len(order) == 1:
        return tuple(tokens), ()  # one line is the text itself
    paper = page.source is not Source.TYPED
    number = page.number if pages > 1 else 0
    texts = _line_texts(words, {line for line, some in lines.items() if len(some) <= _LONGEST})
    taken: set[int] = set()
    numbering: set[int] = set()
    specks: set[int] = set()
    for line, some in lines.items():
        if line not in texts:
            continue
        if line_key(some) in allowed or _misread(some, allowed):
            taken.add(line)
        elif _is_furniture(texts[line], paper, number):
            numbering.add(line)
        elif not any(t.exact or any(c.isalnum() for c in t.key) for t in some):
            specks.add(line)
    if paper:
        passed = taken | specks
        edges = _edge(order, passed, numbering) | _edge(order[::-1], passed, numbering)
        numbering &= edges
        taken &= edges
    ours = {line for line in taken | numbering if f" {line_key(lines[line])} " not in registered}
    return without_lines(tokens, ours)


def without_lines(
    tokens: Sequence[Token], lines: set[int]
) -> tuple[tuple[Token, ...], tuple[Removed, ...]]:
    """The tokens that do not stand on these lines, and the lines."""
    kept: list[Token] = []
    removed: dict[int, tuple[int, list[str]]] = {}
    for token in tokens:
        if token.line in lines:
            removed.setdefault(token.line, (len(kept), []))[1].append(token.key)
        else:
            kept.append(token)
    return tuple(kept), tuple(Removed(at, n, tuple(keys)) for n, (at, keys) in removed.items())


def _edge(order: Sequence[int], passed: set[int], numbering: set[int]) -> set[int]:
    """The lines at one edge of a page that may be furniture: with nothing else before them.

    Of those that number, two at most.
    """
    found: set[int] = set()
    for line in order:
        if line in numbering and len(found & numbering) < _EDGE_LINES:
            found.add(line)
        elif line not in passed:
            break
        else:
            found.add(line)
    return found


def _misread(line: Sequence[Token], allowed: frozenset[str]) -> bool:
    """Whether a picture's reader made this of a letter's number or a host of ours.

    No word of any language can be meant by sixteen signs drawn by lot, so three of them may be
    wrong. Of a host none but those that look alike: it is a name to go to.
    """
    if any(token.exact for token in line):
        return False
    read = _folded("".join(token.text for token in line))
    for each in allowed:
        if " " in each:
            continue
        most = 3 if _NUMBERED.fullmatch(each.replace("-", "")) else 0
        if Levenshtein.distance(read, _folded(each), score_cutoff=most) <= most:
            return True
    return False


def _folded(text: str) -> str:
    letters = "".join(each for each in text.casefold() if each.isalnum() or each == "|")
    return letters.translate(_ALIKE)


def belongs(removed: Removed, keys: Sequence[str], before: int, after: int) -> bool:
    """Whether a line taken for furniture may stand for words of the text, with another number.

    `before` and `after` are the places in the text of what stands around the line. A text
    that ends "copy 3 of 12" is not whole, but altered, where its copy says "copy 4 of 12".
    """
    masked = [_NUMBER.sub("0", key) for key in removed.keys]
    size = len(masked)
    for place in (before, after - size):
        near = keys[max(0, place) : max(0, place) + size] if place >= 0 else ()
        if [_NUMBER.sub("0", key) for key in near] == masked:
            return True
    return False


def line_key(tokens: Sequence[Token]) -> str:
    """A line as its keys, the form in which allowed lines are given."""
    return " ".join(token.key for token in tokens)


def _line_texts(words: Sequence[Word], lines: set[int]) -> dict[int, str]:
    """Whole lines with their dashes, which are no tokens."""
    texts: dict[int, list[str]] = {}
    for word in words:
        if word.line in lines:
            texts.setdefault(word.line, []).append(word.text)
    return {line: canonical(" ".join(some)) for line, some in texts.items()}


def page_number(line: str) -> tuple[int, int | None] | None:
    """The page's number that such a line tells, and of how many: “Page 2 of 3”, “- 2 -”, “2/3”.

    None for any other line, and for the number of a copy.
    """
    text = canonical(line)
    worded, short = _WORDED.fullmatch(text), _SHORT.fullmatch(text)
    if worded and not text.lower().startswith("copy"):
        first, of = worded[1], worded[2]
    elif short:
        first, of = short[1] or short[2] or short[4], short[3] or short[5]
    else:
        return None
    return int(first), int(of) if of else None


def _is_furniture(text: str, paper: bool, number: int) -> bool:
    worded = _WORDED.fullmatch(text) or _COPY.fullmatch(text)
    if worded:
        return worded[2] is None or int(worded[1]) <= int(worded[2])
    if not paper:
        return False
    short = _SHORT.fullmatch(text)
    if short:
        first, of = short[2] or short[4], short[3] or short[5]
        return of is None or int(first) <= int(of)
    return number > 0 and text == str(number)
