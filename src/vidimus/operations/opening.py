"""`vidimus log open`: a sealed act, shown to somebody entitled, and the proof that it was there."""

from __future__ import annotations

from vidimus.core.acts import entries
from vidimus.core.log import merkle
from vidimus.core.log.proof import Proof
from vidimus.core.seal import statement
from vidimus.core.trust.opening import Opening
from vidimus.errors import NotFound, UsageError, VerificationFailed
from vidimus.operations.registry import Registry


def opening(registry: Registry, index: int) -> Opening:
    """Raises NotFound, or UsageError for an entry that is public anyway."""
    head = registry.log.head()
    if not 0 <= index < head.size:
        raise NotFound(f"the log has no entry {index}", hint=f"it has entries 0 to {head.size - 1}")
    (stored,) = registry.log.entries(index, index + 1)
    if not entries.is_sealed(statement.parse(stored.raw)):
        raise UsageError(
            f"entry {index} is public: anybody can read it", hint=f"vidimus log proof {index}"
        )
    document = registry.document(stored)
    if document is None:
        raise VerificationFailed(
            f"the document of entry {index} is missing",
            hint="restore the office's file from a backup; the log alone cannot give it",
        )
    path = merkle.inclusion(index, head.size, registry.log.subtree)
    key = registry.entry(stored).key
    return Opening(stored.raw, document.decode(), key, str(Proof(index, path, head.checkpoint)))
