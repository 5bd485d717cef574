"""A registry to measure on: an office, its press office, and many notes ready to be released."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts import vocabulary as v
from vidimus.core.acts.kinds import SignatureRule
from vidimus.core.seal import statement
from vidimus.core.seal.keys import MemorySigner
from vidimus.operations import lookup
from vidimus.operations.admission import Admission, Wording
from vidimus.operations.perform import seal
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.verbs import VERBS

ORIGIN = "letters.bench.example/log"
PEOPLE = {"ada": "root", "ben": "ministry", "cleo": "ministry/press", "dan": "ministry"}
WORDS = re.findall(
    "[a-z]+",
    "harbour pilot quay barge lamp mole crane dredging basin chart herring fleet coal pier"
    " customs storehouse oil patrol crown week month season signal buoy tide",
)


@dataclass
class Town:
    folder: Path
    registry: Registry
    keys: dict[str, MemorySigner]
    letters: list[v.Draft]
    drafted: dict[str, int]

    def act(self, kind: str, letter: v.Draft) -> tuple[bytes, bytes]:
        """A statement and its document, signed now by the press office."""
        body: v.Body = v.Hold(letter.letter)
        if kind == "clear":
            body = v.Clear(letter.letter)
        elif kind == "release":
            body = v.Release(
                letter.letter, 1, letter.office, letter.cls, letter.reference, letter.title,
                letter.language, letter.text, letter.canonical, (), (self.drafted[letter.letter],),
            )  # fmt: skip
        return self.written("cleo", body)

    def written(self, person: str, body: v.Body) -> tuple[bytes, bytes]:
        now = datetime.now(UTC).replace(microsecond=0)
        act = v.Act(ORIGIN, person, PEOPLE[person], now, body)
        document = documents.write(act)
        raw = statement.write(
            issuer=entries.issuer_of(act),
            subject=entries.subject_of(act),
            issued_at=int(now.timestamp()),
            digest=documents.digest(document),
            content_type=documents.ACT_TYPE,
            signer=self.keys[person],
        )
        return raw, document


def build(folder: Path, *, letters: int, words: int = 120) -> Town:
    """So many notes, drafted and not yet released, each with its own text. Seeded."""
    wiring.init(folder, origin=ORIGIN, exercise=False, passphrase=None)
    registry = wiring.office(folder, lambda _name: ())
    keys = {name: MemorySigner(ec.generate_private_key(ec.SECP256R1())) for name in PEOPLE}
    town = Town(folder, registry, keys, [], {})

    def do(by: str, verb: str, /, **fields: object) -> None:
        actor = Actor(by, PEOPLE[by], (keys[by],))
        VERBS[verb](registry, actor, **fields)

    do("ada", "found", roots=(v.Root("ada", "Ada", keys["ada"].public.to_text()),))
    do("ada", "establish", office="ministry", title="Ministry of Coasts")
    do("ada", "establish", office="ministry/press", title="Press Office", under="ministry")
    for person in ("ben", "cleo", "dan"):
        do("ada", "appoint", person=person, name=person.title(), office=PEOPLE[person],
           key=keys[person].public.to_text())  # fmt: skip
    do("ada", "define_class", cls="note", title="A note", office="ministry",
       rule=SignatureRule.NONE, signers=(), releasers=("ministry/press",))  # fmt: skip
    chance = random.Random(7)
    for start in range(0, letters, 250):
        _draft(town, [_text(chance, n, words) for n in range(start, min(letters, start + 250))])
    return town


def next_second() -> None:
    """Wait for it: the same act in the same second is the same act."""
    time.sleep(1.01 - time.time() % 1)


def _text(chance: random.Random, number: int, words: int) -> str:
    return f"Note {number}. " + " ".join(chance.choice(WORDS) for _ in range(words)) + "."


def _draft(town: Town, texts: Sequence[str]) -> None:
    """Sealed drafts, as the office makes them, many in one transaction."""
    registry = town.registry
    with registry.office.writing():
        admission = Admission(registry)
        for text in texts:
            sha, name = lookup.names_of(text)
            letter = lookup.fresh_id(registry)
            body = v.Draft(
                letter, 1, "ministry", "note", f"N-{admission.size}", "A note", "en", sha, name
            )
            raw, document = town.written("dan", body)
            act = documents.read(document)
            raw, document = seal(registry, act, raw, int(act.at.timestamp()))
            wording = Wording(letter, 1, "en", text)
            entry = admission.admit(raw, document, wordings=lambda w=wording: (w,))  # type: ignore[misc]
            town.letters.append(body)
            town.drafted[letter] = entry.index
        admission.commit()
