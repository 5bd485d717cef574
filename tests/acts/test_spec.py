"""spec/acts.md says what the code does: its example, its fields, its two tables."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

from vidimus.core.acts import document as documents
from vidimus.core.acts import shapes
from vidimus.core.acts.asking import Answer, Ask, Comment, Coordinate
from vidimus.core.acts.kinds import SEALED, Kind
from vidimus.core.acts.lifecycle import FALLEN, NEXT, State
from vidimus.core.acts.power import NEEDED, Capacity
from vidimus.core.acts.vocabulary import (
    BODIES,
    CoSignature,
    LogKey,
    Opened,
    OwnKey,
    Root,
    Withdraw,
)

SPEC = (Path(__file__).parents[2] / "spec" / "acts.md").read_text()
SHAPES = {
    pattern.__metadata__[0].pattern: name
    for name, pattern in vars(shapes).items()
    if get_origin(pattern) is Annotated
}


def named(hint: Any) -> str:
    inner = [each for each in get_args(hint) if each is not type(None)]
    if type(None) in get_args(hint):
        return named(inner[0])
    if get_origin(hint) is tuple:
        return f"list of {named(inner[0])}"
    if get_origin(hint) is Annotated:
        return SHAPES[hint.__metadata__[0].pattern]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return "/".join(each.value for each in hint)
    plain: dict[Any, str] = {datetime: "Time", int: "Number", bool: "Boolean"}
    return plain.get(hint) or hint.__name__


def described(cls: type) -> str:
    hints = get_type_hints(cls, include_extras=True)
    optional = {name for name, hint in hints.items() if type(None) in get_args(hint)}
    return ", ".join(
        f"`{each.name}`{'?' if each.name in optional else ''} {named(hints[each.name])}"
        for each in fields(cls)
    )


def field_row(kind: Kind) -> str:
    sealed = "sealed" if kind in SEALED else "public"
    return f"| `{kind}` | {sealed} | {described(BODIES[kind])} |"


def part_row(cls: type) -> str:
    return f"| {cls.__name__} | {described(cls)} |"


def power_row(kind: Kind) -> str:
    return f"| `{kind}` | {'; or '.join(each.name for each in NEEDED[kind])} |"


def capacity_row(capacity: Capacity) -> str:
    return f"| {capacity.name} | {capacity.value} |"


def life_row(state: State) -> str:
    leads = [
        f"`{kind}` → {there}" if there is not state else f"`{kind}`"
        for (here, kind), there in NEXT.items()
        if here is state
    ]
    fallen = " (fallen)" if state in FALLEN else ""
    return f"| {state}{fallen} | {' · '.join(leads) or '–'} |"


def shape_row(name: str) -> str:
    pattern = vars(shapes)[name].__metadata__[0].pattern.replace("|", "\\|")
    return f"| {name} | `{pattern}` |"


@pytest.mark.parametrize(
    "row",
    [
        *map(field_row, Kind),
        *map(part_row, (Root, Opened, Ask, Comment, LogKey, OwnKey, CoSignature)),
        *map(power_row, NEEDED),
        *map(capacity_row, Capacity),
        *map(life_row, State),
        *map(shape_row, SHAPES.values()),
    ],
)
def test_the_tables_are_those_of_the_code(row: str) -> None:
    assert f"\n{row}\n" in SPEC


def test_the_example_is_an_act() -> None:
    example, digest = re.findall(r"^```text\n(.*?)\n```", SPEC, re.M | re.S)[:2]
    act = documents.read(example.encode())
    assert isinstance(act.body, Withdraw)
    assert documents.digest(example.encode()).hex() == digest
    assert f"{len(example.encode())} bytes" in SPEC


def test_the_limits_are_those_of_the_code() -> None:
    assert f"{documents.MAX_DOCUMENT:,} bytes" in SPEC
    assert documents.ACT_TYPE in SPEC and documents.SEALED_TYPE in SPEC


def test_the_examples_of_coordination_are_bodies() -> None:
    asks, answers = re.findall(r'^(\{(?:"asked"|"comments").*\})$', SPEC, re.M)
    for body, kind in ((asks, Coordinate), (answers, Answer)):
        whole = (
            f'{{"act":"{kind.kind}","at":"2031-04-08T10:00:00Z","body":{body},'
            '"by":{"office":"ministry/legal","person":"p-lea"},'
            '"registry":"letters.example.org/log","v":1}'
        )
        assert isinstance(documents.read(whole.encode()).body, kind)
