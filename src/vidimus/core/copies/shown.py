"""A registered wording, and what is shown of it: by a copy that was compared, or by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from vidimus.core.copies.answers import Difference


@dataclass(frozen=True, slots=True)
class Registered:
    letter: str
    version: int
    language: str
    text: str  # as registered
    # Lines that we print on every paper of this very letter (furniture.py); no part of its words.
    printed: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of the wording is seen, what is certainly other, and what is in doubt."""

    registered: Registered
    seen_words: int
    of_words: int
    differences: tuple[Difference, ...] = ()
    unread: tuple[Difference, ...] = ()

    @property
    def whole(self) -> bool:
        """Nothing of the registered text is missing."""
        return self.seen_words == self.of_words
