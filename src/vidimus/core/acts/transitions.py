"""What each act on a letter makes of it: the table of `lifecycle.py`, and what else must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.coordinating import answered, coordinated, overridden
from vidimus.core.acts.kinds import LOWERING, SEALED, Kind, Method, SignatureRule
from vidimus.core.acts.letter import Event, Letter, Signature, Version
from vidimus.core.acts.lifecycle import PREPARATION, State, next_state
from vidimus.core.acts.power import Power, power
from vidimus.core.acts.readiness import require_coordinated, require_resting
from vidimus.core.acts.signature import opened_signature, signature_of
from vidimus.core.acts.vocabulary import (
    AcknowledgeDraft,
    DeclareForged,
    Draft,
    Release,
    Revise,
    Share,
    Sign,
)
from vidimus.errors import NotAllowed

if TYPE_CHECKING:
    from vidimus.core.acts.standing import Entry


@dataclass(frozen=True, slots=True)
class Known:
    """What a transition may look at: the authority before the act, and the act's entry."""

    authority: Authority
    entry: Entry

    @property
    def index(self) -> int:
        return self.entry.index

    @property
    def time(self) -> datetime:
        return self.entry.time

    def power(self, office: str, cls: str | None) -> Power:
        """May whoever signed this act do it for this office and class? Raises NotAllowed."""
        act = self.entry.act
        lowering = act.kind in LOWERING
        rule = None
        if cls is not None:
            whose = office if lowering else None
            rule = self.authority.rule(cls, self.index, lowering=lowering, office=whose)
        if rule is not None and rule.office != office:
            raise NotAllowed(f"letters of the class “{cls}” go out in the name of {rule.office}")
        return power(
            self.authority,
            act.kind,
            person=act.person,
            office=act.office,
            target=office,
            index=self.index,
            time=self.time,
            cls=rule,
            key=self.entry.key,
        )

    def event(self, held: Power) -> Event:
        body: Any = self.entry.act.body
        return Event(
            kind=self.entry.act.kind,
            index=self.index,
            time=self.time,
            name=held.name,
            office=held.office,
            because=held.because,
            grounds=((self.index, self.entry.key), *held.grounds),
            code=getattr(body, "code", None),
            reason=getattr(body, "reason", None),
            version=getattr(body, "version", None),
        )


def transition(known: Known, letter: Letter | None) -> Letter:
    """The letter after this act. Raises NotAllowed."""
    kind = known.entry.act.kind
    if kind in FIRST:
        return FIRST[kind](known, letter)
    if letter is None:
        raise NotAllowed(
            f"no letter {known.entry.act.subject} is known here",
            hint="give its id, as “vidimus list” shows it",
        )
    if kind in BY_THEIR_OWN:
        after = replace(letter, state=next_state(letter.state, kind))
        return BY_THEIR_OWN[kind](known, letter, after)
    held = known.power(letter.office, letter.cls)
    state = next_state(letter.state, kind)
    if kind is Kind.OVERRIDE:
        after = overridden(known, letter, letter, held)
    else:
        after = FURTHER[kind](known, letter, letter) if kind in FURTHER else letter
    if kind in SEALED:
        return replace(after, state=state, sealed=(*letter.sealed, known.index))
    return replace(after, state=state, events=(*letter.events, known.event(held)))


# --- acts that may be the first thing anybody hears of a letter ----------------------------


def _draft(known: Known, letter: Letter | None) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, Draft)
    if letter is not None:
        raise NotAllowed(f"the letter {body.letter} exists already", hint="revise it")
    known.power(body.office, body.cls)
    _number(body.version, 1)
    return Letter(
        id=body.letter,
        office=body.office,
        cls=body.cls,
        rule=known.authority.rule(body.cls, known.index).rule,
        reference=body.reference,
        title=body.title,
        state=State.DRAFT,
        versions=(_version(known, body, known.entry.act.person),),
        sealed=(known.index,),
    )


