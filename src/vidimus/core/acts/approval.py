"""Several founders approve one act: who of them really did.

The first founder signs the act's statement; each further one signs the approved part of
its document (`document.approved_part`), and that signature stands beside it.
"""

from __future__ import annotations

from vidimus.core.acts.document import approved_part, from_base64
from vidimus.core.acts.vocabulary import Act, Found
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import FormatError, VerificationFailed


def approving_roots(founded: Found, act: Act, key: str) -> frozenset[str]:
    """The people among the founders whose keys approved this act; `key` signed its statement."""
    owners = {root.key: root.person for root in founded.roots}
    approving = {owners[key]} if key in owners else set()
    message = approved_part(act)
    for each in act.cosigned:
        if each.key not in owners:
            continue
        try:
            PublicKey.from_text(each.key).verify(message, from_base64(each.signature))
        except (VerificationFailed, FormatError):
            continue
        approving.add(owners[each.key])
    return frozenset(approving)
