"""Killed at any moment, a monitor goes on where it was: no gap, and nothing twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from bench.monitor import country, folder_of
from tests.monitor import life
from tests.monitor.served import Clock, Served, face
from tests.monitor.test_follow import monitoring, require_same

from vidimus.adapters.monitor_state import MonitorState
from vidimus.errors import Conflict

ROOT = Path(__file__).resolve().parents[2]
CHILDREN = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module", autouse=True)
def _preloaded() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # The server starts afresh, and would import what is installed and not what lies here.
        patch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT / "src"), str(ROOT))))
        CHILDREN.set_forkserver_preload(["tests.monitor.life"])
        yield


def test_killed_again_and_again_it_reads_everything_once(tmp_path: Path) -> None:
    """Issue: restartable; it never skips a gap, and tells no act twice."""
    found = country(3000, seed=random.randrange(2**32))
    log, state = tmp_path / "log", tmp_path / "state"
    folder_of(found, log)
    chance, kills, read = random.Random(), 0, 0
    window = 0.1  # seconds of a life; longer where a busy machine gets nothing done in it
    told: list[int] = []
    for _ in range(200):
        ours, theirs = CHILDREN.Pipe(duplex=False)
        child = CHILDREN.Process(target=life.follow, args=(log, state, theirs))
        child.start()
        theirs.close()
        assert ours.recv() == "open"
        time.sleep(chance.random() * window)
        child.kill()
        child.join()
        kills += 1
        with suppress(EOFError):
            assert ours.recv() == len(found.log)
            kills -= 1
        ours.close()
        kept = MonitorState(state)
        assert read <= kept.size(), "what was kept once is kept"
        window = 0.1 if read < kept.size() else window * 1.5
        read = kept.size()
        raws = [row.raw for row in kept.rows(0, read)]
        assert raws == [each.raw for each in found.log[:read]]
        told = [int(str(line["index"])) for _, line in kept.untold() if line["type"] != "finding"]
        kept.close()
        assert all(index < read for index in told)
        if read == len(found.log):
            break
    assert read == len(found.log) and kills
    public = [index for index, each in enumerate(found.log) if not each.sealed]
    # Every act on authority, and every act in the name of the ministry: here all there are.
    assert told == public
    with monitoring(state, Served(face(found)), Clock(found.now)) as monitor:
        assert monitor.round().exit_status == 0
        require_same(monitor, found, found.public())


def test_two_monitors_in_one_folder_are_one_too_many(tmp_path: Path) -> None:
    first = MonitorState(tmp_path)
    with pytest.raises(Conflict, match="another monitor is at work"):
        MonitorState(tmp_path)
    first.close()
    MonitorState(tmp_path).close()
