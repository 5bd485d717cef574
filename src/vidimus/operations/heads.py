"""The log's signed head: opened with the log's keys, in the one place where a desk does it."""

from __future__ import annotations

from vidimus.core.log.checkpoint import Checkpoint
from vidimus.errors import VerificationFailed
from vidimus.operations.ports import Head
from vidimus.operations.registry import Settings


def opened(settings: Settings, head: Head) -> Checkpoint | None:
    """How large the log is by its own signature, and not by what the store says.

    None for a log that holds nothing yet. Raises FormatError or VerificationFailed.
    """
    if head.size == 0 and not head.checkpoint:
        return None
    signed = settings.open(head.checkpoint)
    if signed.size != head.size:
        raise VerificationFailed(
            f"the log claims {head.size} entries, and its checkpoint says {signed.size}",
            hint="run “vidimus log verify” and restore from a backup",
        )
    return signed
