"""Founders, witnesses and the registry's own keys: the next version of what is in force.

    trust(registry, actor, **added(now, Sort.LOG, key))        a new key beside the old ones
    trust(registry, actor, **ended(now, Sort.LOG, size))       the older ones count no longer

See spec/trust.md. The file that the world reads is made of the log alone: `TrustFile`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from threading import Lock
from typing import Any

from vidimus.core.acts import entries
from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.history import History
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.trust.policy import require_policy
from vidimus.core.trust.root import Link, TrustRoot, build
from vidimus.errors import NotFound, UsageError, VerificationFailed
from vidimus.operations.perform import Done, perform
from vidimus.operations.ports import Stored
from vidimus.operations.registry import Actor, Registry


class Sort(StrEnum):
    """What a key of the registry's own signs."""

    LOG = "log"
    RECEIPT = "receipt"
    SEAL = "seal"


NO_WITNESSES = "none"

# The public entries on these subjects, up to an index and from another one on.
About = Callable[[Sequence[str], int, int], Sequence[Stored]]


def trust(
    registry: Registry,
    actor: Actor,
    *,
    roots: tuple[v.Root, ...] | None = None,
    threshold: int | None = None,
    log_keys: tuple[v.LogKey, ...] | None = None,
    receipt_keys: tuple[v.OwnKey, ...] | None = None,
    seal_keys: tuple[v.OwnKey, ...] | None = None,
    witnesses: str | None = None,
) -> Done:
    """The next version: as it is now, but for what is given. `witnesses` “none” ends a policy."""
    now = registry.authority().trust
    policy = now.witnesses
    if witnesses is not None:
        policy = None if witnesses == NO_WITNESSES else witnesses
    if policy is not None and policy != now.witnesses:
        require_policy(policy)
    body = v.Trust(
        version=now.version + 1,
        roots=now.roots if roots is None else roots,
        threshold=now.threshold if threshold is None else threshold,
        log_keys=now.log_keys if log_keys is None else log_keys,
        receipt_keys=now.receipt_keys if receipt_keys is None else receipt_keys,
        seal_keys=now.seal_keys if seal_keys is None else seal_keys,
        witnesses=policy,
    )
    return perform(registry, actor, body)


def keys(now: v.Trust, sort: Sort) -> Sequence[v.LogKey | v.OwnKey]:
    """Every key of this sort that ever was, oldest first."""
    if sort is Sort.LOG:
        return now.log_keys
    return now.receipt_keys if sort is Sort.RECEIPT else now.seal_keys


def added(now: v.Trust, sort: Sort, key: str) -> dict[str, Any]:
    """What changes when this key comes to those of its sort."""
    fresh = v.LogKey(key) if sort is Sort.LOG else v.OwnKey(key)
    return {f"{sort}_keys": (*keys(now, sort), fresh)}


def ended(now: v.Trust, sort: Sort, size: int, key: str | None = None) -> dict[str, Any]:
    """What changes when all but the newest of a sort end, in a log of this size.

    With `key` that one is new and comes to stay alone, as when the old one was lost.
    """
    listed = list(keys(now, sort))
    fresh = (v.LogKey(key) if sort is Sort.LOG else v.OwnKey(key),) if key is not None else ()
    older = listed if key is not None else listed[:-1]
    # The last entry that is sealed with an old key is the one before this act.
    until = size if sort is not Sort.SEAL else size - 1
    if not any(each.until is None or each.until > until for each in older):
        raise UsageError(
            f"no older {sort} key counts any more",
            hint=f"for a new one: vidimus log rotate {sort}",
        )
    ends = tuple(
        each if each.until is not None and each.until <= until else replace(each, until=until)
        for each in older
    )
    return {f"{sort}_keys": (*ends, *fresh, *listed[len(older) :])}


class TrustFile:
    """The trust root of a log, made of what the log says and made again when that changes.

    `about` gives the public entries on some subjects from one index up to another.
    """

    def __init__(self, about: About) -> None:
        self._about = about
        self._history = History()
        self._size = 0
        self._stored: dict[int, Stored] = {}
        self._root: TrustRoot | None = None
        self._lock = Lock()

    def root(self, size: int) -> TrustRoot:
        """As of a log of this size, or of a larger one that was asked for before.

        Raises NotFound for an empty log; VerificationFailed.
        """
        with self._lock:
            for stored in self._about((AUTHORITY,), size, self._size):
                self._take(stored)
                # One by one: whatever fails, nothing is taken in twice.
                self._size = stored.index + 1
            self._size = max(size, self._size)
            chain = self._history.latest.chain
            if not chain:
                raise NotFound("this log is empty", hint="found the registry first")
            if self._root is None or len(self._root.links) != len(chain):
                # As a stranger will read it: from the chain alone, and checked again.
                self._root = build([_link(self._stored[index]) for index in chain])
            return self._root

    def _take(self, stored: Stored) -> None:
        before = self._history.latest
        if stored.document is None:
            raise VerificationFailed(f"entry {stored.index} speaks of authority, and is sealed")
        self._history.add(entries.verified(stored.index, stored.raw, stored.document, before))
        if self._history.latest.chain != before.chain:
            self._stored[stored.index] = stored


def _link(stored: Stored) -> Link:
    assert stored.document is not None  # it was taken in as a public one
    return Link(stored.index, stored.raw, stored.document.decode())
