"""When a message that did not arrive is sent again, and when no more.

2 s, 4 s, 8 s, … up to six hours, each half to one and a half times as long, for four days
"""

from __future__ import annotations

FIRST = 2.0
LONGEST = 6 * 3600.0
GIVE_UP = 4 * 86_400.0  # seconds after the first failure


def pause(failures: int, chance: float, asked: float | None = None) -> float:
    """Seconds until the next attempt after so many failures in a row.

    `chance` is from 0 up to 1: without it, all that a broken network held up would be sent in one
    second. `asked` is what the receiver wished for, and is heard within our limit.
    """
    usual = min(LONGEST, FIRST * 2.0 ** min(failures - 1, 30)) * (0.5 + chance)
    return max(usual, min(asked or 0.0, LONGEST))


def over(first_failure: float, now: float) -> bool:
    return now - first_failure > GIVE_UP
