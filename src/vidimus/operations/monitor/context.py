"""What the steps of a round share: where they read, what they remember, what they found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from vidimus.core.copies.answers import rfc3339
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.merkle import Hash, Read
from vidimus.core.monitor.exhibits import entry_files
from vidimus.core.monitor.finding import Finding, Kind
from vidimus.core.monitor.frontier import Frontier
from vidimus.core.monitor.mirror import Kept, Row
from vidimus.core.monitor.replay import Replay
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import VerificationFailed
from vidimus.operations.monitor.ports import Source, State
from vidimus.operations.ports import Clock, Progress, silent

MOST_SHOWN = 1000  # findings of one round that are shown together; the others are told alone
LETTERS = 8192  # at hand; the others are folded again from one's own copy of their acts


@dataclass(slots=True)
class Watch:
    """A monitor at work."""

    source: Source
    state: State
    clock: Clock
    trust: TrustRoot
    replay: Replay
    frontier: Frontier
    offices: frozenset[str] = frozenset()
    letters: int = LETTERS  # so many are kept in memory
    progress: Progress = silent
    found: dict[str, tuple[Finding, Kept]] = field(default_factory=dict)  # in this round, by key
    notes: list[str] = field(default_factory=list)  # what was not looked at, and why
    touched: dict[str, None] = field(default_factory=dict)  # subjects read lately, in order

    @property
    def exercise(self) -> bool:
        return self.trust.mode == "exercise"

    def now(self) -> datetime:
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    def find(self, finding: Finding) -> None:
        """Write a finding down, with its evidence, and tell it; once, however often it is made."""
        if finding.key in self.found:
            return
        now = self.now()
        finding = replace(finding, files={**finding.files, "trust.json": roots.write(self.trust)})
        line = {
            "type": "finding",
            "kind": finding.kind.value,
            "fact": finding.fact,
            "signed_by": list(finding.signed_by),
            "tree_signed_by": list(finding.tree_signed_by),
            "index": finding.index,
            "origin": self.trust.origin,
            "found": rfc3339(now),
        }
        kept = self.state.found(finding, line, now)
        # The evidence is on the disk; of a log that is false throughout, not all of it is in
        # memory too.
        if len(self.found) < MOST_SHOWN:
            self.found[finding.key] = replace(finding, files={}), kept

    def row(self, index: int) -> Row:
        for row in self.state.rows(index, index + 1):
            return row
        raise VerificationFailed(f"entry {index} was not read yet")

    def entry_files(
        self, name: str, row: Row, head: Checkpoint, note: str, read: Read
    ) -> dict[str, bytes]:
        """An entry with its document, and the proof that it is in the tree of this head."""
        path = proved(row.index, row.raw, head, read)
        return entry_files(name, row.index, row.raw, row.document, path, note)


def proved(index: int, raw: bytes, head: Checkpoint, read: Read) -> tuple[Hash, ...]:
    """The path from an entry to the signed root, checked before it becomes evidence."""
    path = merkle.inclusion(index, head.size, read)
    merkle.check_inclusion(index, head.size, merkle.leaf_hash(raw), path, head.root)
    return path


def dark(name: str, fact: str) -> Finding:
    """Something could not be looked at."""
    return Finding(Kind.UNREADABLE, name.replace("/", "-"), fact)


def frontier(state: State) -> Frontier:
    """One's own tree, from one's own entries."""

    def raws(start: int, stop: int) -> Sequence[bytes]:
        return [row.raw for row in state.rows(start, stop)]

    return Frontier(state.size(), raws, state.subtree)
