"""Which of a registry's own keys counts where: keys over time.

    log key        counts for trees of up to `until` leaves
    receipt key    counts for receipts in trees of up to `until` leaves
    seal key       counts for the entries up to `until`

`until` None: it counts to this day. No key is ever taken off the list, so what an older key
signed while it counted holds for ever; and what it signs later counts for nothing. See
spec/trust.md, section 3. `Trust` is what the log said of this by then (`Authority.trust`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from vidimus.core.acts.vocabulary import LogKey, OwnKey, Trust
from vidimus.core.log import note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.checkpoint import parse as parse_checkpoint
from vidimus.core.seal.keys import EDDSA, PublicKey
from vidimus.errors import VerificationFailed


def counts(key: LogKey | OwnKey, place: int) -> bool:
    """Does it count for a tree of this size (log, receipts), for this entry (seals)?"""
    return key.until is None or place <= key.until


def log_verifiers(trust: Trust, size: int) -> list[note.Verifier]:
    """The keys whose checkpoints of this size count; never empty once a registry is founded."""
    return [_verifier(each.key) for each in trust.log_keys if counts(each, size)]


def receipt_keys(trust: Trust, size: int) -> list[PublicKey]:
    """The keys whose receipts in a tree of this size count; empty where there are none at all."""
    return [_public(each.key) for each in trust.receipt_keys if counts(each, size)]


def seal_keys(trust: Trust, index: int) -> list[PublicKey]:
    """The keys that may have sealed the entry of this index."""
    return [_public(each.key) for each in trust.seal_keys if counts(each, index)]


def own_keys(trust: Trust) -> frozenset[str]:
    """Every key that the registry ever had, as the text of a public key: nobody acts with one."""
    others = (*trust.receipt_keys, *trust.seal_keys)
    return frozenset([log_key_text(each.key) for each in trust.log_keys]).union(
        each.key for each in others
    )


def log_key_text(vkey: str) -> str:
    """The key of a verifier key in the text in which all other keys are written."""
    return PublicKey(EDDSA, _verifier(vkey).key).to_text()


def open_checkpoint(text: str, trust: Trust) -> tuple[Checkpoint, note.Verifier]:
    """The checkpoint, and the first of the log's keys that counts for its size and signed it.

    As `open_with`, with the keys of a trust.
    """
    return open_with(text, trust.log_keys)


def open_with(text: str, log_keys: Sequence[LogKey]) -> tuple[Checkpoint, note.Verifier]:
    """The checkpoint, and the first of these keys that counts for its size and signed it.

    Raises FormatError or VerificationFailed. A key that was retired before this size may
    have signed beside another one, and not alone: whoever found it in a drawer could. Its
    line is not asked for; one that does not hold, of a key that counts, condemns the note.
    """
    claimed = {(each.name, each.key_id) for each in note.parse(text).signatures}
    good: list[LogKey] = []
    bad: list[tuple[LogKey, VerificationFailed]] = []
    opened = None
    for each in log_keys:
        verifier = _verifier(each.key)
        if (verifier.name, verifier.key_id) in claimed:
            try:
                opened = note.open(text, [verifier])
                good.append(each)
            except VerificationFailed as error:
                bad.append((each, error))
    if opened is None:
        # The text is read when somebody whom we know signed it, and not before.
        if bad:
            raise bad[0][1]
        opened = note.open(text, [_verifier(each.key) for each in log_keys])
    checkpoint = parse_checkpoint(opened.text)
    for each, fault in bad:
        if counts(each, checkpoint.size):
            raise fault
    signer = _verifier(good[0].key)
    if checkpoint.origin != signer.name:
        raise VerificationFailed(
            f"this checkpoint is of the log {checkpoint.origin[:120]!r}, not of {signer.name!r}"
        )
    for each in good:
        if counts(each, checkpoint.size):
            return checkpoint, _verifier(each.key)
    raise VerificationFailed(
        f"this checkpoint of size {checkpoint.size} is signed only with a key of the log that"
        f" was retired at size {good[0].until}",
        hint="that key no longer speaks for the log; keep it as evidence of who still uses it",
    )


@lru_cache(maxsize=256)
def _verifier(vkey: str) -> note.Verifier:
    return note.Verifier.parse(vkey)


@lru_cache(maxsize=256)
def _public(text: str) -> PublicKey:
    return PublicKey.from_text(text)
