"""npm's @transmute/cose (by an author of RFC 9942) and @auth0/cose believe us.

They are installed by tools/independent from a lock of their own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
from tests.independent import made
from tests.independent.made import ENTRIES, OLD_RECEIPTS, RECEIPTS

from vidimus.core.seal import key_set, receipt, statement

HERE = Path(__file__).parent
HOME = made.HOME / "npm"

KEYS = key_set.write(
    [one.public for one in (RECEIPTS, OLD_RECEIPTS, made.OFFICE, made.REGISTRY)]
).hex()
# @transmute/cose knows ECDSA alone.
BY_P256 = [number for number in range(made.SIZE) if made.signer_of(number) is made.OFFICE]

Question = dict[str, Any]
Ask = Callable[[list[Question]], list[Question]]


@pytest.fixture(scope="module")
def ask() -> Ask:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here: apt-get install nodejs npm, then tools/independent")
    if not (made.HOME / "npm.stamp").exists():
        pytest.skip("npm's verifiers are not installed: run tools/independent")

    def ask(questions: list[Question]) -> list[Question]:
        done = subprocess.run(
            [node, str(HERE / "npm" / "ask.mjs"), str(HOME)],
            input=json.dumps([{"keys": KEYS, **question} for question in questions]),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers: list[Question] = json.loads(done.stdout)
        assert len(answers) == len(questions)
        return answers

    return ask


def about_receipt(one: bytes, entry: bytes) -> Question:
    return {"ask": "transmute receipt", "receipt": one.hex(), "entry": entry.hex()}


def test_the_lock_names_no_hosts_and_pins_everything_by_hash() -> None:
    """Decision 0001, for npm: `npm ci` refuses what has another hash, wherever it is from."""
    text = (HERE / "npm" / "package-lock.json").read_text()
    wanted = json.loads((HERE / "npm" / "package.json").read_text())["dependencies"]
    packages = json.loads(text)["packages"]
    assert "://" not in text
    assert '"resolved"' not in text
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-"), name
    for name, version in wanted.items():
        assert re.fullmatch(r"[0-9.]+", version)
        assert packages[f"node_modules/{name}"]["version"] == version


def test_transmute_verifies_our_statements_with_their_receipts(ask: Ask) -> None:
    """One transparent statement with two receipts, from the signature to both roots."""
    questions = [
        {
            "ask": "transmute transparent",
            "copy": receipt.transparent(
                ENTRIES[n], [made.inclusion(n, n + 1), made.inclusion(n, made.SIZE)]
            ).hex(),
            "payload": statement.parse(ENTRIES[n]).digest.hex(),
        }
        for n in BY_P256
    ]
    for n, answer in zip(BY_P256, ask(questions), strict=True):
        assert answer["holds"], answer
        digest = statement.parse(ENTRIES[n]).digest
        roots = [made.root(n + 1), made.root(made.SIZE)]
        assert answer["says"] == [one.hex() for one in (digest, *roots)]


def test_transmute_verifies_our_receipts_of_every_size(ask: Ask) -> None:
    cases = [(index, size) for size in (1, 2, 3, 7, 8, 21) for index in range(size)]
    answers = ask([about_receipt(made.inclusion(*case), ENTRIES[case[0]]) for case in cases])
    for (_, size), answer in zip(cases, answers, strict=True):
        assert answer == {"holds": True, "says": made.root(size).hex()}


def test_transmute_verifies_our_receipts_of_growth(ask: Ask) -> None:
    """Its 0.2.11 leaves out step 1 of RFC 9162 section 2.1.4.2, for sizes that are powers of two.

    scitt-cose checks those.
    """

    def about(one: bytes, old: bytes, new: bytes) -> Question:
        return {
            "ask": "transmute growth",
            "receipt": one.hex(),
            "old_root": old.hex(),
            "new_root": new.hex(),
        }

    pairs = [(old, new) for new in (4, 8, 21) for old in range(3, new) if old & (old - 1)]
    roots = [(made.root(old), made.root(new)) for old, new in pairs]
    grown = [made.consistency(*pair) for pair in pairs]
    good = [about(one, old, new) for one, (old, new) in zip(grown, roots, strict=True)]
    assert all(answer["holds"] for answer in ask(good))
    bad = [about(one, bytes(32), new) for one, (_, new) in zip(grown, roots, strict=True)]
    bad += [about(one, old, bytes(32)) for one, (old, _) in zip(grown, roots, strict=True)]
    assert not any(answer["holds"] for answer in ask(bad))


def test_auth0_verifies_our_statements_and_the_signatures_of_our_receipts(ask: Ask) -> None:
    """Both sorts of key; it knows COSE and nothing of trees."""
    said = [statement.parse(entry).digest.hex() for entry in ENTRIES]
    answers = ask([{"ask": "auth0 statement", "entry": entry.hex()} for entry in ENTRIES])
    assert answers == [{"holds": True, "says": digest} for digest in said]
    signed = [
        {
            "ask": "auth0 receipt",
            "receipt": made.inclusion(5, 11, by).hex(),
            "root": made.root(size).hex(),
        }
        for by in (RECEIPTS, OLD_RECEIPTS)
        for size in (11, 12)
    ]
    assert [answer["holds"] for answer in ask(signed)] == [True, False, True, False]


def test_they_refuse_what_was_tampered_with(ask: Ask) -> None:
    """One bit in every fifth byte of what is signed: the header, the path, the signature.

    What CBOR itself says is left alone: a loose decoder may read other bytes the same way.
    """
    entry, good = ENTRIES[5], made.inclusion(5, 21)
    protected, _, digest, signature = cbor2.loads(entry).value
    parts = [
        *((entry, part) for part in (protected, digest, signature)),
        *((good, part) for part in (cbor2.loads(good).value[0], *receipt.parse(good).path)),
        (good, good[-64:]),
    ]
    questions: list[Question] = []
    for whole, part in parts:
        start = whole.index(part)
        for at in range(start, start + len(part), 5):
            bad = whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]
            if whole is good:
                questions.append(about_receipt(bad, entry))
                continue
            questions.append(about_receipt(good, bad))
            questions.append({"ask": "auth0 statement", "entry": bad.hex()})
    answers = ask([about_receipt(good, entry), *questions])
    assert answers[0]["holds"]
    assert len(questions) > 150
    assert not any(answer["holds"] for answer in answers[1:])
