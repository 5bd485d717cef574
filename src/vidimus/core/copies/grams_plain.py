"""The hashes of all grams of a text, one after the other. The numbers are those of `grams`.

The sum of a gram comes from that of the gram before it: one letter leaves, one enters
(Karp and Rabin 1987).
"""

from __future__ import annotations

BASE = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def hashed(letters: str, gram: int, sample: int) -> tuple[int, ...]:
    """Sorted, distinct, below 2^63: those of the grams' hashes that `sample` divides."""
    codes = [ord(letter) for letter in letters]
    found = set()
    leaving = pow(BASE, gram, 1 << 64)
    total = 0
    for at, code in enumerate(codes):
        total = (total * BASE + code) & _MASK
        if at >= gram:
            total = (total - codes[at - gram] * leaving) & _MASK
        if at >= gram - 1:
            number = _mixed(total) >> 1
            if number % sample == 0:
                found.add(number)
    return tuple(sorted(found))


def _mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)
