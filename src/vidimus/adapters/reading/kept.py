"""Cells that have read a copy and may be asked about it once more (decision 18).

    put(name, cell)   the cell is idle now; `name` is the digest of the copy that it has read
    take(name)        a cell that has read this very copy, for the caller alone; or None
    end(name)         nobody will ask about it again

A cell is given out for the copy that it has read and for no other. One that nobody took or
ended is ended after IDLE seconds; of more than MOST idle ones the oldest is.
"""

from __future__ import annotations

import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass

from vidimus.adapters.reading.calling import Running

IDLE = 20.0  # seconds; from reading to looking again pass some hundredths, or more under load
MOST = 4  # each holds about 250 MB of memory


@dataclass(frozen=True, slots=True, eq=False)
class _Idle:
    name: bytes
    running: Running
    clock: threading.Timer


class Kept:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []
        # Also where a program ends that never said `end`.
        weakref.finalize(self, _end_all, self._idle)

    def __len__(self) -> int:
        return len(self._idle)

    def put(self, name: bytes, running: Running) -> None:
        whole = weakref.ref(self)

        def over() -> None:
            kept = whole()
            if kept is not None and kept._removed(idle):
                idle.running.end()

        clock = threading.Timer(IDLE, over)
        clock.daemon = True
        idle = _Idle(name, running, clock)
        with self._lock:
            self._idle.append(idle)
            beyond = self._idle[:-MOST]
            del self._idle[:-MOST]
        clock.start()
        _end_all(beyond)

    def take(self, name: bytes) -> Running | None:
        """Two checks of one copy have a cell each, and neither waits for the other."""
        while (idle := self._removed_by(name)) is not None:
            if idle.running.lives():
                return idle.running
            idle.running.end()
        return None

    def end(self, name: bytes) -> None:
        idle = self._removed_by(name)
        if idle is not None:
            idle.running.end()

    def _removed_by(self, name: bytes) -> _Idle | None:
        with self._lock:
            found = next((each for each in self._idle if each.name == name), None)
            if found is not None:
                self._idle.remove(found)
                found.clock.cancel()
        return found

    def _removed(self, idle: _Idle) -> bool:
        with self._lock, suppress(ValueError):
            self._idle.remove(idle)
            return True
        return False


def _end_all(some: list[_Idle]) -> None:
    for each in some:
        each.clock.cancel()
        each.running.end()
