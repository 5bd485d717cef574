"""Who held an office when, as places on a drawing. The page tells the same in words beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vidimus.core.acts.held import Bar

WIDTH = 360  # units of the drawing: about the pixels of a phone, so that its letters are read
LANE = 30
HEAD = 22
MOST = 60  # bars that are drawn; all of them are told


@dataclass(frozen=True, slots=True)
class Lane:
    number: int  # of the bar in the list beside the drawing
    name: str
    x: float
    y: int
    width: float
    kind: str  # "held", "acting" or "lent"


@dataclass(frozen=True, slots=True)
class Timeline:
    lanes: tuple[Lane, ...]
    height: int
    start: datetime
    end: datetime
    at: float  # where the moment asked about lies
    undrawn: int


def timeline(bars: Sequence[Bar], at: datetime) -> Timeline | None:
    """None where nobody ever held anything."""
    if not bars:
        return None
    drawn = bars[:MOST]
    start = min(at, *(each.since for each in drawn))
    latest = max(at, *(each.until or each.since for each in drawn))
    # A tenure until the year 9999 would leave no room for what was so far.
    past = max(at - start, timedelta(days=1))
    end = max(min(latest, _plus(at, past)), at, start + timedelta(days=1))
    whole = (end - start).total_seconds()

    def place(time: datetime) -> float:
        share = (min(max(time, start), end) - start).total_seconds() / whole
        return round(share * WIDTH, 1)

    lanes = []
    for number, each in enumerate(drawn):
        x = place(each.since)
        right = WIDTH if each.until is None else place(each.until)
        kind = "lent" if each.cls else "acting" if each.acting else "held"
        # As short as it may have been, it can be seen.
        width = max(right - x, 3.0)
        name = each.name if len(each.name) <= 34 else f"{each.name[:33]}…"
        lanes.append(Lane(number + 1, name, min(x, WIDTH - 3.0), HEAD + number * LANE, width, kind))
    height = HEAD + len(lanes) * LANE + 4
    return Timeline(tuple(lanes), height, start, end, place(at), len(bars) - len(drawn))


def _plus(at: datetime, length: timedelta) -> datetime:
    try:
        return at + length
    except OverflowError:
        return at
