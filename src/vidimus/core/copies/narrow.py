"""Which of many texts are worth comparing word by word with what was read.

The index proposes letters by a sample of their grams; hundreds of letters of one form may
come out nearly alike. Here every run of six letters that was read is looked for in each of
these texts, and those that few of them have count more, as in `search`: what tells letters of
one form apart are a few words. It only sorts and leaves out; what is said of a copy comes
from the comparison.

A letter of ASCII has one of 28 classes, so a run of six fits into 30 bits, and a run of any
letters into 60. Each is looked up in a table of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from vidimus.core.copies.fingerprints import classes
from vidimus.core.copies.grams import clear_across
from vidimus.core.copies.posting import I64, U32, U64, unique

Marks = np.ndarray[tuple[int, int], np.dtype[np.uint8]]
U8 = np.ndarray[tuple[int], np.dtype[np.uint8]]
Numbers = np.ndarray[tuple[int], np.dtype[np.unsignedinteger[Any]]]

RUN = 6  # letters
_NARROW, _WIDE = 5, 10  # bits of a letter in a run: of ASCII, of any
_TABLE = 20  # bits of the tables in which runs are looked up; of two at one place one is left out
_MOST = 100_000  # letters looked at in one go: what is made of them stays in the cache

_FINE = 1 << 20  # parts of one in a weight

_LETTERS = sorted({classes(chr(code)) for code in range(128)} - {""})
_GAP = 31  # the class of what stands between two texts
_CLASS = bytes(
    _LETTERS.index(classes(chr(code))) if code < 128 and chr(code).isalnum() else _GAP
    for code in range(256)
)
_CLASS_OF = np.full(1 << _WIDE, _GAP, dtype=np.uint8)
_CLASS_OF[[ord(letter) for letter in _LETTERS]] = range(len(_LETTERS))
_NONE = np.uint32((1 << 32) - 1)  # more than any run is
_NONE_WIDE = np.uint64((1 << 64) - 1)
_NOT_ALNUM = bytes(code for code in range(128) if not chr(code).isalnum())
_APART = "\xff"  # which no text of ASCII has, and which is no letter as `classes` makes them


@dataclass(frozen=True, slots=True)
class _Asked:
    """The runs of what was read, from 1 on: what each is, and where its number is looked up."""

    runs: U64
    thirty: U32  # the same of those in ASCII; of all others, what no run is
    narrow: Numbers

    @property
    def count(self) -> int:
        return len(self.runs) - 1


def shared(read: str, texts: Sequence[str]) -> tuple[I64, I64]:
    """(how many of the runs in `read` each text has, the same weighed in thousandths)."""
    asked = _asked(read)
    counts = np.zeros(len(texts), dtype=np.int64)
    if asked.count == 0 or not texts:
        return counts, counts
    folded = [text if text.isascii() else classes(text) for text in texts]
    plain = [text.isascii() for text in folded]
    order: list[int] = []
    marked = []
    for some in _portions(folded, plain, True, asked.count):
        letters = _APART.join([folded[at] for at in some]).encode("latin-1")
        order += some
        marked.append(_marked(*_plain(letters.translate(_CLASS, _NOT_ALNUM), asked), asked.count))
    for some in _portions(folded, plain, False, asked.count):
        order += some
        marked.append(_marked(*_other([folded[at] for at in some], asked), asked.count))
    held = np.zeros(asked.count, dtype=np.int64)
    for each in marked:
        held += _told(each, asked.count).sum(axis=0, dtype=np.int64)
    # Whole numbers, so that texts with the same runs weigh the same in whatever order of sums.
    weights = np.rint(_FINE * np.log1p(len(texts) / np.maximum(held, 1)))
    both = np.stack((np.ones(asked.count), weights), axis=1)
    sums = np.concatenate([_told(each, asked.count).astype(np.float64) @ both for each in marked])
    weighed = np.zeros(len(texts), dtype=np.int64)
    counts[order] = sums[:, 0].astype(np.int64)
    weighed[order] = np.rint(1000 * sums[:, 1] / _FINE).astype(np.int64)
    return counts, weighed


def _marked(ids: Numbers, gaps: I64, count: int) -> Marks:
    """Which of the runs asked for each text has, a bit for each.

    `ids` are those of all the texts' runs, 0 for one that nobody asked for.
    """
    clear_across(ids, gaps, RUN)
    marks = np.zeros((len(gaps) + 1, count + 1), dtype=bool)
    rows = np.arange(len(gaps) + 1) * (count + 1)
    places = np.repeat(rows, np.diff(gaps, prepend=-1, append=len(ids) + RUN - 1))[: len(ids)]
    places += ids
    marks.reshape(-1)[places] = True
    return np.packbits(marks[:, 1:], axis=1)


def _told(marked: Marks, count: int) -> Marks:
    return np.unpackbits(marked, axis=1, count=count)


def _plain(letters: bytes, asked: _Asked) -> tuple[Numbers, I64]:
    """What is asked for of each run in these, and where one text ends; by classes, one a byte."""
    classed = np.frombuffer(letters, dtype=np.uint8)
    runs = _thirty(classed)
    ids = asked.narrow.take(_slot(runs))
    ids *= asked.thirty.take(ids) == runs
    return ids, np.flatnonzero(classed == _GAP)


def _other(folded: Sequence[str], asked: _Asked) -> tuple[Numbers, I64]:
    """The same of any letters."""
    lengths = np.fromiter(map(len, folded), dtype=np.int64, count=len(folded))
    runs = _sixty(_codes(_APART.join(folded)))
    # Made only for texts that are not in ASCII: a table costs more than a look into it.
    wide = np.zeros(1 << _TABLE, dtype=asked.narrow.dtype)
    wide[_wide_slot(asked.runs[1:])] = np.arange(1, asked.count + 1)
    ids = wide.take(_wide_slot(runs))
    ids *= asked.runs.take(ids) == runs
    return ids, np.cumsum(lengths + 1)[:-1] - 1


def _portions(
    texts: Sequence[str], plain: Sequence[bool], which: bool, count: int
) -> Iterator[list[int]]:
    """Where those are that are plain, or not; so many at once as are looked at together."""
    some: list[int] = []
    size = 0
    for at, text in enumerate(texts):
        if plain[at] is not which:
            continue
        some.append(at)
        size += len(text) + count // 16  # each text has a mark for each run, too
        if size >= _MOST:
            yield some
            some, size = [], 0
    if some:
        yield some


# One copy is asked for several times: among the latest wordings, then among all of the best.
@lru_cache(maxsize=2)
def _asked(read: str) -> _Asked:
    runs = unique(np.sort(_sixty(_codes(classes(read)))))
    numbers = np.arange(1, len(runs) + 1)
    kind = np.min_scalar_type(len(runs))  # a smaller table stays in the cache
    letters = [runs >> np.uint64(_WIDE * at) & np.uint64((1 << _WIDE) - 1) for at in range(RUN)]
    classed = np.stack([_CLASS_OF[each] for each in reversed(letters)], axis=1)
    plain = (classed != _GAP).all(axis=1)
    thirty = np.where(plain, _thirty(classed.reshape(-1))[::RUN], _NONE)
    narrow = np.zeros(1 << _TABLE, dtype=kind)
    narrow[_slot(thirty[plain])] = numbers[plain]
    return _Asked(np.r_[_NONE_WIDE, runs], np.r_[_NONE, thirty], narrow)


def _codes(letters: str) -> U64:
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded: U64 = ((codes ^ (codes >> _WIDE)) & ((1 << _WIDE) - 1)).astype(np.uint64)
    return folded


def _sixty(codes: U64) -> U64:
    count = max(0, len(codes) - RUN + 1)
    runs = np.zeros(count, dtype=np.uint64)
    for at in range(RUN):
        runs <<= np.uint64(_WIDE)
        runs |= codes[at : at + count]
    return runs


def _thirty(classed: U8) -> U32:
    if len(classed) < RUN:
        return np.zeros(0, dtype=np.uint32)
    wide = classed.astype(np.uint16)
    threes = wide[:-2] << np.uint16(_NARROW)
    threes |= wide[1:-1]
    threes <<= np.uint16(_NARROW)
    threes |= wide[2:]
    runs = threes[:-3].astype(np.uint32)
    runs <<= np.uint32(3 * _NARROW)
    runs |= threes[3:]
    return runs


def _slot(runs: U32) -> U32:
    return runs * np.uint32(0x9E3779B1) >> np.uint32(32 - _TABLE)


def _wide_slot(runs: U64) -> I64:
    return (runs * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - _TABLE)).astype(np.int64)
