"""A letter that three offices must agree to: one says no, the text changes, one is overridden."""

from __future__ import annotations

from pathlib import Path

import pytest

from vidimus import wiring
from vidimus.core.acts.kinds import Position
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import State
from vidimus.core.acts.vocabulary import Release
from vidimus.errors import NotAllowed
from vidimus.operations import readiness
from vidimus.operations import story as stories
from vidimus.operations.lookup import find
from vidimus.operations.registry import Registry

FIRST = "Sir, the northern patrol leaves the inner harbour before 14 March, with nine boats."
SECOND = "Sir, the northern patrol leaves the inner harbour before 11 March, with nine boats."
HEAD = f"""
story: A letter is agreed to
origin: letters.coasts.example/exercise
people:
  ada: Ada Ash
  ben: Ben Birch
  cleo: Cleo Cedar
  dan: Dan Dorn
  lea: Lea Larch
  fin: Fin Fir
  hal: Hal Hazel
texts:
  first: "{FIRST}"
  second: "{SECOND}"
acts:
  - {{at: "2031-03-03T08:00:00Z", by: ada as root, do: found, founders: [ada]}}
"""
OFFICES = (
    ("ministry", "Ministry of Coasts", "ben"),
    ("press", "Press Office", "cleo"),
    ("desk", "Correspondence", "dan"),
    ("legal", "Legal Adviser", "lea"),
    ("treasury", "Treasury", "fin"),
    ("harbours", "Harbour Board", "hal"),
)
RULE = "rule: digital, signers: [ministry], releasers: [ministry/press]"


def line(at: str, by: str, rest: str) -> str:
    return f'  - {{at: "2031-03-{at}:00Z", by: {by}, {rest}}}\n'


def _name(office: str) -> str:
    return f"ministry/{office}" if office in ("press", "desk") else office


def staffing() -> str:
    found = HEAD
    for office, title, person in OFFICES:
        under = ", under: ministry" if office in ("press", "desk") else ""
        root, name = "ada as root", _name(office)
        found += line("03T08:00", root, f"do: establish, office: {name}, title: {title}{under}")
        found += line("03T08:00", root, f"do: appoint, person: {person}, office: {name}")
    of = "class: letter, office: ministry"
    found += line("03T08:00", "ada as root", f"do: define_class, {of}, title: Letters, {RULE}")
    return found + line("03T08:00", "ada as root", f"do: cover, {of}")


DAN, BEN, LEA, FIN, HAL, CLEO = (
    *("dan as ministry/desk", "ben as ministry", "lea as legal", "fin as treasury"),
    *("hal as harbours", "cleo as ministry/press"),
)
OF = "letter: patrol"
ASKED = (
    line(
        *("03T09:00", DAN),
        "do: draft, letter: patrol, office: ministry, class: letter, reference: MC-1,"
        " title: Northern patrol, text: first",
    )
    + line(
        *("03T09:10", DAN),
        f"do: coordinate, {OF}, ask: [legal, treasury, harbours], until: 2031-03-05",
    )
    + line("03T10:00", FIN, f"do: answer, {OF}, position: concur, version: 1")
    + line(
        *("03T11:00", LEA),
        f"do: answer, {OF}, position: nonconcur, version: 1, on: before 14 March,"
        " comment: The lease ends on the 12th.",
    )
    + line(
        *("03T12:00", HAL),
        f"do: answer, {OF}, position: concur_with_comment, version: 1, comment: Name the boats.",
    )
)
SIGN = line("04T08:00", BEN, f"do: sign, {OF}")
REVISED = line("04T09:00", DAN, f"do: revise, {OF}, text: second")
AGREED = (
    line("04T10:00", LEA, f"do: answer, {OF}, position: concur, version: 2")
    + line("04T10:00", FIN, f"do: answer, {OF}, position: concur, version: 2")
    + line(
        *("04T11:00", HAL),
        f"do: answer, {OF}, position: nonconcur, version: 2, comment: Nine are too many.",
    )
)
OVERRIDDEN = line(
    *("04T12:00", BEN), f"do: override, {OF}, office: harbours, reason: There are nine berths."
)
RELEASED = (
    line("04T13:00", BEN, f"do: sign, {OF}, version: 2")
    + line("04T14:00", CLEO, f"do: release, {OF}")
    + '  - {at: "2031-03-04T15:00:00Z", check: second, expect: STANDS}\n'
    + '  - {at: "2031-03-04T15:00:00Z", check: first, expect: ALTERED}\n'
)


def played(folder: Path, *parts: str) -> Registry:
    story = stories.read("".join((staffing(), *parts)).encode())
    wiring.play(story, folder, folder / "registry")
    return wiring.office(folder / "registry", lambda _name: ())


def letter(registry: Registry) -> Letter:
    return find(registry, "MC-1")


def test_an_open_objection_keeps_the_minister_from_signing(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed) as refused:
        played(tmp_path, ASKED, SIGN)
    assert "version 1 cannot be signed: legal stands in the way" in refused.value.fact
    assert "“The lease ends on the 12th.”" in (refused.value.hint or "")


def test_the_new_version_voids_all_three_answers(tmp_path: Path) -> None:
    registry = played(tmp_path, ASKED, REVISED)
    found = letter(registry)
    assert len(found.coordination.void(2)) == 3
    owed = [(each.turn.office, each.turn.asked.until) for each in readiness.owed(registry)]
    assert [office for office, _ in owed] == ["harbours", "legal", "treasury"]
    with pytest.raises(NotAllowed, match="and 2 more"):
        played(tmp_path / "again", ASKED, REVISED, SIGN.replace("04T08", "04T10"))


def test_the_day_as_it_goes(tmp_path: Path) -> None:
    """One agrees now, one is overridden by name, a second person releases; outside it stands."""
    with pytest.raises(NotAllowed, match="harbours stands in the way"):
        played(tmp_path / "first", ASKED, REVISED, AGREED, RELEASED)
    registry = played(tmp_path, ASKED, REVISED, AGREED, OVERRIDDEN, RELEASED)
    found = letter(registry)
    assert found.state is State.RELEASED
    no, over = found.coordination.answers[-1], found.coordination.overrides[-1]
    assert (no.position, no.name) == (Position.NONCONCUR, "Hal Hazel")
    assert (over.name, over.reason) == ("Ben Birch", "There are nine berths.")
    (stored,) = registry.log.entries(registry.size - 1, registry.size)
    release = registry.entry(stored).act.body
    assert isinstance(release, Release)
    named = {no.index, over.index, *(each.index for each in found.coordination.asked)}
    assert named <= set(release.rests_on)
    for outside in (False, True):
        assert not wiring.verify_log(tmp_path / "registry", outside).refused
