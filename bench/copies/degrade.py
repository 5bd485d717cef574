"""The copies that are asked for: a part of a text, read with mistakes, or altered besides.

Deterministic: the same text, condition and seed give the same copy. The mistakes are those of
`noise.py`, the alterations those of `edits.py`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.copies.edits import alter, possible
from bench.copies.noise import misread

SHARES = {"full": 1.0, "half": 0.5, "quarter": 0.25}


@dataclass(frozen=True, slots=True)
class Condition:
    """What is done to a text. Without mistakes it was pasted; with any, read from a picture."""

    part: str  # one of SHARES, "paragraph" or "sentence"
    errors: float = 0.0  # of its characters, read wrongly
    edits: int = 0  # words altered on purpose

    def __str__(self) -> str:
        how = f"{self.errors:.0%} errors" if self.errors else "pasted"
        return f"{self.part}, {how}" + (f", {self.edits} edits" if self.edits else "")


CONDITIONS = (
    Condition("full"),
    Condition("full", 0.05),
    Condition("full", 0.10),
    Condition("full", 0.15),
    Condition("half", 0.05),
    Condition("half", 0.10),
    Condition("half", 0.15),
    Condition("quarter", 0.05),
    Condition("quarter", 0.10),
    Condition("quarter", 0.15),
    Condition("paragraph"),
    Condition("sentence"),
    Condition("full", 0.05, 2),
    Condition("half", 0.05, 2),
)


@dataclass(frozen=True, slots=True)
class Degraded:
    """`shown` is the part of the registered text that the copy is of; `read` what it says."""

    shown: str
    read: str


def degrade(text: str, condition: Condition, seed: int) -> Degraded:
    shown = part(text, condition.part, seed)
    read = shown
    for number in range(condition.edits):
        kinds = possible(read)
        if kinds:
            chance = random.Random(f"edit {seed} {number}")
            read = alter(read, kinds[int(chance.random() * len(kinds))], seed + number).text
    return Degraded(shown, misread(read, condition.errors, seed))


def part(text: str, name: str, seed: int) -> str:
    """A run of whole words, or of whole lines for a paragraph; anywhere in the text."""
    chance = random.Random(f"part {name} {seed}")
    if name == "paragraph":
        return _one(text.split("\n\n"), 20, chance)
    if name == "sentence":
        return _one(text.replace("\n", " ").split(". "), 8, chance)
    share = SHARES[name]
    if share == 1.0:
        return text
    size = int(len(text) * share)
    start = int(chance.random() * (len(text) - size + 1))
    # Both ends move to where a word begins.
    while start and not text[start - 1].isspace():
        start -= 1
    stop = start + size
    while stop < len(text) and not text[stop].isspace():
        stop += 1
    return text[start:stop]


def _one(parts: list[str], least: int, chance: random.Random) -> str:
    """One of those that have `least` words, or the longest where none has."""
    words = [len(each.split()) for each in parts]
    enough = [each for each, size in zip(parts, words, strict=True) if size >= least]
    enough = enough or [parts[words.index(max(words))]]
    return enough[int(chance.random() * len(enough))].strip()