def _release(known: Known, letter: Letter | None) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, Release)
    held = known.power(body.office, body.cls)
    rule = known.authority.rule(body.cls, known.index)
    signatures = tuple(opened_signature(known, body, opened) for opened in body.opens)
    if len({each.signer for each in signatures}) != len(signatures):
        raise NotAllowed("the release opens two signatures of one person")
    if any(index >= known.index for index in body.rests_on):
        raise NotAllowed("a release cannot rest on what comes after it")
    letter = _met(known, letter, body, rule.rule)
    state = next_state(letter.state, Kind.RELEASE)
    letter.require_latest(body.version)
    if rule.rule is not SignatureRule.NONE and not signatures:
        raise NotAllowed(
            f"version {body.version} is unsigned, and the class “{body.cls}” needs a signature",
            hint=f"it is signed by: {', '.join(rule.signers)} ({rule.rule})",
        )
    if letter.latest.drafter is not None:
        # In the office we met the signatures on the log. What it opens must be among them.
        met = {(each.index, each.signer, each.by, each.time) for each in letter.signatures}
        if not {(each.index, each.signer, each.by, each.time) for each in signatures} <= met:
            raise NotAllowed("the release opens a signature that this version does not bear")
        require_coordinated(known, letter, Kind.RELEASE)
        require_resting(letter, known.authority, body.rests_on)
    person = known.entry.act.person
    if rule.second_person:
        # Who attests a signature by hand has a hand in it too, and who lent the power to
        # sign: else one person with a made-up scan, or with a delegate of straw, could send
        # out a letter all alone.
        signatures = tuple(
            replace(each, needs_another=person in (each.signer, each.by, each.giver))
            for each in signatures
        )
    if rule.second_person and all(each.needs_another for each in signatures):
        if signatures:
            what = _part(person, signatures)
            raise NotAllowed(
                f"{person} is the only {what}, so somebody else must release it",
                hint=f"by somebody of: {', '.join(rule.releasers)}",
            )
        if letter.latest.drafter == person:
            raise NotAllowed(
                f"{person} drafted this version, so somebody else must release it",
                hint=f"by somebody of: {', '.join(rule.releasers)}",
            )
    return replace(
        letter,
        state=state,
        rule=rule.rule,  # as the class is defined on the day of the release
        signatures=signatures,
        released=body.version,
        events=(*letter.events, known.event(held)),
    )


def _part(person: str, signatures: tuple[Signature, ...]) -> str:
    if any(each.signer == person for each in signatures):
        return "signer"
    return "witness" if any(each.by == person for each in signatures) else "giver of the power"


def _acknowledge(known: Known, letter: Letter | None) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, AcknowledgeDraft)
    held = known.power(body.office, body.cls)
    whose = body.office
    rule = known.authority.rule(body.cls, known.index, lowering=True, office=whose).rule
    letter = _met(known, letter, body, rule)
    if body.version in letter.acknowledged:
        raise NotAllowed(f"version {body.version} was acknowledged as a draft already")
    if letter.released == body.version:
        raise NotAllowed(
            f"version {body.version} is the letter as it was released, not a draft",
            hint="to take it back: withdraw, supersede, correct or disown",
        )
    return replace(
        letter,
        state=next_state(letter.state, Kind.ACKNOWLEDGE_DRAFT),
        rule=rule if letter.released is None else letter.rule,
        acknowledged=letter.acknowledged | {body.version},
        events=(*letter.events, known.event(held)),
    )


def _declare_forged(known: Known, letter: Letter | None) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, DeclareForged)
    if letter is not None:
        raise NotAllowed(f"{body.letter} is the name of something else already")
    if body.office not in known.authority.offices:
        raise NotAllowed(f"there is no office “{body.office}”")
    held = known.power(body.office, None)
    return Letter(
        id=body.letter,
        office=body.office,
        cls="",
        rule=SignatureRule.NONE,
        reference="",
        title=body.title,
        state=State.DECLARED_FORGED,
        versions=(Version(1, body.language, body.text, body.canonical, known.index),),
        events=(known.event(held),),
    )


FIRST: dict[Kind, Callable[[Known, Letter | None], Letter]] = {
    Kind.DRAFT: _draft,
    Kind.RELEASE: _release,
    Kind.ACKNOWLEDGE_DRAFT: _acknowledge,
    Kind.DECLARE_FORGED: _declare_forged,
}


def _met(
    known: Known, letter: Letter | None, body: Release | AcknowledgeDraft, rule: SignatureRule
) -> Letter:
    """The letter that a public act speaks of; on the public face it may be the first we hear."""
    version = _version(known, body, None)
    if letter is None:
        return Letter(
            id=body.letter,
            office=body.office,
            cls=body.cls,
            rule=rule,
            reference=body.reference,
            title=body.title,
            state=State.DRAFT,
            versions=(version,),
        )
    facts = (letter.office, letter.cls, letter.reference, letter.title)
    if facts != (body.office, body.cls, body.reference, body.title):
        raise NotAllowed("office, class, reference or title differ from those of the draft")
    mine = {each.number: each for each in letter.versions}
    if body.version not in mine:
        if any(each.drafter is not None for each in letter.versions):
            raise NotAllowed(
                f"the letter has no version {body.version}",
                hint=f"it has versions 1 to {letter.latest.number}",
            )
        # The public face learns of versions only as they become public, in any order.
        versions = tuple(sorted((*letter.versions, version), key=lambda each: each.number))
        return replace(letter, versions=versions)
    known_as = mine[body.version]
    if (known_as.language, known_as.text, known_as.canonical) != (
        body.language,
        body.text,
        body.canonical,
    ):
        raise NotAllowed(f"this is not the text of version {body.version}")
    return letter


