"""The publisher and the asking of witnesses are killed at each of their writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.faults import beside
from tests.faults.doors import Moment
from tests.faults.parts import close, copied, reopened, run, until_killed
from tests.operations.ministry import OTHER, THIRD, Ministry
from tests.service.door import Door
from tests.store.faces import files_in, monitor

from vidimus import wiring
from vidimus.core.acts import vocabulary as v
from vidimus.core.log import policy
from vidimus.core.log.witnessed import witnessed
from vidimus.operations import lookup
from vidimus.operations.registrar import Registered, Registrar, Submission

OLD, NEW = 250, 300  # so that partial tiles are superseded


def grow(m: Ministry, size: int) -> None:
    door, submissions = Door(m, None), []  # type: ignore[arg-type]
    for number in range(m.registry.log.head().size, size):
        text = f"{THIRD} {number}"
        sha, name = lookup.names_of(text)
        body = v.DeclareForged(lookup.fresh_id(m.registry), "ministry", "A", "en", sha, name)
        submissions.append(Submission(*door.signed("ben", body), text.encode()))
    outcomes = Registrar(m.registry).register(submissions)
    assert all(isinstance(each, Registered) for each in outcomes)


@pytest.fixture(scope="module")
def grown(base: Ministry, tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    """Published, and grown since."""
    m = copied(base, tmp_path_factory.mktemp("grown") / "registry")
    grow(m, OLD)
    assert wiring.publish(m.folder) == OLD
    grow(m, NEW)
    close(m)
    return m


def test_a_publisher_killed_at_any_step_leaves_a_face_that_holds(
    grown: Ministry, tmp_path: Path
) -> None:
    """Before and after each file is opened, renamed or taken away, by `vidimus log publish`."""
    whole = tmp_path / "whole"
    shutil.copytree(grown.folder, whole)
    ((steps, size),), _ = run(beside.publish, whole, 0)
    assert size == NEW and steps > 20
    wanted = files_in(wiring.public_face(whole))
    opener, shown = wiring.opener(whole), set()
    for nth in range(1, steps + 1):
        folder = tmp_path / f"{nth}"
        shutil.copytree(grown.folder, folder)
        assert until_killed(beside.publish, folder, nth) == []
        face = wiring.public_face(folder)
        shown.add(monitor(files_in(face), opener))
        assert wiring.publish(folder) == NEW
        found = files_in(face)
        assert monitor(found, opener) == NEW
        assert wanted.items() <= found.items()
        # A kill while the superseded ones are taken away leaves some: true, and of no use.
        assert all(".p/" in path for path in found.keys() - wanted.keys())
        shutil.rmtree(folder)
    assert shown == {OLD, NEW}


KEEPING = ("before", "BEGIN", "INSERT INTO witnessed", "COMMIT", "after")


@pytest.mark.parametrize("when", KEEPING)
def test_the_word_of_witnesses_is_kept_whole_or_not(
    base: Ministry, tmp_path: Path, when: str
) -> None:
    """And an act, a publishing and the next round go on from there."""
    m = copied(base, tmp_path / "registry")
    wiring.install_witnesses(m.folder, beside.POLICY)
    until_killed(beside.ask, m.folder, Moment("log", "keep_witnessed", when))
    m = reopened(m, m.folder)
    kept, head = m.registry.log.witnessed(), m.registry.log.head()
    assert (kept is not None) == (when == "after")
    m.verify()
    wiring.publish(m.folder)
    shown = files_in(wiring.public_face(m.folder))["checkpoint"].decode()
    assert shown == (kept.checkpoint if kept is not None else head.checkpoint)
    m.draft(f"{OTHER} {when}")
    found = beside.asking(m.folder, m.registry.log).round()
    assert found is not None and found.witnessed.met
    assert wiring.publish(m.folder) == found.size == head.size + 1
    shown = files_in(wiring.public_face(m.folder))["checkpoint"].decode()
    assert witnessed(shown, policy.parse(beside.POLICY)).met
    m.verify()


def test_the_table_names_every_write_of_it(base: Ministry, tmp_path: Path) -> None:
    m = copied(base, tmp_path / "registry")
    wiring.install_witnesses(m.folder, beside.POLICY)
    said, status = run(beside.ask, m.folder, None)
    assert status == 0
    assert tuple(when for _, _, when in said) == KEEPING
