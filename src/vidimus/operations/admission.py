"""Several acts at once onto the log: each one allowed or refused, all of them durable together.

    with registry.office.writing():
        admission = Admission(registry)         # what the log says by now
        entry = admission.admit(raw, document)  # or NotAllowed, FormatError, VerificationFailed
        admission.commit()                      # one transaction, one signed head

Every act ever put on a log comes through here. Each one is judged after those admitted
before it. Until `commit` nothing is written but sealed documents, which the next
admission drops if no entry names them; after it, all of them count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import AUTHORITY, SEALED
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.standing import LATE, Entry, Folding, apply
from vidimus.core.acts.vocabulary import Draft
from vidimus.core.copies.fingerprints import kept
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.errors import Conflict, NotAllowed, OutsideFailed, VerificationFailed
from vidimus.operations.ports import Addition, Head, IndexedText
from vidimus.operations.registry import Registry, raw_at, same_log


@dataclass(frozen=True, slots=True)
class Wording:
    """A registered text, to be put into an index together with the act."""

    letter: str
    version: int
    language: str
    text: str


class Admission:
    """What is being put on the log, and the log as it will be. Used inside `writing()`."""

    def __init__(self, registry: Registry) -> None:
        _require_same_log(registry)
        registry.office.settle(lambda digest: registry.log.index_of(digest, ""))
        registry.catch_up()
        self._registry = registry
        self._edge = registry.edge.copy()
        self._last = registry.time()
        self._authority = registry.history.latest
        self._power: Folding | None = None  # of the acts on authority, once there is a new one
        self._foldings: dict[str, Folding] = {}
        self._entries: list[Entry] = []
        self._additions: list[Addition] = []
        self._digests: dict[bytes, int] = {}
        self._looked_up: dict[tuple[bytes, str, int], int | None] = {}

    @property
    def size(self) -> int:
        """The index of the next act."""
        return self._edge.size

    @property
    def authority(self) -> Authority:
        return self._authority

    @property
    def time(self) -> datetime | None:
        """The time that the log has reached."""
        return self._last

    def holds(self, digest: bytes) -> bool:
        """Was an act with this document admitted already, and not yet written?"""
        return digest in self._digests

    def index_of(self, digest: bytes, subject: str, issued_at: int) -> int | None:
        """Where an act is on the log, which does not change until `commit`."""
        sought = (digest, subject, issued_at)
        if sought not in self._looked_up:
            self._looked_up[sought] = self._registry.log.index_of(*sought)
        return self._looked_up[sought]

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The path of one of these entries in the tree with all of them."""
        return self._edge.inclusion(index)

    def root(self) -> bytes:
        return self._edge.root()

    def letter(self, name: str) -> Letter | None:
        """A letter with what was admitted so far."""
        return self._folding(name).letters.get(name)

    def _folding(self, name: str) -> Folding:
        if name not in self._foldings:
            # A copy, for the registry's own must not run ahead of the log.
            self._foldings[name] = Folding(self._registry.folding(name).state())
        return self._foldings[name]

    def admit(
        self,
        raw: bytes,
        document: bytes,
        *,
        wordings: Callable[[], Sequence[Wording]] = tuple,
        provided: Callable[[Entry], object] = lambda _entry: None,
        unknown: Entry | None = None,
    ) -> Entry:
        """Take one act, or raise and take nothing; after OutsideFailed begin anew.

        `provided` looks at what the act needs beyond the fold, and raises where that is
        missing. `unknown` is judged in place of an entry whose key nobody knows here, for
        the fold knows best how to say so.
        """
        entry = unknown or entries.verified(
            self.size, raw, document, self._authority, raw_at(self._registry.log)
        )
        provided(entry)
        if self._last is not None and entry.time < self._last - LATE:
            raise NotAllowed(
                f"the act bears the time {entry.time:%Y-%m-%d %H:%M:%S}, and the log has"
                f" reached {self._last:%Y-%m-%d %H:%M:%S}",
                hint="acts cannot be dated back; sign it again",
            )
        digest = documents.digest(document)
        if entry.act.subject == AUTHORITY:
            if self._power is None:
                self._power = self._registry.history.folding()
            # What is refused for what it is hears so first, and not that it is there already.
            apply(self._authority, None, entry)
            self._require_new(entry, digest, AUTHORITY)
            self._power.take(entry)
            self._authority = self._power.authority
        else:
            self._require_new(entry, digest, "" if entry.act.kind in SEALED else entry.act.subject)
            folding = self._folding(entry.act.subject)
            folding.authority = self._authority
            folding.take(entry)
        self._stage(entry, raw, document, digest, wordings())
        return entry

    def _require_new(self, entry: Entry, digest: bytes, subject: str) -> None:
        twin = self._digests.get(digest)
        if twin is None:
            twin = self.index_of(digest, subject, int(entry.time.timestamp()))
        if twin is not None:
            raise Conflict(
                f"this very act is on the log already, as entry {twin}",
                hint="an act of the next second is another one",
            )

    def _stage(
        self,
        entry: Entry,
        raw: bytes,
        document: bytes,
        digest: bytes,
        wordings: Sequence[Wording],
    ) -> None:
        act, sealed = entry.act, entry.act.kind in SEALED
        self._last = entry.time if self._last is None else max(self._last, entry.time)
        texts = tuple(
            IndexedText(w.letter, w.version, w.language, w.text, kept(w.text), entry.index)
            for w in wordings
        )
        if sealed:
            reference = act.body.reference if isinstance(act.body, Draft) else ""
            self._registry.office.put(digest, document, act.subject, reference, texts)
        self._additions.append(
            Addition(
                index=entry.index,
                raw=raw,
                digest=digest,
                time=int(self._last.timestamp()),
                subject="" if sealed else act.subject,
                document=None if sealed else document,
                subtrees=self._edge.add(merkle.leaf_hash(raw)),
                texts=() if sealed else texts,
                signed=int(entry.time.timestamp()),
            )
        )
        self._entries.append(entry)
        self._digests[digest] = entry.index

    def commit(self) -> str:
        """Write all of it; gives the signed head. Raises Conflict or OutsideFailed: nothing."""
        registry = self._registry
        head = Checkpoint(registry.settings.origin, self.size, self.root())
        signers = registry.own.for_heads(self._authority.trust, self.size)
        checkpoint = sign_checkpoint(head, *signers)
        registry.log.append(self._additions, checkpoint)
        # The acts count already. If this cannot be kept any more (a full disk), the next
        # admission keeps it; nobody may hear that something failed which is on the log.
        with suppress(OutsideFailed):
            registry.office.remember(Head(self.size, checkpoint))
        registry.took(self._entries, self._edge, self._foldings)
        return checkpoint


def _require_same_log(registry: Registry) -> None:
    known, last = registry.settings, registry.office.remembered()
    try:
        same_log(known, registry.log, last)
    except VerificationFailed:
        # The keys may have changed since we began.
        if registry.renewed() == known:
            raise
        same_log(registry.settings, registry.log, last)


def now(registry: Registry, last: datetime | None) -> datetime:
    """The moment for an act that is made here: never before what is on the log."""
    moment = registry.clock.now().astimezone(UTC).replace(microsecond=0)
    if last is None or moment >= last:
        return moment
    if last - moment > LATE:
        raise OutsideFailed(
            f"the clock says {moment:%Y-%m-%d %H:%M:%S}, but the log has an act of"
            f" {last:%Y-%m-%d %H:%M:%S}",
            hint="set the clock of this machine; acts cannot be dated back",
        )
    return last
