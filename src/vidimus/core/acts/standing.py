"""Standing as a fold: what all acts up to an index make of power and of every letter.

    state = fold(entries)            # or, one at a time: state = step(state, entry)

The same function runs in the server, on the command line, in an offline bundle and in a
monitor. An act that is not allowed takes no effect; it is kept in `refused` with the
reason, so that a monitor can show it. Nothing here reads a clock: the time of an act is
the time that the log gave its entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from vidimus.core.acts.approval import approving_roots
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import AUTHORITY, ROOT, Kind
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.power import power
from vidimus.core.acts.recording import record
from vidimus.core.acts.transitions import Known, transition
from vidimus.core.acts.vocabulary import (
    Act,
    Appoint,
    Cover,
    DefineClass,
    Delegate,
    End,
    Establish,
    Found,
    Revoke,
    RevokeKey,
)
from vidimus.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log whose signature and digests were verified.

    `key` is the public key, as text, that signed the act's own statement. `document` is
    the sealed document's canonical JSON, for a sealed act that we may open; a sealed act
    that we may not open is not given to the fold at all.
    """

    index: int
    time: datetime
    key: str
    act: Act
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    index: int
    kind: Kind
    fact: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the acts so far amount to. `size` is the first index not yet seen."""

    size: int = 0
    time: datetime | None = None
    authority: Authority = field(default_factory=Authority)
    letters: Mapping[str, Letter] = field(default_factory=lambda: MappingProxyType({}))
    refused: tuple[Refusal, ...] = ()


class Folding:
    """A fold under way. It owns its letters, so that a million acts do not copy them."""

    def __init__(self, start: State | None = None) -> None:
        state = start or State()
        self.size = state.size
        self.time = state.time
        self.authority = state.authority
        self.letters = dict(state.letters)
        self.refused = list(state.refused)

    def add(self, entry: Entry) -> None:
        """Take one more entry, in the order of their indices."""
        if entry.index < self.size:
            raise ValueError(f"entry {entry.index} after entry {self.size - 1}")
        self.size = entry.index + 1
        try:
            if self.time is not None and entry.time < self.time:
                raise NotAllowed("the entry bears an earlier time than the one before it")
            letter = self.letters.get(entry.act.subject)
            self.authority, letter = apply(self.authority, letter, entry)
        except NotAllowed as refusal:
            self.refused.append(Refusal(entry.index, entry.act.kind, refusal.fact))
            return
        self.time = entry.time
        if letter is not None:
            self.letters[letter.id] = letter

    def state(self) -> State:
        letters = MappingProxyType(dict(self.letters))
        return State(self.size, self.time, self.authority, letters, tuple(self.refused))


def step(state: State, entry: Entry) -> State:
    """The state after one more entry."""
    return fold((entry,), state)


def fold(entries: Iterable[Entry], start: State | None = None) -> State:
    """The state after all these entries, in the order of their indices."""
    folding = Folding(start)
    for entry in entries:
        folding.add(entry)
    return folding.state()


def apply(
    authority: Authority, letter: Letter | None, entry: Entry
) -> tuple[Authority, Letter | None]:
    """What this act makes of the authority and of the letter it speaks of.

    Raises NotAllowed, with the fact and what would be allowed, and then nothing changed.
    The registry asks this before it accepts an act; everybody else asks it to check.
    """
    act = entry.act
    if isinstance(act.body, Found):
        return _found(authority, entry, act.body), None
    if authority.founded is None:
        raise NotAllowed("this registry was not founded yet", hint="vidimus found")
    if act.registry != authority.registry:
        raise NotAllowed(f"this act is for the registry {act.registry}")
    if act.at != entry.time:
        raise NotAllowed("the act bears another time than its entry on the log")
    owner = authority.keys.get(entry.key)
    if owner != act.person:
        raise NotAllowed(f"the key that signed this is not known as {act.person}'s")
    if entry.index > authority.revoked.get(entry.key, entry.index):
        raise NotAllowed(
            f"this key of {act.person} counts up to entry {authority.revoked[entry.key]} only",
            hint="it was revoked; sign with another key",
        )
    if act.office == ROOT:
        _threshold(authority.founded, entry)
    if act.subject == AUTHORITY:
        return _authority(authority, entry), None
    known = Known(authority, entry)
    return authority, transition(known, letter)


def _found(authority: Authority, entry: Entry, body: Found) -> Authority:
    if authority.founded is not None or entry.index != 0:
        raise NotAllowed("a registry is founded once, by its first entry")
    keys = {root.key: root.person for root in body.roots}
    people = {root.person for root in body.roots}
    if not len(body.roots) == len(keys) == len(people) >= body.threshold >= 1:
        raise NotAllowed("the founders must be different people with different keys")
    if keys.get(entry.key) != entry.act.person or entry.act.office != ROOT:
        raise NotAllowed("a founder must sign the founding")
    if entry.act.at != entry.time:
        raise NotAllowed("the act bears another time than its entry on the log")
    _threshold(body, entry)
    return replace(authority, registry=entry.act.registry, founded=body, keys=keys)


def _threshold(founded: Found, entry: Entry) -> None:
    approving = approving_roots(founded, entry.act, entry.key)
    if len(approving) < founded.threshold:
        raise NotAllowed(
            f"{len(approving)} of the founders approved this, {founded.threshold} must",
            hint="sign with the keys of more founders: --key FILE --key FILE …",
        )


def _authority(authority: Authority, entry: Entry) -> Authority:
    act, body = entry.act, entry.act.body
    cls = None
    concerned = None
    match body:
        case Establish():
            # Under an office: its own business, or of those above. At the top: the founders'.
            target = body.office if body.parent is None else body.parent
        case Appoint() | End():
            target, concerned = body.office, body.person if isinstance(body, End) else None
        case Delegate() | Revoke():
            target, cls = body.office, authority.rule(body.cls, entry.index)
            if isinstance(body, Delegate) and act.office != body.office:
                raise NotAllowed("a delegation lends the power of the office one acts in")
        case DefineClass() | Cover():
            target = body.office
        case RevokeKey():
            target, concerned = ROOT, body.person
            if body.last_index >= entry.index:
                raise NotAllowed(f"entry {body.last_index} does not exist yet")
        case _:
            raise NotAllowed(f"“{act.kind}” needs a letter")
    held = power(
        authority,
        act.kind,
        person=act.person,
        office=act.office,
        target=target,
        index=entry.index,
        time=entry.time,
        cls=cls,
        concerned=concerned,
    )
    return record(
        authority,
        body,
        index=entry.index,
        person=act.person,
        by_root=act.office == ROOT,
        grounds=((entry.index, entry.key), *held.grounds),
    )
