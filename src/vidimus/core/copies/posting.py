"""Making a segment: from pairs of gram and letter to the sections of `segment`.

A pair is one number: the gram's 40 bits, then the place of the letter in the segment's table,
24 bits. Sorted numbers are sorted pairs, and a slice of whole buckets is written by itself, so
that a segment of any size is made in the memory of one slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np

from vidimus.core.copies.grams import BASE, mixed
from vidimus.core.copies.segment import FAR, FEW, GRAM_BITS, LISTED, MANY, MOST_LETTERS, Segment

U64 = np.ndarray[tuple[int], np.dtype[np.uint64]]
U32 = np.ndarray[tuple[int], np.dtype[np.uint32]]
U16 = np.ndarray[tuple[int], np.dtype[np.uint16]]
I64 = np.ndarray[tuple[int], np.dtype[np.int64]]

Sorted = TypeVar("Sorted", bound=np.ndarray[tuple[int], np.dtype[np.integer[Any]]])

LETTER_BITS = 24
ALONE = 4  # in so many letters or fewer, a gram has an entry for each; in more, a list
LARGE = 8_000_000  # pairs; from here on buckets are many
CUT = 4_096  # letters; a longer list is kept only …
EACH = 256  # … where so many of its letters or fewer fall to each of its grams


class Slice(NamedTuple):
    """What a run of whole buckets adds to each section. Lists are counted from 0 here."""

    counts: U32  # entries of each bucket
    lows: U32
    entries: U32
    lengths: U32  # of the lists as they are kept, in steps
    sizes: U32  # … and how many letters they are of
    listed: U16


def pairs(grams: U64, letters: U64) -> U64:
    """Of 40-bit grams and places; sorted, each once."""
    return unique(np.sort(grams << np.uint64(LETTER_BITS) | letters))


def unique(ordered: Sorted) -> Sorted:
    """Sorted numbers without repetitions; quicker than NumPy's own for many of them."""
    if len(ordered) == 0:
        return ordered
    keep = np.empty(len(ordered), dtype=bool)
    keep[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=keep[1:])
    return cast("Sorted", ordered[keep])


def bits_for(count: int) -> int:
    return MANY if count >= LARGE else FEW


def within(ordered: U64, first: int, last: int) -> U64:
    """Those of the sorted pairs that fall into the 16-bit buckets [first, last)."""
    shift = GRAM_BITS - FEW + LETTER_BITS
    low = int(np.searchsorted(ordered, np.uint64(first << shift)))
    if last == 1 << FEW:
        return ordered[low:]
    return ordered[low : int(np.searchsorted(ordered, np.uint64(last << shift)))]


def encode(ordered: U64, bits: int, first: int, last: int, gone: U64 | None = None) -> Slice:
    """The sections for the buckets [first, last) from all pairs that fall into them.

    `gone` are grams, sorted, each with a number of letters in the place of a letter: these are
    known to be in so many letters, and not in which.
    """
    lost = np.zeros(0, dtype=np.uint64) if gone is None else gone
    bits_of_letter = np.uint64(LETTER_BITS)
    # A pair of its own for each gram that is gone, so that it has its place in the order.
    if len(lost):
        ordered = unique(
            np.sort(np.concatenate((ordered, lost >> bits_of_letter << bits_of_letter)))
        )
    places = ordered.astype(np.uint32) & np.uint32(MOST_LETTERS - 1)
    begins = _begins(ordered)
    counts = np.diff(begins, append=len(ordered))
    grams = ordered[begins] >> bits_of_letter
    missing = np.zeros(len(grams), dtype=bool)
    missing[np.searchsorted(grams, lost >> bits_of_letter)] = True
    crowded = (counts > ALONE) & ~missing
    members = places[np.repeat(crowded, counts)]
    lists, lengths, sizes, listed = _lists(members, counts[crowded])
    # Each gram has its letters as entries, or one entry with its list.
    entries_of = np.where(crowded | missing, 1, counts)
    heads = np.cumsum(entries_of) - entries_of
    # Of one with a list, the first letter stands for it until the list does.
    first_only = np.repeat(crowded | missing, counts)
    first_only[begins] = False
    entries = places[~first_only]
    entries[heads[crowded]] = lists | np.uint32(LISTED)
    empty = np.arange(len(lost), dtype=np.uint32) + np.uint32(len(lengths))
    entries[heads[missing]] = empty | np.uint32(LISTED)
    narrow = GRAM_BITS - bits
    buckets = (grams >> np.uint64(narrow)).astype(np.int64) - first
    lows = (grams & np.uint64((1 << narrow) - 1)).astype(np.uint32)
    lost_sizes = (lost & np.uint64(MOST_LETTERS - 1)).astype(np.uint32)
    return Slice(
        np.bincount(buckets, weights=entries_of, minlength=last - first).astype(np.uint32),
        np.repeat(lows, entries_of),
        entries,
        np.concatenate((lengths, np.zeros(len(lost), dtype=np.uint32))),
        np.concatenate((sizes, lost_sizes)),
        listed,
    )


def _begins(ordered: U64) -> I64:
    """Where the pairs of each gram begin."""
    new = np.ones(len(ordered), dtype=bool)
    np.greater_equal(ordered[1:] ^ ordered[:-1], np.uint64(MOST_LETTERS), out=new[1:])
    return np.flatnonzero(new)


