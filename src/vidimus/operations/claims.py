"""The log's signed word on which entries speak of a subject.

Whoever signs it must have looked at every entry, so it is made from an index that was built
from the entries and held against the signed root, never from the store's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.log import claim as claims
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.errors import NotFound
from vidimus.operations.own_index import OwnIndex


def signed_claim(
    index: OwnIndex, head: Checkpoint, subjects: Sequence[str], signer: note.Signer
) -> str:
    """The note for these subjects as of this head. Raises NotFound for what is no subject."""
    for name in subjects:
        if name != AUTHORITY and not LETTER_ID.fullmatch(name):
            raise NotFound(
                f"{name[:40]!r} is no subject", hint="“authority”, or a letter's 16 signs"
            )
    return claims.sign_claim(claims.claim(head, index.indices(subjects, head)), signer)
