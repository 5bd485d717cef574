"""A small town's register to walk through: real acts, real log, one letter for every headline.

    harbour   The Harbour Office    promises to register every letter; ada signs, ben releases
    museum    The Town Museum       promises nothing

`cas` signs two letters with a key that is found stolen afterwards and revoked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vidimus import wiring
from vidimus.adapters import key_files
from vidimus.core.acts.kinds import ROOT, Reason, SignatureRule
from vidimus.core.acts.vocabulary import Root
from vidimus.core.seal.keys import MemorySigner
from vidimus.operations import afterlife, empowering, preparing
from vidimus.operations.desk import Desk
from vidimus.operations.registry import Actor, Registry

BEGIN = datetime(2031, 4, 1, 8, 0, tzinfo=UTC)

TEXTS = {
    "stands": """The Harbour Office
Reference HO/2031/1

To the owners of the fishing boats,

The north basin will be dredged from 5 May 2031 to 23 May 2031. During these weeks no boat
may be moored east of the ice house. Owners shall move their boats to the south basin before
sunset on 4 May 2031, and may bring them back once the harbour master has not objected.

The fee of 120 crowns for May is waived. Nobody needs to apply for it.

Ada Alder
Head of the Harbour Office""",
    "withdrawn": """To the ferry company: the pier at Long Point is found sound after the
inspection of 2 April 2031, and vehicles of up to 18 tonnes may again be loaded there by day.
The speed limit of five knots inside the breakwater remains in force for every vessel.""",
    "superseded": """Notice of winter berths: applications for a heated shed are taken by the
porter on weekdays between nine and noon; each household can ask for one place, and places are
drawn by lot in the presence of two witnesses on the last day of September.""",
    "successor": """Second notice of winter berths: applications for heated sheds go by post to
the bursar, who numbers them as they come; widowed owners come first, then pilots, then all
others by the length of their keels measured along the waterline.""",
    "corrected": """On the price of ballast sand: from Whitsun the cartload costs eleven crowns
at the quay and fourteen crowns delivered, screened once, free of shells, and weighed wet upon
the public scale under the clerk's own eyes.""",
    "correction": """On ballast sand, put right: the cartload costs twelve crowns at the quay and
fourteen delivered, from Whitsun onward, and whoever paid another price since then is given the
difference back without asking for it at the counter.""",
    "on-hold": """Permission is given to the diving club to search the wreck of the barge
Marigold on three Sundays in June, with two boats and six divers, provided that a lookout
stands on the mole and that nothing which is brought up leaves the harbour before it is listed.""",
    "disowned": """The southern quarter of the harbour is to be cleared of all traders within
ten days, their stalls taken down at their own cost, and the ground handed over swept and empty
to the new leaseholder, whose name will be made known in due course by this office.""",
    "draft": """We thank your council for its patience, and shall in the coming weeks withdraw our
tugs from the upper river, so that the bridge can be rebuilt; we respect the decision that asked
for it, and leave behind the two barges that carry the cranes.""",
    "forged": """By order of the harbour every sailmaker pays a yearly due of nine hundred crowns
into the account named below, before the first of August, failing which looms, needles and cloth
are seized and sold by auction upon the market square.""",
    "without-authority": """The lighthouse keeper is allowed a second assistant through the dark
months, paid by the day from the beacon fund, chosen among former pilots of good eyesight who
can climb two hundred steps with a can of oil in each hand.""",
    "ratified": """A reward of forty crowns goes to whoever finds the lost buoy of the outer
channel, painted red and white, with a cracked bell, last seen drifting past the sandbank in the
gale of the second week in March, and brings it whole to the slipway.""",
    "secret": """In confidence: the council weighs the sale of the old customs house to the
shipwrights' guild, at a price that no offer has reached so far, and asks the treasurer for his
view of the roof, the cellar and the right of way across the yard.""",
}
UNKNOWN = """A sentence of nobody's about the weather over the hills, the price of honey in the
valley, a missing dog with one white ear, and the concert of the brass band that was put off
until the trumpeter is well again."""
# Every headline, and the text that gets it; ALTERED and PART_STANDS are made from "stands".
ALTERED = (
    TEXTS["stands"]
    .replace("no boat\nmay", "every boat\nmay")
    .replace("23 May", "28 May")
    .replace("has not objected", "has objected")
    .replace("120 crowns", "210 crowns")
)
PART = TEXTS["stands"].split("\n\n")[2]


@dataclass
class Ticking:
    """A clock that goes one minute forward when it is told to."""

    time: datetime = BEGIN

    def now(self) -> datetime:
        return self.time

    def tick(self) -> None:
        self.time += timedelta(minutes=1)


@dataclass
class Town:
    registry: Registry
    desk: Desk
    folder: Path
    letters: dict[str, str] = field(default_factory=dict)


