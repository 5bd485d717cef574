"""Documents that were sent before the statement that names them: kept a while, then dropped.

In memory only. A document that no statement follows leaves no trace, and one that a crash
took away is sent again: its statement was not answered.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from vidimus.core.seal.submitted import LONGEST_TEXT

SECONDS = 300.0
MOST_BYTES = 64 * 1024 * 1024
LONGEST = LONGEST_TEXT


class Staging:
    """By the SHA-256 of the content. Several threads may use it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    def put(self, digest: bytes, content: bytes) -> bool:
        """Keep it; False where there is no room for more."""
        with self._lock:
            self._expire()
            if digest not in self._held and self._bytes + len(content) > MOST_BYTES:
                return False
            self._drop(digest)
            self._held[digest] = (self._monotonic(), content)
            self._bytes += len(content)
            return True

    def get(self, digest: bytes) -> bytes | None:
        with self._lock:
            self._expire()
            held = self._held.get(digest)
            return held[1] if held else None

    def _expire(self) -> None:
        oldest = self._monotonic() - SECONDS
        while self._held and next(iter(self._held.values()))[0] < oldest:
            self._drop(next(iter(self._held)))

    def _drop(self, digest: bytes) -> None:
        held = self._held.pop(digest, None)
        if held is not None:
            self._bytes -= len(held[1])
