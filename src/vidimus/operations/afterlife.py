"""Every way a letter stops standing, and the two that raise it again."""

from __future__ import annotations

from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.kinds import Reason
from vidimus.errors import NotAllowed, UsageError
from vidimus.operations import lookup
from vidimus.operations.admission import Wording
from vidimus.operations.perform import Done, perform
from vidimus.operations.registry import Actor, Registry


def hold(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Hold(lookup.find(registry, letter).id, reason))


def clear(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Clear(lookup.find(registry, letter).id, reason))


def correct(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    successor: str,
    reason: str | None = None,
) -> Done:
    old, new = lookup.pair(registry, letter, successor)
    return perform(
        registry,
        actor,
        v.Correct(old.id, new.id, reason),
        provided=lambda: lookup.pair(registry, old.id, new.id),
    )


def supersede(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    successor: str,
    reason: str | None = None,
) -> Done:
    old, new = lookup.pair(registry, letter, successor)
    return perform(
        registry,
        actor,
        v.Supersede(old.id, new.id, reason),
        provided=lambda: lookup.pair(registry, old.id, new.id),
    )


def withdraw(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Withdraw(lookup.find(registry, letter).id, reason))


def disown(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    code: Reason,
    reason: str | None = None,
) -> Done:
    return perform(registry, actor, v.Disown(lookup.find(registry, letter).id, code, reason))


def ratify(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Ratify(lookup.find(registry, letter).id, reason))


def acknowledge_draft(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    version: int | None = None,
    reason: str | None = None,
) -> Done:
    """Say in public that this wording is a real draft. It makes the draft's text public."""
    found = lookup.find(registry, letter)
    if version is None and len(found.versions) > 1:
        # Taking the latest would publish, for good, a wording that nobody outside has.
        raise UsageError(
            f"this letter has {len(found.versions)} versions; which one is outside?",
            hint="--version N; “vidimus check --staff FILE” tells which a copy is",
        )
    wanted = version if version is not None else found.latest.number
    if wanted not in {each.number for each in found.versions}:
        raise NotAllowed(
            f"the letter has no version {wanted}",
            hint=f"it has versions 1 to {found.latest.number}",
        )
    that = found.version(wanted)
    body = v.AcknowledgeDraft(
        letter=found.id,
        version=that.number,
        office=found.office,
        cls=found.cls,
        reference=found.reference,
        title=found.title,
        language=that.language,
        text=that.text,
        canonical=that.canonical,
        reason=reason,
    )
    return perform(
        registry,
        actor,
        body,
        wordings=(lookup.wording(registry, found, that.number),),
        provided=lambda: lookup.not_declared_forged(registry, that.canonical),
    )


def declare_forged(
    registry: Registry,
    actor: Actor,
    *,
    office: str,
    title: str,
    text: str,
    language: str = "en",
    reason: str | None = None,
) -> Done:
    """Put a text on the list of forgeries. The office's own letters cannot be put there."""
    sha, name = lookup.names_of(text)
    letter = lookup.fresh_id(registry)
    body = v.DeclareForged(letter, office, title, language, sha, name, reason)
    return perform(
        registry,
        actor,
        body,
        wordings=(Wording(letter, 1, language, text),),
        provided=lambda: lookup.not_ours(registry, office, name),
    )
