"""What people do, one function for each verb; the command line and the stories call these.

Each takes the registry, whoever acts, and plain values by the names that spec/acts.md and
the command line use, and gives `Done` or raises with what would be allowed. What an act
needs beyond the fold (a free reference, a standing successor) is looked at here.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime

from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.kinds import Method, Reason, SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import STANDING
from vidimus.core.copies.canonical import canonical, digest, words
from vidimus.core.seal import statement
from vidimus.errors import NotAllowed, NotFound, TooLarge, Unreadable, UsageError
from vidimus.operations.perform import Done, Wording, perform
from vidimus.operations.registry import Actor, Registry

MOST_WORDS = 20_000  # of one letter; about forty pages


# --- authority ------------------------------------------------------------------------------


def found(
    registry: Registry, actor: Actor, *, roots: tuple[v.Root, ...], threshold: int = 1
) -> Done:
    body = v.Found(
        mode="exercise" if registry.settings.exercise else "live",
        roots=roots,
        threshold=threshold,
        log_key=registry.settings.log_key,
        seal_key=registry.seal_signer.public.to_text(),
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
    start = effective or _now(registry)
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
    return perform(registry, actor, v.End(person, office, effective or _now(registry)))


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
    start = effective or _now(registry)
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
    return perform(registry, actor, v.Cover(office, cls, since or _now(registry)))


# --- preparation ----------------------------------------------------------------------------


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
    for each in registry.state().letters.values():
        if reference and each.reference == reference and each.office == office:
            raise NotAllowed(
                f"the reference {reference} is taken by the letter {each.id}",
                hint="revise that letter, or give this one its own reference",
            )
    letter = _fresh_id(registry)
    sha, name = _text(text)
    body = v.Draft(letter, 1, office, cls, reference, title, language, sha, name)
    return perform(registry, actor, body, wordings=(Wording(letter, 1, language, text),))


def revise(
    registry: Registry, actor: Actor, *, letter: str, text: str, language: str | None = None
) -> Done:
    found = find(registry, letter)
    sha, name = _text(text)
    if name == found.latest.canonical:
        raise NotAllowed(
            f"this is word for word version {found.latest.number}",
            hint="nothing to revise",
        )
    number = found.latest.number + 1
    tongue = language or found.latest.language
    body = v.Revise(found.id, number, tongue, sha, name)
    return perform(registry, actor, body, wordings=(Wording(found.id, number, tongue, text),))


def share(
    registry: Registry, actor: Actor, *, letter: str, to: str, copy: int = 1, of: int = 1
) -> Done:
    found = find(registry, letter)
    return perform(registry, actor, v.Share(found.id, found.latest.number, copy, of, to))


def sign(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    signer: str | None = None,
    signer_office: str | None = None,
    scan: bytes | None = None,
) -> Done:
    """With one's own key; or, given the scan, attest that `signer` signed it by hand."""
    found = find(registry, letter)
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
    return perform(registry, actor, v.Abandon(find(registry, letter).id, reason))


# --- release --------------------------------------------------------------------------------


def release(registry: Registry, actor: Actor, *, letter: str) -> Done:
    found = find(registry, letter)
    latest = found.latest
    _not_declared_forged(registry, latest.canonical)
    signed = {each.index for each in found.signatures}
    opens = tuple(v.Opened(index, _document(registry, index).decode()) for index in sorted(signed))
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
    return perform(registry, actor, body, wordings=(_wording(registry, found, latest.number),))


# --- afterlife ------------------------------------------------------------------------------


def hold(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Hold(find(registry, letter).id, reason))


def clear(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Clear(find(registry, letter).id, reason))


def correct(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    successor: str,
    reason: str | None = None,
) -> Done:
    old, new = _pair(registry, letter, successor)
    return perform(registry, actor, v.Correct(old.id, new.id, reason))


def supersede(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    successor: str,
    reason: str | None = None,
) -> Done:
    old, new = _pair(registry, letter, successor)
    return perform(registry, actor, v.Supersede(old.id, new.id, reason))


def withdraw(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Withdraw(find(registry, letter).id, reason))


def disown(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    code: Reason,
    reason: str | None = None,
) -> Done:
    return perform(registry, actor, v.Disown(find(registry, letter).id, code, reason))


