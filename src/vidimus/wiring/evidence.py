"""Evidence that travels: made from a registry's folder, and asked without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from vidimus.adapters import pack_file
from vidimus.adapters.clock import SystemClock
from vidimus.adapters.key_files import Passphrase
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.places import SqlitePlaces
from vidimus.adapters.words import carried
from vidimus.adapters.words.segment_files import SUFFIX, SegmentFiles
from vidimus.core.copies.answers import Answer
from vidimus.core.evidence import bundle as bundles
from vidimus.core.evidence import pack as packs
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.seal import receipt, statement
from vidimus.core.trust import root as roots
from vidimus.core.trust import spoken
from vidimus.core.trust.root import TrustRoot
from vidimus.core.trust.spoken import Spoken
from vidimus.errors import NotFound, UsageError, VerificationFailed
from vidimus.operations import bundle, bundle_desk, pack_desk
from vidimus.operations.claims import signed_claim
from vidimus.operations.desk import Desk
from vidimus.operations.evidence import Evidence
from vidimus.operations.letter_desk import LetterDesk
from vidimus.operations.lookup import find
from vidimus.operations.own_index import OwnIndex
from vidimus.operations.ports import Progress, Stored, silent
from vidimus.operations.registry import Registry, same_log
from vidimus.wiring.desks import office, reader
from vidimus.wiring.folder import Folder


@dataclass(frozen=True, slots=True)
class Offline:
    """A desk without a register, and what is to be said beside its answers."""

    desk: LetterDesk
    evidence: Evidence
    letter: str = ""  # what a bundle is about

    def told(self, answer: Answer) -> dict[str, Any]:
        """The answer's JSON document, with its age by the clock of this machine."""
        now = SystemClock().now()
        document = self.evidence.beside(answer, now).to_json()
        return {**document, "evidence": self.evidence.to_json(now)}

    def about_letter(self) -> dict[str, Any]:
        """What stood of the letter itself; no copy was held against it."""
        now = SystemClock().now()
        document = self.evidence.alone(self.desk.letter(self.letter).answer, now)
        return {**document, "evidence": self.evidence.to_json(now)}

    def about_copy(
        self,
        parts: Sequence[bytes],
        *,
        office: str | None = None,
        at: datetime | None = None,
        progress: Progress = silent,
    ) -> dict[str, Any]:
        checked = self.desk.check(parts, office=office, at=at, progress=progress)
        return self.told(checked.answer)


@dataclass(frozen=True, slots=True)
class Pin:
    """Whom the asker believes: a trust root as a file, its fingerprint read aloud, or neither."""

    root: TrustRoot | None = None
    said: Spoken | None = None

    def holds(self, evidence: Evidence) -> Evidence:
        """The same, known to be of this register. Raises VerificationFailed if it is not."""
        if self.said is None:
            return evidence
        if not self.said.names(evidence.root):
            raise VerificationFailed(
                f"the keys in this {evidence.kind} have the fingerprint"
                f" {roots.fingerprint(evidence.root)}, and neither that nor an older one of theirs"
                f" is {self.said}",
                hint="this is another register, or a fingerprint from after a change of keys that"
                f" the {evidence.kind} does not know yet: get the office's trust.json, and give"
                " that",
            )
        return replace(evidence, pinned=True)


def pin(given: str, read: Callable[[str], bytes]) -> Pin:
    """From a fingerprint as people say it, or the name of a trust root's file."""
    said = spoken.parse(given)
    if said is not None:
        return Pin(said=said)
    try:
        content = read(given)
    except NotFound as error:
        raise UsageError(
            f"“{given[:80]}” is neither a file nor a fingerprint",
            hint="a fingerprint is eight groups of four digits 0-9 and a-f, in quotation marks:"
            ' --trust "1 ac85 c90e …"; or give the office\'s file trust.json',
        ) from error
    return Pin(root=roots.read(content))


