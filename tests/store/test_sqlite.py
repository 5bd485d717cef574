"""The SQLite stores keep the contract, and say so when the disk does not let them."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.operations.ministry import TEXT, build, office_rows
from tests.store.contract import (
    UNWRITABLE,
    LogStoreContract,
    OfficeStoreContract,
    addition,
    append,
    everything,
    fill,
    text,
)

from vidimus.adapters.sqlite.log_store import SqliteLog
from vidimus.adapters.sqlite.office_store import SqliteOffice
from vidimus.errors import OutsideFailed

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class LogFile:
    path: Path

    def open(self, *, writable: bool = True) -> SqliteLog:
        return SqliteLog(self.path, writable=writable)


@dataclass(frozen=True)
class OfficeFile:
    path: Path

    def open(self) -> SqliteOffice:
        return SqliteOffice(self.path)


@pytest.fixture
def log_file(tmp_path: Path) -> LogFile:
    made = SqliteLog(tmp_path / "log.sqlite", create=True)
    made.head()
    made.close()
    return LogFile(tmp_path / "log.sqlite")


class TestSqliteLog(LogStoreContract):
    @pytest.fixture
    def place(self, log_file: LogFile) -> LogFile:
        return log_file


class TestSqliteOffice(OfficeStoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> OfficeFile:
        SqliteOffice(tmp_path / "office.sqlite", create=True).settle(lambda _: None)
        return OfficeFile(tmp_path / "office.sqlite")


def test_it_lies_in_a_write_ahead_log_that_is_synced(log_file: LogFile) -> None:
    """Design 4: durable before it is answered (sqlite.org, PRAGMA synchronous: 2 is FULL)."""
    log = log_file.open()
    log.head()
    connection = log._file._connection()
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize("writable", [True, False])
def test_no_log_is_made_in_the_place_of_a_lost_one(log_file: LogFile, writable: bool) -> None:
    """Refuse rather than damage: a second log would begin under the name of the first."""
    fill(log_file.open(), 2)
    for lost in (log_file.path.unlink, lambda: log_file.path.write_bytes(b"")):
        lost()
        for beside in log_file.path.parent.glob("*-wal"):
            beside.unlink()
        with pytest.raises(OutsideFailed) as failed:
            log_file.open(writable=writable).head()
        assert failed.value.hint
    assert log_file.path.read_bytes() == b""


@pytest.mark.parametrize("name", ["garbage", "text", "zeros", "head", "half", "less"])
def test_a_damaged_file_is_said_to_be_damaged(log_file: LogFile, name: str) -> None:
    log = log_file.open()
    fill(log, 200)
    log.close()
    whole = log_file.path.read_bytes()
    assert len(whole) > 20_000
    damaged = {
        "garbage": bytes(range(256)) * 100,
        "text": b"SQLite format 3\x00" + b"nothing else" * 50,
        "zeros": bytes(len(whole)),
        "head": b"\xff" * 100 + whole[100:],
        "half": whole[: len(whole) // 2],
        "less": whole[:5000],
    }[name]
    log_file.path.write_bytes(damaged)
    with pytest.raises(OutsideFailed) as failed:
        everything(log_file.open(writable=False))
    assert log_file.path.name in failed.value.fact
    with pytest.raises(OutsideFailed):
        opened = log_file.open()
        fill(opened, 230)
        everything(opened)
        append(opened, addition(opened, 230))
        list(opened.entries(0, 999))
    # Looking did not make it worse.
    assert name not in ("garbage", "text", "zeros") or log_file.path.read_bytes() == damaged


def test_a_log_without_its_head_is_not_an_empty_log(log_file: LogFile) -> None:
    fill(log_file.open(), 2)
    connection = sqlite3.connect(log_file.path, isolation_level=None)
    connection.execute("DELETE FROM head")
    connection.close()
    with pytest.raises(OutsideFailed) as failed:
        log_file.open().head()
    assert "head" in failed.value.fact
    with pytest.raises(OutsideFailed):
        append(log_file.open(), addition(log_file.open(), 2, subtrees=()))


def test_after_an_error_the_next_one_begins_afresh(log_file: LogFile) -> None:
    log = log_file.open()
    fill(log, 2)
    for _ in range(3):
        with pytest.raises(OutsideFailed):
            append(log, addition(log, 2, texts=[text("L", 1, UNWRITABLE)]))
        assert log.head().size == 2
    fill(log, 3)
    assert log.head().size == 3


def full_disk(path: Path) -> None:
    """In a process of its own: no file may grow any more, and then it may again."""
    store = LogFile(path).open()
    fill(store, 20)
    before = everything(store)
    largest = max(each.stat().st_size for each in path.parent.iterdir())
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    failures = 0
    for room in (0, 1, 3000, 5000, 9000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + room, hard))
        size = before[0].size
        try:
            for index in range(size, size + 50):
                append(store, addition(store, index, document=b"x" * 3000))
        except OutsideFailed as error:
            assert "log.sqlite" in error.fact
            assert error.hint
            failures += 1
        assert store.head().size == len(list(store.entries(0, 999)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        # The same store goes on where there is room again.
        fill(store, store.head().size + 1)
        before = everything(store)
        assert everything(LogFile(path).open()) == before
        largest = max(each.stat().st_size for each in path.parent.iterdir())
    assert failures == 5, failures


def full_disk_of_an_office(folder: Path) -> None:
    """In a process of its own: an office at work while the disk fills up."""
    m = build(folder)
    letter = m.released()
    m.verify()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    failures = 0
    for room in range(0, 24_000, 3000):
        public, office = folder / "public", folder / "office"
        files = [each for part in (public, office) for each in part.iterdir()]
        limit = max(each.stat().st_size for each in files) + room
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        for number in range(40):
            size, known = m.registry.log.head().size, {each.id for each in m.registry.letters()}
            try:
                if number % 2:
                    m.draft(f"{TEXT} {room} {number}", reference=f"R-{room}-{number}")
                else:
                    verb = "clear" if m.letter(letter).events[-1].kind == "hold" else "hold"
                    m.do("cleo", verb, letter=letter, reason=f"{room} {number}")
            except OutsideFailed as error:
                assert error.hint, error.fact
                failures += 1
                assert m.registry.log.head().size == size
                assert {each.id for each in m.registry.letters()} == known
                break
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        m.verify()
        m.draft(f"{TEXT} {room} again", reference=f"R-{room}-again")
        m.verify()
        wordings = {row[0] for row in office_rows(folder)[1]}
        assert wordings == {each.id for each in m.registry.letters()}
    assert failures == 8, failures


def read_only_disk(folder: Path) -> None:
    """In a process of its own, as somebody who may read the file and not write it."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    before = everything(LogFile(folder / "log.sqlite").open(writable=False))
    assert before[0].size == 3
    for _ in range(2):
        store = LogFile(folder / "log.sqlite").open()
        try:
            append(store, addition(store, 3))
        except OutsideFailed as error:
            assert error.hint, error.fact
        else:
            raise AssertionError("it was written")
    office = OfficeFile(folder / "office.sqlite").open()
    for write in (
        lambda: office.put(b"1" * 32, b"document", "L", "", []),
        lambda: office.writing().__enter__(),
    ):
        try:
            write()
        except OutsideFailed as error:
            assert error.hint, error.fact
        else:
            raise AssertionError("it was written")


