"""Several founders approve one act: who of them really did.

The first founder signs the act's statement; each further one signs the approved part of
its document (`document.approved_part`), and that signature stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from vidimus.core.acts.document import approved_part, from_base64
from vidimus.core.acts.vocabulary import Act
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import FormatError, VerificationFailed


def approving_roots(founders: Mapping[str, str], act: Act, key: str) -> dict[str, str]:
    """Founders whose keys approved this act, and those keys; `key` signed its statement.

    `founders` are the keys that count there (`Authority.founders`), and whose they are. Who
    signed the statement comes first, and the others in the order of the document.
    """
    approving = {founders[key]: key} if key in founders else {}
    message = approved_part(act)
    for each in act.cosigned:
        if each.key not in founders:
            continue
        try:
            PublicKey.from_text(each.key).verify(message, from_base64(each.signature))
        except (VerificationFailed, FormatError):
            continue
        approving.setdefault(founders[each.key], each.key)
    return approving
