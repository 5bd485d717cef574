"""Connectionist temporal classification: reading posteriors, and judging texts by them.

`posteriors` is (time steps, classes), each row a probability distribution; class 0 is the
blank. Source: Graves, Fernández, Gomez, Schmidhuber, "Connectionist temporal classification",
ICML 2006, section 4.1 (the forward algorithm).

**Spaces are not judged.** The recogniser writes a space or leaves it out almost at will, so
`Alphabet.fold` adds the probability of a space to that of the blank and `Alphabet.labels`
drops spaces from the candidate. "now here" and "nowhere" therefore get the same score.

**Look-alikes that print alike are one class.** Straight and curly quotes and the several
dashes are summed. A character that the model has never seen is a wildcard: it matches
whatever is not blank, for every candidate in the same way.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
WILDCARD = -1
TINY = 1e-12  # the model's own floor: nothing printed is impossible

ALIKE = ("'‘’‛′`´ʼ", '"“”„‟″', "-‐‑‒–—―−", ".․", "·•∙")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters of a recogniser by class; `characters[0]` stands for the blank."""

    characters: tuple[str, ...]
    index: dict[str, int]
    alike: dict[int, int]  # class -> the class that stands for its group

    @classmethod
    def of(cls, characters: tuple[str, ...]) -> Alphabet:
        index = {c: i for i, c in reversed(list(enumerate(characters))) if i > 0}
        alike: dict[int, int] = {}
        for group in ALIKE:
            members = [index[c] for c in group if c in index]
            if not members:
                continue
            alike.update(dict.fromkeys(members, members[0]))
            index.update(dict.fromkeys(group, members[0]))
        return cls(characters, index, alike)

    def fold(self, posteriors: npt.NDArray[np.floating]) -> Matrix:
        """Spaces into the blank, look-alikes into one class."""
        folded = posteriors.astype(np.float64)
        for member, head in self.alike.items():
            if member != head:
                folded[:, head] += folded[:, member]
                folded[:, member] = 0.0
        for space in (" ", "\u3000"):
            at = self.index.get(space)
            if at is not None:
                folded[:, 0] += folded[:, at]
                folded[:, at] = 0.0
        return folded

    def labels(self, text: str) -> list[int]:
        """The classes of a candidate text, spaces dropped; WILDCARD where the model has none."""
        found: list[int] = []
        for character in unicodedata.normalize("NFC", text):
            if character.isspace() or character in "\u00ad\u200b\ufeff":
                continue
            if character in self.index:
                found.append(self.index[character])
                continue
            plain = unicodedata.normalize("NFKC", character)
            if not all(c in self.index for c in plain):
                stripped = unicodedata.normalize("NFD", character)
                plain = "".join(c for c in stripped if not unicodedata.combining(c))
            known = [self.index[c] for c in plain if c in self.index and not c.isspace()]
            found += known or [WILDCARD]
        return found

    def knows(self, text: str) -> bool:
        """Whether the model has every letter of this text; of other signs it may lack some."""
        return all(WILDCARD not in self.labels(each) for each in text if each.isalpha())


def greedy(posteriors: npt.NDArray[np.floating]) -> list[tuple[int, float, int, int]]:
    """The best path, collapsed: (class, probability, first step, last step) of each character."""
    best = posteriors.argmax(axis=1)
    sure = posteriors.max(axis=1)
    read: list[tuple[int, float, int, int]] = []
    before = 0
    for step, label in enumerate(best.tolist()):
        if label != 0:
            if label == before:
                was, p, first, _ = read[-1]
                read[-1] = (was, max(p, float(sure[step])), first, step)
            else:
                read.append((label, float(sure[step]), step, step))
        before = label
    return read


def forward(folded: Matrix, labels: list[int]) -> float:
    """ln P(labels | posteriors), summed over all alignments; -inf when there are too few steps.

    Log space throughout, and all states at once; a line of 300 steps takes milliseconds.
    """
    steps = folded.shape[0]
    log = np.log(np.maximum(folded, TINY))
    if not labels:
        return float(log[:, 0].sum())
    if needed_steps(labels) > steps:
        return float("-inf")
    anything = np.log(np.maximum(1.0 - folded[:, 0], TINY))
    states = 2 * len(labels) + 1
    emit = np.empty((steps, states))
    emit[:, 0::2] = log[:, :1]
    for place, label in enumerate(labels):
        emit[:, 2 * place + 1] = anything if label == WILDCARD else log[:, label]
    # From a letter one may skip the blank after it, unless the next letter is the same.
    skip = np.full(states, -np.inf)
    for place in range(1, len(labels)):
        if labels[place] != labels[place - 1]:
            skip[2 * place + 1] = 0.0
    alpha = np.full(states, -np.inf)
    alpha[:2] = emit[0, :2]
    one, two = np.full(states, -np.inf), np.full(states, -np.inf)
    for step in range(1, steps):
        one[1:] = alpha[:-1]
        two[2:] = alpha[:-2] + skip[2:]
        alpha = np.logaddexp(np.logaddexp(alpha, one), two) + emit[step]
    return float(np.logaddexp(alpha[-1], alpha[-2]))


def needed_steps(labels: list[int]) -> int:
    """A repeated letter needs a blank between its two occurrences."""
    return len(labels) + sum(a == b for a, b in pairwise(labels))
