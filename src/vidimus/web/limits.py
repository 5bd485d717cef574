"""What one visitor, and all visitors together, may cost. Every number of the web door."""

from __future__ import annotations

from dataclasses import dataclass

MEBI = 1024 * 1024


LONGEST_HEAD = 64 * 1024  # of a request, in bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """The reader has limits of its own; these keep a request from ever getting that far."""

    body_bytes: int = 66 * MEBI  # of one request; the reader takes 64 MiB of files
    text_bytes: int = 4 * MEBI  # of one pasted text, in UTF-8
    files: int = 60
    bodies_bytes: int = 512 * MEBI  # of all requests that are being received or checked
    body_seconds: float = 120.0  # for a body to arrive
    at_once: int = 2  # checks at work; each takes about one core
    waiting: int = 16  # checks that wait behind them
    check_seconds: float = 300.0  # waiting and work together
    # One bucket of tokens for each client address. A page costs one, a check ten: a
    # newsroom behind one address can check sixty copies in a row, then one a second.
    bucket: float = 600.0
    refill: float = 10.0  # tokens a second
    check_cost: float = 10.0
    clients: int = 10_000  # addresses remembered at a time, in memory only
    page: int = 50  # entries on one page of the log
