"""The trust root of a registry: who founded it, and every key that it ever had, in one file.

    {"chain":[{"document":"{\\"act\\":\\"found\\",…}","entry":"0oRY…","index":0},
              {"document":"{\\"act\\":\\"trust\\",…}","entry":"0oRY…","index":52}],
     "genesis":"5c7b…","log_keys":[{"key":"letters.example.org/log+015d638a+AWXx…","until":53},
     {"key":"letters.example.org/log+7be1…"}],"mode":"live","origin":"letters.example.org/log",
     "receipt_keys":[…],"roots":[…],"seal_keys":[…],"threshold":2,"v":1,"version":2}

Canonical JSON (RFC 8785), `trust.json` on the public face. The chain proves the rest: the
founding, every later version of the trust, and the revocations of founders' keys among
them, each signed, each approved by the founders before and those named. Whoever pinned the
genesis, on paper or in an older file, needs no server's word for any key. See spec/trust.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

import rfc8785

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.standing import Folding
from vidimus.core.acts.vocabulary import Act, LogKey, OwnKey, Trust
from vidimus.errors import FormatError, VerificationFailed

LONGEST = 4 * 1024 * 1024  # bytes
MOST_LINKS = 1_000
PREFIX = b"vidimus/trust/v1\x00"


@dataclass(frozen=True, slots=True)
class Link:
    """One entry that the trust rests on, with the document that it names."""

    index: int
    entry: bytes
    document: str

    @property
    def act(self) -> Act:
        return documents.read(self.document.encode())


@dataclass(frozen=True, slots=True)
class TrustRoot:
    """What a chain proves. Made by `build` and `read` alone, so it was checked."""

    origin: str
    mode: str
    genesis: str  # hex SHA-256 of entry 0
    trust: Trust  # what is in force at the end of the chain
    links: tuple[Link, ...]

    @property
    def version(self) -> int:
        return self.trust.version


def build(links: Sequence[Link]) -> TrustRoot:
    """Fold the chain by the rules of the log. Raises FormatError or VerificationFailed.

    That the entries stand on the log at these indices is not in their signatures: whoever
    reads the log compares them, and `extend` keeps what was seen once.
    """
    if not links or links[0].index != 0 or any(a.index >= b.index for a, b in pairwise(links)):
        raise FormatError("malformed trust root: its chain does not begin at entry 0 and go on")
    if len(links) > MOST_LINKS:
        raise FormatError(f"malformed trust root: {len(links)} entries, over {MOST_LINKS}")
    folding = Folding()
    for link in links:
        entry = entries.verified(
            link.index, link.entry, _utf8(link.document), folding.authority, _no_entry
        )
        folding.add(entry)
        if folding.refused:
            raise VerificationFailed(
                f"entry {link.index} of the chain takes no effect: {folding.refused[0].fact}"
            )
        if link.index not in folding.authority.chain:
            raise VerificationFailed(
                f"entry {link.index} of the chain is “{entry.act.kind}”, which says nothing about"
                " founders or keys"
            )
    authority = folding.authority
    assert authority.founded is not None  # the first entry took effect at index 0
    genesis = sha256(links[0].entry).hexdigest()
    return TrustRoot(
        authority.registry, authority.founded.mode, genesis, authority.trust, tuple(links)
    )


def write(root: TrustRoot) -> bytes:
    return _dumps(_json(root))


def read(content: bytes) -> TrustRoot:
    """Read and check a trust root. Raises FormatError or VerificationFailed.

    Only the exact bytes that `write` writes: what stands beside the chain is what it proves.
    """
    if len(content) > LONGEST:
        raise FormatError(f"malformed trust root: {len(content)} bytes, at most {LONGEST}")
    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed trust root: this is not JSON") from error
    if not isinstance(value, dict) or value.get("v") != 1 or type(value["v"]) is not int:
        raise FormatError("malformed trust root: not version 1 of this format")
    if _dumps(value) != content:
        raise FormatError("malformed trust root: not in canonical form", hint="written by RFC 8785")
    chain = value.get("chain")
    if not isinstance(chain, list):
        raise FormatError("malformed trust root: it has no chain")
    root = build([_link(each) for each in chain])
    if write(root) != content:
        proved = _json(root)
        differ = sorted(name for name in {*value, *proved} if value.get(name) != proved.get(name))
        raise VerificationFailed(
            f"the trust root says what its chain does not prove: {', '.join(differ)}"[:300]
        )
    return root


def extend(pinned: TrustRoot, newer: TrustRoot) -> TrustRoot:
    """`newer`, if it goes on where `pinned` ends. Raises VerificationFailed with what differs.

    Neither another registry, nor an older state, nor another history after the same founding.
    """
    if pinned.links[0] != newer.links[0]:
        raise VerificationFailed(
            f"this is the trust root of another founding: {spoken(newer.genesis)},"
            f" and the pinned one is {spoken(pinned.genesis)}",
            hint="keep both files; ask the office, on a way that you know, which is its own",
        )
    for old, new in zip(pinned.links, newer.links, strict=False):
        if old != new:
            raise VerificationFailed(
                f"two histories after one founding: the pinned file has {told(old)},"
                f" and this one has {told(new)}",
                hint="keep both files: they show who signed two versions in one place",
            )
    if len(newer.links) < len(pinned.links):
        raise VerificationFailed(
            f"this is an older trust root: it ends at version {newer.version} with entry"
            f" {newer.links[-1].index}; the pinned one goes on to version {pinned.version}"
            f" with entry {pinned.links[-1].index}",
            hint="do not go back to it: keys that ended since would count again",
        )
    return newer


def fingerprint(root: TrustRoot) -> str:
    """To read aloud: two files with this in common have the same founding and history."""
    content = b"".join(
        link.index.to_bytes(8, "big") + sha256(link.entry).digest() for link in root.links
    )
    return f"{root.version} {spoken(sha256(PREFIX + content).hexdigest())}"


def spoken(digest: str) -> str:
    """Half of a SHA-256 (nobody finds another text with the same) in groups of four."""
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


def told(link: Link) -> str:
    """Who did what there: for people who compare two files."""
    act = link.act
    what = f"version {act.body.version}" if isinstance(act.body, Trust) else f"“{act.kind}”"
    approvals = f" with {len(act.cosigned)} more" if act.cosigned else ""
    return f"{what}, entry {link.index}, signed by {act.person}{approvals}"


def _json(root: TrustRoot) -> dict[str, Any]:
    trust = root.trust
    value: dict[str, Any] = {
        "v": 1,
        "origin": root.origin,
        "mode": root.mode,
        "genesis": root.genesis,
        "version": trust.version,
        "roots": [
            {"person": each.person, "name": each.name, "key": each.key} for each in trust.roots
        ],
        "threshold": trust.threshold,
        "log_keys": [_key(each) for each in trust.log_keys],
        "receipt_keys": [_key(each) for each in trust.receipt_keys],
        "seal_keys": [_key(each) for each in trust.seal_keys],
        "chain": [
            {
                "index": each.index,
                "entry": documents.to_base64(each.entry),
                "document": each.document,
            }
            for each in root.links
        ],
    }
    if trust.witnesses is not None:
        value["witnesses"] = trust.witnesses
    return value


def _key(key: LogKey | OwnKey) -> dict[str, Any]:
    return {"key": key.key} if key.until is None else {"key": key.key, "until": key.until}


def _link(value: Any) -> Link:
    if not isinstance(value, dict) or set(value) != {"index", "entry", "document"}:
        raise FormatError("malformed trust root: a link has an index, an entry and a document")
    index, document = value["index"], value["document"]
    if type(index) is not int or not 0 <= index < 2**53 or not isinstance(document, str):
        raise FormatError("malformed trust root: a link without a number or a document")
    return Link(index, documents.from_base64(value["entry"]), document)


def _utf8(document: str) -> bytes:
    try:
        return document.encode()
    except UnicodeEncodeError as error:
        raise FormatError("malformed trust root: a document that is not Unicode text") from error


def _dumps(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed trust root: it holds what JSON cannot say") from error


def _no_entry(index: int) -> bytes:
    """A chain opens no sealed entry: no act that belongs into it does."""
    raise VerificationFailed(f"entry {index} is not in the chain")
