"""One deliberate change of a letter: what a forger, or a careless typist, would do.

Each kind knows where in a text it could strike; the seed chooses the place. The change is
small, and matters: "is not" becomes "is", 20 April becomes 27 April.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Edit(NamedTuple):
    """The altered text, and in words what was changed."""

    text: str
    description: str
    kind: str
    was: str  # "" when something was added
    now: str  # "" when something is missing


class NothingToEdit(ValueError):
    """The text holds nothing of this kind."""


# A site is a stretch of the text and what could stand there instead.
Site = tuple[int, int, str]
_Sites = Callable[[str, random.Random], Iterator[Site]]

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August")
_MONTHS += ("September", "October", "November", "December")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})\b")
_AMOUNT = re.compile(r"(?:[$€£]\s?\d[\d,.]*\d|\b\d[\d,.]*\s(?:euros?|dollars?|pounds|percent|%))")
_NUMBER = re.compile(r"(?<![\w/.,-])\d(?:[\d,.]*\d)?(?![\w/-])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})?\b")

# Words after which "not" may be struck or set.
_VERBS = r"\b(is|are|was|were|do|does|did|will|would|shall|should|can|could|must|has|have|had|may)"
_NEGATED = re.compile(rf"{_VERBS} not\b|\bcannot\b", re.IGNORECASE)
_PLAIN = re.compile(rf"{_VERBS}\b(?! not\b)(?= [a-z])")

_MODALS = {"shall": "may", "may": "must", "must": "may", "will": "may", "can": "must"}
_MODALS |= {"should": "must", "would": "will", "could": "will"}
_MODAL = re.compile(rf"\b({'|'.join(_MODALS)})\b")

_OTHER_NAMES = ("Halvorsen", "Okonjo", "Petrescu", "Lindqvist", "Marchetti", "Dubrovin")
_OTHER_WORDS = {
    "before": "after",
    "after": "before",
    "more": "less",
    "less": "more",
    "all": "some",
    "each": "every",
    "any": "another",
    "and": "or",
    "or": "and",
    "accept": "refuse",
    "refuse": "accept",
    "approved": "rejected",
    "from": "until",
    "until": "from",
    "new": "old",
    "first": "last",
    "with": "without",
    "without": "with",
}
_WORD = re.compile(rf"\b({'|'.join(_OTHER_WORDS)})\b")
_ADDED = ("immediately", "only", "temporarily", "again", "fully", "partly", "never", "also")
_PLACE_TO_ADD = re.compile(r"(?<=[a-z]) (?=[a-z]{3,})")
_PLACE_TO_DROP = re.compile(r"(?<=[a-z] )[a-z]{4,} (?=[a-z])")


def _new_digit(number: str, chance: random.Random) -> str:
    """Another digit in one place; the first one never becomes 0."""
    places = [at for at, character in enumerate(number) if character.isdigit()]
    at = chance.choice(places)
    others = [d for d in "123456789" if d != number[at]]
    return number[:at] + chance.choice(others) + number[at + 1 :]


def _digits(pattern: re.Pattern[str], apart: tuple[re.Pattern[str], ...] = ()) -> _Sites:
    def sites(text: str, chance: random.Random) -> Iterator[Site]:
        taken = [found.span() for other in apart for found in other.finditer(text)]
        for found in pattern.finditer(text):
            start, end = found.span()
            if not any(start < stop and begin < end for begin, stop in taken):
                yield start, end, _new_digit(found[0], chance)

    return sites


def _dates(text: str, chance: random.Random) -> Iterator[Site]:
    for found in _DATE.finditer(text):
        day, month, year = found.groups()
        changes = [
            (str(chance.choice([d for d in range(1, 29) if d != int(day)])), month, year),
            (day if int(day) <= 28 else "28", _next_month(month), year),
            (day, month, str(int(year) + 1)),
        ]
        yield (*found.span(), " ".join(chance.choice(changes)))


def _next_month(month: str) -> str:
    return _MONTHS[(_MONTHS.index(month) + 1) % 12]


def _negations(text: str, chance: random.Random) -> Iterator[Site]:
    """Strike a "not" where there is one; otherwise set one."""
    struck = list(_NEGATED.finditer(text))
    for found in struck:
        yield (*found.span(), found[1] or found[0][:3])
    for found in [] if struck else _PLAIN.finditer(text):
        yield (*found.span(), f"{found[0]} not")


def _names(text: str, chance: random.Random) -> Iterator[Site]:
    for found in _NAME.finditer(text):
        words = found[0].split()
        if words[0] not in _MONTHS and words[0].removesuffix("s") not in _DAYS:
            yield (*found.span(), " ".join([*words[:-1], chance.choice(_OTHER_NAMES)]))


def _swaps(pattern: re.Pattern[str], table: dict[str, str]) -> _Sites:
    def sites(text: str, chance: random.Random) -> Iterator[Site]:
        for found in pattern.finditer(text):
            yield (*found.span(), table[found[0]])

    return sites


def _missing(text: str, chance: random.Random) -> Iterator[Site]:
    for found in _PLACE_TO_DROP.finditer(text):
        yield (*found.span(), "")


def _added(text: str, chance: random.Random) -> Iterator[Site]:
    for found in _PLACE_TO_ADD.finditer(text):
        yield found.end(), found.end(), chance.choice(_ADDED) + " "


# The names are those of the kinds of difference that a check reports.
_SITES: dict[str, _Sites] = {
    "number": _digits(_NUMBER, apart=(_DATE, _AMOUNT)),
    "negation": _negations,
    "name": _names,
    "date": _dates,
    "amount": _digits(_AMOUNT),
    "modal verb": _swaps(_MODAL, _MODALS),
    "word": _swaps(_WORD, _OTHER_WORDS),
    "missing": _missing,
    "added": _added,
}
KINDS = tuple(_SITES)


def alter(text: str, kind: str, seed: int) -> Edit:
    """One change of this kind. Raises NothingToEdit where the text has no place for one."""
    chance = random.Random(f"{kind} {seed}")
    sites = list(_SITES[kind](text, chance))
    if not sites:
        raise NothingToEdit(f"nothing of the kind {kind!r} in this text")
    start, end, now = chance.choice(sites)
    was = text[start:end].strip()
    altered = text[:start] + now + text[end:]
    now = now.strip()
    description = f"{kind}: {_quoted(was)} became {_quoted(now)}"
    return Edit(altered, description, kind, was, now)


def possible(text: str) -> tuple[str, ...]:
    """The kinds for which this text has a place."""
    return tuple(kind for kind in KINDS if any(_SITES[kind](text, random.Random(0))))


def _quoted(words: str) -> str:
    return f"“{words}”" if words else "nothing"
