"""What is signed with a key of the log that had ended by then, and with no key that counts.

Whoever finds an old key in a drawer can sign with it, and so can a log that hopes nobody looks
at its trust root. Either way the signature holds, so it is evidence of who still uses the key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vidimus.core.log import checkpoint as checkpoints
from vidimus.core.log import claim as claims
from vidimus.core.log import note
from vidimus.core.trust.keys import counts
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import VerificationFailed


@dataclass(frozen=True, slots=True)
class Ended:
    """`signers` signed `what` with keys that had counted up to a tree of `until` entries."""

    what: str
    until: int
    signers: tuple[note.Verifier, ...]


def checkpoint(text: str, trust: TrustRoot) -> Ended:
    """Raises FormatError or VerificationFailed where no ended key signed it, or another did too."""

    def told(signed: str) -> tuple[str, str, int]:
        found = checkpoints.parse(signed)
        return "a checkpoint", found.origin, found.size

    return _ended(text, trust, told)


def claim(text: str, trust: TrustRoot) -> Ended:
    """The same of a claim on subjects."""

    def told(signed: str) -> tuple[str, str, int]:
        found = claims.parse(signed)
        return "a claim", found.origin, found.size

    return _ended(text, trust, told)


def _ended(text: str, trust: TrustRoot, told: Callable[[str], tuple[str, str, int]]) -> Ended:
    keys = [(note.Verifier.parse(each.key), each) for each in trust.trust.log_keys]
    # Raises where nobody whom the trust root knows signed it, and for a signature that is false.
    opened = note.open(text, [verifier for verifier, _ in keys])
    what, origin, size = told(opened.text)
    if origin != trust.origin:
        raise VerificationFailed(f"this is of the log {origin[:120]!r}, not of {trust.origin!r}")
    wrote = {(each.name, each.key_id) for each in opened.signatures}
    signers = [each for each in keys if (each[0].name, each[0].key_id) in wrote]
    if any(counts(key, size) for _, key in signers):
        raise VerificationFailed(f"this is {what} signed with a key that counts")
    until = max(key.until for _, key in signers if key.until is not None)
    return Ended(f"{what} of size {size}", until, tuple(verifier for verifier, _ in signers))
