"""Fingerprints: the numbers by which a letter is found from any piece of it, misread or not.

    "The troops" -> "thetroops" -> "th3tr00p5" in folded classes -> hash of every 9 letters
                 -> those divisible by 6

Sampling looks at the gram alone and not at its neighbours (unlike winnowing, Schleimer et
al. 2003), so a gram that survives in both texts is kept in both or in neither. The numbers
are stored in every registry: they never change (vectors/v1/fingerprints.json).
"""

from __future__ import annotations

import unicodedata

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

_ASCII = bytes(ord(chr(i).lower().translate(CONFUSED)) if i < 128 else i for i in range(256))
_NOT_ALNUM = bytes(i for i in range(128) if not chr(i).isalnum())


def letters(text: str) -> str:
    """The letters and digits of a text as the grams see them: no case, no accents, no spaces."""
    return classes(canonical(text)).replace("rn", "m").replace("vv", "w")


def classes(text: str) -> str:
    """The letters and digits of a text as they stand, each in its class of confusion."""
    if text.isascii():
        return text.encode().translate(_ASCII, _NOT_ALNUM).decode()
    lowered = unicodedata.normalize("NFKD", text.lower())
    return "".join(filter(str.isalnum, lowered)).translate(CONFUSED)


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
