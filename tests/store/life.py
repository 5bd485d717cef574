"""An office at work, in a process that will be killed: random acts through the real verbs.

Before each act it says what it is about to do, and after it what was answered; each message
is one write to a pipe, so that what the other side has read was said before the kill.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from tests.operations.ministry import HOLDS

from vidimus import wiring
from vidimus.core.acts.kinds import Kind, Reason
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import State
from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import Conflict, NotAllowed
from vidimus.operations.perform import Done
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.verbs import VERBS

SOME = """
harbour pilot lantern barge tide quay chart winter herring rope signal keeper mole basin customs
cargo anchor beacon ferry sluice dredger oar sail wharf buoy current storm fog
"""
WORDS = SOME.split()


@dataclass(frozen=True)
class Tried:
    """About to be done: `text` is the text of a new draft or version, or empty."""

    text: str = ""


@dataclass(frozen=True)
class Answered:
    index: int
    kind: str
    letter: str
    state: str
    version: int
    text: str = ""


def run(folder: Path, seed: int, keys: dict[str, bytes], to: Connection) -> None:
    """Act until killed."""
    signers = {name: load(key) for name, key in keys.items()}
    registry = wiring.office(folder, lambda _name: (b"",))
    to.send("open")
    for each in acts(registry, signers, random.Random(seed)):
        to.send(each)


def load(pem: bytes) -> MemorySigner:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return MemorySigner(load_pem_private_key(pem, None))  # type: ignore[arg-type]


def acts(
    registry: Registry, keys: dict[str, MemorySigner], chance: random.Random
) -> Iterator[Tried | Answered]:
    while True:
        letters = list(registry.letters())[-6:]
        known = [each for each in letters if each.state is not State.DECLARED_FORGED]
        letter = chance.choice(known) if known else None
        text = ""
        if letter is None or chance.random() < 0.25:
            verb, fields = "draft", _draft(chance)
        else:
            moves = list(_moves(letter, known, chance))
            if not moves:
                continue
            verb, fields = chance.choice(moves)
        text = str(fields.get("text", ""))
        yield Tried(text)
        person = WHO.get(verb, "ben")
        actor = Actor(person, HOLDS[person], (keys[person],))
        try:
            done: Done = VERBS[verb](registry, actor, **fields)
        except (NotAllowed, Conflict):  # a second release in the same second is the same act
            continue
        after = registry.letter(done.act.subject)
        yield Answered(done.index, verb, after.id, after.state.value, after.latest.number, text)


WHO = {"draft": "dan", "revise": "dan", "share": "dan", "abandon": "dan", "release": "cleo"}


def _draft(chance: random.Random) -> dict[str, object]:
    return {
        "office": "ministry",
        "cls": "letter",
        "reference": f"R-{_new(chance)}",
        "title": "A title",
        "text": _words(chance),
    }


def _moves(
    letter: Letter, known: list[Letter], chance: random.Random
) -> Iterator[tuple[str, dict[str, object]]]:
    name = letter.id
    yield "revise", {"letter": name, "text": _words(chance)}
    yield "sign", {"letter": name}
    yield "sign", {"letter": name}
    yield "release", {"letter": name}
    yield "release", {"letter": name}
    yield "share", {"letter": name, "to": f"Reader {_new(chance)}"}
    if chance.random() < 0.1:
        yield "abandon", {"letter": name}
    yield "hold", {"letter": name, "reason": _new(chance)}
    yield "clear", {"letter": name, "reason": _new(chance)}
    standing = [each.id for each in known if each.state is State.RELEASED and each is not letter]
    if standing and chance.random() < 0.3:
        yield "supersede", {"letter": name, "successor": chance.choice(standing)}
        yield "correct", {"letter": name, "successor": chance.choice(standing)}
    if chance.random() < 0.3:
        yield "withdraw", {"letter": name}
        fields = {"letter": name, "version": letter.latest.number, "reason": _new(chance)}
        yield "acknowledge_draft", fields
    if chance.random() < 0.1:
        yield "disown", {"letter": name, "code": Reason.SENT_IN_ERROR}
    if letter.last(Kind.DISOWN) is not None:
        yield "ratify", {"letter": name, "reason": _new(chance)}


def _new(_chance: random.Random) -> str:
    return os.urandom(6).hex()


def _words(chance: random.Random) -> str:
    words = [chance.choice(WORDS) for _ in range(60)]
    return " ".join([*words, _new(chance), f"{datetime.now(UTC):%H %M %S %f}"])
