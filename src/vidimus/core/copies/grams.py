"""The hashes of all grams of a text at once, with NumPy. `grams_plain` is the same without."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

U64 = np.ndarray[tuple[int], np.dtype[np.uint64]]
I64 = np.ndarray[tuple[int], np.dtype[np.int64]]
Codes = np.ndarray[tuple[int], np.dtype[np.uint8]] | np.ndarray[tuple[int], np.dtype[np.uint32]]

BASE = 0x9E3779B97F4A7C15  # odd, so no letter is lost when the product wraps at 64 bits


def hashed(letters: str, gram: int, sample: int) -> tuple[int, ...]:
    """Sorted, distinct, below 2^63: those of the grams' hashes that `sample` divides."""
    grams, _ = hashed_many((letters,), gram, sample)
    return tuple(np.unique(grams).tolist())


def mixed(x: U64) -> U64:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hashed_many(letters: Sequence[str], gram: int, sample: int) -> tuple[U64, I64]:
    """`hashed` of many texts at once, and of which text each is; not sorted, with repetitions."""
    codes = np.frombuffer("\0".join(letters).encode("utf-32-le"), dtype="<u4")
    lengths = np.fromiter(map(len, letters), dtype=np.int64, count=len(letters))
    return hashed_apart(codes, np.cumsum(lengths + 1)[:-1] - 1, gram, sample)


def hashed_apart(codes: Codes, gaps: I64, gram: int, sample: int) -> tuple[U64, I64]:
    """The same of letters by their codes, with anything at all in the gaps between two texts.

    A few dozen texts at a time are quickest: then everything here stays in the cache.
    """
    count = len(codes) - gram + 1
    if count < 1:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    # What a gram sums up to is the difference of two sums from the beginning, each letter times
    # a power of the base that falls, put right by one that rises: all modulo 2^64, so exact.
    falling, rising = _powers(1 << (len(codes) - 1).bit_length(), gram)
    ends = codes * falling[: len(codes)]
    np.cumsum(ends, out=ends)
    sums = ends[gram - 1 :].copy()
    sums[1:] -= ends[: count - 1]
    sums *= rising[:count]
    grams = mixed(sums) >> np.uint64(1)  # SQLite's integers are signed
    # The last bits tell whether 2 divides it, and bytes are quicker to look at.
    kept = (grams.astype(np.uint8) & 1 == 0) if sample == 2 else (grams % np.uint64(sample) == 0)
    clear_across(kept, gaps, gram)
    places = np.flatnonzero(kept)
    edges = np.searchsorted(places, gaps)
    owned = np.diff(edges, prepend=0, append=len(places))
    return grams[places], np.repeat(np.arange(len(gaps) + 1), owned)


def clear_across(each: np.ndarray[tuple[int], Any], gaps: I64, width: int) -> None:
    """Of what begins at each letter, 0 for all that begins in one text and ends in another."""
    at = np.subtract.outer(gaps, np.arange(width)).reshape(-1)
    each[at[(at >= 0) & (at < len(each))]] = 0


@lru_cache(maxsize=4)
def _powers(count: int, gram: int) -> tuple[U64, U64]:
    """base^0, base^-1, …, and base^(gram-1), base^gram, …, modulo 2^64; an odd base has them."""
    falling = np.full(count, pow(BASE, -1, 1 << 64), dtype=np.uint64)
    rising = np.full(count, BASE, dtype=np.uint64)
    falling[0], rising[0] = 1, pow(BASE, gram - 1, 1 << 64)
    return np.multiply.accumulate(falling), np.multiply.accumulate(rising)
