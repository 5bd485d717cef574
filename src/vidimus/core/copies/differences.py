"""Naming differences: of which kind, at which words, in which box; and what they cost.

    "is not" -> "is"     negation        "14 May" -> "15 May"        date
    "10 %" -> "10.5 %"   amount          "shall" -> "may"            modal verb

The kinds that can turn a sentence over come first: a difference is of the first kind that
any of its words has, so a dropped "not" is a negation and not only a missing word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.fingerprints import CONFUSED
from vidimus.core.copies.page import Box
from vidimus.core.copies.tokens import Token
from vidimus.core.copies.words import (
    CURRENCIES,
    MODALS,
    MONTHS_AND_DAYS,
    NEGATIONS,
    NEGATIVE_PREFIXES,
    NUMBER_WORDS,
    UNITS,
)

# Words whose appearing or going, by a mere space, changes a sentence.
WEIGHTY = NEGATIONS | MODALS | MONTHS_AND_DAYS | NUMBER_WORDS
MATTERS = frozenset(
    {Kind.NUMBER, Kind.NEGATION, Kind.NAME, Kind.DATE, Kind.AMOUNT, Kind.MODAL}
    # A whole word that came or went is no slip of a letter.
    | {Kind.MISSING, Kind.ADDED}
)

_RUN = 3  # words; a longer run that is only missing or only added is called that
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_YEAR = re.compile(r"(1[89]|2[01])\d\d")
_SIGNS = "$€£¥₽₹₪%‰‱٪°"
_BEFORE_NUMBERS = CURRENCIES | {unit for unit in UNITS if not unit.isalpha()}
# Beyond the classes of the fingerprints: digits that a poor picture swaps. For deciding
# between two versions only; a changed digit is never dismissed because of this table.
_NEAR = str.maketrans({"3": "b", "7": "l", "9": "g", "q": "g", "h": "b", "u": "v", "y": "v"})


def kind_of(
    registered: Sequence[Token],
    copy: Sequence[Token],
    r0: int,
    r1: int,
    c0: int,
    c1: int,
    names: frozenset[str],
) -> Kind:
    """The kind of the difference between registered[r0:r1] and copy[c0:c1]."""
    ours, theirs = registered[r0:r1], copy[c0:c1]
    one_sided = Kind.MISSING if not theirs else Kind.ADDED if not ours else None
    if one_sided and max(len(ours), len(theirs)) > _RUN:
        return one_sided
    differing = _differing(ours, theirs)
    keys = {token.key for token in differing}
    if keys & NEGATIONS or _turned(ours, theirs):
        return Kind.NEGATION
    before = {t.key for t in (*registered[max(0, r0 - 1) : r0], *copy[max(0, c0 - 1) : c0])}
    after = {t.key for t in (*registered[r1 : r1 + 1], *copy[c1 : c1 + 1])}
    numbers = [token for token in differing if _is_number(token)]
    if numbers:
        # A unit stands behind its number; before it only a currency does: "48 hours 105 vehicles".
        if any(sign in token.text for token in differing for sign in _SIGNS):
            return Kind.AMOUNT
        if after & UNITS or before & _BEFORE_NUMBERS:
            return Kind.AMOUNT
        if (keys | before | after) & MONTHS_AND_DAYS:
            return Kind.DATE
        if any(_DATE.search(t.text) or _YEAR.fullmatch(t.form) for t in numbers):
            return Kind.DATE
        return Kind.NUMBER
    if keys & UNITS and any(_is_number(t) for t in _neighbours(registered, r0, r1)):
        return Kind.AMOUNT
    # "may" is a month only where a number stands beside it.
    if keys & (MONTHS_AND_DAYS - MODALS):
        return Kind.DATE
    if keys & MODALS:
        return Kind.MODAL
    if keys & NUMBER_WORDS:
        return Kind.NUMBER
    if any(_is_name(t, names) for t in differing if t.exact or _far(ours, theirs)):
        return Kind.NAME
    return one_sided or Kind.WORD


def _differing(ours: Sequence[Token], theirs: Sequence[Token]) -> list[Token]:
    """The words that stand on one side only; all of them when only marks differ."""
    left = Counter(t.key for t in ours)
    right = Counter(t.key for t in theirs)
    some = [t for t in ours if left[t.key] > right[t.key]]
    some += [t for t in theirs if right[t.key] > left[t.key]]
    return some or [*ours, *theirs]


def _neighbours(tokens: Sequence[Token], lo: int, hi: int) -> tuple[Token, ...]:
    return (*tokens[max(0, lo - 1) : lo], *tokens[hi : hi + 1])


def _is_number(token: Token) -> bool:
    """Mostly digits, or digits typed on purpose; "h0use" from a picture is not a number."""
    digits = sum(c.isdigit() for c in token.key)
    return digits > 0 and (token.exact or 2 * digits >= len(token.key))


def _is_name(token: Token, names: frozenset[str]) -> bool:
    first = next((c for c in token.text if c.isalpha()), "")
    return token.capital or (first.isupper() and token.key in names)


def _turned(ours: Sequence[Token], theirs: Sequence[Token]) -> bool:
    """Whether a word became its opposite by a prefix: possible, impossible."""
    if len(ours) != 1 or len(theirs) != 1:
        return False
    short, long = sorted((ours[0].key, theirs[0].key), key=len)
    return len(short) > 3 and any(long == prefix + short for prefix in NEGATIVE_PREFIXES)


def _far(ours: Sequence[Token], theirs: Sequence[Token]) -> bool:
    """Whether a capital read from a picture may be more than a misread letter."""
    if any(t.capital for t in ours) or not ours or not theirs:
        return True
    a, b = "".join(t.key for t in ours), "".join(t.key for t in theirs)
    return Levenshtein.normalized_similarity(a, b) < 0.5


def names_in(tokens: Sequence[Token]) -> frozenset[str]:
    """Words that the text itself writes with a capital inside a sentence."""
    return frozenset(t.key for t in tokens if t.capital)


def difference(
    kind: Kind,
    registered: Sequence[Token],
    copy: Sequence[Token],
    r0: int,
    r1: int,
    c0: int,
    c1: int,
) -> Difference:
    """The report of registered[r0:r1] standing as copy[c0:c1]."""
    ours, theirs = registered[r0:r1], copy[c0:c1]
    before, after = copy[max(0, c0 - 1) : c0], copy[c1 : c1 + 1]
    nearest = theirs[:1] or before or after
    # The sign behind a word is the next word's bracket as often as not, so it is shown only
    # where nothing else differs.
    beside = _text(ours, False) == _text(theirs, False)
    return Difference(
        kind=kind,
        registered=_text(ours, beside),
        copy=_text(theirs, beside),
        at=_range(ours, registered, r0),
        copy_at=_range(theirs, copy, c0),
        page=nearest[0].page if nearest else 1,
        box=_box(theirs) if theirs else _gap(before, after),
    )


def _text(tokens: Sequence[Token], trail: bool) -> str:
    """As it stands. Characters that are their own tokens are not spaced within one word."""
    parts: list[str] = []
    for i, token in enumerate(tokens):
        if i and token.at >= tokens[i - 1].to:
            parts.append(" ")
        parts.append(_shown(token, trail))
    return "".join(parts)


def _shown(token: Token, trail: bool) -> str:
    """With the signs that stand by themselves beside it: "- €7" and not only "€7"."""
    text, own = token.text, token.own
    while own and text.startswith(own[-1]) and not text.startswith(token.own):
        own = own[:-1]
    if own and not text.startswith(own):
        text = f"{own} {text}"
    return f"{text} {token.trail}" if trail and token.trail and not token.tail else text


def _range(some: Sequence[Token], every: Sequence[Token], at: int) -> tuple[int, int]:
    if some:
        return some[0].at, some[-1].to
    place = every[at].at if at < len(every) else every[-1].to if every else 0
    return place, place


def _box(tokens: Sequence[Token]) -> Box | None:
    boxes = [token.box for token in tokens if token.box is not None]
    if not boxes:
        return None
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return whole


def _gap(before: Sequence[Token], after: Sequence[Token]) -> Box | None:
    """A narrow box where words are missing: between the neighbours, or beside the one there is."""
    left = before[0].box if before else None
    right = after[0].box if after else None
    if left and right and before[0].line == after[0].line and left.right < right.left:
        return Box(left.right, min(left.top, right.top), right.left, max(left.bottom, right.bottom))
    if left:
        width = max(2, (left.bottom - left.top) // 3)
        return Box(left.right, left.top, left.right + width, left.bottom)
    if right:
        width = max(2, (right.bottom - right.top) // 3)
        return Box(max(0, right.left - width), right.top, right.left, right.bottom)
    return None


def cost(registered: str, copy: str, *, exact: bool) -> float:
    """How far apart: four for each typed word, letters for words read from a picture.

    Letters that reading confuses count a quarter, so that a version is never preferred
    over another because of one of them.
    """
    if exact:
        return 4.0 * max(len(registered.split()), len(copy.split()))
    a, b = folded(registered).translate(_NEAR), folded(copy).translate(_NEAR)
    if a == b:
        return 0.25
    if max(len(a), len(b)) > 4000:
        return float(max(len(a), len(b)))
    return float(Levenshtein.distance(a, b))


def folded(text: str) -> str:
    """Letters in the classes that reading confuses, without spaces and marks."""
    kept = "".join(c for c in text.lower() if c.isalnum()).translate(CONFUSED)
    return kept.replace("rn", "m").replace("vv", "w")


def once(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """A word altered in a PDF differs in its text layer and in its picture: said once."""
    kept: dict[tuple[tuple[int, int], str], Difference] = {}
    for each in differences:
        kept.setdefault((each.at, folded(each.copy)), each)
    return tuple(kept.values())
