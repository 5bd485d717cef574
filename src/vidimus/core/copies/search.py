"""Which letters share most of a copy's rare grams: a vote over all segments of an index.

A gram that few letters hold weighs more (its idf, Spärck Jones 1972), and the list of a form,
kept once for all its grams, is read once: what it weighs is summed before anybody looks which
letters are in it. The commonest grams are left out, for all letters alike, where there would
be too much to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidimus.core.copies.posting import I64, LETTER_BITS, U64, members, spread, unique
from vidimus.core.copies.segment import GRAM_BITS, LISTED, MOST_LETTERS, Segment
from vidimus.errors import FormatError

F64 = np.ndarray[tuple[int], np.dtype[np.float64]]

READ = 40_000  # letters that are read from lists for one copy
DENSE = 2_000_000  # letters; in a larger registry no array is made of all
FEW_VOTES = 0.2  # of the best vote: nobody has a letter compared that has fewer


@dataclass(frozen=True, slots=True)
class Ranked:
    """Letters by their numbers, best first, with what they were given."""

    letters: tuple[int, ...]
    votes: tuple[float, ...]
    # Some of the copy's grams are in so many letters that these were not all looked at.
    unread: bool


@dataclass(frozen=True, slots=True)
class _Hits:
    """What one segment has. Grams are named by their place among those asked for."""

    asked: I64
    letters: I64  # for each of `asked`, one letter that holds it
    by_list: I64
    lists: I64  # the lists of letters that hold a gram, each once
    place: I64  # for each of `by_list`, the place of its list among these


class Sections:
    """A segment's sections as arrays, without a copy of them."""

    __slots__ = ("counts", "entries", "listed", "lists", "lows", "nums", "shape", "starts")

    def __init__(self, segment: Segment) -> None:
        self.shape = segment.shape
        width = np.uint16 if segment.shape.wide == 2 else np.uint32
        self.nums = np.frombuffer(segment.nums, dtype=np.uint32)
        self.starts = np.frombuffer(segment.starts, dtype=np.uint32)
        self.lows = np.frombuffer(segment.lows, dtype=width)
        self.entries = np.frombuffer(segment.entries, dtype=np.uint32)
        self.lists = np.frombuffer(segment.lists, dtype=np.uint32)
        self.counts = np.frombuffer(segment.counts, dtype=np.uint32)
        self.listed = np.frombuffer(segment.listed, dtype=np.uint16)

    def hits(self, grams: U64) -> _Hits:
        """Raises FormatError where the segment leads nowhere."""
        narrow = GRAM_BITS - self.shape.bits
        buckets = (grams >> np.uint64(narrow)).astype(np.int64)
        lows = (grams & np.uint64((1 << narrow) - 1)).astype(self.lows.dtype)
        first = self.starts[buckets].astype(np.int64)
        counts = self.starts[buckets + 1].astype(np.int64) - first
        if len(counts) and (counts.min() < 0 or (first + counts).max() > len(self.entries)):
            raise _nowhere()
        asked = np.repeat(np.arange(len(grams)), counts)
        at, _ = spread(first, counts)
        same = self.lows[at] == lows[asked]
        asked, values = asked[same], self.entries[at[same]]
        in_list = values >= LISTED
        alone = values[~in_list]
        which = (values[in_list] & np.uint32(LISTED - 1)).astype(np.int64)
        if (len(alone) and alone.max() >= len(self.nums)) or (
            len(which) and which.max() >= len(self.counts)
        ):
            raise _nowhere()
        lists, place = np.unique(which, return_inverse=True)
        letters = self.nums[alone].astype(np.int64)
        return _Hits(asked[~in_list], letters, asked[in_list], lists, place.astype(np.int64))

    def members(self, which: I64) -> tuple[I64, I64]:
        """The letters of these lists, one list behind the other, and how many each has."""
        firsts, ends = self.lists[which], self.lists[which + 1]
        if len(which) and ((ends < firsts).any() or ends.max() > len(self.listed)):
            raise _nowhere()
        places, counts = members(self.lists, self.listed, which)
        if len(places) and places.max() >= len(self.nums):
            raise _nowhere()
        return self.nums[places].astype(np.int64), counts