def alone(function: str, path: Path) -> None:
    code = (
        f"from pathlib import Path; from tests.store import test_sqlite as t;"
        f" t.{function}(Path({str(path)!r}))"
    )
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": paths},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_full_disk_changes_nothing_and_ends(log_file: LogFile) -> None:
    """OutsideFailed, nothing half written, and the next act works when there is room again."""
    alone("full_disk", log_file.path)


def test_an_office_on_a_full_disk_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    alone("full_disk_of_an_office", tmp_path / "registry")


def test_whoever_is_done_leaves_one_file(log_file: LogFile) -> None:
    """The last to close brings the file up to date: whoever copies it then has all of it."""
    log = log_file.open()
    fill(log, 3)
    assert len(list(log_file.path.parent.iterdir())) == 3
    del log
    assert list(log_file.path.parent.iterdir()) == [log_file.path]
    assert log_file.open().head().size == 3


def write_and_die(path: Path) -> None:
    log = LogFile(path).open()
    fill(log, 30)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_reader_sees_what_a_killed_writer_wrote(log_file: LogFile) -> None:
    """It is the first to open the file after the kill, and may not write."""
    with pytest.raises(AssertionError):
        alone("write_and_die", log_file.path)
    assert log_file.path.with_name("log.sqlite-wal").stat().st_size > 0
    reader = log_file.open(writable=False)
    assert reader.head().size == 30
    assert len(list(reader.entries(0, 99))) == 30


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="vidimus-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_disk_is_said_to_be_one(open_folder: Path) -> None:
    log = SqliteLog(open_folder / "log.sqlite", create=True)
    fill(log, 3)
    office = SqliteOffice(open_folder / "office.sqlite", create=True)
    office.settle(lambda _: None)
    (open_folder / "office.lock").touch(0o644)
    for each in open_folder.iterdir():
        each.chmod(0o444)
    open_folder.chmod(0o555)
    # The log stays open here, as in the process that writes, so that readers find its index.
    alone("read_only_disk", open_folder)
    assert log.head().size == 3
