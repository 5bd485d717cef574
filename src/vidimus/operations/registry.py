"""A registry as the operations see it: its stores, its own keys, its clock, and its memory.

The office's side. The public side (`desk.py`) has the log alone. What is kept in memory
are the acts on authority and the edge of the tree; a letter is folded when it is asked
for, from the acts on it, so a log of ten million entries takes no more room than a short one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.history import History, fold_letter
from vidimus.core.acts.kinds import AUTHORITY, Kind
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.standing import LATE, Entry, Folding
from vidimus.core.acts.vocabulary import Act, LogKey
from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.edge import Edge
from vidimus.core.seal import statement
from vidimus.core.seal.glance import glance
from vidimus.core.seal.keys import Signer
from vidimus.core.seal.statement import Statement
from vidimus.core.trust.keys import open_with
from vidimus.errors import Damaged, FormatError, NotFound, VerificationFailed, VidimusError
from vidimus.operations.own_keys import OwnKeys
from vidimus.operations.ports import Clock, Head, LogStore, OfficeStore, Randomness, Stored

FOLDED = 10_000  # letters kept folded: those that were asked for last
RESTORE = "run “vidimus log verify” and restore from a backup"


# A server is asked for the same head many times, and its signature costs as much as an act's.
@lru_cache(maxsize=8)
def _opened(checkpoint: str, log_keys: tuple[LogKey, ...]) -> Checkpoint:
    return open_with(checkpoint, log_keys)[0]


@dataclass(frozen=True, slots=True)
class Settings:
    """What lies beside the log: its name, its keys, and whether this is an exercise.

    The log itself says the same; `verify` holds one against the other.
    """

    origin: str
    exercise: bool
    log_keys: tuple[LogKey, ...]  # every key of the checkpoints, oldest first

    @property
    def log_key(self) -> str:
        """The newest, which always counts."""
        return self.log_keys[-1].key

    def open(self, checkpoint: str) -> Checkpoint:
        """A checkpoint of this log. Raises FormatError or VerificationFailed."""
        return _opened(checkpoint, self.log_keys)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which office, with which key; further keys are co-signing founders'."""

    person: str
    office: str
    signers: tuple[Signer, ...]


