"""Every write on the way to the log fails: before it, in the middle, and after it persisted.

The process is killed there, and the registry is opened again as on any day. What was answered
is on the log, what was not answered is whole or absent, and the next act works.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.faults import doors
from tests.faults.doors import Doing, Moment
from tests.faults.kept import Kept
from tests.faults.parts import copied, pems, released, reopened, run, until_killed
from tests.operations.ministry import OTHER, THIRD, UNKNOWN, Ministry
from tests.service.door import COSE, Door, opened
from tests.store.test_kill import require_no_orphans, require_unknown

from vidimus.core.acts import vocabulary as v
from vidimus.core.copies.answers import Headline
from vidimus.core.seal import submitted
from vidimus.errors import NotAllowed
from vidimus.operations import lookup

TEXTS = (
    "INSERT OR IGNORE INTO letters",
    "INSERT INTO wordings",
    "INSERT INTO recent",
)
SETTLE = ("BEGIN", "UPDATE documents", "DELETE FROM pending", "COMMIT")
PUT = ("BEGIN", "INSERT OR IGNORE INTO documents", *TEXTS, "INSERT INTO pending", "COMMIT")
SEALED = (
    "BEGIN",
    "INSERT INTO entries",
    "INSERT INTO places",
    "INSERT INTO subtrees",
    "UPDATE head",
    "COMMIT",
)
PUBLIC = (*SEALED[:-1], *TEXTS, "COMMIT")
REMEMBER = ("BEGIN", "INSERT OR REPLACE INTO remembered", "COMMIT")

# Which writes there are on the way of an act through each door, in their order.
WRITES: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
    "draft": {
        ("office", "settle"): SETTLE,
        ("office", "put"): PUT,
        ("log", "append"): SEALED,
        ("office", "remember"): REMEMBER,
    },
    "forgery": {
        ("office", "settle"): SETTLE,
        ("log", "append"): PUBLIC,
        ("office", "remember"): REMEMBER,
    },
    "batch": {
        ("office", "settle"): SETTLE,
        ("log", "append"): PUBLIC,
        ("office", "remember"): REMEMBER,
    },
}
# Of these there are many rows; it ends between two of them as well.
ROWS = {
    "INSERT INTO entries": 3,
    "INSERT INTO places": 3,
    "INSERT INTO subtrees": 4,
}
AS_FOR_A_DRAFT: dict[str, tuple[str, ...]] = {
    "draft": (),
    "forgery": ("settle", "remember"),
    "batch": ("settle",),
}


def moments() -> Iterator[Any]:
    for door, writes in WRITES.items():
        for (store, method), statements in writes.items():
            if method in AS_FOR_A_DRAFT[door]:
                continue
            found = [Moment(store, method, when) for when in ("before", *statements, "after")]
            if door == "batch":
                found += [Moment(store, method, w, ROWS[w]) for w in statements if w in ROWS]
            for moment in found:
                yield pytest.param(door, moment, id=f"{door}, {moment}")


def on_the_log(moment: Moment) -> bool:
    """The commit of the log's file decides, and nothing before or after it."""
    return (moment.method, moment.when) == ("append", "after") or moment.method == "remember"


# --- the door of people ----------------------------------------------------------------------


DRAFT = Doing(
    "dan",
    "draft",
    {"office": "ministry", "cls": "letter", "reference": "N-1", "title": "A title", "text": THIRD},
)
FORGERY = Doing("ben", "declare_forged", {"office": "ministry", "title": "A title", "text": THIRD})
# Before it, something that the act after it has to settle.
FIRST = Doing("dan", "draft", DRAFT.fields | {"reference": "N-0", "text": f"{UNKNOWN} Yours."})
DOINGS = {"draft": DRAFT, "forgery": FORGERY}


def people(m: Ministry, doing: Doing, moment: Moment) -> None:
    kept, size = Kept(), m.registry.log.head().size
    for _, index, document, checkpoint in until_killed(
        doors.act, m.folder, pems(m), (FIRST, doing), moment
    ):
        kept.acted(index, document)
        kept.shown(checkpoint)
    assert len(kept.acts) == 1, "the act that died was answered"

    m = reopened(m, m.folder)
    logged = on_the_log(moment)
    kept.require(m.folder)
    assert m.registry.log.head().size == size + 1 + logged
    if not logged:
        require_unknown(m.registry, THIRD)
    again(m, doing, logged)
    require_no_orphans(m)
    kept.require(m.folder)


