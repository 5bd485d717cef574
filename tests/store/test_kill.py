"""Killed at any moment, nothing that was answered is lost (design, section 5)."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from tests.operations.ministry import (
    OTHER,
    TEXT,
    THIRD,
    HandClock,
    Ministry,
    build,
    no_passphrase,
    office_rows,
)
from tests.store import life
from tests.store.life import Answered, Tried

from vidimus import wiring
from vidimus.core.copies.answers import TextAnswer
from vidimus.errors import NotAllowed
from vidimus.operations.registry import Registry

# Forked from a server that has imported everything, so that a child acts at once. It has
# opened no file: SQLite's connections do not survive a fork.
ROOT = Path(__file__).resolve().parents[2]
CHILDREN = multiprocessing.get_context("forkserver")


@pytest.fixture(scope="module", autouse=True)
def _preloaded() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # The server starts afresh, and would import what is installed and not what lies here.
        patch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT / "src"), str(ROOT))))
        CHILDREN.set_forkserver_preload(["tests.store.life"])
        yield


@dataclass
class Witness:
    """What was answered so far, as the people at the counter remember it."""

    answers: dict[int, Answered] = field(default_factory=dict)
    letters: dict[str, Answered] = field(default_factory=dict)
    raws: dict[int, bytes] = field(default_factory=dict)
    kills: int = 0
    unanswered: int = 0
    orphans: int = 0

    def met(self, answer: Answered) -> None:
        assert answer.index not in self.answers
        self.answers[answer.index] = answer
        self.letters[answer.letter] = answer


def one_life(
    m: Ministry,
    witness: Witness,
    chance: random.Random,
    keys: dict[str, bytes],
    most: int,
) -> str:
    """A child acts and is killed. Gives the text that it was about to register, if any."""
    ours, theirs = CHILDREN.Pipe(duplex=False)
    child = CHILDREN.Process(
        target=life.run, args=(m.folder, chance.randrange(2**60), keys, theirs)
    )
    child.start()
    theirs.close()
    assert ours.recv() == "open"
    pending = ""
    wanted = chance.randrange(most)
    for _ in range(wanted):
        pending = take(ours.recv(), witness)
    time.sleep(chance.random() * 0.02)
    child.kill()
    child.join()
    witness.kills += 1
    # What it had said before it died still stands in the pipe.
    with suppress(EOFError, OSError):
        while True:
            pending = take(ours.recv(), witness)
    ours.close()
    return pending


def take(message: Any, witness: Witness) -> str:
    if isinstance(message, Answered):
        witness.met(message)
        return ""
    assert isinstance(message, Tried)
    return message.text


def survive(m: Ministry, witness: Witness, pending: str) -> None:
    """Reopen as every day, and compare with what was answered."""
    registry = wiring.office(m.folder, no_passphrase)
    registry.catch_up()
    size = registry.size
    m.verify()
    assert not wiring.verify_log(m.folder, False).refused
    # 1. No answered act is missing or changed.
    entries = list(registry.log.entries(0, size))
    for index, raw in witness.raws.items():
        assert entries[index].raw == raw
    first = len(witness.raws)
    missing = [index for index in witness.answers if index >= size]
    assert not missing, f"answered and lost: {missing}"
    # 2. At most one more than what was answered, and then the last one.
    new = set(range(first, size))
    extra = new - set(witness.answers)
    assert extra <= {size - 1}, f"nobody was answered for {extra}"
    for index in new:
        witness.raws[index] = entries[index].raw
    # 3. The fold is what was answered.
    touched = subjects(registry, extra)
    known = {each.id: each for each in registry.letters()}
    for letter, answer in witness.letters.items():
        if letter not in touched:
            found = known[letter]
            assert (found.state.value, found.latest.number) == (answer.state, answer.version)
    for letter in touched:
        found = known[letter]
        witness.letters[letter] = Answered(
            size - 1, "", letter, found.state.value, found.latest.number
        )
    witness.unanswered += len(extra)
    # 4. A draft that was never logged is not found, before the next act and after it.
    if pending and not extra:
        rows = office_rows(m.folder)
        witness.orphans += pending in {text for *_, text in rows[1]}
        require_unknown(registry, pending)
    m.draft(f"{TEXT} {size}", "memo")
    assert m.said[-1].index == size
    witness.raws[size] = next(iter(m.registry.log.entries(size, size + 1))).raw
    if pending and not extra:
        require_unknown(registry, pending)
    require_no_orphans(m)


def subjects(registry: Registry, indices: set[int]) -> set[str]:
    return {
        letter.id
        for letter in registry.letters()
        if indices & ({*letter.sealed} | {each.index for each in letter.events})
    }


def require_unknown(registry: Registry, text: str) -> None:
    staff = wiring.staff_desk(registry)
    answer = staff.check((text.encode(),)).answer
    assert answer.text is TextAnswer.NONE, answer


def require_no_orphans(m: Ministry) -> None:
    """Each row in the office's file belongs to an entry of the log."""
    documents, wordings, letters, grams = office_rows(m.folder)
    ours = [each for each in m.registry.letters() if each.cls]  # no forgeries: they are public
    versions = {(letter.id, each.number) for letter in ours for each in letter.versions}
    named = {each.digest for each in m.registry.log.filed(0, m.registry.size)}
    assert {digest for digest, _ in documents} <= named
    assert {(letter, version) for letter, version, _, _ in wordings} == versions
    assert {each[0] for each in letters} == {each.id for each in ours}
    assert len(grams) == len(wordings)


