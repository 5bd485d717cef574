"""Where the acts on a subject lie: in runs that become longer ones, and none is lost on the way."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.contract import addition

from vidimus.adapters.sqlite import runs
from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.errors import OutsideFailed
from vidimus.operations.ports import Addition

HALF_A_MILLION = runs.BASE * runs.FAN ** (runs.TOP - 1)


def span(run: int) -> tuple[int, int]:
    length, number = run >> 40, run & ((1 << 40) - 1)
    width = runs.BASE * runs.FAN ** (length - 1)
    return number * width, (number + 1) * width


@given(st.integers(0, 3) | st.integers(0, 30 * HALF_A_MILLION), st.integers(-1, 1))
def test_the_runs_of_every_size_hold_every_entry_once(size: int, beside: int) -> None:
    for each in (size, max(0, size // runs.BASE * runs.BASE + beside)):
        at = 0
        for start, stop in sorted(map(span, runs.runs(each))):
            assert start == at
            at = stop
        assert each <= at < each + runs.BASE


def test_ten_million_entries_lie_in_a_few_runs() -> None:
    assert max(len(runs.runs(10_000_000 + 999 * n)) for n in range(1000)) < 60


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with runs of four entries, two of which become one."""
    monkeypatch.setattr(runs, "BASE", 4)
    monkeypatch.setattr(runs, "FAN", 2)


def made(index: int, subject: str) -> Addition:
    raw = random.Random(index).randbytes(32)
    return Addition(index, raw, raw, 7, subject, raw if subject else None, ())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_batches_every_act_is_found(tmp_path: Path, seed: int) -> None:
    """Batches that end before, at and behind the end of a run, or go over several."""
    chance = random.Random(seed)
    log, said = SqliteLog(tmp_path / "log.sqlite", create=True), list[str]()
    while len(said) < 60:
        start = len(said)
        said += [chance.choice(["", "A", "B", "authority"]) for _ in range(chance.randrange(1, 11))]
        log.append([made(n, said[n]) for n in range(start, len(said))], "signed")
        for subject in {"", "A", "B", "authority", "C"}:
            here = [n for n, each in enumerate(said) if each == subject]
            assert [each.index for each in log.about((subject,), 99)] == here
            assert [each.index for each in log.about((subject,), 20, 7)] == [
                n for n in here if 7 <= n < 20
            ]
        for n, subject in enumerate(said):
            assert log.index_of(made(n, subject).digest, subject) == n
            assert log.index_of(made(n, subject).digest, "C") is None
    connection = sqlite3.connect(tmp_path / "log.sqlite")
    found = {run for (run,) in connection.execute("SELECT DISTINCT run FROM places")}
    connection.close()
    assert found == set(runs.runs(len(said)))


DAMAGE = {
    "an entry twice": "UPDATE places SET idx = 1 WHERE idx = 0",
    "another's entry": "UPDATE places SET idx = 2 WHERE idx = 0",
    "no entry": "UPDATE places SET idx = 7 WHERE idx = 0",
    "a head that is too large": "UPDATE head SET size = 1 << 60",
    "a head that is too small": "UPDATE head SET size = 1",
    "an entry in a place far away": "UPDATE entries SET idx = 1 << 60 WHERE idx = 2",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_index_that_is_wrong_is_damage(tmp_path: Path, damage: str) -> None:
    """No defect and no endless search; what it merely hides, others notice (staff_desk.py)."""
    log = SqliteLog(tmp_path / "log.sqlite", create=True)
    for index, subject in enumerate("AAB"):
        log.append([addition(log, index, subject=subject)], "signed")
    connection = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    connection.execute(DAMAGE[damage])
    connection.close()
    with pytest.raises(OutsideFailed, match="damaged"):
        log.about(("A",), 9)
