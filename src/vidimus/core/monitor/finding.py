"""What a monitor finds, and in which words: kinds, sentences, who signed it, the evidence.

Each finding carries the files that show it to somebody else: signed bytes wherever somebody
signed, so that nobody has to believe the monitor. `core/monitor/evidence.py` checks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong. Spelled as the folder that its evidence lies in."""

    REWRITTEN = "rewritten-entry"
    HIDDEN = "hidden-act"
    FALSE_CLAIM = "false-claim"
    STALE_CLAIM = "stale-claim"
    FORKED = "forked-tree"
    ROLLED_BACK = "rolled-back-tree"
    REVOKED_KEY = "revoked-key"
    BACK_DATED = "back-dated-act"
    FUTURE = "future-dated-act"
    NO_EFFECT = "act-without-effect"
    FALSE_ENTRY = "false-entry"
    OPEN_SEAL = "open-seal"
    UNREADABLE = "unreadable"
    UNSIGNED = "unsigned-checkpoint"
    UNWITNESSED = "unwitnessed"
    TRUST_CHANGED = "trust-changed"


# These say that something could not be looked at, not that somebody did wrong.
IN_THE_DARK = frozenset({Kind.UNREADABLE})
# These last: while they do, they are one finding “since …” and not a new one each time.
LASTING = frozenset({Kind.UNREADABLE, Kind.UNWITNESSED, Kind.STALE_CLAIM})
# Somebody did wrong, and what he did then does not go away: these are not forgotten when a later
# round finds nothing. The gravest first.
CONVICTIONS = (
    Kind.FORKED,
    Kind.HIDDEN,
    Kind.FALSE_CLAIM,
    Kind.REWRITTEN,
    Kind.ROLLED_BACK,
    Kind.BACK_DATED,
    Kind.REVOKED_KEY,
)
GRAVITY = (*CONVICTIONS, *(each for each in Kind if each not in CONVICTIONS))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `name` tells it from others of its kind, so that it is kept once."""

    kind: Kind
    name: str
    fact: str
    signed_by: tuple[str, ...] = ()  # whose signatures stand under the evidence
    index: int | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    tree_signed_by: tuple[str, ...] = ()  # … where they stand under the tree alone

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"
