"""Fingerprints: the numbers by which a letter is found from any piece of it, misread or not.

    "The troops" -> "thetroops" -> "th3tr00p5" in folded classes -> hash of every 9 letters
                 -> those divisible by 6

Sampling looks at the gram alone and not at its neighbours (unlike winnowing, Schleimer et
al. 2003), so a gram that survives in both texts is kept in both or in neither. The numbers
are stored in every registry: they never change (vectors/v1/fingerprints.json).
"""

from __future__ import annotations

import unicodedata

import numpy as np

from vidimus.core.copies.canonical import canonical

GRAM = 9  # letters in one gram
SAMPLE = 6  # one gram in so many is kept
SHORT = 60  # a text of fewer letters is better registered and asked with every=True

# What reading by machine takes for one another. One class, one letter.
CONFUSED = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "j": "l", "ı": "l", "5": "s", "6": "b", "8": "b", "e": "c"}
)

_ASCII = bytes(ord(chr(i).lower().translate(CONFUSED)) if i < 128 else i for i in range(256))
_NOT_ALNUM = bytes(i for i in range(128) if not chr(i).isalnum())

_BASE = 0x9E3779B97F4A7C15  # odd, so no letter is lost when the product wraps at 64 bits
_POWERS = [np.uint64(pow(_BASE, GRAM - 1 - i, 1 << 64)) for i in range(GRAM)]


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
    codes = np.frombuffer(letters(text).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    count = len(codes) - GRAM + 1
    if count < 1:
        return ()
    sums = np.zeros(count, dtype=np.uint64)
    for i, power in enumerate(_POWERS):
        sums += codes[i : i + count] * power
    grams = _mixed(sums) >> np.uint64(1)  # SQLite's integers are signed
    if not every:
        grams = grams[grams % np.uint64(SAMPLE) == 0]
    return tuple(np.unique(grams).tolist())


def _mixed(
    x: np.ndarray[tuple[int], np.dtype[np.uint64]],
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