def build(folder: Path, *, exercise: bool) -> Town:
    origin = "register.town.example" + ("/exercise" if exercise else "")
    wiring.init(
        folder, origin=origin, exercise=exercise, passphrase=None, start=BEGIN if exercise else None
    )
    clock = Ticking()
    registry = wiring.office(folder, lambda _name: (b"",))
    registry.clock = clock
    desk = wiring.public_desk(folder)
    desk.clock = clock
    town = Town(registry, desk, folder)
    _people(town, clock)
    _life(town, clock)
    clock.tick()
    return town


def _actor(keys: dict[str, MemorySigner], person: str, office: str) -> Actor:
    return Actor(person, office, (keys[person],))


def _people(town: Town, clock: Ticking) -> None:
    registry = town.registry
    keys = {name: MemorySigner(key_files.new_es256()) for name in ("root", "ada", "ben", "cas")}
    names = {"ada": "Ada Alder", "ben": "Ben Birch", "cas": "Cas Cedar"}
    town.keys = keys  # type: ignore[attr-defined]
    root = _actor(keys, "root", ROOT)
    founder = Root("root", "Ruth Root", keys["root"].public.to_text())
    empowering.found(registry, root, roots=(founder,))
    for office, title in (("harbour", "The Harbour Office"), ("museum", "The Town Museum")):
        empowering.establish(registry, root, office=office, title=title)
    empowering.establish(
        registry, root, office="harbour/clerks", title="The Clerks of the Harbour", under="harbour"
    )
    for person, office in (
        ("ada", "harbour"),
        ("cas", "harbour"),
        ("ben", "harbour/clerks"),
        ("ada", "museum"),
    ):
        empowering.appoint(
            registry,
            root,
            person=person,
            name=names[person],
            key=keys[person].public.to_text(),
            office=office,
        )
    for office, cls in (("harbour", "letter"), ("museum", "catalogue")):
        empowering.define_class(
            registry,
            root,
            cls=cls,
            title=cls.capitalize(),
            office=office,
            rule=SignatureRule.DIGITAL,
            signers=(office,),
            releasers=("harbour/clerks",),
        )
    empowering.cover(registry, _actor(keys, "ada", "harbour"), office="harbour", cls="letter")
    clock.tick()


def _life(town: Town, clock: Ticking) -> None:
    registry, keys = town.registry, town.keys  # type: ignore[attr-defined]
    ada = _actor(keys, "ada", "harbour")
    ben = _actor(keys, "ben", "harbour/clerks")
    cas = _actor(keys, "cas", "harbour")

    def out(name: str, number: int, signer: Actor = ada) -> str:
        clock.tick()
        done = preparing.draft(
            registry,
            ada,
            office="harbour",
            cls="letter",
            reference=f"HO/2031/{number}",
            title=f"On what is {name}",
            text=TEXTS[name],
        )
        letter = town.letters[name] = done.act.subject
        if name not in ("draft", "secret"):
            preparing.sign(registry, signer, letter=letter)
            preparing.release(registry, ben, letter=letter)
        clock.tick()
        return letter

    for number, name in enumerate(
        (
            *("stands", "withdrawn", "superseded", "successor", "corrected", "correction"),
            *("on-hold", "disowned", "draft", "secret"),
        ),
        start=1,
    ):
        out(name, number)
    known = town.letters
    afterlife.withdraw(registry, ada, letter=known["withdrawn"], reason="The pier gave way.")
    afterlife.supersede(registry, ada, letter=known["superseded"], successor=known["successor"])
    afterlife.correct(
        registry,
        ada,
        letter=known["corrected"],
        successor=known["correction"],
        reason="Eleven should have been twelve.",
    )
    afterlife.hold(registry, ada, letter=known["on-hold"])
    clock.tick()
    afterlife.hold(registry, ada, letter=known["disowned"], reason="A reporter asked.")
    clock.tick()
    afterlife.disown(
        registry,
        ada,
        letter=known["disowned"],
        code=Reason.NOT_AUTHORISED,
        reason="No such decision was made.",
    )
    afterlife.acknowledge_draft(registry, ada, letter=known["draft"], reason="It leaked.")
    afterlife.declare_forged(
        registry, ada, office="harbour", title="A demand of dues", text=TEXTS["forged"]
    )
    last_good = registry.log.head().size - 1
    clock.tick()
    out("without-authority", 20, cas)
    out("ratified", 21, cas)
    empowering.revoke_key(
        registry,
        _actor(keys, "root", ROOT),
        person="cas",
        key=keys["cas"].public.to_text(),
        last_index=last_good,
    )
    clock.tick()
    afterlife.ratify(registry, ada, letter=known["ratified"], reason="The reward was meant.")
