"""Documents that were sent before the statement that names them: kept a while, then dropped.

In memory only. A document that no statement follows leaves no trace, and one that a crash
took away is sent again: its statement was not answered.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from vidimus.core.seal.submitted import LONGEST_TEXT

SECONDS = 300.0
MOST_BYTES = 64 * 1024 * 1024
MOST_BYTES_OF_ONE = 4 * 1024 * 1024  # of one address: nobody takes the room of all others
LONGEST = LONGEST_TEXT


@dataclass(frozen=True, slots=True)
class _Held:
    since: float
    content: bytes
    client: str


class Staging:
    """By the SHA-256 of the content. Several threads may use it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, _Held] = OrderedDict()
        self._bytes: Counter[str] = Counter()

    def put(self, digest: bytes, content: bytes, client: str) -> bool:
        """Keep it; False where there is no room for more, of this client or of all."""
        with self._lock:
            self._expire()
            if digest in self._held:
                return True
            of_one = self._bytes[client] + len(content)
            if of_one > MOST_BYTES_OF_ONE or self._bytes.total() + len(content) > MOST_BYTES:
                return False
            self._held[digest] = _Held(self._monotonic(), content, client)
            self._bytes[client] = of_one
            return True

    def get(self, digest: bytes) -> bytes | None:
        with self._lock:
            self._expire()
            held = self._held.get(digest)
            return held.content if held else None

    def _expire(self) -> None:
        oldest = self._monotonic() - SECONDS
        while self._held and next(iter(self._held.values())).since < oldest:
            self._drop(next(iter(self._held)))

    def _drop(self, digest: bytes) -> None:
        held = self._held.pop(digest)
        self._bytes[held.client] -= len(held.content)
        if not self._bytes[held.client]:
            del self._bytes[held.client]
