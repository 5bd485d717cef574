"""Acts of preparation and the release: draft, revise, share, sign, abandon, release."""

from __future__ import annotations

import hashlib

from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.kinds import Method
from vidimus.errors import NotAllowed, UsageError
from vidimus.operations import lookup
from vidimus.operations.admission import Wording
from vidimus.operations.perform import Done, perform
from vidimus.operations.registry import Actor, Registry


def draft(
    registry: Registry,
    actor: Actor,
    *,
    office: str,
    cls: str,
    reference: str,
    title: str,
    text: str,
    language: str = "en",
) -> Done:
    letter = lookup.fresh_id(registry)
    sha, name = lookup.names_of(text)
    body = v.Draft(letter, 1, office, cls, reference.strip(), title, language, sha, name)

    def provided() -> None:
        lookup.free_reference(registry, office, body.reference)
        lookup.said_once(registry, office, name)

    return perform(
        registry,
        actor,
        body,
        wordings=(Wording(letter, 1, language, text),),
        provided=provided,
    )


def revise(
    registry: Registry, actor: Actor, *, letter: str, text: str, language: str | None = None
) -> Done:
    found = lookup.find(registry, letter)
    sha, name = lookup.names_of(text)
    if name == found.latest.canonical:
        raise NotAllowed(
            f"this is word for word version {found.latest.number}",
            hint="nothing to revise",
        )
    number = found.latest.number + 1
    tongue = language or found.latest.language
    body = v.Revise(found.id, number, tongue, sha, name)
    return perform(
        registry,
        actor,
        body,
        wordings=(Wording(found.id, number, tongue, text),),
        provided=lambda: lookup.said_once(registry, found.office, name, found.id),
    )


def share(
    registry: Registry, actor: Actor, *, letter: str, to: str, copy: int = 1, of: int = 1
) -> Done:
    found = lookup.find(registry, letter)
    return perform(registry, actor, v.Share(found.id, found.latest.number, copy, of, to))


def sign(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    version: int | None = None,
    signer: str | None = None,
    signer_office: str | None = None,
    scan: bytes | None = None,
) -> Done:
    """With one's own key; or, given the scan, attest that `signer` signed it by hand.

    `version` is the one that was read: the act is refused if there is a newer one.
    """
    found = lookup.find(registry, letter)
    lookup.is_latest(found, version)
    by_hand = scan is not None
    if by_hand and (signer is None or signer_office is None):
        raise UsageError(
            "who signed the paper by hand, and in which office?",
            hint="--signer PERSON --signer-office OFFICE",
        )
    body = v.Sign(
        letter=found.id,
        version=found.latest.number,
        canonical=found.latest.canonical,
        office=found.office,
        cls=found.cls,
        signer=signer or actor.person,
        signer_office=signer_office or actor.office,
        method=Method.INK if by_hand else Method.KEY,
        scan=hashlib.sha256(scan).hexdigest() if scan is not None else None,
    )
    return perform(registry, actor, body)


def abandon(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Abandon(lookup.find(registry, letter).id, reason))


def release(registry: Registry, actor: Actor, *, letter: str, version: int | None = None) -> Done:
    found = lookup.find(registry, letter)
    lookup.is_latest(found, version)
    latest = found.latest
    signed = {each.index for each in found.signatures}
    opens = tuple(
        v.Opened(index, lookup.sealed_document(registry, index).decode())
        for index in sorted(signed)
    )
    rests_on = tuple(index for index in found.sealed if index not in signed)
    body = v.Release(
        letter=found.id,
        version=latest.number,
        office=found.office,
        cls=found.cls,
        reference=found.reference,
        title=found.title,
        language=latest.language,
        text=latest.text,
        canonical=latest.canonical,
        opens=opens,
        rests_on=rests_on,
    )
    return perform(
        registry,
        actor,
        body,
        wordings=(lookup.wording(registry, found, latest.number),),
        provided=lambda: lookup.not_declared_forged(registry, latest.canonical),
    )
