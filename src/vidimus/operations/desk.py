"""The desk that anybody may walk up to: check a copy, look at a letter, look at the log.

It has the log and nothing else. The office's own desk (`staff`) also looks at the drafts;
no public page or answer is made with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from vidimus.core.acts import document as documents
from vidimus.core.acts.authority import Promise
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.copies import wording
from vidimus.core.copies.answers import Answer
from vidimus.core.copies.verdict import LogFacts
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.policy import Policy
from vidimus.core.log.witnessed import Told
from vidimus.core.seal import statement
from vidimus.core.trust.policy import policy_of
from vidimus.errors import FormatError, NotFound
from vidimus.operations import heads
from vidimus.operations.face import Face
from vidimus.operations.letter_desk import Checked, LetterDesk, LetterFile
from vidimus.operations.ports import Clock, LogStore, Opener, Reader, Stored, WholeLog
from vidimus.operations.registry import Settings
from vidimus.operations.witnessing import confirmed

__all__ = ["Checked", "Desk", "LetterFile", "LogLine", "OfficeFacts", "RegistryFacts"]


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    id: str
    title: str
    parent: str | None
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """What the front page says of this registry."""

    origin: str
    exercise: bool
    size: int
    time: datetime
    log_key: str
    offices: tuple[OfficeFacts, ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry as the log page shows it. A sealed one shows nothing but that it is there."""

    index: int
    time: datetime
    sealed: bool
    kind: str = ""
    office: str = ""
    letter: str = ""
    digest: str = ""


class Desk(LetterDesk):
    """The public face of one registry."""

    def __init__(
        self,
        settings: Settings,
        log: LogStore,
        acts: WholeLog,
        *,
        clock: Clock,
        reader: Reader,
        witnesses: Callable[[], Policy | None] = lambda: None,
        opener: Opener | None = None,
        trim: heads.Trim = str,
    ) -> None:
        """`witnesses` are the operator's, in force until the founders name some on the log.

        `opener` follows the log's keys as they change; without it they are those of `settings`.
        """
        super().__init__(settings, acts, log, clock=clock, reader=reader)
        self.log = log
        self._whole = acts
        self._witnesses = witnesses
        self._opener = opener or settings.open
        self.face = Face(log, self._opener, trim)

    def _beside(self, answer: Answer, facts: LogFacts) -> Answer:
        """Who else saw this log, or since when nobody did: aloud, and nothing waits for it."""
        try:
            policy = policy_of(facts.authority.trust, max(facts.size, 1)) or self._witnesses()
        except FormatError:
            return _said(answer, Told(wording.UNREADABLE_WITNESSES, met=False))
        if policy is None or not policy.witnesses:
            return answer
        # A story's time is not that of the witnesses.
        at = 0 if facts.exercise else int(facts.time.timestamp())
        told = confirmed(self.log, self._opener, policy, asked=facts.size, at=at)
        return _said(answer, told)

    def _size_at(self, at: datetime) -> int:
        return self._whole.size_at(int(at.timestamp()))

    def as_of(self, at: datetime | None) -> tuple[int, datetime]:
        """How long the log was at this moment, which is now without one. UsageError if later."""
        return self._as_of(at)

    def registry(self) -> RegistryFacts:
        size, time = self._as_of(None)
        facts = self._facts((), size, time)
        offices = tuple(
            OfficeFacts(o.id, o.title, o.parent, facts.authority.covered(o.id, time))
            for o in facts.authority.offices.values()
        )
        listed = facts.authority.trust.log_keys or self.settings.log_keys
        return RegistryFacts(facts.registry, facts.exercise, size, time, listed[-1].key, offices)

    def log_lines(self, start: int, stop: int) -> tuple[LogLine, ...]:
        return tuple(map(_line, self.face.entries(start, stop)))

    def entry(self, index: int) -> Stored:
        """One entry, with its document where that is public and the one that the entry names."""
        return self.face.entry(index)

    def checkpoint(self) -> str:
        """The signed statement of the log's size and root."""
        return self.face.checkpoint()

    def proof(self, index: int) -> str:
        """A C2SP tlog-proof that this entry is on the log."""
        return str(self.face.proof(index))

    def head(self) -> Checkpoint:
        """The checkpoint, with its signature checked."""
        signed = self.acts.signed()
        if signed is None:
            raise _empty()
        return signed


def _said(answer: Answer, told: Told) -> Answer:
    """With this about witnesses, in the place of the sentence that there are none."""
    others = tuple(each for each in answer.not_checked if each != wording.UNWITNESSED)
    if told.met:
        return replace(answer, checked=(*answer.checked, told.sentence), not_checked=others)
    return replace(answer, not_checked=(*others, told.sentence))


def _empty() -> NotFound:
    return NotFound("this log is empty", hint="found the registry first")


def _line(stored: Stored) -> LogLine:
    found = statement.parse(stored.raw)
    time = datetime.fromtimestamp(found.issued_at, UTC)
    if stored.document is None:
        return LogLine(stored.index, time, sealed=True, digest=found.digest.hex())
    act = documents.read(stored.document)
    letter = "" if act.subject == AUTHORITY else act.subject
    return LogLine(
        stored.index, time, False, act.kind.value, act.office, letter, found.digest.hex()
    )
