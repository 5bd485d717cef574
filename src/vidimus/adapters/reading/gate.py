"""Whether a copy is asked about so often that what was read of it may be remembered.

    arrivals of one copy within ten minutes   1  2  3 …      ~16        …
    remembered                                no …           from a secret number on

Whoever asks sees from the time that an answer takes whether a copy was remembered, and so
whether others asked about the same bytes lately. The number of arrivals that it takes is
therefore drawn anew for each copy, from a Laplace distribution: that one visitor more or less
came changes the odds of anything that another one can see by a factor of at most e^(1/SPREAD)
(Dwork and Roth, "The Algorithmic Foundations of Differential Privacy", section 3.3). Decision 15.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

ENOUGH = 16.0  # arrivals, in the middle
SPREAD = 3.0  # one visitor changes the odds by e^(1/3), 1.4
WINDOW = 600.0  # seconds after which the count of a copy is forgotten, whatever it was
MOST_COUNTED = 4096  # copies, by name; of all else nothing is known


@dataclass(slots=True)
class _Count:
    since: float
    enough: float
    arrived: int = 0


class Gate:
    """`random` gives numbers from 0 to below 1 that nobody can guess."""

    def __init__(self, monotonic: Callable[[], float], random: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._random = random
        self._lock = threading.Lock()
        self._counts: OrderedDict[bytes, _Count] = OrderedDict()

    def arrived(self, name: bytes) -> None:
        now = self._monotonic()
        with self._lock:
            self._forget(now)
            count = self._counts.get(name)
            if count is None:
                count = self._counts[name] = _Count(now, self._drawn())
                while len(self._counts) > MOST_COUNTED:
                    self._counts.popitem(last=False)
            count.arrived += 1

    def is_open(self, name: bytes) -> bool:
        with self._lock:
            self._forget(self._monotonic())
            count = self._counts.get(name)
            return count is not None and count.arrived > count.enough

    def _forget(self, now: float) -> None:
        # In the order in which they came first, so the oldest stand at the front.
        while self._counts and now - next(iter(self._counts.values())).since >= WINDOW:
            self._counts.popitem(last=False)

    def _drawn(self) -> float:
        """By inversion; the second copy at the earliest, and no more than four times the middle."""
        u = self._random() - 0.5
        noise = -SPREAD * math.copysign(1.0, u) * math.log(max(1e-12, 1 - 2 * abs(u)))
        return min(4 * ENOUGH, max(1.0, ENOUGH + noise))
