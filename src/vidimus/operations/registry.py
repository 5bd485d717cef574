"""A registry as the operations see it: its stores, its own keys, its clock, and its memory.

The office's side. The public side (`desk.py`) has the log alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vidimus.core.acts import entries
from vidimus.core.acts.standing import Folding
from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import open_checkpoint
from vidimus.core.seal import statement
from vidimus.core.seal.keys import Signer
from vidimus.errors import VerificationFailed, VidimusError
from vidimus.operations.ports import Clock, Head, LogStore, OfficeStore, Randomness, Stored


@dataclass(frozen=True, slots=True)
class Settings:
    """What `vidimus init` wrote: the log's name, its key, and whether this is an exercise."""

    origin: str
    exercise: bool
    log_key: str  # vkey of the checkpoints


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which office, with which key; further keys are co-signing founders'."""

    person: str
    office: str
    signers: tuple[Signer, ...]


class Registry:
    """The office's access to one registry. Folds the log once, and then what is new."""

    def __init__(
        self,
        settings: Settings,
        log: LogStore,
        office: OfficeStore,
        *,
        log_signer: note.Signer,
        seal_signer: Signer,
        clock: Clock,
        random: Randomness,
    ) -> None:
        self.settings = settings
        self.log = log
        self.office = office
        self.log_signer = log_signer
        self.seal_signer = seal_signer
        self.clock = clock
        self.random = random
        self._folding = Folding()

    def state(self) -> Folding:
        """Everything that the log says by now, in the office's view."""
        replay(self._folding, self.log.entries(self._folding.size, self.log.head().size), self)
        return self._folding

    def document(self, stored: Stored) -> bytes | None:
        """The document of an entry, the sealed ones too."""
        if stored.document is not None:
            return stored.document
        return self.office.document(statement.parse(stored.raw).digest)


def raw_at(log: LogStore) -> Callable[[int], bytes]:
    """The bytes of an entry, for looking up what a release says that it opens."""

    def look(index: int) -> bytes:
        for stored in log.entries(index, index + 1):
            return stored.raw
        raise VerificationFailed(f"the log has no entry {index}")

    return look


def replay(folding: Folding, stored: Iterable[Stored], registry: Registry) -> None:
    """Verify each entry and take it into the fold."""
    for each in stored:
        document = registry.document(each)
        if document is None:
            raise VerificationFailed(
                f"the document of entry {each.index} is missing",
                hint="restore the office's file from a backup; the log alone cannot give it",
            )
        try:
            entry = entries.verified(
                each.index, each.raw, document, folding.authority, raw_at(registry.log)
            )
        except VidimusError as error:
            raise VerificationFailed(
                f"entry {each.index} does not verify: {error.fact}",
                hint="run “vidimus log verify” and restore from a backup",
            ) from error
        folding.add(entry)


def same_log(settings: Settings, log: LogStore, last: Head | None) -> None:
    """The log must still hold all that the office remembers of it. Raises VerificationFailed.

    A restored backup would otherwise un-withdraw letters, and the next act would fork the log.
    """
    if last is None:
        return
    known = open_checkpoint(last.checkpoint, note.Verifier.parse(settings.log_key), settings.origin)
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
