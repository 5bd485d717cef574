"""Acts of preparation and the release: draft, revise, share, sign, abandon, release."""

from __future__ import annotations

import hashlib

from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.document import MOST_LISTED
from vidimus.core.acts.kinds import Method, SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.readiness import rests_on, standing_signatures
from vidimus.errors import NotAllowed, UsageError
from vidimus.operations import lookup
from vidimus.operations.admission import Wording
from vidimus.operations.perform import Done, perform
from vidimus.operations.readiness import moment_of
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
    signed = _opened(registry, found)
    opens = tuple(
        v.Opened(index, lookup.sealed_document(registry, index).decode())
        for index in sorted(signed)
    )
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
        rests_on=_rests_on(registry, found, signed),
    )
    return perform(
        registry,
        actor,
        body,
        wordings=(lookup.wording(registry, found, latest.number),),
        provided=lambda: lookup.not_declared_forged(registry, latest.canonical),
    )


def _opened(registry: Registry, letter: Letter) -> set[int]:
    """The entries of the signatures that carry it; where none does, of all, so that it is said."""
    moment = moment_of(registry)
    every = {each.index for each in letter.signatures}
    try:
        rule = moment.authority.rule(letter.cls, moment.index)
    except NotAllowed:
        return every
    standing = {each.index for each in standing_signatures(letter, rule, moment)}
    return standing or (set() if rule.rule is SignatureRule.NONE else every)


def _rests_on(registry: Registry, letter: Letter, opened: set[int]) -> tuple[int, ...]:
    """All sealed acts on the letter; of too many, those that the release could not do without."""
    needed = rests_on(letter, registry.authority())
    versions = tuple(each.index for each in reversed(letter.versions))
    first = dict.fromkeys((*needed, *versions, *reversed(letter.sealed)))
    return tuple(sorted([each for each in first if each not in opened][:MOST_LISTED]))
