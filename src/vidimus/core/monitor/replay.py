"""Judging the entries of a log one after the other, as an outsider sees them.

    replay = Replay(origin)
    signed = replay.read(raw)                             # what it says; nothing is believed
    judged = replay.judge(1042, signed, document, raw_at) # what it is, and what is wrong with it

Authority is kept in memory, letters are not: before acts on letters are judged, whoever
keeps the entries hands in the letters' earlier acts (`missing`, `load`), and lets the
letters go again (`forget`). The result is that of one fold over all public entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, NewType

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.standing import LATE, Entry, Folding, State, apply
from vidimus.core.acts.vocabulary import RevokeKey
from vidimus.core.monitor.epochs import Epochs
from vidimus.core.monitor.finding import Kind
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.core.seal.statement import Signed, Statement
from vidimus.core.trust.keys import counts
from vidimus.errors import FormatError, NotAllowed, OutsideFailed, VerificationFailed, VidimusError

# Under what an entry is looked up: a letter's id, "authority", "" for one that is sealed or of
# something else. From the statement alone, so it is the same for everybody, whatever the act
# is worth.
Subject = NewType("Subject", str)


class Gap(VidimusError):
    """The document of a public entry is missing or another one: nothing behind it is judged."""


class Problem(NamedTuple):
    kind: Kind
    fact: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry that was read. `time` is the log's by then; `entry` is None if it is no act."""

    index: int
    subject: Subject
    said: Statement | None
    time: datetime | None
    entry: Entry | None
    effect: bool
    problems: tuple[Problem, ...]


def subject_of(said: Statement, origin: str) -> Subject:
    """As a claim of the log writes it (core/log/false_claim.py)."""
    if said.subject == f"{origin}/{AUTHORITY}":
        return Subject(AUTHORITY)
    letters = f"{origin}/c/"
    return Subject(said.subject[len(letters) :] if said.subject.startswith(letters) else "")


