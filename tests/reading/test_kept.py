"""The cell that has read a copy is asked again about that copy, and then it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.reading import pages as made
from tests.reading.test_cell import framed, impostor, living

from vidimus.adapters.reading import kept
from vidimus.adapters.reading.calling import Cell, Running
from vidimus.adapters.reading.kept import Kept
from vidimus.adapters.reading.limits import MEBI, Limits
from vidimus.adapters.reading.reader import CellReader, digest
from vidimus.core.copies.page import Box, Copy, Question
from vidimus.errors import OutsideFailed, TooLarge, Unreadable
from vidimus.operations.ports import silent

LIMITS = Limits(seconds=60)
SHORT = made.encode(made.draw(made.set_page("The bridge was not closed."), 150))
OTHER = made.encode(made.draw(made.set_page("The bridge was now closed."), 150))


def running(reader: CellReader) -> list[Running]:
    """The cells that this reader keeps."""
    return [each.running for each in reader._kept._idle]


def question(copy: Copy, *candidates: str) -> Question:
    boxes = [word.box for word in copy.pages[0].words if word.box]
    line = Box(
        min(b.left for b in boxes),
        min(b.top for b in boxes),
        max(b.right for b in boxes),
        max(b.bottom for b in boxes),
    )
    return Question(1, line, candidates)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[CellReader]:
    monkeypatch.setattr(kept, "IDLE", 300.0)  # however busy this machine is
    reader = CellReader(LIMITS)
    yield reader
    reader.done([SHORT])
    reader.done([OTHER])


def test_one_cell_reads_a_copy_and_looks_at_it_again_as_often_as_is_asked(
    reader: CellReader,
) -> None:
    copy = reader.read([SHORT])
    (cell,) = running(reader)
    asked = question(copy, "The bridge was not closed.", "The bridge was now closed.")
    first = reader.reread([SHORT], [asked])
    again = reader.reread([SHORT], [asked])
    assert running(reader) == [cell]
    assert first == again
    assert first[0].scores[0] > first[0].scores[1], "the page says so"
    afresh = CellReader(LIMITS).reread([SHORT], [asked])
    assert afresh[0].read == first[0].read, "another cell sees the same"
    reader.done([SHORT])
    assert not cell.lives()
    assert not running(reader)


def test_a_cell_is_never_asked_about_another_copy(reader: CellReader) -> None:
    copy = reader.read([SHORT])
    (cell,) = running(reader)
    asked = question(copy, "The bridge was not closed.", "The bridge was now closed.")
    (seen,) = reader.reread([OTHER], [asked])
    assert seen.scores[1] > seen.scores[0], "it was the other copy that was looked at"
    assert running(reader) == [cell]
    reader.read([OTHER])
    one, two = running(reader)
    assert one.number != two.number
    reader.done([OTHER])
    assert cell.lives()
    assert not two.lives()


def test_two_checks_of_one_copy_have_a_cell_each(reader: CellReader) -> None:
    """So that from neither's answer can be told that there is another one."""
    reader.read([SHORT])
    reader.read([SHORT])
    one, two = running(reader)
    assert reader._kept.take(digest([SHORT])) is one
    one.end()
    reader.done([SHORT])
    assert not two.lives()


def test_a_cell_that_waits_is_confined_as_one_that_reads(
    reader: CellReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDIMUS_PASSPHRASE", "quay")
    copy = reader.read([SHORT])
    reader.reread([SHORT], [question(copy, "not", "now")])
    (cell,) = running(reader)
    proc = Path(f"/proc/{cell.number}")
    limits = {row[:26].strip(): row[26:].split()[:2] for row in _lines(proc / "limits")}
    assert limits["Max address space"] == [str(3 * 1024 * MEBI)] * 2
    assert limits["Max cpu time"] == [str(LIMITS.cpu_seconds)] * 2
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max core file size"] == ["0", "0"]
    assert b"VIDIMUS_PASSPHRASE" not in (proc / "environ").read_bytes()
    assert (proc / "oom_score_adj").read_text().strip() == "1000"
    assert os.getpgid(cell.number) == cell.number, "killed with all that it starts"
    assert not [name for name in map(os.readlink, (proc / "fd").iterdir()) if _is_file(name)]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:]


def _is_file(name: str) -> bool:
    return name.startswith("/") and name != "/dev/null"


def test_a_cell_that_died_while_it_waited_is_replaced(reader: CellReader) -> None:
    copy = reader.read([SHORT])
    (cell,) = running(reader)
    os.killpg(cell.number, signal.SIGKILL)
    cell._process.wait()
    asked = question(copy, "The bridge was not closed.", "The bridge was now closed.")
    (seen,) = reader.reread([SHORT], [asked])
    assert seen.scores[0] > seen.scores[1]


def test_what_is_not_asked_for_is_ended_in_time(
    reader: CellReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "IDLE", 0.3)
    reader.read([SHORT])
    (cell,) = running(reader)
    until = time.monotonic() + 10
    while running(reader) and time.monotonic() < until:
        time.sleep(0.05)
    assert not running(reader)
    time.sleep(0.1)
    assert not cell.lives()


def test_no_more_than_a_few_wait(tmp_path: Path) -> None:
    python = impostor(tmp_path, "exec sleep 60")
    several = Kept()
    cells = [Running(Cell(LIMITS, python=python)) for _ in range(kept.MOST + 1)]
    for at, cell in enumerate(cells):
        several.put(str(at).encode(), cell)
    assert [each.lives() for each in cells] == [False] + [True] * kept.MOST
    for at in range(len(cells)):
        several.end(str(at).encode())
    assert not any(each.lives() for each in cells)


@pytest.mark.parametrize(
    ("then", "error"),
    [
        ("sleep 60", TooLarge),
        ("kill -SEGV $$", Unreadable),
        ("exit 3", OutsideFailed),
        ("head -c 100 /dev/zero", OutsideFailed),
        (framed(b'{"blobs":[],"error":"unreadable","fact":"x","hint":"y"}'), Unreadable),
    ],
)
def test_a_cell_that_fails_at_a_later_answer_is_ended_with_an_error(
    tmp_path: Path, then: str, error: type[Exception]
) -> None:
    before = living()
    # Its first answer comes at once, the other one when it was asked once more.
    answered = framed(b'{"blobs":[]}')
    script = f"{answered}; head -c 900 >/dev/null; {then}"
    cell = Running(Cell(Limits(seconds=1.5), python=impostor(tmp_path, script)))
    cell.ask("read", (b"a copy",), silent)
    assert cell.lives()
    with pytest.raises(error):
        cell.ask("reread", (), silent, questions=["x" * 900])
    assert not cell.lives()
    assert living() <= before


def test_a_program_that_ends_leaves_no_cell_behind(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_bytes(SHORT)
    script = (
        "from vidimus.adapters.reading.reader import CellReader\n"
        "reader = CellReader()\n"
        f"reader.read([open({str(tmp_path / 'page.png')!r}, 'rb').read()])\n"
        "print(reader._kept._idle[0].running.number)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, timeout=60
    )
    assert not done.stderr
    assert not Path(f"/proc/{done.stdout.decode().strip()}").exists()
