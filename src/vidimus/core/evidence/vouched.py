"""Receipts held against a trust root: whose word it is, and whether that key counts there."""

from __future__ import annotations

from vidimus.core.acts.vocabulary import Trust
from vidimus.core.seal import receipt
from vidimus.core.seal.keys import PublicKey
from vidimus.core.seal.receipt import Receipt
from vidimus.core.trust.keys import receipt_keys
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import VerificationFailed


def vouched(raw: bytes, entry: bytes, root: TrustRoot) -> Receipt:
    """The receipt, if a key of this registry that counts for its size vouches for the entry.

    Raises FormatError, VerificationFailed.
    """
    claimed = receipt.parse(raw)
    if claimed.issuer != root.origin:
        raise VerificationFailed(
            f"this receipt is by {claimed.issuer[:120]!r}, and the trust root of {root.origin!r}"
        )
    for key in receipt_keys(root.trust, claimed.size):
        if key.kid == claimed.kid:
            return receipt.verify(raw, entry, key)
    raise VerificationFailed(
        f"this receipt is by the key {claimed.kid.hex()[:16]}…, which is none of the registry's"
        f" for {claimed.size} entries",
        hint="a key that came later stands in a newer trust root",
    )


def ended(root: TrustRoot, kid: bytes) -> int | None:
    """When the founders ended this receipt key, by their act; None while it has no end."""
    for link in root.links:
        act = link.act
        for each in act.body.receipt_keys if isinstance(act.body, Trust) else ():
            if each.until is not None and PublicKey.from_text(each.key).kid == kid:
                return int(act.at.timestamp())
    return None