# --- acts on a letter that is known ---------------------------------------------------------


def _revise(known: Known, letter: Letter, after: Letter) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, Revise)
    number = letter.latest.number
    _number(body.version, number + 1)
    version = _version(known, body, known.entry.act.person)
    # A signature is bound to one version, as an answer is; a new version is unsigned.
    return replace(
        after,
        versions=(*letter.versions, version),
        signatures=(),
        coordination=letter.coordination.revised(number, known.time, known.authority),
    )


def _share(known: Known, letter: Letter, after: Letter) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, Share)
    letter.require_latest(body.version)
    if not 1 <= body.number <= body.of_total:
        raise NotAllowed(f"copy {body.number} of {body.of_total} cannot be")
    return replace(after, shared=letter.shared + 1)


def _sign(known: Known, letter: Letter, after: Letter) -> Letter:
    body: Any = known.entry.act.body
    assert isinstance(body, Sign)
    letter.require_latest(body.version)
    if (body.office, body.cls) != (letter.office, letter.cls):
        raise NotAllowed("the signature names another office or class than the letter")
    if body.canonical != letter.latest.canonical:
        raise NotAllowed(f"the signature is for another text than version {body.version}")
    require_coordinated(known, letter, Kind.SIGN)
    earlier = [each for each in letter.signatures if each.signer == body.signer]
    if earlier and body.method is Method.KEY:
        raise NotAllowed(
            f"{body.signer} has signed version {body.version} already",
            hint="it can be released: vidimus release",
        )
    signature = signature_of(known.authority, known.entry)
    # A signature by hand can be attested again, with the right scan; the later one counts.
    others = tuple(each for each in letter.signatures if each not in earlier)
    return replace(
        after,
        signatures=(*others, signature),
        sealed=(*letter.sealed, known.index),
    )


def _successor(known: Known, letter: Letter, after: Letter) -> Letter:
    successor: str = getattr(known.entry.act.body, "successor", "")
    if successor == letter.id:
        raise NotAllowed("a letter cannot replace itself")
    return replace(after, successor=successor)


def _disown(known: Known, letter: Letter, after: Letter) -> Letter:
    if letter.state in PREPARATION and not letter.acknowledged:
        raise NotAllowed(
            "this draft is not public, and disowning it would make it so",
            hint="acknowledge the draft first, if the office wants to speak of it",
        )
    return after


def _ratify(known: Known, letter: Letter, after: Letter) -> Letter:
    if letter.raised_in_doubt(known.authority) is not None:
        return after
    if letter.state is State.RATIFIED:
        raise NotAllowed("it was ratified already, and the ratification stands")
    if letter.state is not State.RELEASED:
        return after
    if letter.signed_with_power(known.authority):
        raise NotAllowed("the signature of this letter stands; there is nothing to ratify")
    if letter.rule is SignatureRule.NONE:
        raise NotAllowed("this class needs no signature; there is nothing to ratify")
    return after


# Who may do these is asked there: who signs, who attests a signature by hand (signature.py),
# who answers for an office that is none of the letter's (coordinating.py).
BY_THEIR_OWN: dict[Kind, Callable[[Known, Letter, Letter], Letter]] = {
    Kind.SIGN: _sign,
    Kind.ANSWER: answered,
}
FURTHER: dict[Kind, Callable[[Known, Letter, Letter], Letter]] = {
    Kind.REVISE: _revise,
    Kind.COORDINATE: coordinated,
    Kind.SHARE: _share,
    Kind.CORRECT: _successor,
    Kind.SUPERSEDE: _successor,
    Kind.DISOWN: _disown,
    Kind.RATIFY: _ratify,
}


def _version(
    known: Known, body: Draft | Revise | Release | AcknowledgeDraft, drafter: str | None
) -> Version:
    return Version(body.version, body.language, body.text, body.canonical, known.index, drafter)


def _number(given: int, wanted: int) -> None:
    if given != wanted:
        raise NotAllowed(f"the next version has the number {wanted}, not {given}")
