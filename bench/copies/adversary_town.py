"""The registry that the adversary attacks: real acts on a real log, one letter of every fate.

`Town.standing(at)` are the wordings that may be told to stand at that moment; everything else
that is made of these letters may not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from bench.copies import adversary_letters as text
from vidimus import wiring
from vidimus.core.acts.kinds import ROOT, Reason, SignatureRule
from vidimus.core.acts.vocabulary import Root
from vidimus.core.seal.keys import MemorySigner
from vidimus.operations.desk import Desk
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.verbs import VERBS

BEGIN = datetime(2031, 4, 1, 8, 0, tzinfo=UTC)
OFFICES = {"root": ROOT, "ada": "coasts", "ben": "coasts", "cas": "coasts", "cleo": "coasts/press"}


@dataclass(slots=True)
class HandClock:
    """Goes one minute forward with each act."""

    time: datetime = BEGIN

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    text: str
    # From when to when it stood, as the log told it then; one that rests on a stolen key stood
    # until that was told.
    stood: tuple[tuple[datetime, datetime], ...] = ()

    def stands(self, at: datetime) -> bool:
        return any(since <= at < until for since, until in self.stood)

    def rises(self, at: datetime) -> Letter:
        return replace(self, stood=(*self.stood, (at, datetime.max.replace(tzinfo=UTC))))

    def falls(self, at: datetime) -> Letter:
        return replace(self, stood=(*self.stood[:-1], (self.stood[-1][0], at)))


@dataclass(slots=True)
class Town:
    registry: Registry
    desk: Desk
    clock: HandClock
    keys: dict[str, MemorySigner]
    letters: list[Letter] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def do(self, by: str, verb: str, /, **fields: Any) -> str:
        self.clock.time += timedelta(minutes=1)
        done = VERBS[verb](self.registry, Actor(by, OFFICES[by], (self.keys[by],)), **fields)
        return done.act.subject

    def standing(self, at: datetime | None = None) -> tuple[str, ...]:
        """What may stand at that moment."""
        moment = at or self.clock.time
        return tuple(each.text for each in self.letters if each.stands(moment))

    def text(self, name: str) -> str:
        return next(each.text for each in self.letters if each.name == name)


def build(folder: Path) -> Town:
    """About forty acts. The desk is the public one, over the same folder."""
    wiring.init(folder, origin="letters.coasts.example/log", exercise=False, passphrase=None)
    clock = HandClock()
    registry = wiring.office(folder, lambda _name: b"")
    registry.clock = clock
    desk = wiring.public_desk(folder)
    desk.clock = clock
    keys = {name: MemorySigner(ec.generate_private_key(ec.SECP256R1())) for name in OFFICES}
    town = Town(registry, desk, clock, keys)
    _people(town)
    _standing(town)
    _fallen(town)
    clock.time += timedelta(days=1)
    return town


def _people(town: Town) -> None:
    def key(name: str) -> str:
        return town.keys[name].public.to_text()

    town.do("root", "found", roots=(Root("root", "Ruth Root", key("root")),))
    town.do("root", "establish", office="coasts", title="Ministry of Coasts")
    town.do("root", "establish", office="coasts/press", title="Press Office", under="coasts")
    for person, name in (
        ("ada", "Ada Alder"), ("ben", "Ben Birch"), ("cas", "Cas Cedar"), ("cleo", "Cleo Clove"),
    ):  # fmt: skip
        town.do(
            "root", "appoint", person=person, name=name, key=key(person), office=OFFICES[person]
        )
    for cls, rule in (("letter", SignatureRule.DIGITAL), ("note", SignatureRule.NONE)):
        signers = ("coasts",) if rule is SignatureRule.DIGITAL else ()
        town.do(
            "root", "define_class", cls=cls, title=cls.capitalize(), office="coasts", rule=rule,
            signers=signers, releasers=("coasts/press",),
        )  # fmt: skip
    for cls in ("letter", "note"):
        town.do("ada", "cover", office="coasts", cls=cls)


def _drafted(town: Town, name: str, wording: str, *, cls: str = "letter", draft: str = "") -> str:
    letter = town.do(
        "ada", "draft", office="coasts", cls=cls, reference=f"MC-{len(town.ids)}",
        title=f"On {name}", text=draft or wording, language="ar" if name == "arabic" else "en",
    )  # fmt: skip
    if draft:
        town.do("ada", "revise", letter=letter, text=wording)
        town.letters.append(Letter(f"draft of {name}", draft))
    town.ids[name] = letter
    return letter


def _released(town: Town, name: str, wording: str, *, by: str = "ben", **more: str) -> str:
    letter = _drafted(town, name, wording, **more)
    if more.get("cls") != "note":
        town.do(by, "sign", letter=letter)
    town.do("cleo", "release", letter=letter)
    town.letters.append(Letter(name, wording).rises(town.clock.time))
    return letter


def _falls(town: Town, name: str, verb: str, /, **fields: Any) -> None:
    town.do("ada", verb, letter=town.ids[name], **fields)
    _now(town, name, stands=False)


def _now(town: Town, name: str, *, stands: bool) -> None:
    at = next(i for i, each in enumerate(town.letters) if each.name == name)
    was, time = town.letters[at], town.clock.time
    town.letters[at] = was.rises(time) if stands else was.falls(time)


def _standing(town: Town) -> None:
    for name, wording in (
        ("order", text.ORDER), ("permit", text.PERMIT), ("speech", text.SPEECH),
    ):  # fmt: skip
        _released(town, name, wording, draft=text.DRAFTS[name])
    _released(town, "notice", text.NOTICE, cls="note")
    _released(town, "arabic", text.ARABIC)
    for number, wording in enumerate(text.FORMS):
        _released(town, f"form {number}", wording)
    _falls(town, "form 3", "withdraw", reason="The berth was let twice.")


def _fallen(town: Town) -> None:
    for name, wording in (
        ("withdrawn", text.WITHDRAWN), ("superseded", text.SUPERSEDED),
        ("successor", text.SUCCESSOR), ("corrected", text.CORRECTED),
        ("correction", text.CORRECTION), ("held", text.HELD), ("cleared", text.CLEARED),
        ("disowned", text.DISOWNED),
    ):  # fmt: skip
        _released(town, name, wording)
    for name, wording in (
        ("draft", text.DRAFT), ("secret", text.SECRET), ("signed", text.SIGNED),
        ("abandoned", text.ABANDONED),
    ):  # fmt: skip
        _drafted(town, name, wording)
        town.letters.append(Letter(name, wording))
    town.do("ben", "sign", letter=town.ids["signed"])
    town.do("ada", "abandon", letter=town.ids["abandoned"])
    town.do("ada", "acknowledge_draft", letter=town.ids["draft"], reason="It leaked.")
    _falls(town, "withdrawn", "withdraw", reason="The pier gave way.")
    _falls(town, "superseded", "supersede", successor=town.ids["successor"])
    _falls(town, "corrected", "correct", successor=town.ids["correction"], reason="Not eleven.")
    _falls(town, "held", "hold", reason="The insurer asked.")
    town.do("ada", "hold", letter=town.ids["cleared"])
    town.do("ada", "clear", letter=town.ids["cleared"])
    _falls(town, "disowned", "disown", code=Reason.NOT_AUTHORISED, reason="Nobody decided it.")
    town.do("ada", "declare_forged", office="coasts", title="A demand of dues", text=text.FORGED)
    town.letters.append(Letter("forged", text.FORGED))
    last_good = town.registry.log.head().size - 1
    _released(town, "powerless", text.POWERLESS, by="cas")
    _released(town, "reward", text.REWARD, by="cas")
    # The key of cas was found stolen.
    town.do(
        "root", "revoke_key", person="cas", key=town.keys["cas"].public.to_text(),
        last_index=last_good,
    )  # fmt: skip
    for name in ("powerless", "reward"):
        _now(town, name, stands=False)
    town.do("ada", "ratify", letter=town.ids["reward"], reason="The reward was meant.")
    _now(town, "reward", stands=True)
