"""The log's signed head: opened with the log's keys, and shown as far as it holds."""

from __future__ import annotations

from collections.abc import Callable

from vidimus.core.log.checkpoint import Checkpoint
from vidimus.errors import FormatError, VerificationFailed
from vidimus.operations.ports import Head, Opener
from vidimus.operations.registry import RESTORE, Settings

# Gives a checkpoint with those of its cosignatures that hold, and without the others.
Trim = Callable[[str], str]


def opened(settings: Settings, head: Head) -> Checkpoint | None:
    """How large the log is by its own signature, and not by what the store says.

    None for a log that holds nothing yet. Raises VerificationFailed.
    """
    if head.size == 0 and not head.checkpoint:
        return None
    return signed(settings.open, head)


def signed(opener: Opener, head: Head) -> Checkpoint:
    """The head of a log that holds something. Raises VerificationFailed."""
    try:
        found = opener(head.checkpoint)
    except (FormatError, VerificationFailed) as error:
        # Nobody who asks has sent it: it lies here, and it is damaged.
        raise VerificationFailed(
            f"the log's checkpoint does not hold: {error.fact}", hint=RESTORE
        ) from error
    if found.size != head.size:
        raise VerificationFailed(
            f"the log claims {head.size} entries, and its checkpoint says {found.size}",
            hint=RESTORE,
        )
    return found


def shown(
    opener: Opener, head: Head, of: Checkpoint, witnessed: Head | None, trim: Trim = str
) -> str:
    """The head with the cosignatures of witnesses, where they are of this very head and hold.

    A later head without them is shown all the same: whoever has to take a letter back does
    not wait for others; and neither does he for a word that was damaged here.
    """
    if witnessed is None or witnessed.size != of.size:
        return head.checkpoint
    try:
        text = trim(witnessed.checkpoint)
        seen = opener(text)
    except (FormatError, VerificationFailed):
        return head.checkpoint
    if seen != of:
        raise VerificationFailed(
            f"the witnesses signed another tree of {of.size} entries than the log's head",
            hint="keep both checkpoints: together they are evidence of a fork",
        )
    return text
