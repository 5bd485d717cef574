"""Which of many texts are worth comparing word by word with what was read.

The index proposes letters by a sample of their grams; hundreds of letters of one form may
come out nearly alike. Here every run of six letters that was read is looked for in each of
these texts, and those that few of them have count more, as in `search`: what tells letters of
one form apart are a few words. It only sorts and leaves out; what is said of a copy comes
from the comparison.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vidimus.core.copies.fingerprints import classes
from vidimus.core.copies.posting import I64, U32, U64, unique

RUN = 6  # letters
_BITS = 10  # of a letter in a run
_TABLE = 20  # bits of the table in which runs are looked up; it may take one for another
_MOST = 4_000_000  # letters looked at in one go


def shared(read: str, texts: Sequence[str]) -> tuple[I64, I64]:
    """(how many of the runs in `read` each text has, the same weighed in thousandths)."""
    none = np.zeros(len(texts), dtype=np.int64)
    asked = unique(np.sort(_runs(_codes(classes(read)))))
    if len(asked) == 0 or not texts:
        return none, none
    table = np.zeros(1 << _TABLE, dtype=np.uint32)
    table[_slot(asked)] = np.arange(1, len(asked) + 1, dtype=np.uint32)
    pairs = [_pairs(some, first, table) for first, some in _portions(texts)]
    found = np.concatenate(pairs)
    text, run = found >> 32, found & 0xFFFFFFFF
    held = np.bincount(run, minlength=len(asked) + 1)
    weights = np.log1p(len(texts) / np.maximum(held, 1))
    counts = np.bincount(text, minlength=len(texts))
    weighed = np.bincount(text, weights=weights[run], minlength=len(texts))
    return counts.astype(np.int64), np.rint(1000 * weighed).astype(np.int64)


def _pairs(texts: Sequence[str], first: int, table: U32) -> I64:
    """(text << 32 | run), sorted, each once, for every run asked for that a text has."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    codes = _codes("".join(texts))
    runs = _runs(codes)
    if len(runs) == 0:
        return np.zeros(0, dtype=np.int64)
    owners = np.repeat(np.arange(first, first + len(texts), dtype=np.int64), lengths)
    hits = table[_slot(runs)]
    # A run that begins in one text and ends in the next is of neither.
    kept = (hits > 0) & (owners[: len(runs)] == owners[RUN - 1 :])
    return unique(np.sort(owners[: len(runs)][kept] << 32 | hits[kept].astype(np.int64)))


def _portions(texts: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The folded texts in portions, each with the number of its first."""
    portions: list[tuple[int, list[str]]] = []
    size = _MOST
    for number, text in enumerate(texts):
        folded = classes(text)
        if size >= _MOST:
            portions.append((number, []))
            size = 0
        portions[-1][1].append(folded)
        size += len(folded)
    return portions


def _codes(letters: str) -> U64:
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded: U64 = ((codes ^ (codes >> _BITS)) & ((1 << _BITS) - 1)).astype(np.uint64)
    return folded


def _runs(codes: U64) -> U64:
    count = max(0, len(codes) - RUN + 1)
    runs = np.zeros(count, dtype=np.uint64)
    for at in range(RUN):
        runs <<= np.uint64(_BITS)
        runs |= codes[at : at + count]
    return runs


def _slot(runs: U64) -> I64:
    mixed = runs * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - _TABLE)).astype(np.int64)
