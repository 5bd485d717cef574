"""What is asked of an index of the corpus, and which answers are right.

A part of a text can be in several registered ones: the first page of a form, the half of a
draft that the next version kept. So each query knows every letter, and every version of its own
letter, that holds the very words that the copy shows; naming any of those letters is right, and
a version counts only where one alone holds them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bench.copies import corpus
from bench.copies.degrade import CONDITIONS, Condition, degrade

STRANGERS = (Condition("full", 0.05), Condition("half", 0.10), Condition("paragraph"))


@dataclass(frozen=True, slots=True)
class Query:
    condition: Condition
    letter: int
    version: int
    read: str
    letters: frozenset[int]  # all that hold what is shown; empty for a text nobody registered
    versions: frozenset[int]  # of its own letter

    @property
    def decided(self) -> bool:
        """The words shown are those of one version of one letter."""
        return len(self.letters) == len(self.versions) == 1


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many, with Wilson's interval of 95 % (Wilson 1927)."""

    hits: int
    of: int

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = self.interval
        return f"{100 * self.hits / self.of:.1f} [{100 * low:.1f}–{100 * high:.1f}]"

    @property
    def interval(self) -> tuple[float, float]:
        z, share = 1.96, self.hits / self.of
        middle = share + z * z / (2 * self.of)
        reach = z * math.sqrt(share * (1 - share) / self.of + z * z / (4 * self.of**2))
        scale = 1 + z * z / self.of
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def queries(seed: int, count: int, each: int) -> Iterator[Query]:
    """`each` texts of the first `count`, under every condition; copies of one text together."""
    for number in _chosen(seed, count, each):
        letter, version = corpus.place(number)
        mine = {v.version: _flat(v.text) for v in _registered(seed, letter, count)}
        original = corpus.text(seed, number).text
        for condition in CONDITIONS:
            copy = degrade(original, condition, number)
            shown = _flat(copy.shown)
            yield Query(
                condition,
                letter,
                version,
                copy.read,
                frozenset({letter, *_holding(seed, letter, count, shown)}),
                frozenset(v for v, text in mine.items() if shown in text),
            )


def strangers(seed: int, each: int) -> Iterator[Query]:
    """Copies of texts that nobody registered."""
    for number in range(each):
        letter = corpus.STRANGERS + number
        for condition in STRANGERS:
            copy = degrade(corpus.versions(seed, letter)[0].text, condition, number)
            yield Query(condition, letter, 1, copy.read, frozenset(), frozenset())


def siblings(seed: int, count: int, each: int) -> Iterator[Query]:
    """Copies of unregistered letters of a registered form, showing what is filled in."""
    given = number = 0
    known = corpus.letters(count)
    while given < each and number < 100 * each:
        letter = corpus.SIBLINGS + number % known
        number += 1
        if number > known or corpus.form_of(seed, letter) is None:
            continue
        text = corpus.versions(seed, letter)[0].text
        form = tuple(corpus.siblings(seed, letter, count))
        if not form:
            continue
        for condition in STRANGERS:
            copy = degrade(text, condition, number)
            if any(_flat(copy.shown) in one for one in _texts(seed, form, count)):
                continue  # nothing but the form can be seen: this is in a registered letter
            yield Query(condition, letter, 1, copy.read, frozenset(), frozenset())
        given += 1


def _chosen(seed: int, count: int, each: int) -> Sequence[int]:
    chance = random.Random(f"queries {seed} {count}")
    return sorted({int(chance.random() * count) for _ in range(each)})


def _registered(seed: int, letter: int, count: int) -> tuple[corpus.Text, ...]:
    last, version = corpus.place(count - 1)
    made = corpus.versions(seed, letter)
    return made[:version] if letter == last else made


def _holding(seed: int, letter: int, count: int, shown: str) -> list[int]:
    """Other letters of the form that hold these words; other texts are never alike so long."""
    if corpus.form_of(seed, letter) is None:
        return []
    form = tuple(corpus.siblings(seed, letter, count))
    texts = _texts(seed, form, count)
    return [other for other, text in zip(form, texts, strict=True) if shown in text]


@lru_cache(maxsize=4)
def _texts(seed: int, letters: tuple[int, ...], count: int) -> tuple[str, ...]:
    """All wordings of each letter in one string."""
    return tuple(
        "\n".join(_flat(version.text) for version in _registered(seed, letter, count))
        for letter in letters
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


def percentile(values: Sequence[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else math.nan
