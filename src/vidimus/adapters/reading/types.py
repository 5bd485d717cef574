"""What the parts of the reader hand to each other, in pixels of one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vidimus.core.copies.page import Box, Word

Image = npt.NDArray[np.uint8]  # (height, width) grey, or (height, width, 3) BGR
Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of one picture, by one engine."""

    words: tuple[Word, ...]
    engine: str
    left_out: float = 0.0  # share of the page's letters that no word covers, where it was looked at

    def scaled(self, factor: float) -> Reading:
        if factor == 1.0:
            return self
        words = tuple(scale_word(word, factor) for word in self.words)
        return Reading(words, self.engine, self.left_out)

    def moved(self, right: int, down: int) -> Reading:
        """The same words, in a picture that reaches so much further to the left and the top."""
        words = tuple(_moved(word, right, down) for word in self.words)
        return Reading(words, self.engine, self.left_out)


def _moved(word: Word, right: int, down: int) -> Word:
    if word.box is None:
        return word
    b = word.box
    box = Box(b.left + right, b.top + down, b.right + right, b.bottom + down)
    return Word(word.text, word.line, box, word.confidence)


def scale_word(word: Word, factor: float) -> Word:
    if word.box is None:
        return word
    b = word.box
    box = Box(*(round(edge * factor) for edge in (b.left, b.top, b.right, b.bottom)))
    return Word(word.text, word.line, box, word.confidence)
