"""What a monitor keeps of a log: its own copy of the entries, and the heads that it saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.merkle import Hash


@dataclass(frozen=True, slots=True)
class Row:
    """An entry that was read and judged.

    `subject` as `replay.subject_of` gives it. `clock` is the time that the fold had reached
    with it, in seconds since 1970; None where it is no public act or took no effect.
    """

    index: int
    raw: bytes
    document: bytes | None
    subject: str
    clock: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A head that was found to go on from those before it, and when it was served."""

    head: Checkpoint
    note: str  # the signed note, with the cosignatures that it had when it was seen last
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Bundle:
    """Bundle number `n`, of `width` entries, as it was served; or why it could not be read."""

    n: int
    width: int
    entries: bytes = b""
    documents: bytes = b""
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding that was written down: since when, where its evidence lies, whether just now."""

    since: datetime
    evidence: str
    new: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """The findings of all rounds that nobody put aside, without those that pass by themselves."""

    count: int
    convictions: int
    gravest: str  # its key
    fact: str
    since: datetime


Subtree = tuple[int, int, Hash]
