"""A desk's own notes: which entry speaks of what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidimus.adapters.sqlite.places import SqlitePlaces
from vidimus.errors import OutsideFailed


@pytest.fixture
def places() -> Iterator[SqlitePlaces]:
    made = SqlitePlaces()
    yield made
    made.close()


def test_what_was_noted_is_found_in_order(places: SqlitePlaces) -> None:
    assert places.of(("A",), 0, 9) == ()
    places.add([(0, "A"), (1, "B"), (4, "A")])
    places.add([(7, "C"), (8, "A")])
    assert places.of(("A",), 0, 9) == (0, 4, 8)
    assert places.of(("A",), 1, 8) == (4,)
    assert places.of(("C", "B", "A"), 0, 9) == (0, 1, 4, 7, 8)
    assert places.of((), 0, 9) == ()
    assert places.of(("a", "A' OR 1=1 --", "Ä"), 0, 9) == ()


def test_what_is_cut_is_forgotten(places: SqlitePlaces) -> None:
    places.add([(0, "A"), (1, "A"), (2, "A")])
    places.cut(1)
    assert places.of(("A",), 0, 9) == (0,)
    places.add([(1, "B")])
    assert places.of(("A", "B"), 0, 9) == (0, 1)


def test_all_of_a_note_or_nothing(places: SqlitePlaces) -> None:
    places.add([(0, "A")])
    with pytest.raises(OutsideFailed):
        places.add([(1, "A"), (0, "A")])
    assert places.of(("A",), 0, 9) == (0,)


@given(st.lists(st.sampled_from(["A", "B", "C"]), max_size=40), st.integers(0, 40))
def test_it_is_a_plain_list(subjects: list[str], start: int) -> None:
    places = SqlitePlaces()
    places.add(list(enumerate(subjects)))
    for name in ("A", "B", "C"):
        found = [at for at, each in enumerate(subjects) if each == name and at >= start]
        assert places.of((name,), start, 99) == tuple(found)
    places.close()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a desk noted is nobody else's business: the file has no name."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    places = SqlitePlaces()
    for start in range(0, 400_000, 20_000):
        places.add([(at, f"{at:016}") for at in range(start, start + 20_000)])
    assert list(tmp_path.iterdir()) == []
    assert places.of((f"{123_456:016}",), 0, 10**9) == (123_456,)
    places.close()
    assert list(tmp_path.iterdir()) == []
