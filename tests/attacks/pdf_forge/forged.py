"""All vectors by name, and which of them may stand.

Those that may show everybody the registered words and are read as these: nothing in them lies
but their signature, or what is attached to them. All others may not, whatever else they come to.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.attacks.pdf_forge import built, revised, shown, signed
from tests.attacks.pdf_forge.book import LETTER, Doc
from tests.attacks.pdf_forge.signing import signed as soundly

HONEST: dict[str, Callable[[], bytes]] = {
    "honest-plain": lambda: Doc().written(),
    "honest-signed": soundly,
    "honest-encrypted": lambda: built.encrypted(LETTER),
}

VECTORS: dict[str, Callable[[], bytes]] = {
    **HONEST,
    **signed.FORGED,
    **signed.WRAPPED,
    **revised.SAVED,
    **revised.SHADOW,
    **revised.CERTIFIED,
    **shown.HIDDEN,
    **shown.LAYERS,
    **shown.TYPES,
    **shown.NOTES,
    **shown.PLACES,
    **built.BUILT,
    **built.MORE,
}

# What people see in these, and what is read of them, are the registered words and no others.
MAY_STAND = frozenset({
    *HONEST,
    "swa-not-to-the-end", "swa-gap-with-a-comment",
    "swa-two-over-one", "isa-older-page-again", "shadow-prepared", "attached-other-text",
    "attached-page", "box-turned-about", "box-rotate-180", "box-user-unit", "files-shifted",
})  # fmt: skip
MUST_STAND = frozenset({"honest-plain", "honest-signed"})
