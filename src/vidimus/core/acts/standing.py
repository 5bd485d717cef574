"""Standing as a fold: what all acts up to an index make of power and of every letter.

    state = fold(entries)            # or, one at a time: state = step(state, entry)

The same function runs in the server, on the command line, in an offline bundle and in a
monitor. An act that is not allowed takes no effect; it is kept in `refused` with the
reason, so that a monitor can show it. Nothing here reads a clock: the time of an act is
the time that the log gave its entry.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from vidimus.core.acts.authority import Authority, Grounds
from vidimus.core.acts.founding import approved as approvals
from vidimus.core.acts.founding import founded, trusted
from vidimus.core.acts.kinds import AUTHORITY, LOWERING, ROOT, Kind
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
    Trust,
)
from vidimus.errors import NotAllowed

# Statements are signed before they arrive, and not always in the order in which they do. One
# that is older than this against what is on the log already comes too late (decision 12).
LATE = timedelta(minutes=5)

# To repeat one of these takes something away once more, and never gives anything back.
REPEATABLE = LOWERING | {Kind.END, Kind.REVOKE, Kind.REVOKE_KEY}


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
    """Everything that the acts so far amount to. `size` is the first index not yet seen.

    `time` is the latest that any of them bears.
    """

    size: int = 0
    time: datetime | None = None
    authority: Authority = field(default_factory=Authority)
    letters: Mapping[str, Letter] = field(default_factory=lambda: MappingProxyType({}))
    recent: tuple[tuple[datetime, Act], ...] = ()  # the last acts, and the log's time then
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
        self._recent = deque(state.recent)
        self._present = {_approved(act) for _time, act in state.recent}

    def add(self, entry: Entry) -> None:
        """Take one more entry, in the order of their indices; without effect if not allowed."""
        try:
            self.take(entry)
        except NotAllowed as refusal:
            self.size = entry.index + 1
            self.refused.append(Refusal(entry.index, entry.act.kind, refusal.fact))

    def take(self, entry: Entry) -> None:
        """Take one more entry, or raise NotAllowed, and then nothing changed.

        Whoever asks before an entry is on the log asks for the next one at the same index.
        """
        if entry.index < self.size:
            raise ValueError(f"entry {entry.index} after entry {self.size - 1}")
        if self.time is not None and entry.time < self.time - LATE:
            raise NotAllowed(
                f"the act bears the time {entry.time:%Y-%m-%d %H:%M:%S}, and the log had"
                f" reached {self.time:%Y-%m-%d %H:%M:%S}",
                hint="acts cannot be dated back; sign it again",
            )
        letter = self.letters.get(entry.act.subject)
        authority, letter = apply(self.authority, letter, entry)
        # An older statement that is put on the log again comes too late; one of the last
        # minutes does not. A second appointment would undo the end that came between.
        if _approved(entry.act) in self._present and entry.act.kind not in REPEATABLE:
            raise NotAllowed(
                "this very act is on the log already", hint="an act of the next second is another"
            )
        self.size = entry.index + 1
        self.authority = authority
        self._remember(entry)
        if letter is not None:
            self.letters[letter.id] = letter

    def _remember(self, entry: Entry) -> None:
        self.time = entry.time if self.time is None else max(self.time, entry.time)
        self._recent.append((self.time, entry.act))
        self._present.add(_approved(entry.act))
        while self._recent[0][0] < self.time - LATE:
            # Whatever is as old as this is refused for its time alone.
            self._present.discard(_approved(self._recent.popleft()[1]))

    def state(self) -> State:
        letters = MappingProxyType(dict(self.letters))
        return State(
            self.size,
            self.time,
            self.authority,
            letters,
            tuple(self._recent),
            tuple(self.refused),
        )


def _approved(act: Act) -> Act:
    """What was approved, whoever approved it: with one approval less, or one that counts for
    nothing, it is the same act, and a founder alone could put it on the log again.
    """
    return act if not act.cosigned else replace(act, cosigned=())


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
        return founded(authority, entry, act.body), None
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
    approved: Grounds = ()
    if act.office == ROOT:
        founders = authority.founders(authority.trust.roots, entry.index)
        approved = approvals(founders, authority.trust.threshold, authority.rooted, entry)
    if act.subject == AUTHORITY:
        return _authority(authority, entry, approved), None
    known = Known(authority, entry)
    return authority, transition(known, letter)


def _authority(authority: Authority, entry: Entry, approved: Grounds) -> Authority:
    act, body = entry.act, entry.act.body
    cls = None
    concerned = None
    match body:
        case Establish():
            # Under an office: its own business, or of those above. At the top: the founders'.
            target = body.office if body.parent is None else body.parent
        case Appoint() | End():
            target = body.office
            # One resigns in the office that one leaves, with a key that counts there.
            if isinstance(body, End) and act.office == body.office:
                concerned = body.person
        case Delegate() | Revoke():
            target = body.office
            lowering = isinstance(body, Revoke)
            cls = authority.rule(body.cls, entry.index, lowering=lowering)
            if isinstance(body, Delegate) and act.office != body.office:
                raise NotAllowed("a delegation lends the power of the office one acts in")
        case DefineClass() | Cover():
            target = body.office
        case Trust():
            target = ROOT
        case RevokeKey():
            target = ROOT
            # Another key of the same person only with one that the founders gave: else a
            # key that somebody else slipped in could revoke the true one.
            if body.key == entry.key or authority.vouches(entry.key, entry.index):
                concerned = body.person
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
        key=entry.key,
    )
    grounds = ((entry.index, entry.key), *approved, *held.grounds)
    if isinstance(body, Trust):
        return trusted(authority, entry, body, grounds)
    return record(
        authority,
        body,
        index=entry.index,
        time=entry.time,
        person=act.person,
        by_root=act.office == ROOT,
        grounds=grounds,
    )
