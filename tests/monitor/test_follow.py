"""Following a log that is as it should be: everything is read once, and nothing is found."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acts import histories
from tests.acts.histories import Step
from tests.acts.world import A, World, released_letter
from tests.monitor.served import Clock, Served, face, public
from tests.trust.chains import FOURTH, following

from vidimus.adapters.monitor_state import MonitorState
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import State
from vidimus.core.acts.vocabulary import Clear, Hold, Withdraw
from vidimus.core.monitor.mirror import Row
from vidimus.errors import OutsideFailed
from vidimus.operations.monitor.reading import entry_of
from vidimus.operations.monitor.rounds import Monitor


def examples(usual: int) -> int:
    """Each of them writes to a disk; under soak there are many all the same."""
    return 20 * usual if os.environ.get("VIDIMUS_SOAK") else usual


@contextmanager
def monitoring(folder: Path, source: Served, clock: Clock, **more: object) -> Iterator[Monitor]:
    state = MonitorState(folder)
    try:
        yield Monitor(source, state, clock, **more)  # type: ignore[arg-type]
    finally:
        state.close()


def letters_of(monitor: Monitor) -> dict[str, object]:
    """Every letter, folded from the monitor's own copy."""
    watch = monitor._watching()
    found: dict[str, object] = {}
    for subject in watch.state.subjects("", 10**6):
        if subject != AUTHORITY:
            rows: list[Row] = list(watch.state.acts((subject,)))
            letter = watch.replay.load(entry_of(row, watch) for row in rows)
            if letter is not None:
                found[subject] = letter
    return found


def require_same(monitor: Monitor, found: World, whole: State) -> None:
    watch = monitor._watching()
    assert watch.replay.authority == whole.authority
    assert letters_of(monitor) == dict(whole.letters)
    refused = {each.index for each in whole.refused} | set(found.unverified)
    rows = list(watch.state.rows(0, len(found.log)))
    assert [(row.raw, row.document) for row in rows] == public(found)
    for row, logged in zip(rows, found.log, strict=True):
        assert (row.clock is not None) == (not logged.sealed and row.index not in refused)


def new_trust(found: World, founder: int, _b: int) -> object:
    """Founders come and go too, which changes the past as revoked keys do."""
    if found.folding.authority.trust.version > 3:
        return None
    if founder % 2:
        return found.root(following(found))
    roots = (*found.folding.authority.trust.roots[:2], FOURTH)
    return found.root(following(found, roots=roots), cosign=("p-root-b", "p-root-d"))


@settings(max_examples=examples(30))
@given(histories.begun(), histories.moves((*histories.MOVES, new_trust)), st.data())
def test_read_in_any_steps_it_is_one_fold_over_everything(
    found: World, steps: list[Step], data: st.DataObject
) -> None:
    """Issue: the monitor judges by the same fold as everybody, and keeps no letters in memory."""
    histories.play(found, steps)
    size = len(found.log)
    cuts = sorted([*data.draw(st.lists(st.integers(1, size), max_size=5)), size])
    with tempfile.TemporaryDirectory() as folder:
        for cut in cuts:
            source = Served(face(found, cut))
            with monitoring(Path(folder), source, Clock(found.now), letters=1) as monitor:
                done = monitor.round()
                assert done.size == cut and done.signed == cut
        with monitoring(Path(folder), Served(face(found)), Clock(found.now)) as monitor:
            done = monitor.round()
            assert done.read == 0
            require_same(monitor, found, found.public())


def test_a_log_that_grows_is_followed_without_a_finding(tmp_path: Path) -> None:
    found = released_letter()
    clock = Clock(found.now)
    source = Served(face(found))
    with monitoring(tmp_path, source, clock) as monitor:
        assert monitor.pinned_now
        assert monitor.round().exit_status == 0
        for _ in range(3):
            for step in range(100):
                found.do("p-min", "ministry", Clear(A) if step % 2 else Hold(A))
                clock.time = found.now
            source.files = face(found)
            source.asked = []
            done = monitor.round()
            assert (done.exit_status, done.read, done.size) == (0, 100, len(found.log))
        found.do("p-min", "ministry", Withdraw(A))
        source.files = face(found)
        assert monitor.round().exit_status == 0
        require_same(monitor, found, found.public())


@settings(max_examples=examples(15))
@given(st.lists(st.tuples(st.integers(-12, 12), st.integers(0, 5)), max_size=14), st.data())
def test_what_comes_late_or_twice_is_refused_alike_after_a_restart(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    """The last minutes are remembered, so that the time rule is the same for everybody."""
    found = released_letter()
    for minutes, what in steps:
        if what == 5:
            found.append(found.log[-1].raw, found.log[-1].document)
        else:
            body = (Hold(A), Clear(A), Withdraw(A), Hold(A), Clear(A))[what]
            found.do("p-min", "ministry", body, later=timedelta(minutes=minutes))
    with tempfile.TemporaryDirectory() as folder:
        first = data.draw(st.integers(len(found.log) - len(steps), len(found.log)))
        for size in range(first, len(found.log) + 1):
            with monitoring(Path(folder), Served(face(found, size)), Clock(found.now)) as monitor:
                assert monitor.round().size == size
        with monitoring(Path(folder), Served(face(found)), Clock(found.now)) as monitor:
            require_same(monitor, found, found.public())


def test_a_state_that_is_damaged_is_said_to_be_so(tmp_path: Path) -> None:
    found = released_letter()
    with monitoring(tmp_path, Served(face(found)), Clock(found.now)) as monitor:
        monitor.round()
    path = tmp_path / "monitor.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)
    with (
        pytest.raises(OutsideFailed),
        monitoring(tmp_path, Served(face(found)), Clock(found.now)) as monitor,
    ):
        monitor.round()
