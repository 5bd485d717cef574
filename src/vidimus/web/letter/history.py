"""The public acts on a letter as a line through time, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vidimus.core.acts.kinds import LOWERING, Kind
from vidimus.core.acts.letter import Letter
from vidimus.core.notices.templates import REASONS

WORDS: dict[Kind, str] = {
    Kind.RELEASE: "Released",
    Kind.HOLD: "Put on hold",
    Kind.CLEAR: "Cleared for use again",
    Kind.CORRECT: "Corrected by another letter",
    Kind.SUPERSEDE: "Replaced by another letter",
    Kind.WITHDRAW: "Taken back",
    Kind.DISOWN: "Disowned",
    Kind.RATIFY: "Confirmed afterwards",
    Kind.ACKNOWLEDGE_DRAFT: "Acknowledged as a draft",
    Kind.DECLARE_FORGED: "Declared a forgery",
}


@dataclass(frozen=True, slots=True)
class Step:
    index: int
    time: datetime
    words: str
    lowers: bool  # drawn as an open square; what lifts a letter as a filled circle
    who: str
    because: str
    reason: str
    version: int | None


def history(letter: Letter) -> tuple[Step, ...]:
    """The acts that took effect, oldest first."""
    return tuple(
        Step(
            index=event.index,
            time=event.time,
            words=WORDS.get(event.kind, event.kind.value.replace("_", " ").capitalize()),
            lowers=event.kind in LOWERING,
            who=event.name,
            because=event.because,
            reason="; ".join(
                part
                for part in (
                    REASONS[event.code] if event.code is not None else "",
                    f"“{event.reason}”" if event.reason else "",
                )
                if part
            ),
            version=event.version,
        )
        for event in letter.events
    )
