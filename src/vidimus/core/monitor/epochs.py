"""Authority as an old act on a letter met it, so that the letter can be folded again.

Nearly all that the log says of power is looked up by index: an appointment of entry 20 says
nothing about entry 19, however late one asks. What changes the past are revoked keys and new
versions of the trust. So it is enough to keep what was known before each of those, and to
judge an act by the first of them that came after it, or by what is known now.

`history.py` makes the exact authority before any entry; a monitor that meets old letters all
day needs one faster. That it comes to the same, tests/monitor/test_follow.py says of every
history that people can make.
"""

from __future__ import annotations

from bisect import bisect_left

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import Kind

TURNING = frozenset({Kind.REVOKE_KEY, Kind.TRUST})


class Epochs:
    """What was known before each act that changed the past."""

    def __init__(self) -> None:
        self._turns: list[int] = []
        self._before: list[Authority] = []

    def turn(self, index: int, kind: Kind, before: Authority) -> None:
        """An act on authority took effect at this index; `before` is what was known until then."""
        if kind in TURNING:
            self._turns.append(index)
            self._before.append(before)

    def at(self, index: int, latest: Authority) -> Authority:
        """What to judge an act on a letter by that stands at this index."""
        place = bisect_left(self._turns, index)
        return self._before[place] if place < len(self._turns) else latest
