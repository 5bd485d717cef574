"""Authority as it was before any entry, so that one letter can be folded without the others.

    history.add(entry)            # the acts on authority, in the order of their indices
    history.at(1042)              # what the log said about power before entry 1,042
    fold_letter(history, acts)    # one letter, as a fold over the whole log would have it

A registry of ten million letters has some thousand acts on authority. Those are kept in
memory, and the letters are not. An earlier authority is made again from the nearest one
kept; the latest, which nearly every question needs, is at hand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import Entry, Folding, Refusal, State
from vidimus.errors import VerificationFailed

KEPT_EVERY = 64  # acts between two states that are kept
RECENT = 32  # states made again lately


class History:
    """The acts on authority of one log, and what they amounted to at each index."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._indices: list[int] = []
        self._reached: list[datetime | None] = []  # the time of the log after each of them
        self._kept: list[State] = [State()]  # before the acts number 0, 64, 128 …
        self._made: dict[int, Authority] = {}
        self._latest = Folding()
        self._revoking: list[int] = []  # the entries that took keys away

    @property
    def latest(self) -> Authority:
        return self._latest.authority

    @property
    def refused(self) -> tuple[Refusal, ...]:
        return tuple(self._latest.refused)

    def folding(self) -> Folding:
        """The fold so far, as a copy, for whoever asks what one more act would make of it."""
        return Folding(self._latest.state())

    def add(self, entry: Entry) -> None:
        """Take one more act on authority, in the order of their indices.

        Raises VerificationFailed for an act on a letter: whoever filed it here was wrong.
        """
        if entry.act.subject != AUTHORITY:
            raise VerificationFailed(
                f"entry {entry.index} is filed under authority, and is not of it"
            )
        if self._entries and len(self._entries) % KEPT_EVERY == 0:
            self._kept.append(self._latest.state())
        revoked = self._latest.authority.revoked
        self._latest.add(entry)
        if self._latest.authority.revoked != revoked:
            self._revoking.append(entry.index)
        self._entries.append(entry)
        self._indices.append(entry.index)
        self._reached.append(self._latest.time)

    def at(self, index: int) -> Authority:
        """What the log said about power before the entry of this index."""
        count = bisect_left(self._indices, index)
        if count == len(self._entries):
            return self.latest
        if count not in self._made:
            if len(self._made) >= RECENT:
                self._made.pop(next(iter(self._made)))
            self._made[count] = self._make(count)
        return self._made[count]

    def reached(self, index: int) -> datetime | None:
        """The time that the log had reached before this entry, by the acts on authority alone."""
        count = bisect_left(self._indices, index)
        return self._reached[count - 1] if count else None

    def revoking(self, stop: int) -> tuple[int, ...]:
        """The entries before this index that took keys away: with them, older acts may fall."""
        return tuple(self._revoking[: bisect_left(self._revoking, stop)])

    def _make(self, count: int) -> Authority:
        nearest = min(count // KEPT_EVERY, len(self._kept) - 1)
        folding = Folding(self._kept[nearest])
        for entry in self._entries[nearest * KEPT_EVERY : count]:
            folding.add(entry)
        return folding.authority


def fold_letter(history: History, acts: Iterable[Entry]) -> Folding:
    """One letter, from all acts on it in the order of their indices.

    The same as a fold over the whole log: an act on a letter is judged by the authority
    before it and by the acts on that letter, and by nothing else.
    """
    folding = Folding()
    for entry in acts:
        folding.authority = history.at(entry.index)
        # Whoever's tenure ended since could otherwise still date an act back into it.
        times = (folding.time, history.reached(entry.index))
        folding.time = max((each for each in times if each is not None), default=None)
        folding.add(entry)
    return folding
