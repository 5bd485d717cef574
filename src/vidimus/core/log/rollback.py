"""A log that shows an older tree than it showed before: what the witnesses' times say of it.

    south cosigned the tree of 9 entries at 12:00; north the tree of 7 at 12:05

Both checkpoints are true, so this convicts nobody: north may have been asked with an old
one, or its clock be wrong. It is a reason to ask. Only where one witness did both is it
proof, and against that witness: it promised that no larger tree was known to it (C2SP
tlog-cosignature). See spec/trust.md, section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from vidimus.core.log import note
from vidimus.core.log.checkpoint import parse as parse_checkpoint
from vidimus.core.log.policy import Policy
from vidimus.core.log.witnessed import witnessed


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A witness, by the name of the policy, confirmed a tree of this size at this time."""

    witness: str
    size: int
    time: int


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The smaller tree was confirmed later."""

    larger: Confirmed
    smaller: Confirmed

    @property
    def broken(self) -> bool:
        """Did one witness do both? Then it broke its promise."""
        return self.larger.witness == self.smaller.witness

    def __str__(self) -> str:
        one, other = (
            f"{each.witness} confirmed the tree of {each.size} entries at"
            f" {datetime.fromtimestamp(each.time, UTC):%Y-%m-%d %H:%M:%S} UTC"
            for each in (self.larger, self.smaller)
        )
        return f"{one}; {other}"


def suspicions(first: str, second: str, policy: Policy) -> tuple[Suspicion, ...]:
    """Where a smaller tree was confirmed after a larger one. Raises FormatError.

    The log's own signatures are not looked at; the caller has opened both checkpoints.
    """
    one, other = sorted(
        (_confirmed(first, policy), _confirmed(second, policy)), key=lambda seen: seen[0]
    )
    if one[0] == other[0]:
        return ()
    return tuple(
        Suspicion(larger, smaller)
        for larger in other[1]
        for smaller in one[1]
        if smaller.time > larger.time
    )


def _confirmed(text: str, policy: Policy) -> tuple[int, tuple[Confirmed, ...]]:
    size = parse_checkpoint(note.parse(text).text).size
    seen = witnessed(text, policy)
    pairs = zip(seen.names, seen.times, strict=True)
    return size, tuple(Confirmed(name, size, time) for name, time in pairs)
