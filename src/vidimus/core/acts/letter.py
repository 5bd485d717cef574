"""What the acts on the log make of one letter. A value; `standing.py` folds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vidimus.core.acts.authority import Authority, Grounds
from vidimus.core.acts.coordination import NOTHING_ASKED, Coordination
from vidimus.core.acts.kinds import Kind, Method, Reason, SignatureRule
from vidimus.core.acts.lifecycle import State
from vidimus.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Version:
    """One wording. `drafter` is None on the public face, where drafts stay sealed."""

    number: int
    language: str
    text: str  # hex SHA-256 of the text as registered
    canonical: str  # hex SHA-256 of the canonical text
    index: int
    drafter: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    version: int
    signer: str
    name: str
    office: str
    because: str
    method: Method
    index: int
    time: datetime
    grounds: Grounds
    by: str = ""  # whose key made the act: the signer's, or for ink the attester's
    giver: str = ""  # who lent the power, where it was delegated
    tenure: int = -1  # entry of the appointment or delegation that gave the power
    # The releaser's own hand is in it, and the class asks for a second person: it does not
    # carry the letter alone, not even when the other signatures fall later.
    needs_another: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An act that took effect, with whoever did it and why he could."""

    kind: Kind
    index: int
    time: datetime
    name: str
    office: str
    because: str
    grounds: Grounds
    code: Reason | None = None
    reason: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    office: str
    cls: str
    rule: SignatureRule
    reference: str
    title: str
    state: State
    versions: tuple[Version, ...] = ()
    signatures: tuple[Signature, ...] = ()  # of the version in hand; a new version voids them
    events: tuple[Event, ...] = ()  # public ones only
    released: int | None = None  # number of the released version
    acknowledged: frozenset[int] = frozenset()
    shared: int = 0  # coordination copies so far
    successor: str | None = None
    sealed: tuple[int, ...] = ()  # indices of the sealed acts on it, in the office's view
    coordination: Coordination = NOTHING_ASKED  # the same: nothing of it is seen outside

    @property
    def latest(self) -> Version:
        return self.versions[-1]

    @property
    def public_versions(self) -> frozenset[int]:
        """What the public check may know: released, acknowledged or declared forged."""
        if self.state is State.DECLARED_FORGED:
            return frozenset(each.number for each in self.versions)
        released = () if self.released is None else (self.released,)
        return self.acknowledged.union(released)

    def require_latest(self, version: int) -> None:
        """Raises NotAllowed: what was read is not what would be acted on."""
        if version != self.latest.number:
            raise NotAllowed(
                f"version {version} is not the latest, version {self.latest.number} is",
                hint="look at the latest version first: vidimus show LETTER --text",
            )

    def version(self, number: int) -> Version:
        return next(each for each in self.versions if each.number == number)

    def last(self, *kinds: Kind) -> Event | None:
        return next((each for each in reversed(self.events) if each.kind in kinds), None)

    def signed_with_power(self, authority: Authority) -> bool:
        """Does a signature stand, with the keys that count now?"""
        return any(
            authority.counts(each.grounds) for each in self.signatures if not each.needs_another
        )

    def raised_in_doubt(self, authority: Authority) -> Event | None:
        """A release, a clearance or a ratification that rested on a key revoked since.

        A later one of good grounds heals it: a ratification all that was before, a
        clearance another clearance.
        """
        doubts: dict[Kind, Event] = {}
        for event in self.events:
            if event.kind not in (Kind.RELEASE, Kind.CLEAR, Kind.RATIFY):
                continue
            if not authority.counts(event.grounds):
                doubts[event.kind] = event
            elif event.kind is Kind.RATIFY:
                doubts.clear()
            else:
                doubts.pop(event.kind, None)
        return next(iter(doubts.values()), None)
