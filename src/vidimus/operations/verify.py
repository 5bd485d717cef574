"""`vidimus log verify`: rebuild everything from the entries, and compare.

Every entry is read, its document's digest compared, its signature checked with the keys
that the log itself named before; every hash of the tree is computed anew; the checkpoint
is opened with the log's key; the fold is made again. Public entries can be verified by
anybody; the documents of sealed ones only inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import Folding
from vidimus.core.acts.vocabulary import Release
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import open_checkpoint
from vidimus.core.log.note import Verifier
from vidimus.core.seal import statement
from vidimus.errors import VerificationFailed, VidimusError
from vidimus.operations.ports import LogStore, Progress, Stored, silent
from vidimus.operations.registry import Settings

# Gives the document of a sealed entry to those who may open it, and None to all others.
Opener = Callable[[Stored], bytes | None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found to hold."""

    size: int
    public: int
    sealed: int
    opened: int
    letters: int
    root: bytes
    refused: tuple[str, ...]  # entries that are well signed and take no effect


def verify(
    settings: Settings, log: LogStore, opener: Opener, *, progress: Progress = silent
) -> Verified:
    """Raises VerificationFailed at the first entry, hash or signature that does not hold."""
    head = log.head()
    if head.size == 0:
        return Verified(0, 0, 0, 0, 0, merkle.root(0, log.subtree), ())
    checkpoint = open_checkpoint(head.checkpoint, Verifier.parse(settings.log_key), settings.origin)
    if checkpoint.size != head.size:
        raise VerificationFailed(
            f"the log has {head.size} entries and its checkpoint says {checkpoint.size}"
        )
    folding = Folding()
    hashes: dict[tuple[int, int], bytes] = {}
    digests: dict[int, bytes] = {}
    sealed = opened = size = 0
    last_time = 0
    for stored in log.entries(0, head.size):
        if stored.index != size:
            raise VerificationFailed(f"entry {size} is missing")
        found = _statement(stored)
        if found.issued_at < last_time:
            raise VerificationFailed(f"entry {size} bears an earlier time than the one before")
        last_time = found.issued_at
        digests[size] = found.digest
        for level, n, value in merkle.added(
            size, merkle.leaf_hash(stored.raw), lambda level, n: hashes[level, n]
        ):
            hashes[level, n] = value
            if log.subtree(level, n) != value:
                raise VerificationFailed(
                    f"the stored hash at level {level}, place {n} is not that of the entries"
                )
        document = stored.document
        if entries.is_sealed(found):
            sealed += 1
            if document is not None:
                raise VerificationFailed(f"the sealed entry {size} lies open in the public file")
            entries.check_seal(size, stored.raw, folding.authority)
            document = opener(stored)
            opened += document is not None
        elif document is None:
            raise VerificationFailed(f"the document of the public entry {size} is missing")
        if document is not None:
            _fold(folding, size, stored, document, digests)
        size += 1
        progress(f"verifying entry {size} of {head.size}", size / head.size)
    if size != head.size:
        raise VerificationFailed(f"the log claims {head.size} entries and holds {size}")
    root = merkle.root(size, lambda level, n: hashes[level, n])
    if root != checkpoint.root:
        raise VerificationFailed("the signed root is not that of the entries")
    _subjects(log, folding, head.size)
    refused = tuple(f"entry {each.index}, {each.kind}: {each.fact}" for each in folding.refused)
    return Verified(size, size - sealed, sealed, opened, len(folding.letters), root, refused)


def _statement(stored: Stored) -> statement.Statement:
    try:
        return statement.parse(stored.raw)
    except VidimusError as error:
        raise VerificationFailed(f"entry {stored.index}: {error.fact}") from error


def _fold(
    folding: Folding, index: int, stored: Stored, document: bytes, digests: dict[int, bytes]
) -> None:
    try:
        entry = entries.verified(index, stored.raw, document, folding.authority)
    except VidimusError as error:
        raise VerificationFailed(f"entry {index}: {error.fact}", hint=error.hint) from error
    if isinstance(entry.act.body, Release):
        # What a release opens must be what the log has had at that place all along.
        for each in entry.act.body.opens:
            if digests.get(each.index) != documents.digest(each.document.encode()):
                raise VerificationFailed(
                    f"entry {index} opens entry {each.index}, which commits to something else"
                )
    folding.add(entry)


def _subjects(log: LogStore, folding: Folding, size: int) -> None:
    """The store's index by subject must lead to the same acts as the whole log."""
    for letter in folding.letters.values():
        public = {event.index for event in letter.events}
        if public - {each.index for each in log.about((letter.id,), size)}:
            raise VerificationFailed(f"the index hides acts on the letter {letter.id}")
    if folding.authority.founded is not None and not log.about((AUTHORITY,), size):
        raise VerificationFailed("the index hides the acts on authority")