def open_bundle(content: bytes, pinned: Pin) -> Offline:
    """Raises FormatError or VerificationFailed unless all of it holds together."""
    desk = bundle_desk.opened(bundles.read(content), reader(), pinned.root)
    return Offline(desk, pinned.holds(bundle_desk.evidence(desk)), desk.bundle.letter)


def make_bundle(
    path: Path, letter: str, passphrase: Passphrase, *, progress: Progress = silent
) -> tuple[str, bytes]:
    """The letter's number, and the bundle. Inside the office, for its keys; of what is public."""
    registry = office(path, passphrase)
    number = find(registry, letter).id
    return number, bundle_of(path, registry, number, progress=progress)


def bundle_of(path: Path, registry: Registry, number: str, *, progress: Progress = silent) -> bytes:
    """The bundle on the letter of this number."""
    # A log that was put back would be vouched for without what it forgot.
    same_log(registry.settings, registry.log, registry.office.remembered())
    # Before any head is read: nothing that comes later may be older than a receipt says.
    moment = int(registry.clock.now().timestamp())
    log = SqliteLog(Folder(path).log, writable=False)
    own = OwnIndex(registry.settings, log, SqlitePlaces())
    desk = Desk(registry.settings, log, own, clock=registry.clock, reader=reader())

    def ask(subjects: Sequence[str], head: Checkpoint) -> str:
        return signed_claim(own, head, subjects, registry.log_signer)

    def vouch(stored: Stored, path: tuple[bytes, ...], head: Checkpoint) -> bytes:
        return receipt.write(
            index=stored.index,
            size=head.size,
            path=path,
            issuer=head.origin,
            subject=statement.parse(stored.raw).subject,
            issued_at=moment,
            root=head.root,
            signer=registry.receipt_signer,
        )

    return bundle.make(desk, own, number, ask, vouch, progress=progress)


@contextmanager
def open_pack(path: Path, pinned: Pin) -> Iterator[Offline]:
    """Raises FormatError, VerificationFailed or TooLarge unless all of it holds together."""
    with pack_file.reading(path) as file:
        signed = packs.prove(packs.read(file.take), pinned.root)
        body = pack_file.Body(signed.cover.length, signed.cover.digest, signed.cover.unpacked)
        # Until here nothing of the body was looked at, and nothing is before it is known.
        file.check(body)
        with file.unpacked(body) as unpacked:
            pack_file.require_plain(unpacked)
            carried.put_beside(unpacked)
            log = SqliteLog(unpacked, writable=False)
            try:
                desk = pack_desk.opened(signed, log, SqlitePlaces(), reader())
                yield Offline(desk, pinned.holds(pack_desk.evidence(signed, log)))
            finally:
                log.close()


def make_pack(
    path: Path, out: Path | None, passphrase: Passphrase, *, progress: Progress = silent
) -> tuple[Path, int]:
    """Where it was written, and its length. Inside the office, for the log's key alone."""
    registry = office(path, passphrase)
    same_log(registry.settings, registry.log, registry.office.remembered())
    registry.catch_up()
    progress("copying the log", None)
    with pack_file.snapshot(Folder(path).log) as copy:
        carried.take_in(copy, SegmentFiles(Folder(path).log.with_suffix(SUFFIX)))
        log = SqliteLog(copy, writable=False)
        try:
            own = OwnIndex(registry.settings, log, SqlitePlaces())
            desk = Desk(registry.settings, log, own, clock=registry.clock, reader=reader())
            progress("holding it against the signed root", None)
            chain = desk.facts(()).authority.chain
            front = pack_desk.front(own, log, chain, registry.clock.now(), registry.log_signer)
            name = f"{registry.settings.origin.replace('/', '-')}.{log.head().size}.pack"
        finally:
            log.close()
        progress("compressing", None)
        to = out or Path(name)
        return to, pack_file.write(
            copy, to, lambda body: front(body.length, body.digest, body.unpacked)
        )
