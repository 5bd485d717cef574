"""What an act that arrives signed must hold beyond the fold: the same as one made here.

The verbs (`afterlife.py`, `preparing.py`) look at the registry before a person signs. An act
that comes in through the door of programs is signed already, so it is looked at then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta

from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import ROOT, SEALED
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.standing import LATE, Entry, apply
from vidimus.errors import NotAllowed, NotFound
from vidimus.operations import lookup
from vidimus.operations.admission import Wording
from vidimus.operations.registry import Registry

# How far a signer's clock may be ahead of ours.
AHEAD = timedelta(seconds=30)

# Gives a text by its SHA-256 in hex, if it was sent along.
Texts = Callable[[str], str | None]


def require_present(registry: Registry, entry: Entry) -> None:
    """The act bears the present time, within what clocks and wires need."""
    now = registry.clock.now()
    if entry.time > now + AHEAD or entry.time < now - LATE:
        raise NotAllowed(
            f"the act bears the time {entry.time:%Y-%m-%d %H:%M:%S}, and it is"
            f" {now:%Y-%m-%d %H:%M:%S} UTC here",
            hint="set the clock and sign again: acts are dated neither back nor ahead",
        )


def require_allowed_now(
    registry: Registry, entry: Entry, authority: Authority, letter: Letter | None
) -> None:
    """Whoever lost the power a minute ago cannot date an act into it; the fold would let him.

    Founders hold theirs without regard to time, and have approved an act of its own time.
    """
    now = registry.clock.now().astimezone(UTC).replace(microsecond=0)
    if now > entry.time and entry.act.office != ROOT:
        apply(authority, letter, replace(entry, time=now, act=replace(entry.act, at=now)))


def subjects(body: v.Body) -> frozenset[str]:
    """The texts and letters that `require` looks up. Two acts that share one go one by one."""
    found = {getattr(body, name, "") for name in ("letter", "successor", "canonical")}
    return frozenset(each for each in found if each)


def require(registry: Registry, act: v.Act, texts: Texts) -> tuple[Wording, ...]:
    """Look at what the act needs beyond the fold; gives the wordings that it makes public.

    Raises NotAllowed with what would be allowed, or NotFound for a text that nobody sent.
    """
    if act.kind in SEALED:
        raise NotAllowed(
            f"a {act.kind} belongs sealed, so it is made inside the office",
            hint="this door takes acts that everybody may read",
        )
    body = act.body
    match body:
        case v.Release() | v.AcknowledgeDraft():
            # Outside, a release is the first that anybody hears of a letter, so the fold takes
            # it. Here it would be one that nobody drafted, without a text that could be shown.
            _known(registry, body.letter)
            lookup.not_declared_forged(registry, body.canonical)
            return (_registered(registry, body.letter, body),)
        case v.DeclareForged():
            lookup.not_ours(registry, body.office, body.canonical)
            return (_sent(body, texts),)
        case v.Correct() | v.Supersede():
            # By its number: what `pair` finds by a reference is not what the act names.
            _known(registry, body.letter)
            _known(registry, body.successor)
            lookup.pair(registry, body.letter, body.successor)
    return ()


def _known(registry: Registry, letter: str) -> None:
    if registry.letter(letter) is None:
        raise NotAllowed(
            f"no letter {letter} is known here", hint="it is drafted first, inside the office"
        )


def _registered(registry: Registry, letter: str, body: v.Release | v.AcknowledgeDraft) -> Wording:
    for each in registry.office.wordings((letter,)):
        if each.version == body.version:
            _require_same(each.text, body.text, body.canonical)
            return Wording(letter, each.version, each.language, each.text)
    raise NotAllowed(f"the letter {letter} has no version {body.version}")


def _sent(body: v.DeclareForged, texts: Texts) -> Wording:
    text = texts(body.text)
    if text is None:
        raise NotFound(
            f"the text with the SHA-256 {body.text} is not here",
            hint=f"send it first: PUT /acts/{body.text}",
        )
    _require_same(text, body.text, body.canonical)
    return Wording(body.letter, 1, body.language, text)


def _require_same(text: str, sha: str, canonical: str) -> None:
    if lookup.names_of(text) != (sha, canonical):
        raise NotAllowed("the text is not the one whose digests the act bears")