def _lists(members: U32, counts: I64) -> tuple[U32, U32, U32, U16]:
    """(the list of each gram, the lists' lengths, the letters they are of, all lists in a row).

    `members` are the places of the letters that hold each gram, gram after gram.
    Equal lists are known by their length and the sum of 64 well-mixed bits for each letter.
    """
    if len(counts) == 0:
        none = np.zeros(0, dtype=np.uint32)
        return none, none, none, none.astype(np.uint16)
    starts = np.cumsum(counts) - counts
    # There are fewer places than members, and a letter's bits are the same in each list.
    keyed = _keyed(np.arange(int(members.max()) + 1, dtype=np.uint32))
    keys = np.add.reduceat(keyed[members], starts) ^ (counts.astype(np.uint64) << np.uint64(40))
    _, where, which, grams = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    sizes = counts[where]
    kept = np.where((sizes <= CUT) | (sizes <= EACH * grams), sizes, 0)
    inner, heads = spread(starts[where], kept)
    steps, lengths = _steps(members[inner].astype(np.int64), heads[kept > 0], kept)
    return which.astype(np.uint32), lengths, sizes.astype(np.uint32), steps


def spread(firsts: I64, counts: I64) -> tuple[I64, I64]:
    """The places [first, first + count) one behind the other, and where each run begins."""
    ends = np.cumsum(counts)
    heads = ends - counts
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(firsts - heads, counts), heads


def _steps(members: I64, heads: I64, counts: I64) -> tuple[U16, U32]:
    """Sorted places, run after run, as steps; and how many steps each run takes."""
    far = np.diff(members, prepend=0)
    far[heads] = members[heads]
    if not (far >= FAR).any():
        return far.astype(np.uint16), counts.astype(np.uint32)
    repeats = far // FAR
    steps = np.full(len(far) + int(repeats.sum()), FAR, dtype=np.uint16)
    ends = np.cumsum(repeats + 1)
    steps[ends - 1] = (far % FAR).astype(np.uint16)
    runs = np.cumsum(counts)
    taken = np.r_[0, ends][runs] - np.r_[0, ends][runs - counts]
    return steps, taken.astype(np.uint32)


def members(lists: U32, listed: U16, which: I64) -> tuple[I64, I64]:
    """The places in these lists, one list behind the other, and how many each has."""
    firsts = lists[which].astype(np.int64)
    lengths = lists[which + 1].astype(np.int64) - firsts
    inner, heads = spread(firsts, lengths)
    steps = listed[inner]
    sums = np.cumsum(steps.astype(np.int64))
    before = np.r_[0, sums][heads]
    places = sums - np.repeat(before, lengths)
    real = steps != FAR
    counted = np.r_[0, np.cumsum(real)]
    return places[real], counted[heads + lengths] - counted[heads]


def _keyed(places: U32) -> U64:
    return mixed((places.astype(np.uint64) + np.uint64(1)) * np.uint64(BASE))


def pairs_in(segment: Segment) -> int:
    """How many pairs `decode` makes of it all."""
    entries = np.frombuffer(segment.entries, dtype=np.uint32)
    counts = np.frombuffer(segment.counts, dtype=np.uint32)
    of_lists = entries[entries >= LISTED] & np.uint32(LISTED - 1)
    lengths = np.where(np.diff(np.frombuffer(segment.lists, dtype=np.uint32)) > 0, counts, 0)
    return len(entries) - len(of_lists) + int(lengths[of_lists].sum(dtype=np.int64))


def decode(segment: Segment, first: int, last: int, places: U32) -> tuple[U64, U64]:
    """The pairs of a segment in its grams' range, told by 16-bit buckets [first, last).

    `places` gives the letters of this segment their places in another table. With them come
    the grams whose lists were cut off, each with how many letters held it: (gram, letters).
    """
    wide = segment.shape.bits - FEW
    starts = np.frombuffer(segment.starts, dtype=np.uint32)
    edges = starts[first << wide : (last << wide) + 1].astype(np.int64)
    low, high = int(edges[0]), int(edges[-1])
    entries = np.frombuffer(segment.entries, dtype=np.uint32)[low:high]
    width = np.uint16 if segment.shape.wide == 2 else np.uint32
    lows = np.frombuffer(segment.lows, dtype=width)[low:high].astype(np.uint64)
    buckets = np.repeat(np.arange(first << wide, last << wide, dtype=np.uint64), np.diff(edges))
    grams = buckets << np.uint64(GRAM_BITS - segment.shape.bits) | lows
    in_list = (entries & np.uint32(LISTED)) != 0
    alone = grams[~in_list] << np.uint64(LETTER_BITS) | places[entries[~in_list]].astype(np.uint64)
    which = (entries[in_list] & np.uint32(LISTED - 1)).astype(np.int64)
    lists = np.frombuffer(segment.lists, dtype=np.uint32)
    sizes = np.frombuffer(segment.counts, dtype=np.uint32)[which]
    listed, lengths = members(lists, np.frombuffer(segment.listed, dtype=np.uint16), which)
    of_list = np.repeat(grams[in_list], lengths) << np.uint64(LETTER_BITS)
    of_list |= places[listed].astype(np.uint64)
    cut = (lengths == 0) & (sizes > 0)
    gone = grams[in_list][cut] << np.uint64(LETTER_BITS) | np.minimum(
        sizes[cut], MOST_LETTERS - 1
    ).astype(np.uint64)
    return np.concatenate((alone, of_list)), gone


def summed(gone: Sequence[U64]) -> U64:
    """Grams that are gone from several segments, sorted, each once with all its letters."""
    every = np.sort(np.concatenate(gone)) if gone else np.zeros(0, dtype=np.uint64)
    if len(every) == 0:
        return every
    grams = every >> np.uint64(LETTER_BITS)
    begins = np.flatnonzero(np.diff(grams, prepend=grams[:1] + np.uint64(1)) != 0)
    sizes = np.add.reduceat(every & np.uint64(MOST_LETTERS - 1), begins)
    return grams[begins] << np.uint64(LETTER_BITS) | np.minimum(sizes, np.uint64(MOST_LETTERS - 1))