class Registry:
    """The office's access to one registry. One thread at a time may use it."""

    def __init__(
        self,
        settings: Settings,
        log: LogStore,
        office: OfficeStore,
        *,
        own: OwnKeys,
        clock: Clock,
        random: Randomness,
    ) -> None:
        self.settings = settings
        self.log = log
        self.office = office
        self.own = own
        self.clock = clock
        self.random = random
        self.history = History()
        self.edge = Edge()
        self._learned = 0  # up to where the acts on authority are in the history
        self._foldings: OrderedDict[str, Folding] = OrderedDict()

    @property
    def size(self) -> int:
        """How many entries were taken in; as of the last `catch_up`."""
        return self.edge.size

    def catch_up(self) -> None:
        """Take in what the log says by now, also when another process wrote it."""
        head = self.log.head()
        if head.size < self.edge.size:
            raise Damaged(
                f"the log has {head.size} entries, and had {self.edge.size} before",
                hint="an older copy of the log was put in its place; put the newest one back",
            )
        if head.size > self.edge.size:
            for stored in self.log.about((AUTHORITY,), head.size, self._learned):
                self.history.add(self.entry(stored))
                # One by one: whatever fails, nothing is taken in twice.
                self._learned = stored.index + 1
            self.edge = self._signed_edge(head)
            self._learned = head.size
            self._foldings.clear()

    def _signed_edge(self, head: Head) -> Edge:
        """The edge of the tree, held against the root that was signed.

        The next head is made of it: one wrong hash, and the log would sign a second history.
        """
        try:
            keys = self.history.latest.trust.log_keys or self.settings.log_keys
            signed, edge = open_with(head.checkpoint, keys)[0], Edge(head.size, self.log.subtree)
        except (FormatError, NotFound, VerificationFailed) as error:
            raise Damaged(f"the log's head does not hold: {error.fact}", hint=RESTORE) from error
        if (signed.size, signed.root) != (head.size, edge.root()):
            raise Damaged("the log's stored hashes do not lead to the signed root", hint=RESTORE)
        return edge

    def took(self, taken: Sequence[Entry], edge: Edge, letters: Mapping[str, Folding]) -> None:
        """These entries were just appended here; `letters` are folded with them."""
        for entry in taken:
            if entry.act.subject == AUTHORITY:
                self.history.add(entry)
        self.edge = edge.copy()
        self.edge.settle()
        self._learned = self.edge.size
        for name, folding in letters.items():
            self._keep(name, folding)

    def authority(self) -> Authority:
        """What the log says about power by now."""
        self.catch_up()
        return self.history.latest

    def renewed(self) -> Settings:
        """The settings with the keys that the log names by now: another process changed them.

        Raises VerificationFailed where they do not go on from those known: it is another log.
        """
        listed, known = self.authority().trust.log_keys, self.settings.log_keys
        if listed and listed != known:
            if [each.key for each in listed[: len(known)]] != [each.key for each in known]:
                raise VerificationFailed(
                    "the keys of this registry are not those that its log names",
                    hint="another log was put in its place; put the right one back",
                )
            self.settings = replace(self.settings, log_keys=listed)
        return self.settings

    @property
    def log_signer(self) -> note.Signer:
        """The oldest key of checkpoints that counts now, for what else the log signs."""
        return self.own.for_heads(self.history.latest.trust, self.size)[0]

    @property
    def seal_signer(self) -> Signer:
        return self.own.for_seals(self.history.latest.trust, self.size)

    @property
    def receipt_signer(self) -> Signer:
        return self.own.for_receipts(self.history.latest.trust, self.size)

    def receipt_keys(self) -> tuple[str, ...]:
        """Every key that receipts were ever signed with, oldest first, as of what was taken in."""
        return tuple(each.key for each in self.history.latest.trust.receipt_keys)

    def time(self) -> datetime | None:
        """The time that the log has reached."""
        last = self.size - 1
        for each, stored in zip(
            self.log.filed(last, self.size), self.log.entries(last, self.size), strict=False
        ):
            # What the store has noted must agree with the entry: acts are dated by it.
            behind = each.time - glance(stored.raw).issued_at
            if not 0 <= behind <= LATE.total_seconds():
                raise Damaged(f"the time noted for entry {last} is not its own", hint=RESTORE)
            return datetime.fromtimestamp(each.time, UTC)
        return None

    def letter(self, name: str) -> Letter | None:
        """A letter in the office's view, its sealed acts too."""
        self.catch_up()
        return self.folding(name).letters.get(name)

    def letter_at(self, name: str, stop: int) -> Letter | None:
        """A letter as it was before the entry `stop`."""
        self.catch_up()
        acts = map(self.entry, self._about(name, stop))
        return fold_letter(self.history, acts).letters.get(name)

    def folding(self, name: str) -> Folding:
        """The fold of one letter up to the present size, to be carried on by whoever appends."""
        found = self._foldings.get(name)
        if found is None:
            acts = map(self.entry, self._about(name, self.size))
            found = fold_letter(self.history, acts)
            self._keep(name, found)
        return found

    def _keep(self, name: str, folding: Folding) -> None:
        self._foldings[name] = folding
        self._foldings.move_to_end(name)
        if len(self._foldings) > FOLDED:
            self._foldings.popitem(last=False)

    def letters(self) -> Iterator[Letter]:
        """Every letter, in the order of their first acts. Folds them all: for lists."""
        self.catch_up()
        size = self.size
        places: dict[str, list[int]] = {}
        for stored in self.log.entries(0, size):
            subject = self._read(stored).subject
            if subject != AUTHORITY:
                places.setdefault(subject, []).append(stored.index)
        for subject, indices in places.items():
            # Every entry was just read, so an index that hides one of them is noticed here.
            if [each.index for each in self._about(subject, size)] != indices:
                raise Damaged(f"the log's index hides acts on the letter {subject}", hint=RESTORE)
            letter = self.folding(subject).letters.get(subject)
            if letter is not None:
                yield letter

    def coordinated(self) -> Iterator[Letter]:
        """Every letter about which offices were asked, in the order of the first asking.

        Folds these alone: of many letters few are under way.
        """
        self.catch_up()
        found: dict[str, None] = {}
        for stored in self.log.entries(0, self.size):
            if stored.document is None:
                act = self._read(stored)
                if act.kind is Kind.COORDINATE:
                    found.setdefault(act.subject)
        for subject in found:
            letter = self.folding(subject).letters.get(subject)
            if letter is not None:
                yield letter

    def document(self, stored: Stored) -> bytes | None:
        """The document of an entry, the sealed ones too."""
        if stored.document is not None:
            return stored.document
        return self.office.document(statement.parse(stored.raw).digest)

    def _about(self, letter: str, size: int) -> list[Stored]:
        """The acts on a letter, public and sealed, in order."""
        found = list(self.log.about((letter,), size))
        for digest in self.office.sealed(letter):
            index = self.log.index_of(digest, "")
            # One that no entry names is left over from a crash.
            if index is not None and index < size:
                found += self.log.entries(index, index + 1)
        return sorted(found, key=lambda stored: stored.index)

    def _read(self, stored: Stored) -> Act:
        """What an entry says, unverified."""
        document = self._present(stored)
        if stored.document is None:
            return documents.read_sealed(document).act
        return documents.read(document)

    def _present(self, stored: Stored) -> bytes:
        document = self.document(stored)
        if document is None:
            raise Damaged(
                f"the document of entry {stored.index} is missing",
                hint="restore the office's file from a backup; the log alone cannot give it",
            )
        return document

    def entry(self, stored: Stored) -> Entry:
        """An entry, verified."""
        document = self._present(stored)
        authority = self.history.at(stored.index)
        try:
            return entries.verified(stored.index, stored.raw, document, authority, raw_at(self.log))
        except VidimusError as error:
            raise Damaged(
                f"entry {stored.index} does not verify: {error.fact}", hint=RESTORE
            ) from error


def filed_under(origin: str, said: Statement) -> str:
    """The subject that the store files this entry under: a letter, "authority", "" if sealed."""
    if entries.is_sealed(said):
        return ""
    if said.subject == f"{origin}/{AUTHORITY}":
        return AUTHORITY
    return said.subject.removeprefix(f"{origin}/c/")


def raw_at(log: LogStore) -> Callable[[int], bytes]:
    """The bytes of an entry, for looking up what a release says that it opens."""

    def look(index: int) -> bytes:
        for stored in log.entries(index, index + 1):
            return stored.raw
        raise VerificationFailed(f"the log has no entry {index}")

    return look


def same_log(settings: Settings, log: LogStore, last: Head | None) -> None:
    """The log must still hold all that the office remembers of it. Raises VerificationFailed.

    A restored backup would otherwise un-withdraw letters, and the next act would fork the log.
    """
    if last is None:
        return
    known = settings.open(last.checkpoint)
    size = log.head().size
    if size < known.size:
        raise VerificationFailed(
            f"the log has {size} entries, and the office remembers {known.size}",
            hint="an older copy of the log was put in its place; put the newest one back",
        )
    if merkle.root(known.size, log.subtree) != known.root:
        raise VerificationFailed(
            f"the first {known.size} entries of the log are not those that the office remembers",
            hint="another log was put in its place; put the right one back",
        )