def again(m: Ministry, doing: Doing, logged: bool) -> None:
    """Who got no answer tries once more: it is done now, or hears that it was."""
    if logged:
        with pytest.raises(NotAllowed):
            m.do(doing.person, doing.verb, **doing.fields)
    else:
        m.do(doing.person, doing.verb, **doing.fields)
    forged = doing is FORGERY
    assert m.check(THIRD).headline is (Headline.DECLARED_FORGED if forged else Headline.NO_RECORD)
    m.draft(f"{OTHER} {os.urandom(6).hex()}")


# --- the door of programs --------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    raw: bytes
    body: bytes
    allowed: bool


def batch(m: Ministry) -> list[Sent]:
    """Several acts at once: on letters, on authority, with a text, and one that is refused."""
    door = Door(m, None)  # type: ignore[arg-type]
    one, two, three = released(m)
    sha, name = lookup.names_of(THIRD)
    forgery = v.DeclareForged(
        base64.b32encode(os.urandom(10)).decode(), "ministry", "A title", "en", sha, name
    )
    acts: list[tuple[str, v.Body, bytes | None, bool]] = [
        ("cleo", v.Hold(one, "We are looking at it."), None, True),
        ("cleo", v.Hold(two, "We are looking at it."), None, True),
        ("dan", v.Withdraw(three), None, False),
        ("ben", forgery, THIRD.encode(), True),
        ("gus", v.Cover("archive", "paper", m.clock.now()), None, False),
        ("ada", v.End("fay", "ministry/press", m.clock.now()), None, True),
    ]
    found = []
    for person, body, text, allowed in acts:
        raw, document = door.signed(person, body)
        found.append(Sent(raw, submitted.write(raw, document, text), allowed))
    return found


def programs(m: Ministry, moment: Moment) -> None:
    kept, size = Kept(), m.registry.log.head().size
    sent = batch(m)
    said = until_killed(doors.register, m.folder, [each.body for each in sent], moment)
    assert said == [], "one of them was answered before all of them were kept"

    m = reopened(m, m.folder)
    allowed = [each for each in sent if each.allowed]
    logged = len(allowed) if on_the_log(moment) else 0
    kept.require(m.folder)
    assert m.registry.log.head().size == size + logged
    assert (m.check(THIRD).headline is Headline.DECLARED_FORGED) == bool(logged)
    # Who got no answer sends it once more, and is told where it is now.
    with opened(m, doors.ROOMY) as door:
        for each in sent:
            answer = door.client.post("/entries", content=each.body, headers=COSE)
            assert answer.status_code == (201 if each.allowed else 400)
            if each.allowed:
                kept.registered(each.raw, answer.content)
        kept.shown(door.client.get("/checkpoint").text)
    assert m.registry.log.head().size == size + len(allowed)
    m.draft(f"{OTHER} {os.urandom(6).hex()}")
    require_no_orphans(m)
    kept.require(m.folder)


@pytest.mark.parametrize(("door", "moment"), list(moments()))
def test_a_process_that_is_killed_at_a_write_loses_nothing(
    base: Ministry, tmp_path: Path, door: str, moment: Moment
) -> None:
    """Issue: every write in the append path fails before it and fails after it persisted."""
    m = copied(base, tmp_path / "registry")
    if door == "batch":
        programs(m, moment)
    else:
        people(m, DOINGS[door], moment)


@pytest.mark.parametrize("door", WRITES)
def test_the_table_names_every_write(base: Ministry, tmp_path: Path, door: str) -> None:
    """A write that somebody adds on the way of an act must be failed here too."""
    m = copied(base, tmp_path / "registry")
    if door == "batch":
        said, status = run(doors.register, m.folder, [each.body for each in batch(m)], None)
    else:
        said, status = run(doors.act, m.folder, pems(m), (FIRST, DOINGS[door]), None)
    assert status == 0
    found: dict[tuple[str, str], dict[str, int]] = {}
    for kind, *seen in said:
        if kind == "seen" and seen[2] not in ("before", "after"):
            counted = found.setdefault((seen[0], seen[1]), {})
            counted[seen[2]] = counted.get(seen[2], 0) + 1
    assert {of: tuple(counted) for of, counted in found.items()} == WRITES[door]
    if door == "batch":
        for statement, nth in ROWS.items():
            assert found["log", "append"][statement] >= nth
