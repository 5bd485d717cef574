"""Does a copy say something else than every letter that stands? Judged without the product.

    “The cost is €1,250 (12 %)”  →  the · cost · is · € · 1,250 · ( · 12 · % · )

NFKC, no invisible signs, words over a line's end joined, lower case but for words that a capital
makes into others; then plain equality. A copy is harmless when its words are an unbroken run of
the words of one standing letter. Marks between words are not compared here: an attack that works
by them says so itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# With a capital these are a month, a country, an organisation.
CASED = frozenset({"may", "march", "august", "us", "it", "who"})

_SHAPES = str.maketrans("01568", "olsbb")
_BROKEN = re.compile(r"(?<=\w)-[^\S\n]*\n\s*(?=\w)")
_DASHES = re.compile("[‐‑‒–−⁃—―-]+")
_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„″", '"'))
_SUPER = str.maketrans({each: "^" + unicodedata.normalize("NFKC", each) for each in "⁰¹²³⁴⁵⁶⁷⁸⁹"})
_PIECE = re.compile(
    r"(?P<word>[^\W_](?:[\u0300-\u036f\u20d0-\u20ff]|[^\W_])*"
    r"(?:[-'.,:/@^][^\W_](?:[\u0300-\u036f\u20d0-\u20ff]|[^\W_])*)*)"
    r"|(?P<sign>[-()+<>~?])|(?P<other>[^\w\s.,;:!\"'\[\]{}*/\\|_•·…@^&-])"
)


@lru_cache(maxsize=256)
def tokens(text: str) -> tuple[str, ...]:
    """What a reader would say aloud, one by one."""
    text = text.translate(_SUPER).translate(_QUOTES)
    text = "".join(c for c in text if c == "\n" or not _unseen(c))
    text = unicodedata.normalize("NFKC", text)
    text = _DASHES.sub("-", _BROKEN.sub("", text))
    found: list[str] = []
    for piece in _PIECE.finditer(text):
        word, sign = piece["word"], piece["sign"]
        if word:
            found += _words(word)
        elif not sign or sign == "?" or _beside_number(text, piece.start(), sign):
            found.append(piece[0])
    return tuple(found)


def _unseen(sign: str) -> bool:
    """Signs of format, and those that choose a variant of the letter before them."""
    return unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f"


def harmless(copy: str, standing: Iterable[str], *, printed: bool = False) -> bool:
    """Whether these are the words of a standing letter, or an unbroken run of them.

    `printed`: where a digit stands in a word for the letter that looks like it, it is that word.
    """
    said = _joined(_read(tokens(copy), printed))
    return any(said in _joined(_read(tokens(each), printed)) for each in standing)


def _read(words: tuple[str, ...], printed: bool) -> tuple[str, ...]:
    if not printed:
        return words
    return tuple(word.translate(_SHAPES) if any(map(str.isalpha, word)) else word for word in words)


def _joined(words: tuple[str, ...]) -> str:
    return "\n" + "\n".join(words) + "\n"


def _words(word: str) -> list[str]:
    if any(c.isdigit() for c in word):
        return [word.lower()]
    return [_cased(part.replace("-", "")) for part in re.split(r"[.,:/@^]", word)]


def _cased(word: str) -> str:
    lowered = word.lower()
    if lowered in CASED and word not in (lowered, lowered.capitalize()):
        return word
    return lowered


def _beside_number(text: str, at: int, sign: str) -> bool:
    """A minus or a bracket that touches an amount, or stands alone before one."""
    behind, before = text[at + 1 :], text[:at]
    if sign == ")":
        return bool(re.search(r"[\d%€$£]$", before))
    alone = r"\s?" if sign == "-" else ""
    return bool(re.match(alone + r"[€$£]?\d", behind)) and not before[-1:].isalnum()