def ratify(registry: Registry, actor: Actor, *, letter: str, reason: str | None = None) -> Done:
    return perform(registry, actor, v.Ratify(find(registry, letter).id, reason))


def acknowledge_draft(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    version: int | None = None,
    reason: str | None = None,
) -> Done:
    """Say in public that this wording is a real draft. It makes the draft's text public."""
    found = find(registry, letter)
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
    return perform(registry, actor, body, wordings=(_wording(registry, found, that.number),))


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
    sha, name = _text(text)
    for each in registry.state().letters.values():
        if any(w.canonical == name and w.number in each.public_versions for w in each.versions):
            raise NotAllowed(
                f"this is the public text of the letter {each.id}",
                hint="to take back a letter of your own: withdraw or disown it",
            )
    letter = _fresh_id(registry)
    body = v.DeclareForged(letter, office, title, language, sha, name, reason)
    return perform(registry, actor, body, wordings=(Wording(letter, 1, language, text),))


VERBS: dict[str, Callable[..., Done]] = {
    each.__name__: each
    for each in (
        found,
        establish,
        appoint,
        end,
        delegate,
        revoke,
        revoke_key,
        define_class,
        cover,
        draft,
        revise,
        share,
        sign,
        abandon,
        release,
        hold,
        clear,
        correct,
        supersede,
        withdraw,
        disown,
        ratify,
        acknowledge_draft,
        declare_forged,
    )
}


# --- what several of them look up ---------------------------------------------------------


def find(registry: Registry, name: str) -> Letter:
    """A letter of the office by its id, in any spelling, or by its reference."""
    letters = registry.state().letters
    found = letters.get(name.upper().replace("-", ""))
    if found is not None:
        return found
    matching = [each for each in letters.values() if each.reference == name]
    if len(matching) == 1:
        return matching[0]
    if matching:
        ids = ", ".join(each.id for each in matching)
        raise UsageError(f"{name} is the reference of several letters", hint=f"say which: {ids}")
    raise NotFound(f"no letter here is called {name}", hint="see them all: vidimus list")


def _pair(registry: Registry, letter: str, successor: str) -> tuple[Letter, Letter]:
    old, new = find(registry, letter), find(registry, successor)
    if new.state not in STANDING:
        raise NotAllowed(
            f"the successor {new.reference or new.id} is {new.state}, so it cannot replace it",
            hint="release the successor first",
        )
    if new.office != old.office and not registry.state().authority.is_above(new.office, old.office):
        raise NotAllowed(
            f"a letter of {new.office} cannot replace one of {old.office}",
            hint="the successor comes from the same office, or from one above it",
        )
    return old, new


def _not_declared_forged(registry: Registry, name: str) -> None:
    for each in registry.state().letters.values():
        if not each.cls and any(w.canonical == name for w in each.versions):
            raise NotAllowed(
                f"this very text was declared forged ({each.id})",
                hint="change its words; a text cannot be both",
            )


def _text(text: str) -> tuple[str, str]:
    """SHA-256 of the text as it is, and of its canonical form, in hex."""
    if not canonical(text):
        raise Unreadable("the text is empty", hint="give the whole text of the letter")
    count = len(words(text))
    if count > MOST_WORDS:
        raise TooLarge(f"a letter of {count} words; at most {MOST_WORDS} can be registered")
    return hashlib.sha256(text.encode()).hexdigest(), digest(text).hex()


def _wording(registry: Registry, letter: Letter, version: int) -> Wording:
    for each in registry.office.wordings((letter.id,)):
        if each.version == version:
            return Wording(letter.id, version, each.language, each.text)
    raise NotFound(
        f"the text of version {version} of {letter.id} is missing",
        hint="restore the office's file from a backup",
    )


def _document(registry: Registry, index: int) -> bytes:
    for stored in registry.log.entries(index, index + 1):
        document = registry.office.document(statement.parse(stored.raw).digest)
        if document is not None:
            return document
    raise NotFound(
        f"the sealed document of entry {index} is missing",
        hint="restore the office's file from a backup",
    )


def _fresh_id(registry: Registry) -> str:
    """80 random bits: a number that cannot be guessed, so it betrays no letter."""
    return base64.b32encode(registry.random(10)).decode()


def _now(registry: Registry) -> datetime:
    return registry.clock.now().replace(microsecond=0)
