"""Fingerprints: the numbers by which a letter is found from any piece of it, misread or not.

    "The troops" -> "thetroops" -> "th3tr00p5" in folded classes -> hash of every 9 letters
                 -> those divisible by 6

Sampling looks at the gram alone and not at its neighbours (unlike winnowing, Schleimer et
al. 2003), so a gram that survives in both texts is kept in both or in neither. The numbers
are stored in every registry: they never change (vectors/v1/fingerprints.json).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from vidimus.core.copies.canonical import canonical

try:
    from vidimus.core.copies.grams import hashed
except ModuleNotFoundError:
    # The bare install has no NumPy. It verifies registries, where few texts are enough.
    from vidimus.core.copies.grams_plain import hashed

GRAM = 9  # letters in one gram
SAMPLE = 6  # one gram in so many is kept
KEPT = 2  # … and one in so many by the index of words, of every text alike
LONG = 1_500  # letters; a longer copy is known from its sample

# What reading by machine takes for one another. One class, one letter.
CONFUSED = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "j": "l", "ı": "l", "5": "s", "6": "b", "8": "b", "e": "c"}
)

GAP = 0xFF  # between two texts in `run_together`: no byte of ASCII
_ASCII = bytes(ord(chr(i).lower().translate(CONFUSED)) if i < 128 else i for i in range(256))
_OTHERS = re.compile("[^\x00-\x7f]+")
_NOT_ALNUM = bytes(i for i in range(128) if not chr(i).isalnum())


def letters(text: str) -> str:
    """The letters and digits of a text as the grams see them: no case, no accents, no spaces."""
    # Of ASCII, what becomes canonical are the signs and spaces, and none of them is kept.
    folded = classes(text) if text.isascii() else _translated(text, _NAMED)
    if _SIGMA in folded:
        folded = classes(canonical(text))
    return folded.replace("rn", "m").replace("vv", "w")


def run_together(texts: Iterable[bytes]) -> bytes:
    """`letters` of many texts, all of them ASCII, with a GAP between each and the next."""
    together = b"\xff".join(texts).translate(_ASCII, _NOT_ALNUM)
    return together.replace(b"rn", b"m").replace(b"vv", b"w")


def classes(text: str) -> str:
    """The letters and digits of a text as they stand, each in its class of confusion."""
    if text.isascii():
        return text.encode().translate(_ASCII, _NOT_ALNUM).decode()
    return _translated(text.lower(), _LOWERED)


def _translated(text: str, table: _Seen) -> str:
    if len(text.encode("utf-8", "surrogatepass")) - len(text) < len(text) // 16:
        # A few curly quotes and accents: what is left without them is quicker.
        plain = _OTHERS.sub(lambda found: found[0].translate(table), text)
        if plain.isascii():
            return classes(plain)
    return text.translate(table)


def _class(lowered: str) -> str:
    # Marks are no letters, so it does not matter in which order NFKD puts several of them.
    apart = unicodedata.normalize("NFKD", lowered).lower()
    return "".join(filter(str.isalnum, apart)).translate(CONFUSED)


def _named(char: str) -> str:
    """What becomes of it in `letters`, whatever is beside it: marks are dropped, joined or not."""
    named = canonical(char)
    return _SIGMA if _SIGMA in named else _class(named.lower())


class _Seen(dict[int, str]):
    """What each character becomes, found out when it is first seen."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        made = self._becomes(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = made
        return made


_SIGMA = "Σ"  # the one letter of which what it is in lower case depends on its place in a word
_REMEMBERED = 65_536  # characters
_LOWERED = _Seen(_class)
_NAMED = _Seen(_named)


def fingerprints(text: str, every: bool = False) -> tuple[int, ...]:
    """Sorted, distinct, 0 <= n < 2^63. `every` keeps the grams that sampling would drop."""
    return hashed(letters(text), GRAM, 1 if every else SAMPLE)


def kept(text: str) -> tuple[int, ...]:
    """The fingerprints under which the index of words keeps a text."""
    return hashed(letters(text), GRAM, KEPT)


def asked(text: str) -> tuple[int, ...]:
    """Those by which a copy is looked for: all that are kept, or a sample of a long one."""
    folded = letters(text)
    return hashed(folded, GRAM, SAMPLE if len(folded) > LONG else KEPT)
