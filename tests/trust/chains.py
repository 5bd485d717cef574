"""Registries whose founders and keys changed, and the trust roots of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from tests.acts.world import World, key, log_key, world

from vidimus.core.acts.vocabulary import LogKey, OwnKey, RevokeKey, Root, Trust
from vidimus.core.trust.root import Link, TrustRoot, build

FOURTH = Root("p-root-d", "P-Root-D", key("p-root-d"))
POLICY = "quorum none\n"


def following(found: World, **changes: Any) -> Trust:
    now = found.folding.authority.trust
    return replace(now, version=now.version + 1, **changes)


def links(found: World) -> list[Link]:
    return [
        Link(index, found.log[index].raw, found.log[index].document.decode())
        for index in found.folding.authority.chain
    ]


def root_of(found: World) -> TrustRoot:
    return build(links(found))


@cache
def _changed() -> World:
    """Version 2 adds keys, 3 ends the first ones, b's key is revoked, 4 brings a founder."""
    found = world()
    both = {
        "log_keys": (LogKey(log_key()), LogKey(log_key("log-2"))),
        "receipt_keys": (OwnKey(key("receipt")), OwnKey(key("receipt-2"))),
        "seal_keys": (OwnKey(key("seal")), OwnKey(key("seal-2"))),
    }
    found.root(following(found, **both))
    size = len(found.log)
    ended = {
        "log_keys": (LogKey(log_key(), size), LogKey(log_key("log-2"))),
        "receipt_keys": (OwnKey(key("receipt"), size), OwnKey(key("receipt-2"))),
        "seal_keys": (OwnKey(key("seal"), size - 1), OwnKey(key("seal-2"))),
    }
    found.root(following(found, witnesses=POLICY, **ended))
    found.root(RevokeKey("p-root-b", key("p-root-b"), size), cosign=("p-root-c",))
    roots = (*found.folding.authority.trust.roots[::2], FOURTH)
    found.root(following(found, roots=roots), cosign=("p-root-c", "p-root-d"))
    assert not found.folding.refused and not found.unverified
    return found


def changed() -> World:
    return _changed().copy()
