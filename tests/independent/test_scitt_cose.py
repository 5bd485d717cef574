"""scitt-cose, an implementation of RFC 9942 and RFC 9943 that is not ours, believes us.

It runs in an environment of its own, made by tools/independent from a lock of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
from tests.independent import made
from tests.independent.made import ENTRIES, OLD_RECEIPTS, RECEIPTS

from vidimus.core.log import merkle
from vidimus.core.seal import key_set, receipt, statement
from vidimus.errors import VerificationFailed

HERE = Path(__file__).parent
PYTHON = made.HOME / "scitt-cose" / "bin" / "python"
LOCK = HERE.parents[1] / "requirements" / "independent.lock"

KEYS = key_set.write(
    [one.public for one in (RECEIPTS, OLD_RECEIPTS, made.OFFICE, made.REGISTRY)]
).hex()

Question = dict[str, Any]
Ask = Callable[[list[Question]], list[Question]]


@pytest.fixture(scope="module")
def ask() -> Ask:
    if not (made.HOME / "scitt-cose.stamp").exists():
        pytest.skip("scitt-cose is not installed: run tools/independent")

    def ask(questions: list[Question]) -> list[Question]:
        done = subprocess.run(
            [str(PYTHON), "-I", str(HERE / "ask_scitt_cose.py")],
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
    return {"ask": "receipt", "receipt": one.hex(), "entry": entry.hex()}


def test_it_is_the_version_that_the_lock_names(ask: Ask) -> None:
    script = "import scitt_cose; print(scitt_cose.__version__)"
    done = subprocess.run([str(PYTHON), "-I", "-c", script], capture_output=True, text=True)
    assert f"\nscitt-cose=={done.stdout.strip()} " in "\n" + LOCK.read_text()


def test_its_lock_names_no_hosts_and_pins_everything_by_hash() -> None:
    """Decision 0001, for this lock as for the others."""
    logical = LOCK.read_text().replace("\\\n", " ")
    assert "://" not in logical
    wanted = [line for line in logical.splitlines() if line and not line.lstrip().startswith("#")]
    assert wanted
    for line in wanted:
        assert re.match(r"^[a-z0-9][a-z0-9.-]*==[\w.]+( ; [^\\]+?)? +--hash=sha256:", line)


def test_it_verifies_our_statements_with_our_key_set(ask: Ask) -> None:
    answers = ask([{"ask": "statement", "entry": entry.hex()} for entry in ENTRIES])
    for entry, answer in zip(ENTRIES, answers, strict=True):
        said = statement.parse(entry)
        assert answer["holds"], answer
        assert answer["says"] == [said.issuer, said.subject, said.issued_at]
        assert answer["payload"] == said.digest.hex()


def test_it_verifies_our_receipts_of_every_size(ask: Ask) -> None:
    """Size 1 with its empty path among them; by both sorts of key."""
    cases = [
        (index, size, signer)
        for size in (1, 2, 3, 7, 8, 21)
        for index in range(size)
        for signer in (RECEIPTS, OLD_RECEIPTS)
    ]
    answers = ask([about_receipt(made.inclusion(*case), ENTRIES[case[0]]) for case in cases])
    for (index, size, _), answer in zip(cases, answers, strict=True):
        assert answer["holds"], answer
        assert answer["says"] == [
            made.ORIGIN,
            made.subject(index),
            1_933_000_100,
            size,
            index,
            made.root(size).hex(),
        ]


def test_it_verifies_our_receipts_of_growth(ask: Ask) -> None:
    pairs = [(old, new) for new in (2, 8, 21) for old in range(1, new)]
    answers = ask(
        [
            {
                "ask": "growth",
                "receipt": made.consistency(old, new).hex(),
                "old_root": made.root(old).hex(),
                "new_root": made.root(new).hex(),
            }
            for old, new in pairs
        ]
    )
    assert [(answer["holds"], *answer["says"]) for answer in answers] == [
        (True, old, new) for old, new in pairs
    ]


def test_it_attaches_and_detaches_receipts_as_we_do(ask: Ask) -> None:
    receipts = [made.inclusion(5, 11), made.inclusion(5, 21, OLD_RECEIPTS)]
    question = {
        "ask": "copy",
        "copy": receipt.transparent(ENTRIES[5], receipts).hex(),
        "entry": ENTRIES[5].hex(),
        "receipts": [one.hex() for one in receipts],
    }
    assert ask([question]) == [{"holds": True}]


def test_it_refuses_what_was_tampered_with(ask: Ask) -> None:
    """One bit in each byte of a statement, of its receipt, or of the entry beside it.

    But for the bytes that RFC 9942 leaves unsigned: see the next test.
    """
    entry, good = ENTRIES[5], made.inclusion(5, 21)
    unsigned = cbor2.dumps([21, 5])[1:]
    questions = [{"ask": "statement", "entry": bad.hex()} for bad in made.tampered(entry)]
    questions += [about_receipt(good, bad) for bad in made.tampered(entry)]
    questions += [about_receipt(bad, entry) for bad in made.tampered(good, unsigned)]
    answers = ask([about_receipt(good, entry), *questions])
    assert answers[0]["holds"]
    assert len(questions) > 800
    assert not any(answer["holds"] for answer in answers[1:])


def test_the_size_that_rfc_9942_leaves_unsigned_is_signed_in_ours(ask: Ask) -> None:
    """spec/receipt.md, section 2: the first entry of five has the path of the first of eight."""
    good = made.inclusion(0, 5)
    path = list(merkle.inclusion(0, 5, made.TREE.read))
    proof, forged = cbor2.dumps([5, 0, path]), cbor2.dumps([8, 0, path])
    moved = good.replace(proof, forged)
    answers = ask([about_receipt(one, ENTRIES[0]) for one in (good, moved)])
    assert [answer["says"][3] for answer in answers if answer["holds"]] == [5, 8]
    receipt.verify(good, ENTRIES[0], RECEIPTS.public)
    with pytest.raises((VerificationFailed, ValueError)):
        receipt.verify(moved, ENTRIES[0], RECEIPTS.public)
