"""In a story, founders change too; keys have no place in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from vidimus import wiring
from vidimus.errors import VidimusError
from vidimus.operations.play import Played
from vidimus.operations.story import read


def played(folder: Path, *acts: dict[str, Any]) -> Played:
    first = {"do": "found", "founders": ["ada", "ben"], "threshold": "2", "by": "ada+ben as root"}
    steps = [
        {"at": f"2031-01-01T09:{minute:02}:00Z", "by": "ada+ben as root", **each}
        for minute, each in enumerate((first, *acts))
    ]
    people = {"ada": "Ada Ash", "ben": "Ben Birch", "cyd": "Cyd Cedar"}
    value = {"story": "S", "origin": "a.example/exercise", "people": people, "acts": steps}
    return wiring.play(read(yaml.safe_dump(value).encode()), folder, folder / "r")


def test_founders_change_in_a_story(tmp_path: Path) -> None:
    played(
        tmp_path,
        {"do": "trust", "founders": ["ada", "cyd"], "by": "ada+ben+cyd as root"},
        {"do": "establish", "office": "x", "title": "X", "by": "ada+cyd as root"},
        {"do": "trust", "threshold": "1", "by": "ada+cyd as root"},
        {"do": "establish", "office": "y", "title": "Y", "by": "cyd as root"},
    )
    root = wiring.trust_root(tmp_path / "r")
    assert (root.version, root.trust.threshold) == (3, 1)
    assert [each.name for each in root.trust.roots] == ["Ada Ash", "Cyd Cedar"]


@pytest.mark.parametrize(
    "act",
    [
        {"do": "trust", "founders": "ada"},
        {"do": "trust", "founders": ["ada", "eve"]},
        {"do": "trust", "roots": "ada"},
        {"do": "trust", "log_keys": "a,b"},
        {"do": "trust", "seal_keys": "a"},
        {"do": "trust", "witnesses": "nonsense"},
        {"do": "trust", "threshold": "3"},
        {"do": "trust", "founders": ["ada", "cyd"]},
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(tmp_path: Path, act: dict[str, Any]) -> None:
    with pytest.raises(VidimusError):
        played(tmp_path, act)
    assert wiring.trust_root(tmp_path / "r").version == 1
