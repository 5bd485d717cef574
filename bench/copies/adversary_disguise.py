"""What changes the look of a text and not its words: an attack may hide behind it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from random import Random

Disguise = Callable[[str, Random], str]


def _wrapped(text: str, chance: Random) -> str:
    width = chance.randrange(24, 110)
    return "\n\n".join(
        textwrap.fill(block, width, break_on_hyphens=False, break_long_words=False)
        for block in text.split("\n\n")
    )


def _broken(text: str, chance: Random) -> str:
    """Words broken with a hyphen at a line's end, where they are long."""

    def cut(word: re.Match[str]) -> str:
        at = chance.randrange(2, len(word[0]) - 2)
        joint = chance.choice(("-\n", "\u00ad\n", "-  \n", "‐\n"))
        return word[0] if chance.random() < 0.7 else word[0][:at] + joint + word[0][at:]

    return re.sub(r"\b[a-z]{6,}\b", cut, text)


def _wide(text: str, chance: Random) -> str:
    """Full-width letters and digits; NFKC makes them plain again."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def _ligatures(text: str, chance: Random) -> str:
    return text.replace("ffi", "ﬃ").replace("fi", "ﬁ").replace("fl", "ﬂ").replace("ff", "ﬀ")


def _unseen(text: str, chance: Random) -> str:
    signs = "\u200b\u200c\u2060\ufeff\u00ad\u2063\ufe0f"
    return "".join(c + (chance.choice(signs) if chance.random() < 0.06 else "") for c in text)


def _spaces(text: str, chance: Random) -> str:
    kinds = ("  ", "\u00a0", "\u2009", "\t", "\u3000", " \n")
    return re.sub(" ", lambda _: chance.choice(kinds) if chance.random() < 0.15 else " ", text)


def _quotes(text: str, chance: Random) -> str:
    return f"“{text}”"


def _line_ends(text: str, chance: Random) -> str:
    return text.replace("\n", chance.choice(("\r\n", "\n", "\u2028")))


def _numbered(text: str, chance: Random) -> str:
    """Page numbers, where paragraphs end."""
    blocks = text.split("\n\n")
    at = chance.randrange(len(blocks))
    blocks[at] += chance.choice(("\n\nPage 2 of 3", "\nPage 1", "\n\nCopy 3 of 12"))
    return "\n\n".join(blocks)


def _none(text: str, chance: Random) -> str:
    return text


DISGUISES: tuple[Disguise, ...] = (
    _none, _none, _none, _wrapped, _wrapped, _broken, _wide, _ligatures, _unseen, _spaces, _quotes,
    _line_ends, _numbered,
)  # fmt: skip
