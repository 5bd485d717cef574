"""What the operations need from the outside world. Adapters implement these; nothing else.

Each port is as small as its callers allow. A fake in the tests is a dozen lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vidimus.core.copies.page import Copy, Evidence, Question
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.witness import Cosigned
from vidimus.errors import OutsideFailed

# Told what is being done, in words, and how far along it is (0..1, or None if unknown).
Progress = Callable[[str, float | None], None]


def silent(_what: str, _share: float | None = None) -> None:
    """For callers who show nothing."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, with a time zone. An exercise answers with the story's time."""
        ...


class Reader(Protocol):
    """Turns a stranger's bytes into words, within limits of size, pages, pixels and time."""

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        """Read one copy given as one or several files (the photos of its pages, in order).

        Raises FormatError, TooLarge, Unreadable or OutsideFailed, always with a hint.
        """
        ...

    def reread(self, parts: Sequence[bytes], questions: Sequence[Question]) -> tuple[Evidence, ...]:
        """Look again at lines of pages that `read` returned; one Evidence for each question."""
        ...

    def done(self, parts: Sequence[bytes]) -> None:
        """Nobody will ask to look again at this copy: what was kept of it for that may go."""
        ...


class Shared(Protocol):
    """What several visitors who ask about the same copy need of its reader, to share a reading."""

    def name(self, parts: Sequence[bytes]) -> bytes:
        """The same for the same copy, read in the same way; empty where nothing is to be read."""
        ...

    def awaited(self, name: bytes) -> AbstractContextManager[None]:
        """While it is entered, what is read of this copy is there for all who ask about it."""
        ...

    def at_hand(self, name: bytes) -> bool:
        """Whether so many have asked about this copy that what was read of it is remembered."""
        ...

    def pictured(self, parts: Sequence[bytes], copy: Copy, *, progress: Progress = silent) -> Copy:
        """With the pictures of its pages, which are not remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as the log keeps it. `document` is None while it is sealed."""

    index: int
    raw: bytes
    document: bytes | None


@dataclass(frozen=True, slots=True)
class Filed:
    """Under what the store looks an entry up. Only `verify` asks, to compare."""

    index: int
    digest: bytes
    time: int
    subject: str
    signed: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """How large the log is, and what it last signed."""

    size: int
    checkpoint: str


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A registered wording with what finds it. `since` is the entry that put it here."""

    letter: str
    version: int
    language: str
    text: str
    fingerprints: tuple[int, ...]
    since: int


# Not frozen as all others are: it is made for every entry, and that would cost a microsecond.
@dataclass(slots=True)
class Addition:
    """Everything that one act writes to the log."""

    index: int
    raw: bytes
    digest: bytes
    time: int  # of the log with this entry, in seconds since 1970: the latest so far
    subject: str  # letter id or "authority"; "" for a sealed act
    document: bytes | None  # None for a sealed act
    subtrees: tuple[tuple[int, int, bytes], ...]
    texts: tuple[IndexedText, ...] = ()  # wordings that become public with this act
    signed: int = 0  # when its statement says that it was, in seconds since 1970


CROWDED = 1_000  # so many letters that nearly tie cannot all be looked at


class TextIndex(Protocol):
    """Finds registered wordings by their fingerprints."""

    def candidates(self, fingerprints: Sequence[int], limit: int) -> tuple[str, ...]:
        """The letters that share most of the rare fingerprints, best first.

        At least `limit` of them, where there are so many, and those that nearly tie with
        the best; `CROWDED` of them or more mean that not all are here.
        """
        ...

    def named(self, name: bytes) -> tuple[str, ...]:
        """The letters with a wording of this canonical digest."""
        ...

    def unindexed(self, letter: str, fingerprints: Sequence[int]) -> int:
        """How many of these fingerprints do not lead to this letter; 0 where all is well."""
        ...

    def wordings(self, letters: Sequence[str]) -> tuple[IndexedText, ...]:
        """Every wording of these letters that is in this index; fingerprints left empty."""
        ...

    def latest(self, letters: Sequence[str]) -> tuple[IndexedText, ...]:
        """Of each of these letters the wording of the highest version."""
        ...


class LogStore(TextIndex, Protocol):
    """The log and everything public. What `append` wrote is on the disk when it returns."""

    def head(self) -> Head:
        """Size 0 and an empty checkpoint for a log that holds nothing yet."""
        ...

    def append(self, additions: Sequence[Addition], checkpoint: str) -> None:
        """All of them, one after the other, or none; `checkpoint` is of the log with them.

        Raises Conflict, and changes nothing, if the log is not as long as the first one's
        index, or holds one of these acts already.
        """
        ...

    def entries(self, start: int, stop: int) -> Iterator[Stored]: ...

    def about(self, subjects: Sequence[str], stop: int, start: int = 0) -> tuple[Stored, ...]:
        """The public entries on these subjects from `start` up to `stop`, in order."""
        ...

    def filed(self, start: int, stop: int) -> tuple[Filed, ...]: ...

    def index_of(self, digest: bytes, subject: str, signed: int | None = None) -> int | None:
        """The entry that names this document, filed under this subject as in an Addition.

        Who knows when the act was signed is answered sooner.
        """
        ...

    def subtree(self, level: int, n: int) -> bytes:
        """The hash of a complete subtree. Raises NotFound."""
        ...

    def row(self, level: int, start: int, stop: int) -> tuple[bytes, ...]:
        """The same for those at one level from `start` up to `stop`. Raises NotFound for a gap."""
        ...

    def witnessed(self) -> Head | None:
        """The latest head whose quorum was met, its checkpoint with the cosignatures on it."""
        ...

    def keep_witnessed(self, head: Head, time: int) -> None:
        """Keep one whose quorum was met at this time, unless a later one is kept already."""
        ...


class Acts(Protocol):
    """Where a desk has the acts from: a log, a pack of one, or a bundle. It never hides one.

    Whatever it gives is proved to be on the log that `signed` speaks of.
    """

    def signed(self) -> Checkpoint | None:
        """The head that the log signed; None for a log that holds nothing yet."""
        ...

    def about(self, subjects: Sequence[str], stop: int, start: int = 0) -> tuple[Stored, ...]:
        """All public entries on these subjects from `start` up to `stop`, in order.

        Raises VerificationFailed where it cannot know that these are all.
        """
        ...

    def raw_at(self, index: int) -> bytes:
        """The bytes of an entry, public or sealed. Raises VerificationFailed if it is not here."""
        ...


class WholeLog(Acts, Protocol):
    """… from a log of which every entry was read."""

    def size_at(self, time: int) -> int:
        """How many entries the log had when this second had passed."""
        ...


class Places(Protocol):
    """Notes on which entry speaks of which subject. They need not outlive whoever made them."""

    def add(self, places: Sequence[tuple[int, str]]) -> None:
        """(index, subject) of further entries; all of them, or none."""
        ...

    def of(self, subjects: Sequence[str], start: int, stop: int) -> tuple[int, ...]:
        """The entries noted under any of these subjects from `start` up to `stop`, in order."""
        ...

    def cut(self, size: int) -> None:
        """Forget the entries from this index on."""
        ...


class OfficeStore(TextIndex, Protocol):
    """What stays inside: sealed documents and the drafts. Written before the log is."""

    def writing(self) -> AbstractContextManager[None]:
        """Alone among all processes of this registry, from `put` to the log's `append`."""
        ...

    def put(
        self,
        digest: bytes,
        document: bytes,
        letter: str,
        reference: str,
        texts: Sequence[IndexedText],
    ) -> None:
        """Keep a sealed document that an entry is about to name, and what it speaks of.

        `reference` is the one that a draft gives its letter, and empty for other acts.
        """
        ...

    def settle(self, index_of: Callable[[bytes], int | None]) -> None:
        """Drop what was put and then never named by an entry, as after a crash."""
        ...

    def document(self, digest: bytes) -> bytes | None: ...

    def sealed(self, letter: str) -> tuple[bytes, ...]:
        """The digests of the sealed documents on this letter, in no order."""
        ...

    def called(self, reference: str) -> tuple[str, ...]:
        """The letters that were given this reference."""
        ...

    def remember(self, head: Head) -> None:
        """Keep what the log signed last, so that an older or another log is noticed."""
        ...

    def remembered(self) -> Head | None: ...


