"""Acts on authority: founding, offices, tenures, delegations, classes, promises."""

from __future__ import annotations

from datetime import datetime

from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.kinds import SignatureRule
from vidimus.errors import NotAllowed, UsageError
from vidimus.operations import lookup
from vidimus.operations.perform import Done, perform
from vidimus.operations.registry import Actor, Registry


def found(
    registry: Registry, actor: Actor, *, roots: tuple[v.Root, ...], threshold: int = 1
) -> Done:
    body = v.Found(
        mode="exercise" if registry.settings.exercise else "live",
        roots=roots,
        threshold=threshold,
        log_key=registry.settings.log_key,
        seal_key=registry.seal_signer.public.to_text(),
        receipt_key=registry.receipt_signer.public.to_text(),
    )
    return perform(registry, actor, body)


def establish(
    registry: Registry, actor: Actor, *, office: str, title: str, under: str | None = None
) -> Done:
    return perform(registry, actor, v.Establish(office, title, under))


def appoint(
    registry: Registry,
    actor: Actor,
    *,
    person: str,
    name: str,
    key: str,
    office: str,
    effective: datetime | None = None,
    until: datetime | None = None,
    acting: bool = False,
    basis: str | None = None,
) -> Done:
    start = effective or lookup.now(registry)
    _lasts(registry, start, until)
    return perform(
        registry, actor, v.Appoint(person, name, office, key, start, until, acting, basis)
    )


def end(
    registry: Registry,
    actor: Actor,
    *,
    person: str,
    office: str,
    effective: datetime | None = None,
) -> Done:
    return perform(registry, actor, v.End(person, office, effective or lookup.now(registry)))


def delegate(
    registry: Registry,
    actor: Actor,
    *,
    person: str,
    name: str,
    key: str,
    office: str,
    cls: str,
    effective: datetime | None = None,
    until: datetime | None = None,
) -> Done:
    start = effective or lookup.now(registry)
    _lasts(registry, start, until)
    return perform(registry, actor, v.Delegate(person, name, key, office, cls, start, until))


def revoke(registry: Registry, actor: Actor, *, person: str, office: str, cls: str) -> Done:
    return perform(registry, actor, v.Revoke(person, office, cls))


def revoke_key(registry: Registry, actor: Actor, *, person: str, key: str, last_index: int) -> Done:
    return perform(registry, actor, v.RevokeKey(person, key, last_index))


def define_class(
    registry: Registry,
    actor: Actor,
    *,
    cls: str,
    title: str,
    office: str,
    rule: SignatureRule,
    signers: tuple[str, ...],
    releasers: tuple[str, ...],
    second_person: bool = True,
) -> Done:
    if rule is not SignatureRule.NONE and not signers:
        raise UsageError(f"a class signed by {rule} needs an office that signs it")
    if not releasers:
        raise UsageError("a class needs an office that releases its letters")
    body = v.DefineClass(cls, title, office, rule, signers, releasers, second_person)
    return perform(registry, actor, body)


def cover(
    registry: Registry, actor: Actor, *, office: str, cls: str, since: datetime | None = None
) -> Done:
    start = since or lookup.now(registry)
    authority = registry.authority()
    for promise in authority.promises:
        if (promise.office, promise.cls) == (office, cls) and promise.since <= start:
            raise NotAllowed(
                f"“{cls}” of {office} is covered since {promise.since:%Y-%m-%d} already"
            )
    return perform(registry, actor, v.Cover(office, cls, start))


def _lasts(registry: Registry, start: datetime, until: datetime | None) -> None:
    if until is not None and until <= max(start, lookup.now(registry)):
        raise UsageError(
            f"it would end on {until:%Y-%m-%d %H:%M} UTC, before it begins",
            hint="a day begins at midnight UTC: give the day after the last one",
        )
