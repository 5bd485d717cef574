"""None to three words of a letter altered, and exactly which ones: the truth of a page.

    registered   … the pilots may not refuse a vessel before 20 April 2031 …
    altered      … the pilots may refuse a vessel before 27 April 2031 …
    placed       negation  at (14, 15)  now (14, 14)  "not" → ""
                 date      at (19, 20)  now (18, 19)  "20" → "27"

Half of the changes are as small as a forger would have them: one letter, one digit, a name that
looks like the old one. A change counts as of the first kind that any of its words has
(spec/matching.md, section 4); changes of which two kinds may be said are not made.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from bench.copies import edits
from bench.copies.corpus_words import names
from bench.copies.edits import Site

KINDS = edits.KINDS
APART = 4  # words between two changes, so that each is a place of its own


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VERBS = r"\b(?:shall|will|may|must|should|can|would|is|are|was|were|has|have|had|do|does|did)"
_STRUCK = re.compile(r"(?<=[a-z] )not (?=[a-z])")
_SET = re.compile(rf"{_VERBS} (?!not\b)(?=[a-z])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{4,}\b(?! \d)")
_NO_NAMES = frozenset((*edits._MONTHS, "Supplier", "Purchaser", "Parties", "Agreement", "Goods"))
_ROLES = {"Supplier": "Purchaser", "Purchaser": "Supplier", "Parties": "Goods", "Goods": "Parties"}
_MODALS = {
    "shall": ("may", "should", "will"),
    "may": ("must", "shall"),
    "must": ("may", "can"),
    "will": ("may", "shall"),
    "can": ("must", "could"),
    "should": ("shall", "must"),
    "would": ("will", "could"),
}
# Words of like looks first, then of other meaning.
_OTHERS = {
    "extend": ("exceed", "extends"),
    "exceed": ("extend",),
    "repair": ("prepare", "repairs"),
    "prepare": ("repair",),
    "lease": ("release", "leases"),
    "release": ("lease", "relieve"),
    "renew": ("review",),
    "inform": ("conform",),
    "receive": ("relieve",),
    "return": ("retain",),
    "restore": ("restrict",),
    "reduce": ("produce",),
    "accept": ("except",),
    "permit": ("permits", "remit"),
    "contract": ("contact", "contracts"),
    "report": ("reports", "resort"),
    "decision": ("division", "decisions"),
    "border": ("order", "borders"),
    "before": ("after",),
    "from": ("for",),
    "and": ("or",),
    "or": ("and",),
    "any": ("many", "each"),
    "each": ("any",),
    "with": ("within",),
    "on": ("in",),
    "in": ("on",),
    "open": ("close",),
    "approve": ("reprove",),
    "former": ("formal",),
    "public": ("private",),
    "internal": ("external",),
    "northern": ("southern", "northeast"),
    "eastern": ("western",),
    "office": ("officer", "offices"),
    "council": ("counsel", "councils"),
    "committee": ("committees",),
    "ministry": ("minister",),
}
_WORD = re.compile(rf"(?<=[a-z] )(?:{'|'.join(_OTHERS)})(?= [a-z])")
_ADDED = ("immediately", "only", "temporarily", "again", "fully", "partly", "also", "soon", "so")
_TO_ADD = re.compile(r"(?<=[a-z]) (?=[a-z]{3,} )")
_TO_DROP = re.compile(r"(?<=[a-z] )[a-z]{2,} (?=[a-z])")
# Words that belong to another kind: nothing else is done with them.
_WEIGHTY = _listed("""not no never without refuse cannot unless except none nobody shall may must
    will should can would could might need first second third half double twice one two three four
    five six seven eight nine ten hundred thousand percent euros euro dollars dollar tonnes ton
    tons km months month days day hours hour years year weeks week minutes minute pounds cents""")
_COUNTED = re.compile(r"\b\d[\d,]*(?= (?:days|tonnes|months|hours)\b)")
_MONEY = re.compile(r"\b\d[\d,]*(?= (?:euros|percent|dollars)\b)")
_PLAIN_NUMBER = re.compile(r"(?<![\w/.,-])\d[\d,]*(?![\w/-])(?! [A-Z])")
_DATE = re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b")


@dataclass(frozen=True, slots=True)
class Change:
    """`at` and `now_at` are half-open ranges of words of the registered and the altered text."""

    kinds: tuple[str, ...]  # any of which is right; the first is what it is counted as
    was: str
    now: str
    at: tuple[int, int]
    now_at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Altered:
    text: str
    changes: tuple[Change, ...]


def altered(text: str, count: int, seed: int) -> Altered:
    """`text` with `count` changes, of kinds drawn evenly among those for which it has a place."""
    chance = random.Random(f"changes {seed}")
    offered = {kind: list(make(text, chance, seed)) for kind, make in _SITES.items()}
    taken: list[tuple[int, int, str, tuple[str, ...]]] = []
    kinds = [kind for kind, sites in offered.items() if sites]
    chance.shuffle(kinds)
    while kinds and len(taken) < count:
        kind = kinds.pop(0)
        sites = offered[kind]
        chance.shuffle(sites)
        for start, end, now in sites:
            first, last = _words(text, start), _words(text, end)
            if all(
                last + APART < _words(text, a) or _words(text, b) + APART < first
                for a, b, _, _ in taken
            ):
                counted = kind == "amount" and not _MONEY.match(text, start)
                taken.append((start, end, now, ("amount", "number") if counted else (kind,)))
                break
    made, changes, shift = [], [], 0
    at = 0
    for start, end, now, named in sorted(taken):
        made += [text[at:start], now]
        at = end
        first = _words(text, start)
        was_words, now_words = text[start:end].split(), now.split()
        same = 0
        while same < min(len(was_words), len(now_words)) and was_words[same] == now_words[same]:
            same += 1
        tail = 0
        while (
            tail < min(len(was_words), len(now_words)) - same
            and was_words[-1 - tail] == now_words[-1 - tail]
        ):
            tail += 1
        was = was_words[same : len(was_words) - tail]
        new = now_words[same : len(now_words) - tail]
        place = (first + same, first + same + len(was))
        now_place = (place[0] + shift, place[0] + shift + len(new))
        changes.append(Change(named, " ".join(was), " ".join(new), place, now_place))
        shift += len(new) - len(was)
    made.append(text[at:])
    return Altered("".join(made), tuple(changes))


def _words(text: str, offset: int) -> int:
    """How many words begin before this place."""
    return len(re.findall(r"\S+", text[:offset]))


def _digit(number: str, chance: random.Random) -> str:
    places = [at for at, character in enumerate(number) if character.isdigit()]
    at = chance.choice(places)
    return (
        number[:at] + chance.choice([d for d in "123456789" if d != number[at]]) + number[at + 1 :]
    )


def _numbers(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    dates = [found.span() for found in _DATE.finditer(text)]
    for found in _PLAIN_NUMBER.finditer(text):
        if any(a <= found.start() < b for a, b in dates):
            continue
        if _COUNTED.match(text, found.start()) or _MONEY.match(text, found.start()):
            continue
        if re.fullmatch(r"(?:19|2[01])\d\d", found[0]):
            continue
        yield (*found.span(), _digit(found[0], chance))


def _amounts(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    for pattern in (_MONEY, _COUNTED):
        for found in pattern.finditer(text):
            yield (*found.span(), _digit(found[0], chance))


def _dates(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    for found in edits._DATE.finditer(text):
        day, month, year = found.groups()
        near = [str(d) for d in range(1, 29) if Levenshtein.distance(str(d), day) == 1]
        changes = (
            (chance.choice(near), month, year),
            (day if int(day) <= 28 else "28", edits._next_month(month), year),
            (day, month, year[:3] + chance.choice([d for d in "0123456789" if d != year[3]])),
        )
        yield (*found.span(), " ".join(chance.choice(changes)))


def _negations(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    struck = [(*found.span(), "") for found in _STRUCK.finditer(text)]
    set_ = [(found.end(), found.end(), "not ") for found in _SET.finditer(text)]
    yield from (struck if struck and chance.random() < 0.5 else set_ or struck)


def _names(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    for found in _NAME.finditer(text):
        old = found[0]
        if old in _ROLES:
            yield (*found.span(), _ROLES[old])
        elif old not in _NO_NAMES:
            near = _like(seed % 97, old)
            other = chance.choice(near) if near and chance.random() < 0.5 else None
            yield (*found.span(), other or chance.choice(edits._OTHER_NAMES))


@lru_cache(maxsize=4096)
def _like(seed: int, old: str) -> tuple[str, ...]:
    """Names that differ from this one in a letter or two."""
    return tuple(n for n in names(seed) if 0 < Levenshtein.distance(n, old, score_cutoff=2) <= 2)


def _modals(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    for found in re.finditer(rf"(?<=[a-z] )(?:{'|'.join(_MODALS)})(?= [a-z])", text):
        yield (*found.span(), chance.choice(_MODALS[found[0]]))


def _reworded(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    for found in _WORD.finditer(text):
        if not _beside_weighty(text, *found.span()):
            yield (*found.span(), chance.choice(_OTHERS[found[0]]))


def _missing(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    for found in _TO_DROP.finditer(text):
        word = found[0].strip()
        before = text[: found.start()].split()[-1]
        after = text[found.end() :].split(None, 1)[0]
        # Of two equal words side by side nobody can say which one is missing.
        if word not in _WEIGHTY and word not in (before, after):
            yield (*found.span(), "")


def _added(text: str, chance: random.Random, seed: int) -> Iterator[Site]:
    for found in _TO_ADD.finditer(text):
        yield found.end(), found.end(), chance.choice(_ADDED) + " "


def _beside_weighty(text: str, start: int, end: int) -> bool:
    """A number before a unit, or a month after a number: the kind would be theirs."""
    beside = (*text[:start].split()[-1:], *text[end:].split(None, 1)[:1])
    return any(any(c.isdigit() for c in word) for word in beside)


_SITES: dict[str, Callable[[str, random.Random, int], Iterator[Site]]] = {
    "number": _numbers,
    "negation": _negations,
    "name": _names,
    "date": _dates,
    "amount": _amounts,
    "modal verb": _modals,
    "word": _reworded,
    "missing": _missing,
    "added": _added,
}


def kinds_of(changes: Sequence[Change]) -> tuple[str, ...]:
    return tuple(change.kinds[0] for change in changes)
