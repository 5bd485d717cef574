"""A monitor in a process of its own, to be killed."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from vidimus.adapters.clock import SystemClock
from vidimus.adapters.monitor_state import MonitorState
from vidimus.adapters.static_source import FolderSource
from vidimus.operations.monitor import reading
from vidimus.operations.monitor.rounds import Monitor


def follow(log: Path, state: Path, said: Connection) -> None:
    """Read to the end, with a commit after each bundle, so that there is much to break."""
    reading.COMMIT_EVERY = 256
    kept = MonitorState(state)
    monitor = Monitor(FolderSource(log), kept, SystemClock(), offices=("ministry",), letters=16)
    said.send("open")
    done = monitor.round()
    said.send(done.size)