class PublicFiles(Protocol):
    """The public face of a log: files that whoever likes may read, by path. One folder, say."""

    def writing(self) -> AbstractContextManager[None]:
        """Alone among all processes. Raises Conflict at once where somebody else is at it."""
        ...

    def read(self, path: str) -> bytes:
        """Raises NotFound."""
        ...

    def create(self, path: str, content: bytes) -> None:
        """A file that never changes, whole or not at all, even where a crash comes between.

        Raises VerificationFailed if it is there with other content.
        """
        ...

    def replace(self, path: str, content: bytes) -> None:
        """The same for one that changes: the old content or the new, and nothing between."""
        ...

    def drop_partials(self, path: str) -> None:
        """Forget the partial files that this full one supersedes, if there are any."""
        ...

    def sync(self) -> None:
        """What was written before is on the disk, under its name, when this returns."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """What a witness knows of one log: the keys that it trusts, and what it cosigned last."""

    keys: tuple[str, ...] = ()
    latest: Cosigned | None = None


class WitnessStore(Protocol):
    """What a witness must never forget. What was kept is on the disk when the call returns."""

    def watched(self, origin: str) -> Watched:
        """Without keys for a log that is not watched."""
        ...

    def keep(self, origin: str, decide: Callable[[Watched], Cosigned | None]) -> None:
        """Keep what `decide` gives for what is known now, alone among all processes.

        Raises Conflict, and keeps nothing, if that would be a smaller tree or an earlier time.
        """
        ...

    def checkpoint(self, origin_hash: str) -> str | None:
        """What was cosigned last for the log of which this is the SHA-256, in hex."""
        ...

    def trust(self, origin: str, vkey: str) -> None: ...

    def distrust(self, origin: str, vkey: str) -> None:
        """What was cosigned stays known. Raises NotFound."""
        ...

    def logs(self) -> dict[str, Watched]:
        """By origin: all that are watched, or were."""
        ...

    def keep_evidence(self, origin: str, file: bytes) -> None:
        """Against this log; the first few files of each log are kept, and no more."""
        ...

    def evidence(self) -> tuple[tuple[str, bytes], ...]:
        """(origin, file) of everything that is kept, in the order in which it came."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answered, within limits of size and time."""

    status: int
    content_type: str
    body: bytes


class Courier(Protocol):
    """Carries requests to witnesses, to all at once, until one moment that ends the round."""

    def send(self, name: str, url: str, body: bytes) -> None:
        """POST it there. One at a time to each name."""
        ...

    def receive(self) -> tuple[str, Reply | OutsideFailed] | None:
        """The next that came back, from whom; None when the time is up."""
        ...

    def close(self) -> None:
        """Let go of everything that is still under way."""
        ...


# Opens a signed checkpoint of this log with its keys; raises if it is not one.
Opener = Callable[[str], Checkpoint]

# So many random bytes, from where nobody can guess them.
Randomness = Callable[[int], bytes]