def keys_of(m: Ministry) -> dict[str, bytes]:
    return {
        name: key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        for name, key in m.private.items()
    }


class RealClock(HandClock):
    """This machine's, as the child has it."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def pass_(self, **length: int) -> None:
        pass


def kill_often(folder: Path, times: int, seed: int, most: int = 12) -> Witness:
    m = build(folder, exercise=False, clock=RealClock())
    chance = random.Random(seed)
    witness = Witness()
    for stored in m.registry.log.entries(0, m.registry.log.head().size):
        witness.raws[stored.index] = stored.raw
    keys = keys_of(m)
    for _ in range(times):
        survive(m, witness, one_life(m, witness, chance, keys, most))
    return witness


def test_a_kill_loses_no_answered_act(tmp_path: Path) -> None:
    """Design 5: a crash at any instant loses nothing that was answered."""
    witness = kill_often(tmp_path / "registry", 25, seed=random.randrange(2**32))
    assert witness.kills == 25
    assert len(witness.answers) > 25


@pytest.mark.soak
def test_hundreds_of_kills_lose_no_answered_act(tmp_path: Path) -> None:
    figures = Witness()
    for round_ in range(10):
        witness = kill_often(tmp_path / f"registry-{round_}", 50, seed=round_, most=40)
        figures.kills += witness.kills
        figures.unanswered += witness.unanswered
        figures.orphans += witness.orphans
        figures.answers.update({len(figures.answers) + n: a for n, a in witness.answers.items()})
    print(  # noqa: T201 - the figures are what a soak is for
        f"{figures.kills} kills, {len(figures.answers)} acts answered, 0 lost,"
        f" {figures.unanswered} on the log unanswered, {figures.orphans} drafts dropped"
    )


def test_two_offices_at_work_at_once_lose_nothing_either(tmp_path: Path) -> None:
    """Two processes act on one registry; both are killed in the middle of it."""
    m = build(tmp_path / "registry", exercise=False, clock=RealClock())
    keys, witness = keys_of(m), Witness()
    for round_ in range(3):
        pipes = [CHILDREN.Pipe(duplex=False) for _ in range(2)]
        children = [
            CHILDREN.Process(target=life.run, args=(m.folder, 10 * round_ + n, keys, pipe[1]))
            for n, pipe in enumerate(pipes)
        ]
        for child, (_, theirs) in zip(children, pipes, strict=True):
            child.start()
            theirs.close()
        for ours, _ in pipes:
            assert ours.recv() == "open"
        for _ in range(20):
            for ours, _ in pipes:
                take(ours.recv(), witness)
        for child in children:
            child.kill()
        for child, (ours, _) in zip(children, pipes, strict=True):
            child.join()
            with suppress(EOFError, OSError):
                while True:
                    take(ours.recv(), witness)
            ours.close()
        assert not wiring.verify_log(m.folder, False).refused
        assert max(witness.answers) < m.registry.log.head().size
        m.verify()
        m.draft(f"{TEXT} {round_}")
        require_no_orphans(m)
    size = m.registry.log.head().size
    # 15 foundings, 3 drafts of ours, and of each child at most one act that nobody heard of.
    assert size - 18 - 6 <= len(witness.answers) <= size - 18


# --- the same as a table: before and after each write ----------------------------------------


class Crash(BaseException):
    """The process ends here."""


class Failing:
    """A store that is there until one method is called, and then no more."""

    def __init__(self, store: Any, method: str, moment: str) -> None:
        self._store, self._method, self._moment = store, method, moment

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name != self._method:
            return real

        def crash(*args: Any, **more: Any) -> Any:
            if self._moment == "after":
                real(*args, **more)
            raise Crash

        return crash


SEALED_ACTS: dict[str, Callable[[Ministry, str], Any]] = {
    "draft": lambda m, _: m.draft(THIRD),
    "revise": lambda m, letter: m.do("dan", "revise", letter=letter, text=THIRD),
    "share": lambda m, letter: m.do("dan", "share", letter=letter, to="A reader"),
    "sign": lambda m, letter: m.do("ben", "sign", letter=letter),
    "abandon": lambda m, letter: m.do("dan", "abandon", letter=letter),
}
PUBLIC_ACTS: dict[str, Callable[[Ministry, str], Any]] = {
    "acknowledge": lambda m, letter: m.do("ben", "acknowledge_draft", letter=letter),
    "forged": lambda m, _: m.do(
        "ben", "declare_forged", office="ministry", title="A title", text=THIRD
    ),
    "cover": lambda m, _: m.do("ada", "cover", office="ministry", cls="paper"),
}


def crashes() -> Iterator[Any]:
    for act in (*SEALED_ACTS, *PUBLIC_ACTS):
        for store, method in (("office", "settle"), ("office", "put"), ("log", "append")):
            if method == "put" and act in PUBLIC_ACTS:
                continue  # what is public is not put inside
            for moment in ("before", "after"):
                yield pytest.param(act, store, method, moment, id=f"{act}-{moment}-{method}")


@pytest.mark.parametrize(("act", "store", "method", "moment"), list(crashes()))
def test_a_crash_before_and_after_each_write_is_recovered(
    tmp_path: Path, act: str, store: str, method: str, moment: str
) -> None:
    """Perform: before `append` it leaves nothing that counts; after it the act counts."""
    m = build(tmp_path / "registry")
    letter = m.draft(OTHER)
    size = m.registry.log.head().size
    whole = m.registry
    broken = wiring.office(m.folder, no_passphrase)
    broken.clock = m.clock
    setattr(broken, store, Failing(getattr(broken, store), method, moment))
    m.registry = broken
    with pytest.raises(Crash):
        (SEALED_ACTS | PUBLIC_ACTS)[act](m, letter)

    # Everybody who was there before, and everybody who comes new, sees the same.
    logged = (method, moment) == ("append", "after")
    for registry in (whole, wiring.office(m.folder, no_passphrase)):
        m.registry = registry
        registry.clock = m.clock
        registry.catch_up()
        assert registry.size == size + logged
        m.verify()
        if not logged:
            require_unknown(registry, THIRD)
    # The next act works, and what is left of the crash is gone.
    m.do("dan", "revise", letter=letter, text=TEXT) if act != "abandon" or not logged else None
    m.draft(TEXT + "once more")
    if not logged:
        require_unknown(m.registry, THIRD)
    m.verify()
    require_no_orphans(m)


def test_an_act_of_which_the_answer_was_lost_is_not_done_twice(tmp_path: Path) -> None:
    """Who got no answer asks again, and hears that it is done."""
    m = build(tmp_path / "registry")
    letter = m.released()
    broken = wiring.office(m.folder, no_passphrase)
    broken.clock = m.clock
    broken.log = Failing(broken.log, "append", "after")
    m.registry = broken
    with pytest.raises(Crash):
        m.do("ben", "withdraw", letter=letter)
    m.registry = wiring.office(m.folder, no_passphrase)
    m.registry.clock = m.clock
    size = m.registry.log.head().size
    with pytest.raises(NotAllowed) as refused:
        m.do("ben", "withdraw", letter=letter)
    assert "withdrawn" in refused.value.fact
    assert m.registry.log.head().size == size
