"""`vidimus log verify`: rebuild everything from the entries, and compare.

Every entry is read, its document's digest compared, its signature checked with the keys
that the log itself named before; every hash of the tree is computed anew; the checkpoint
is opened with the log's key; the fold is made again. Then all that the store looks things
up by is held against it: an index that hides an act, or a text that is not the registered
one, would let a fallen letter stand. Public entries can be verified by anybody; the
documents of sealed ones only inside.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from vidimus.core.acts import entries
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.standing import LATE, Folding
from vidimus.core.copies.canonical import digest
from vidimus.core.copies.fingerprints import kept as grams
from vidimus.core.log import merkle
from vidimus.core.seal import statement
from vidimus.errors import NotFound, VerificationFailed, VidimusError
from vidimus.operations import heads
from vidimus.operations.ports import Filed, Head, LogStore, Progress, Stored, TextIndex, silent
from vidimus.operations.registry import Settings, raw_at

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
    refused: tuple[str, ...]  # what is well signed, or was, and takes no effect
    published: int | None = None  # entries, if files of the log are published beside it


def verify(
    settings: Settings,
    log: LogStore,
    opener: Opener,
    drafts: TextIndex | None = None,
    *,
    progress: Progress = silent,
) -> Verified:
    """Raises VerificationFailed at the first entry, hash or signature that does not hold.

    `drafts` is the office's own index, for those who may open it.
    """
    head = log.head()
    # Somebody may append meanwhile; then the head says so too.
    if any(log.entries(head.size, head.size + 1)) and log.head() == head:
        raise VerificationFailed(f"the log claims {head.size} entries and holds more")
    if head.size == 0:
        return Verified(0, 0, 0, 0, 0, merkle.root(0, log.subtree), ())
    checkpoint = heads.signed(settings.open, head)
    folding = Folding()
    hashes: dict[tuple[int, int], bytes] = {}
    filed: list[Filed] = []
    sealed = opened = 0
    for stored in log.entries(0, head.size):
        size = len(filed)
        if stored.index != size:
            raise VerificationFailed(f"entry {size} is missing")
        found = _statement(stored)
        reached = max(filed[-1].time if filed else 0, found.issued_at)
        if found.issued_at < reached - LATE.total_seconds():
            raise VerificationFailed(f"entry {size} bears an earlier time than the log had reached")
        _hashes(log, size, stored.raw, hashes)
        document = stored.document
        subject = found.subject.removeprefix(f"{settings.origin}/c/")
        if entries.is_sealed(found):
            sealed += 1
            subject = ""
            if document is not None:
                raise VerificationFailed(f"the sealed entry {size} lies open in the public file")
            _sealed(size, stored.raw, folding)
            document = opener(stored)
            opened += document is not None
        elif document is None:
            raise VerificationFailed(f"the document of the public entry {size} is missing")
        elif subject == f"{settings.origin}/{AUTHORITY}":
            subject = AUTHORITY
        filed.append(Filed(size, found.digest, reached, subject, found.issued_at))
        if document is not None:
            _fold(log, folding, size, stored, document)
        progress(f"verifying entry {size} of {head.size}", size / head.size)
    if len(filed) != head.size:
        raise VerificationFailed(f"the log claims {head.size} entries and holds {len(filed)}")
    root = merkle.root(head.size, lambda level, n: hashes[level, n])
    if root != checkpoint.root:
        raise VerificationFailed("the signed root is not that of the entries")
    _founding(settings, folding)
    _found_again(log, filed)
    for letter in folding.letters.values():
        _texts(log, letter, head.size)
        if drafts is not None and letter.cls:
            _drafts(drafts, letter, head.size)
    _witnessed(settings, log, head, hashes)
    refused = tuple(f"entry {each.index}, {each.kind}: {each.fact}" for each in folding.refused)
    public = head.size - sealed
    return Verified(head.size, public, sealed, opened, len(folding.letters), root, refused)


def _statement(stored: Stored) -> statement.Statement:
    try:
        return statement.parse(stored.raw)
    except VidimusError as error:
        raise _at(stored.index, error) from error


def _at(index: int, error: VidimusError) -> VerificationFailed:
    fact = error.fact if error.fact.startswith(f"entry {index}") else f"entry {index}: {error.fact}"
    return VerificationFailed(fact, hint=error.hint)


def _hashes(log: LogStore, size: int, raw: bytes, hashes: dict[tuple[int, int], bytes]) -> None:
    leaf = merkle.leaf_hash(raw)
    for level, n, value in merkle.added(size, leaf, lambda level, n: hashes[level, n]):
        hashes[level, n] = value
        try:
            kept = log.subtree(level, n)
        except NotFound as error:
            raise VerificationFailed(error.fact) from error
        if kept != value:
            raise VerificationFailed(
                f"the stored hash at level {level}, place {n} is not that of the entries"
            )


def _sealed(index: int, raw: bytes, folding: Folding) -> None:
    try:
        entries.check_seal(index, raw, folding.authority)
    except VidimusError as error:
        raise _at(index, error) from error


def _fold(log: LogStore, folding: Folding, index: int, stored: Stored, document: bytes) -> None:
    try:
        entry = entries.verified(index, stored.raw, document, folding.authority, raw_at(log))
    except VidimusError as error:
        raise _at(index, error) from error
    folding.add(entry)


def _founding(settings: Settings, folding: Folding) -> None:
    """What lies beside the log must be what its first entry says."""
    founded = folding.authority.founded
    if founded is None:
        raise VerificationFailed("the first entry founds no registry")
    authority = folding.authority
    said = Settings(authority.registry, founded.mode == "exercise", authority.trust.log_keys)
    if said != settings:
        raise VerificationFailed(
            "the registry's name, keys or mode are not those that its log says",
            hint="any act of the office puts the keys right; the others never change",
        )


def _found_again(log: LogStore, filed: list[Filed]) -> None:
    """All that the store finds an entry by, against what the entries themselves say."""
    by_subject: defaultdict[str, list[int]] = defaultdict(list)
    for said, kept in zip(filed, log.filed(0, len(filed)), strict=True):
        by_subject[said.subject].append(said.index)
        found = {log.index_of(said.digest, said.subject, when) for when in (None, said.signed)}
        if said != kept or found != {said.index}:
            raise VerificationFailed(
                f"entry {said.index} is filed under another digest, time or subject than its own"
            )
    for subject, indices in by_subject.items():
        if [each.index for each in log.about((subject,), len(filed))] != indices:
            raise VerificationFailed(f"the index hides or adds acts on {subject or 'nothing'}")


def _texts(log: LogStore, letter: Letter, size: int) -> None:
    """The public texts of a letter: those that the log names, known since the log says so."""
    said = {
        (each.number, each.language, each.text, _since(letter, each.number))
        for each in letter.versions
        if each.number in letter.public_versions
    }
    kept = {
        (each.version, each.language, hashlib.sha256(each.text.encode()).hexdigest(), each.since)
        for each in log.wordings((letter.id,))
        if each.since < size
    }
    if said != kept:
        raise VerificationFailed(
            f"the texts kept of the letter {letter.id} are not those that the log names"
        )
    for each in log.wordings((letter.id,)):
        named = letter.id in log.named(digest(each.text))
        if not named or log.unindexed(letter.id, grams(each.text)):
            raise VerificationFailed(
                f"the index no longer finds the letter {letter.id} by its words",
                hint="restore the log's file from a backup",
            )


def _drafts(drafts: TextIndex, letter: Letter, size: int) -> None:
    """Every wording of a letter, as the office finds it. Its forgeries are public alone.

    What a crash left beyond the end of the log is dropped by the next act.
    """
    said = {(each.number, each.language, each.text, each.index) for each in letter.versions}
    kept = [each for each in drafts.wordings((letter.id,)) if each.since < size]
    found = {
        (each.version, each.language, hashlib.sha256(each.text.encode()).hexdigest(), each.since)
        for each in kept
    }
    if (
        said != found
        or any(drafts.unindexed(letter.id, grams(t.text)) for t in kept)
        or any(letter.id not in drafts.named(digest(t.text)) for t in kept)
    ):
        raise VerificationFailed(
            f"the office no longer finds the letter {letter.id} by the words of its drafts",
            hint="restore the office's file from a backup",
        )


def _witnessed(
    settings: Settings, log: LogStore, head: Head, hashes: dict[tuple[int, int], bytes]
) -> None:
    """What the witnesses saw last is of this very log."""
    kept = log.witnessed()
    if kept is None:
        return
    seen = heads.signed(settings.open, kept)
    if seen.size > head.size:
        if log.head() == head:
            raise VerificationFailed(
                f"the witnesses saw {seen.size} entries, and the log has {head.size}"
            )
        return  # somebody appended meanwhile
    if merkle.root(seen.size, lambda level, n: hashes[level, n]) != seen.root:
        raise VerificationFailed(
            f"the witnesses saw another tree of {seen.size} entries",
            hint="keep both checkpoints: together they are evidence of a fork",
        )


def _since(letter: Letter, version: int) -> int:
    """The entry that made this wording public: the first that speaks of it by number."""
    numbered = [each.index for each in letter.events if each.version == version]
    return numbered[0] if numbered else letter.events[0].index