class Replay:
    """The fold under way. `time` is the latest that any entry bears, sealed ones too."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.epochs = Epochs()
        self.folding = Folding()
        self.time: datetime | None = None
        self.latest = -1  # the entry that bears this time
        self.revoking: dict[str, int] = {}  # key → the entry that revoked it

    @property
    def authority(self) -> Authority:
        return self.folding.authority

    def restore(self, entry: Entry) -> None:
        """Take in again an act on authority that took effect when it was read first."""
        before = self.authority
        self.folding.authority, _ = self._apply(before, None, entry)
        self._turn(entry, before)

    def resume(
        self,
        size: int,
        time: datetime | None,
        latest: int,
        recent: Sequence[tuple[datetime, Entry]],
    ) -> None:
        """Go on at `size`, after all acts on authority were restored.

        `recent` are the acts that took effect, in order, as far back as one may come late,
        each with the time that the fold had reached with it.
        """
        acts = tuple((then, entry.act) for then, entry in recent)
        reached = acts[-1][0] if acts else None
        self.folding = Folding(State(size, reached, self.authority, recent=acts))
        self.time, self.latest = time, latest

    def read(self, raw: bytes) -> Signed | None:
        """What an entry says, or None if it is no statement."""
        try:
            return statement.read(raw)
        except FormatError:
            return None

    def verify_ahead(self, statements: Sequence[Signed | None]) -> None:
        """Check the signatures of those that are judged next, which is faster together."""
        entries.verify_ahead(statements, self.authority)

    def subject(self, signed: Signed | None) -> Subject:
        return Subject("") if signed is None else subject_of(signed.statement, self.origin)

    def judge(
        self,
        index: int,
        signed: Signed | None,
        document: bytes | None,
        raw_at: Callable[[int], bytes],
    ) -> Judged:
        """Take the next entry. Raises Gap, and then nothing changed."""
        subject = self.subject(signed)
        if signed is None:
            problem = Problem(Kind.FALSE_ENTRY, f"entry {index} is no statement in its one form")
            return Judged(index, subject, None, self.time, None, False, (problem,))
        said = signed.statement
        sealed = entries.is_sealed(said)
        if not sealed:
            _require_document(index, said, document)
        problems: list[Problem] = []
        time = datetime.fromtimestamp(said.issued_at, UTC)
        if self.time is not None and time < self.time - LATE:
            problems.append(
                Problem(
                    Kind.BACK_DATED,
                    f"entry {index} bears the time {time:%Y-%m-%d %H:%M:%S}, and the log had"
                    f" reached {self.time:%Y-%m-%d %H:%M:%S}",
                )
            )
        entry, effect = None, False
        try:
            if sealed:
                entries.check_seal_of(index, signed, self.authority)
                effect = True
            else:
                assert document is not None  # else there was a Gap
                entry = entries.verified_statement(index, signed, document, self.authority, raw_at)
                self._take(entry)
                effect = True
        except (FormatError, VerificationFailed) as error:
            kind = Kind.REVOKED_KEY if self._retired_seal(index, signed) else Kind.FALSE_ENTRY
            problems.append(Problem(kind, _with_index(index, error.fact)))
        except NotAllowed as error:
            assert entry is not None
            last = self.authority.revoked.get(entry.key, index)
            # What comes too late has no effect for being late; that was said already.
            if last < index:
                problems.append(Problem(Kind.REVOKED_KEY, _with_index(index, error.fact)))
            elif not any(each.kind is Kind.BACK_DATED for each in problems):
                problems.append(Problem(Kind.NO_EFFECT, _refused(entry, error.fact)))
        # What counts for nothing does not move the log's time either: else one false entry of
        # the far future would make every later one look late.
        if effect and (self.time is None or time > self.time):
            self.time, self.latest = time, index
        if sealed and document is not None:
            problems.append(Problem(Kind.OPEN_SEAL, f"the sealed entry {index} lies open"))
        return Judged(index, subject, said, self.time, entry, effect, tuple(problems))

    def _take(self, entry: Entry) -> None:
        before = self.authority
        self.folding.take(entry)
        if entry.act.subject == AUTHORITY:
            self._turn(entry, before)

    def _turn(self, entry: Entry, before: Authority) -> None:
        self.epochs.turn(entry.index, entry.act.kind, before)
        if isinstance(entry.act.body, RevokeKey):
            key, last = entry.act.body.key, entry.act.body.last_index
            # Of several revocations the earliest index holds.
            if before.revoked.get(key, last) >= last:
                self.revoking[key] = entry.index

    def _retired_seal(self, index: int, signed: Signed) -> bool:
        """Did a sealing key make it that had ended? Its name alone anybody can write."""
        for each in self.authority.trust.seal_keys:
            key = PublicKey.from_text(each.key)
            if key.kid == signed.statement.kid and not counts(each, index):
                with suppress(VerificationFailed):
                    signed.verify(key)
                    return True
        return False

    # --- letters, from whoever keeps the entries -----------------------------------------------

    def missing(self, subjects: Iterable[str]) -> list[str]:
        """Those of the letters that are not at hand; the others are kept for longer."""
        letters = self.folding.letters
        asked = []
        for subject in dict.fromkeys(subjects):
            if subject in letters:
                letters[subject] = letters.pop(subject)  # to the end: used last
            else:
                asked.append(subject)
        return asked

    def load(self, acts: Iterable[Entry]) -> Letter | None:
        """Fold one letter again from its acts that took effect."""
        letter: Letter | None = None
        for entry in acts:
            authority = self.epochs.at(entry.index, self.authority)
            _, letter = self._apply(authority, letter, entry)
        if letter is not None:
            self.folding.letters[letter.id] = letter
        return letter

    def _apply(
        self, authority: Authority, letter: Letter | None, entry: Entry
    ) -> tuple[Authority, Letter | None]:
        try:
            return apply(authority, letter, entry)
        except NotAllowed as error:
            raise OutsideFailed(
                f"entry {entry.index} took effect when it was read first, and does not now:"
                f" {error.fact}",
                hint="the monitor's own state is damaged: begin anew in another folder",
            ) from error

    def forget(self, most: int) -> None:
        """Keep only the letters that were used last."""
        letters = self.folding.letters
        for name in list(letters)[: max(0, len(letters) - most)]:
            del letters[name]


def again(index: int, raw: bytes, document: bytes, authority: Authority) -> Entry:
    """An entry that was verified when it was read first, from one's own copy of it."""
    said = statement.parse(raw)
    act = documents.read(document)
    key = entries.key_of(act, said.kid, authority)
    return Entry(index, datetime.fromtimestamp(said.issued_at, UTC), key, act)


def _require_document(index: int, said: Statement, document: bytes | None) -> None:
    if document is None:
        raise Gap(f"the document of the public entry {index} is missing")
    if documents.digest(document) != said.digest:
        raise Gap(f"entry {index}: the document that is served is not the one it names")


def _with_index(index: int, fact: str) -> str:
    return fact if f"entry {index}" in fact else f"entry {index}: {fact}"


def _refused(entry: Entry, fact: str) -> str:
    act = entry.act
    return f"entry {entry.index}, “{act.kind}” by {act.person}, has no effect: {fact}"
