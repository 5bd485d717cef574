"""What people print or read aloud of a trust root, taken back from them.

    1 ac85 c90e 5f20 …      the fingerprint, as `vidimus log trust` shows it
    AC85-C90E-5F20-…        the same as somebody typed it
    genesis  5c7b 02d1 …    or the genesis, with the word before it or without

Any fingerprint that the registry ever had will do: what was printed before a change of keys
is on paper for ever, and the chain proves that it leads to the keys of today.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from vidimus.core.acts.vocabulary import Trust
from vidimus.core.trust.root import PREFIX, TrustRoot, spoken

_BETWEEN = re.compile(r"[\s:\-\u2010-\u2015]+")
_SAID = re.compile(
    r"(?:(?:genesis|fingerprint) )?(?:([1-9][0-9]{0,8}) )?([0-9a-f]{4}(?: ?[0-9a-f]{4}){7})"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Eight groups of four digits, and the version if that was said too."""

    groups: str
    version: int | None = None

    def __str__(self) -> str:
        return self.groups if self.version is None else f"{self.version} {self.groups}"

    def names(self, root: TrustRoot) -> bool:
        """Is it the genesis of this registry, or a fingerprint that it has or had?"""
        if self.version is None and self.groups == spoken(root.genesis):
            return True
        return any(
            self.groups == groups and self.version in (None, version)
            for version, groups in fingerprints(root)
        )


def parse(given: str) -> Spoken | None:
    """From however it was typed; None if it is nothing of the kind."""
    found = _SAID.fullmatch(_BETWEEN.sub(" ", given).strip().lower())
    if found is None:
        return None
    version, digits = found.groups()
    return Spoken(spoken(digits.replace(" ", "")), int(version) if version else None)


def fingerprints(root: TrustRoot) -> tuple[tuple[int, str], ...]:
    """The version and the groups of every fingerprint that it had, the last one its own.

    One for each link: a revocation makes another fingerprint and no other version.
    """
    digest, version, found = sha256(PREFIX), 1, []
    for link in root.links:
        digest.update(link.index.to_bytes(8, "big") + sha256(link.entry).digest())
        body = link.act.body
        version = body.version if isinstance(body, Trust) else version
        found.append((version, spoken(digest.hexdigest())))
    return tuple(found)
