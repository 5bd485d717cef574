"""The registry's own private keys that are at hand here, and which of them signs what.

    checkpoints   all that count: nobody needs the newer trust root before the older key ends
    receipts      the oldest that counts, for the same reason: a receipt bears one signature
    seals         the newest that counts; whoever folds the log knows it

A key may be elsewhere, or lost; then the others sign. See spec/trust.md, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from vidimus.core.acts.vocabulary import Trust
from vidimus.core.log import note
from vidimus.core.seal.keys import Signer
from vidimus.core.trust import keys
from vidimus.errors import OutsideFailed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Oldest first. Before the founding the first of each sort counts."""

    log: tuple[note.Signer, ...]
    seal: tuple[Signer, ...]
    receipt: tuple[Signer, ...]

    def for_heads(self, trust: Trust, size: int) -> tuple[note.Signer, ...]:
        """Whoever signs the checkpoint of this size. Raises OutsideFailed if nobody here can."""
        if not trust.version:
            return _at_hand(self.log[:1], "log", size)
        count = keys.log_verifiers(trust, size)
        return _at_hand([each for each in self.log if each.verifier in count], "log", size)

    def for_receipts(self, trust: Trust, size: int) -> Signer:
        if not trust.version:
            return _at_hand(self.receipt[:1], "receipt", size)[0]
        count = keys.receipt_keys(trust, size)
        return _at_hand([each for each in self.receipt if each.public in count], "receipt", size)[0]

    def for_seals(self, trust: Trust, index: int) -> Signer:
        if not trust.version:
            return _at_hand(self.seal[:1], "seal", index)[0]
        count = keys.seal_keys(trust, index)
        return _at_hand([each for each in self.seal if each.public in count], "seal", index)[-1]


def _at_hand(signers: Sequence[T], sort: str, place: int) -> tuple[T, ...]:
    if not signers:
        raise OutsideFailed(
            f"none of the {sort} keys that lie here counts for a log of {place} entries",
            hint="restart what was started before the keys changed; else put the file of the"
            f" newest key back, or make a new one: vidimus log rotate {sort} --lost",
        )
    return tuple(signers)
