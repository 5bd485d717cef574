"""A monitor of somebody else's log, in a folder of its own (adapters/monitor_state.py)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vidimus.adapters import static_source
from vidimus.adapters.clock import SystemClock
from vidimus.adapters.monitor_state import MonitorState
from vidimus.core.monitor import evidence
from vidimus.core.monitor.evidence import LONGEST, MOST_FILES, Shown
from vidimus.core.monitor.finding import Kind
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import NotFound, OutsideFailed, TooLarge, UsageError
from vidimus.operations.monitor.rounds import Monitor, Round
from vidimus.operations.ports import Progress, silent


class Monitoring:
    """A monitor that is open, with the lines that it has to show."""

    def __init__(self, monitor: Monitor, state: MonitorState) -> None:
        self._monitor = monitor
        self._state = state

    @property
    def pinned_now(self) -> bool:
        return self._monitor.pinned_now

    @property
    def trust(self) -> TrustRoot:
        return self._monitor.trust

    def round(self) -> Round:
        return self._monitor.round()

    def untold(self) -> Iterator[tuple[int, Mapping[str, object]]]:
        return self._state.untold()

    def told(self, last: int) -> None:
        self._state.told(last)


def monitor_folder(base: Path, address: str) -> Path:
    """Where a monitor of this address keeps what it remembers, if nobody says otherwise."""
    name = re.sub(r"[^a-z0-9]+", "-", address.lower().partition("://")[2] or address.lower())
    return base / "vidimus" / "monitor" / (name.strip("-")[:100] or "log")


@contextmanager
def monitor(
    address: str,
    folder: Path,
    *,
    offices: Collection[str] = (),
    trust: bytes | None = None,
    progress: Progress = silent,
) -> Iterator[Monitoring]:
    """Open a monitor on http(s)://… or a folder. `trust` is a pinned trust root."""
    pinned = None if trust is None else roots.read(trust)
    source = static_source.source(address)
    try:
        state = MonitorState(folder)
        try:
            yield Monitoring(
                Monitor(
                    source, state, SystemClock(), offices=offices, pinned=pinned, progress=progress
                ),
                state,
            )
        finally:
            state.close()
    finally:
        source.close()


def acknowledge(folder: Path, keys: Collection[str]) -> None:
    """Put findings aside that were dealt with. Raises NotFound for what is not kept there."""
    if not (folder / "monitor.sqlite").is_file():
        raise NotFound(f"no monitor has kept anything in {folder}", hint="--state DIR")
    state = MonitorState(folder)
    try:
        for key in keys:
            state.put_aside(key, SystemClock().now())
    finally:
        state.close()


def check_evidence(folder: Path, trust: bytes) -> tuple[Kind, Shown]:
    """What a saved finding shows, from its files alone, with the keys of this trust root."""
    files: dict[str, bytes] = {}
    try:
        for path in [each for each in sorted(folder.iterdir()) if each.is_file()][:MOST_FILES]:
            with path.open("rb") as file:
                files[path.name] = file.read(LONGEST + 1)
            if len(files[path.name]) > LONGEST:
                raise TooLarge(f"{path} is larger than any file of evidence")
    except FileNotFoundError as error:
        raise NotFound(f"there is no folder {folder}") from error
    except OSError as error:
        raise OutsideFailed(f"{folder} cannot be read: {error.strerror}") from error
    kind = _kind(folder, files)
    return kind, evidence.check(kind, files, evidence.newest(roots.read(trust), files))


def _kind(folder: Path, files: Mapping[str, bytes]) -> Kind:
    """What the folder is said to show. It chooses the check, and nothing else is believed of it."""
    try:
        return Kind(json.loads(files["finding.json"])["kind"])
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{folder} is no folder of evidence: it has no finding.json that names a kind",
            hint="as in STATE/evidence/KIND/NAME",
        ) from error
