"""A segment of the index of words: which letters hold which grams. Written once, never changed.

    gram   40 bits:  bucket (its first 16 or 24 bits) | low (the rest)
    bucket 0x0003  ->  entries 1200 to 1204
    entry  1201    ->  low 0x51a2, letter 17                the gram is in letter 17
    entry  1202    ->  low 0x51a2, letter 80                … and in 80
    entry  1203    ->  low 0x9b00, list 3                   all letters of list 3 hold this one

Letters of one form share nearly all their grams, so a list of letters is kept once for all
grams that it belongs to. The bytes are those of spec/words.md. This reads one gram at a time
and needs nothing but Python; `search` asks for hundreds at once.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from vidimus.errors import FormatError

MAGIC = b"vidimus words 1\n"
GRAM_BITS = 40
FEW, MANY = 16, 24  # bits of a bucket's number, in a small segment and in a large one
LISTED = 1 << 31  # in an entry's value: the rest is the number of a list, not of a letter
# A list is kept as steps from each place to the next, the first from 0. This one says: so many
# places on, and no letter there.
FAR = 0xFFFF
MOST_LETTERS = 1 << 24  # in one segment

_HEADER = struct.Struct("<16sIIIIQQ")
HEADER = 64  # bytes, with zeros behind what is said


def gram_of(fingerprint: int) -> int:
    """The 40 bits of a fingerprint (63 bits) that the index knows."""
    return fingerprint >> 23


@dataclass(frozen=True, slots=True)
class Layout:
    """How many of everything there are, and so where it lies."""

    bits: int
    letters: int
    lists: int
    entries: int
    listed: int

    def header(self) -> bytes:
        said = (self.bits, self.letters, self.lists, 0, self.entries, self.listed)
        return _HEADER.pack(MAGIC, *said).ljust(HEADER, b"\0")

    @property
    def wide(self) -> int:
        """Bytes of a low."""
        return 2 if self.bits == MANY else 4

    def sizes(self) -> tuple[int, ...]:
        """Bytes of each section, without what fills it up: see `padded`."""
        return (
            4 * self.letters,
            4 * ((1 << self.bits) + 1),
            self.wide * self.entries,
            4 * self.entries,
            4 * (self.lists + 1),
            4 * self.lists,
            2 * self.listed,
        )


def padded(size: int) -> int:
    return -size % 8


def layout(buffer: memoryview) -> Layout:
    """What the header says. Raises FormatError unless the bytes are as many as it says."""
    if len(buffer) < HEADER:
        raise FormatError("malformed index of words: it has no header")
    magic, bits, letters, lists, zero, entries, listed = _HEADER.unpack_from(buffer)
    if magic != MAGIC or bits not in (FEW, MANY) or zero or letters > MOST_LETTERS:
        raise FormatError("malformed index of words: its header is not one")
    found = Layout(bits, letters, lists, entries, listed)
    if HEADER + sum(size + padded(size) for size in found.sizes()) != len(buffer):
        raise FormatError("malformed index of words: it is longer or shorter than it says")
    return found


class Segment:
    """The sections of a segment, as they lie in the file. `counts` are of whole lists."""

    __slots__ = ("counts", "entries", "listed", "lists", "lows", "nums", "shape", "starts")

    def __init__(self, buffer: memoryview) -> None:
        if sys.byteorder != "little":
            raise FormatError("the index of words can be read on little-endian machines only")
        self.shape = layout(buffer)
        at, found = HEADER, []
        for size in self.shape.sizes():
            found.append(buffer[at : at + size])
            at += size + padded(size)
        self.nums = found[0].cast("I")
        self.starts = found[1].cast("I")
        self.lows = found[2].cast("H" if self.shape.wide == 2 else "I")
        self.entries = found[3].cast("I")
        self.lists = found[4].cast("I")
        self.counts = found[5].cast("I")
        self.listed = found[6].cast("H")

    def letters(self, gram: int) -> tuple[int, ...]:
        """The numbers of the letters that hold it. Raises FormatError."""
        return tuple(self._holding(gram))

    def holds(self, gram: int, letter: int) -> bool:
        """Whether this letter does, or so many do that they were not written down."""
        return letter in self._holding(gram, otherwise=letter)

    def _holding(self, gram: int, otherwise: int | None = None) -> Iterator[int]:
        narrow = GRAM_BITS - self.shape.bits
        bucket, low = gram >> narrow, gram & ((1 << narrow) - 1)
        try:
            for at in range(self.starts[bucket], self.starts[bucket + 1]):
                if self.lows[at] != low:
                    continue
                value = self.entries[at]
                if not value & LISTED:
                    yield self.nums[value]
                    continue
                which = value & (LISTED - 1)
                steps = self.listed[self.lists[which] : self.lists[which + 1]]
                if not len(steps) and otherwise is not None:
                    yield otherwise
                place = 0
                for step in steps:
                    place += step
                    if step != FAR:
                        yield self.nums[place]
        except IndexError as error:
            raise FormatError("malformed index of words: it leads nowhere") from error
