"""A small ministry to work in: a real registry in a folder, people with keys, a clock by hand.

    ministry              ben         signs letters and papers, may take them back
    ├── ministry/press    cleo, fay   release; a memo goes out unsigned
    └── ministry/desk     dan         drafts
    archive               gus         promises nothing
                          ada         founder
                          eve         holds no office

Every letter and memo of the ministry is promised to be registered; papers (by ink) are not.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from vidimus import wiring
from vidimus.adapters import key_files
from vidimus.core.acts.kinds import ROOT, SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.vocabulary import Root
from vidimus.core.copies.answers import Answer
from vidimus.core.seal.keys import MemorySigner
from vidimus.operations.desk import Desk
from vidimus.operations.perform import Done
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.staff_desk import StaffDesk
from vidimus.operations.verbs import VERBS

BEGIN = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
HOLDS = {
    "ada": ROOT,
    "ben": "ministry",
    "cleo": "ministry/press",
    "fay": "ministry/press",
    "dan": "ministry/desk",
    "gus": "archive",
    "eve": "ministry",  # she says so; nobody appointed her
}

TEXT = """Sir,

the northern patrol will be repositioned to the outer harbour over the coming days. We will
not leave the inner harbour before 14 March. Traffic by night will increase for some weeks,
and we ask you to inform the pilots of all that concerns them.

Ben Birch
Minister of Coasts
"""
OTHER = """To the keepers of the lights: from Monday the lamps of the eastern mole are lit one
hour before sunset and are put out one hour after sunrise, until the dredging of the basin is
over and the buoys stand where the new chart has them. Oil is fetched at the storehouse.
"""
THIRD = """Madam, your request to moor two barges at the customs quay from May to September was
read with interest. The quay is promised to the herring fleet in these months. A place at the
coal pier can be had instead, for nine crowns a week, and the crane stands beside it.
"""
UNKNOWN = """A sentence of nobody's about the weather over the hills, the price of honey in the
valley, a missing dog with one white ear, and the concert of the brass band that was put off
until the trumpeter is well again.
"""


@dataclass
class HandClock:
    """Goes one second forward with each act, so that no two acts are one and the same."""

    time: datetime = BEGIN

    def now(self) -> datetime:
        return self.time

    def pass_(self, **length: int) -> None:
        self.time += timedelta(**length)


@dataclass
class Ministry:
    folder: Path
    registry: Registry
    desk: Desk
    clock: HandClock
    keys: dict[str, MemorySigner]
    private: dict[str, EllipticCurvePrivateKey]
    taken: int = 0
    said: list[Done] = field(default_factory=list)

    @property
    def staff(self) -> StaffDesk:
        return wiring.staff_desk(self.registry)

    def actor(self, person: str, office: str | None = None, *more: str) -> Actor:
        signers = tuple(self.keys[each] for each in (person, *more))
        return Actor(person, office or HOLDS[person], signers)

    def do(self, by: str, verb: str, /, **fields: Any) -> Done:
        """One act; `by` is a person, or a person and an office as in “ben as ministry”."""
        person, _, office = by.partition(" as ")
        self.clock.pass_(seconds=1)
        done = VERBS[verb](self.registry, self.actor(person, office or None), **fields)
        self.said.append(done)
        return done

    def draft(self, text: str = TEXT, cls: str = "letter", **more: Any) -> str:
        self.taken += 1
        fields = {"office": "ministry", "reference": f"MC-{self.taken}", "title": "A title"}
        done = self.do("dan", "draft", cls=cls, text=text, **(fields | more))
        return done.act.subject

    def signed(self, text: str = TEXT) -> str:
        letter = self.draft(text)
        self.do("ben", "sign", letter=letter)
        return letter

    def released(self, text: str = TEXT) -> str:
        letter = self.signed(text)
        self.do("cleo", "release", letter=letter)
        return letter

    def letter(self, name: str) -> Letter:
        found = self.registry.letter(name)
        assert found is not None
        return found

    def check(self, text: str = TEXT, **more: Any) -> Answer:
        return self.desk.check((text.encode(),), **more).answer

    def snapshot(self) -> tuple[Any, ...]:
        """All that a refused act must leave as it was."""
        log, office = self.registry.log, self.registry.office
        head = log.head()
        letters = tuple(each.id for each in self.registry.letters())
        digests = tuple(each.digest for each in log.filed(0, head.size))
        return (
            head,
            digests,
            log.wordings(letters),
            office.wordings(letters),
            tuple(office.document(each) for each in digests),
            office_rows(self.folder),
        )

    def verify(self) -> None:
        """The whole log, from storage, from inside and from outside."""
        for outside in (False, True):
            verified = wiring.verify_log(self.folder, outside)
            assert not verified.refused


def office_rows(folder: Path) -> tuple[tuple[Any, ...], ...]:
    """What lies in the office's file, down to the last row."""
    return rows(
        wiring.Folder(folder).office,
        "SELECT digest, length(document) FROM documents",
        "SELECT id, version, hex(sha), text FROM wordings JOIN letters USING (num)",
        "SELECT id FROM letters WHERE id IS NOT NULL",
        "SELECT id, hex(grams) FROM recent JOIN letters USING (num)",
    )


def rows(path: Path, *queries: str) -> tuple[tuple[Any, ...], ...]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return tuple(tuple(sorted(connection.execute(each).fetchall())) for each in queries)
    finally:
        connection.close()


def no_passphrase(_name: str) -> bytes:
    raise AssertionError("the keys of the tests are not encrypted")


def build(folder: Path, *, exercise: bool = True, clock: HandClock | None = None) -> Ministry:
    origin = "letters.ministry.example" + ("/exercise" if exercise else "")
    wiring.init(
        folder,
        origin=origin,
        exercise=exercise,
        passphrase=None,
        start=BEGIN if exercise else None,
    )
    clock = clock or HandClock()
    registry = wiring.office(folder, no_passphrase)
    registry.clock = clock
    desk = wiring.public_desk(folder)
    desk.clock = clock
    private = {name: key_files.new_es256() for name in HOLDS}
    keys = {name: MemorySigner(each) for name, each in private.items()}
    built = Ministry(folder, registry, desk, clock, keys, private)
    found(built)
    return built


def found(m: Ministry) -> None:
    def key(name: str) -> str:
        return m.keys[name].public.to_text()

    m.do("ada", "found", roots=(Root("ada", "Ada Ash", key("ada")),))
    for office, title, under in (
        ("ministry", "Ministry of Coasts", None),
        ("ministry/press", "Press Office", "ministry"),
        ("ministry/desk", "Correspondence", "ministry"),
        ("archive", "State Archive", None),
    ):
        m.do("ada", "establish", office=office, title=title, under=under)
    for person, name in (
        ("ben", "Ben Birch"),
        ("cleo", "Cleo Cedar"),
        ("dan", "Dan Dorn"),
        ("fay", "Fay Fir"),
        ("gus", "Gus Gorse"),
    ):
        m.do("ada", "appoint", person=person, name=name, key=key(person), office=HOLDS[person])
    for cls, rule, signers in (
        ("letter", SignatureRule.DIGITAL, ("ministry",)),
        ("paper", SignatureRule.INK, ("ministry",)),
        ("memo", SignatureRule.NONE, ()),
    ):
        m.do(
            "ada",
            "define_class",
            cls=cls,
            title=cls.capitalize(),
            office="ministry",
            rule=rule,
            signers=signers,
            releasers=("ministry/press", "ministry/desk") if cls == "memo" else ("ministry/press",),
        )
    for cls in ("letter", "memo"):
        m.do("ada", "cover", office="ministry", cls=cls)
