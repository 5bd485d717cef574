"""A write is torn in the middle, or the end of what was written is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
from pathlib import Path

import pytest
from tests.faults import doors
from tests.faults.doors import Doing, Round
from tests.faults.kept import Kept
from tests.faults.parts import copied, pems, released, reopened, run
from tests.operations.ministry import OTHER, THIRD, Ministry
from tests.service.door import Door
from tests.store.test_kill import require_no_orphans

from vidimus import wiring
from vidimus.core.acts import vocabulary as v
from vidimus.errors import VerificationFailed
from vidimus.operations import lookup
from vidimus.operations.registrar import Registrar, Submission

ROUNDS = 20
PAGE = 4096


def rounds(m: Ministry, count: int) -> list[Round]:
    """A draft through one door, and through the other two holds and a text, again and again."""
    door = Door(m, None)  # type: ignore[arg-type]
    one, two, _ = released(m)
    made = []
    for number in range(count):
        fields = {
            "office": "ministry", "cls": "letter", "title": "A title",
            "reference": f"T-{number}", "text": f"{OTHER} {os.urandom(8).hex()}",
        }  # fmt: skip
        body = v.Clear if number % 2 else v.Hold
        text = f"{THIRD} {os.urandom(8).hex()}"
        sha, name = lookup.names_of(text)
        forgery = v.DeclareForged(lookup.fresh_id(m.registry), "ministry", "A", "en", sha, name)
        submissions = [
            Submission(*door.signed("cleo", body(letter, f"Round {number}.")))
            for letter in (one, two)
        ]
        submissions.append(Submission(*door.signed("ben", forgery), text.encode()))
        made.append(Round(Doing("dan", "draft", fields), tuple(submissions)))
    return made


def tear(base: Ministry, folder: Path, room: int) -> int:
    """Gives how many acts had been answered."""
    m = copied(base, folder)
    size = m.registry.log.head().size
    said, status = run(doors.torn, folder, pems(m), rounds(m, ROUNDS), room)
    assert status == -signal.SIGXFSZ, (status, said[-1:])
    kept = Kept()
    for kind, *rest in said:
        if kind == "acted":
            index, document, checkpoint = rest
            kept.acted(index, document)
            kept.shown(checkpoint)
        else:
            kept.registered(*rest)
    answered = len(kept.acts) + len(kept.receipts)
    kept.require(folder)
    m = reopened(m, folder)
    # What was under way is there as a whole or not at all.
    unanswered = m.registry.log.head().size - size - answered
    assert unanswered in (0, 1, 3)
    m.draft(f"{OTHER} {os.urandom(8).hex()}")
    require_no_orphans(m)
    kept.require(folder)
    return answered


def test_a_write_that_is_torn_in_the_middle_is_whole_or_absent(
    base: Ministry, tmp_path: Path
) -> None:
    """The kernel ends the process when half of what it wanted to write is in the file."""
    chance = random.Random()
    for number in range(10):
        tear(base, tmp_path / f"{number}", number * 12_000 + chance.randrange(12_000))


@pytest.mark.soak
def test_hundreds_of_torn_writes(base: Ministry, tmp_path: Path) -> None:
    answered = 0
    for room in range(0, 130_000, 431):
        answered += tear(base, tmp_path / "registry", room)
        shutil.rmtree(tmp_path / "registry")
    print(f"{answered} acts answered, 0 lost")  # noqa: T201 - the figures are what a soak is for


def test_a_log_whose_end_was_lost_holds_whole_acts_and_is_noticed(
    base: Ministry, tmp_path: Path
) -> None:
    """Cut anywhere, the write-ahead log is a log of whole acts. It is one of fewer: a disk that
    forgot what it had promised. The office remembers, and refuses to write another history."""
    m = copied(base, tmp_path / "registry")
    path = wiring.Folder(m.folder).log
    wal = path.with_name(f"{path.name}-wal")
    registrar, first = Registrar(m.registry), m.registry.log.head().size
    ends = {0: first}
    for each in rounds(m, 3):
        m.do(each.doing.person, each.doing.verb, **each.doing.fields)
        ends[wal.stat().st_size] = m.registry.log.head().size
        registrar.register(each.submissions)
        ends[wal.stat().st_size] = m.registry.log.head().size
    whole = wal.read_bytes()
    assert len(whole) == max(ends)
    frame = PAGE + 24
    cuts = [*range(32, len(whole), frame), *range(32 + frame // 3, len(whole), 3 * frame)]
    for number, cut in enumerate(cuts):
        folder = tmp_path / f"{number}"
        shutil.copytree(m.folder, folder, ignore=shutil.ignore_patterns("*-shm"))
        (folder / "public" / wal.name).write_bytes(whole[:cut])
        size = max(held for end, held in ends.items() if end <= cut)
        assert wiring.verify_log(folder, True).size == size
        other = reopened(m, folder)
        for refused in (
            lambda folder=folder: wiring.verify_log(folder, False),
            lambda other=other: other.draft(f"{OTHER} other"),
        ):
            with pytest.raises(VerificationFailed) as error:
                refused()
            assert "the office remembers" in error.value.fact
        assert other.registry.log.head().size == size
        shutil.rmtree(folder)