class Tail:
    """What is in no segment yet: sorted pairs, with the letters' numbers beside them."""

    def __init__(self, pairs: U64, nums: I64) -> None:
        self.pairs = pairs
        self.nums = nums

    def hits(self, grams: U64) -> _Hits:
        lowest = grams << np.uint64(LETTER_BITS)
        highest = lowest | np.uint64(MOST_LETTERS - 1)
        first = np.searchsorted(self.pairs, lowest)
        counts = np.searchsorted(self.pairs, highest, side="right") - first
        asked = np.repeat(np.arange(len(grams)), counts)
        at, _ = spread(first, counts)
        places = (self.pairs[at] & np.uint64(MOST_LETTERS - 1)).astype(np.int64)
        none = np.zeros(0, dtype=np.int64)
        return _Hits(asked, self.nums[places], none, none, none)


def search(
    parts: Sequence[Sections | Tail], grams: U64, letters: int, most: int, nearly: float
) -> Ranked:
    """The best of `letters` letters: `most`, and nothing below `nearly` of the best vote.

    `grams` are of 40 bits, each once. Raises FormatError for a segment that is damaged.
    """
    if not parts or len(grams) == 0:
        return Ranked((), (), unread=False)
    found = [part.hits(grams) for part in parts]
    weights = _weights(parts, found, len(grams), letters)
    nums, given, unread = _votes(parts, found, weights)
    if len(nums) == 0:
        return Ranked((), (), unread)
    voted, votes = _summed(nums, given, letters)
    best = _first(voted, votes, most)
    best = best[votes[best] >= nearly * votes[best[0]]]
    return Ranked(tuple(voted[best].tolist()), tuple(votes[best].tolist()), unread)


def _weights(
    parts: Sequence[Sections | Tail], found: Sequence[_Hits], asked: int, letters: int
) -> F64:
    """What each gram gives to each letter that holds it; 0 for one that is left out."""
    held = np.zeros(asked, dtype=np.int64)
    cost = np.zeros(asked)
    for part, hits in zip(parts, found, strict=True):
        held += np.bincount(hits.asked, minlength=asked)
        if isinstance(part, Sections) and len(hits.lists):
            sizes = part.counts[hits.lists].astype(np.int64)
            each = sizes / np.bincount(hits.place)  # a list is read once for all its grams
            counts = sizes[hits.place]
            held += np.bincount(hits.by_list, weights=counts, minlength=asked).astype(np.int64)
            cost += np.bincount(hits.by_list, weights=each[hits.place], minlength=asked)
    # 1 is added so that the grams of a registry's only letter still count.
    weights = np.log1p(letters / np.maximum(held, 1))
    # Either every letter that holds a gram is given what it weighs, or none is.
    order = np.argsort(held, kind="stable")
    weights[order[np.cumsum(cost[order]) > READ]] = 0.0
    return weights


def _votes(
    parts: Sequence[Sections | Tail], found: Sequence[_Hits], weights: F64
) -> tuple[I64, F64, bool]:
    """Letters, with repetitions, what each is given, and whether some were left out."""
    nums, given = [], []
    unread = not weights.all()
    for part, hits in zip(parts, found, strict=True):
        nums.append(hits.letters)
        given.append(weights[hits.asked])
        if isinstance(part, Sections) and len(hits.lists):
            sums = np.bincount(hits.place, weights=weights[hits.by_list])
            which, sums = hits.lists[sums > 0], sums[sums > 0]
            inside, counts = part.members(which)
            unread = unread or bool((counts < part.counts[which]).any())
            nums.append(inside)
            given.append(np.repeat(sums, counts))
    return np.concatenate(nums), np.concatenate(given), unread


def _summed(nums: I64, given: F64, letters: int) -> tuple[I64, F64]:
    """Each letter that may be among the best, with the sum of what it was given."""
    if len(nums) < 4_000 or letters > DENSE:
        voted, which = np.unique(nums, return_inverse=True)
        return voted, np.bincount(which, weights=given).astype(np.float64)
    votes = np.bincount(nums, weights=given)
    mine = votes[nums]  # shorter than all letters by far
    high: I64 = unique(np.sort(nums[mine >= FEW_VOTES * mine.max()]))
    return high, votes[high].astype(np.float64)


def _first(voted: I64, votes: F64, most: int) -> I64:
    """Where the best are, best first; of equals, those that were registered first."""
    return np.lexsort((voted, -votes))[:most]


def _nowhere() -> FormatError:
    return FormatError("malformed index of words: it leads nowhere")
