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
# A text of fewer letters than this has one gram in so many kept, so that little is enough of a
# short letter. Each sample is among the one before it: 1, 2, 6.
DENSER = ((300, 1), (800, 2))

# What reading by machine takes for one another. One class, one letter.
CONFUSED = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "j": "l", "ı": "l", "5": "s", "6": "b", "8": "b", "e": "c"}
)

_ASCII = bytes(ord(chr(i).lower().translate(CONFUSED)) if i < 128 else i for i in range(256))
_NOT_ALNUM = bytes(i for i in range(128) if not chr(i).isalnum())


def letters(text: str) -> str:
    """The letters and digits of a text as the grams see them: no case, no accents, no spaces."""
    text = canonical(text)
    if text.isascii():
        kept = text.encode().translate(_ASCII, _NOT_ALNUM).decode()
    else:
        lowered = unicodedata.normalize("NFKD", text.lower())
        kept = "".join(filter(str.isalnum, lowered)).translate(CONFUSED)
    return kept.replace("rn", "m").replace("vv", "w")


def fingerprints(text: str, every: bool = False) -> tuple[int, ...]:
    """Sorted, distinct, 0 <= n < 2^63. `every` keeps the grams that sampling would drop."""
    return hashed(letters(text), GRAM, 1 if every else SAMPLE)


def kept(text: str) -> tuple[int, ...]:
    """The fingerprints by which a text of this length is registered, and asked for.

    A copy is no longer than its letter, so it is asked with all that the letter may have.
    """
    folded = letters(text)
    return hashed(folded, GRAM, sample(len(folded)))


def sample(count: int) -> int:
    """One gram in so many is kept of a text of so many letters."""
    return next((every for length, every in DENSER if count < length), SAMPLE)
