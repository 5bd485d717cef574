"""PDFs that lie, each to the public desk: none may stand but what all people see as registered.

The vectors are in vectors/v1/pdf; what makes them is tests/attacks/pdf_forge.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from bench.copies.adversary_town import OFFICES, HandClock, Town
from cryptography.hazmat.primitives.asymmetric import ec
from tests.attacks.pdf_forge.book import TEXT
from tests.attacks.pdf_forge.forged import MAY_STAND, MUST_STAND, VECTORS

from vidimus import wiring
from vidimus.core.acts.kinds import SignatureRule
from vidimus.core.acts.vocabulary import Root
from vidimus.core.copies.answers import EXIT_STATUS, Answer
from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import VidimusError

FOLDER = Path(__file__).parents[2] / "vectors" / "v1" / "pdf"


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A ministry that released one letter."""
    folder = tmp_path_factory.mktemp("forged") / "registry"
    wiring.init(folder, origin="letters.coasts.example/log", exercise=False, passphrase=None)
    clock = HandClock()
    registry = wiring.office(folder, lambda _name: b"")
    registry.clock = clock
    desk = wiring.public_desk(folder)
    desk.clock = clock
    keys = {name: MemorySigner(ec.generate_private_key(ec.SECP256R1())) for name in OFFICES}
    made = Town(registry, desk, clock, keys)

    def key(name: str) -> str:
        return keys[name].public.to_text()

    made.do("root", "found", roots=(Root("root", "Ruth Root", key("root")),))
    made.do("root", "establish", office="coasts", title="Ministry of Coasts")
    made.do("root", "establish", office="coasts/press", title="Press Office", under="coasts")
    for person, name in (("ada", "Ada Alder"), ("ben", "Ben Birch"), ("cleo", "Cleo Clove")):
        made.do(
            "root", "appoint", person=person, name=name, key=key(person), office=OFFICES[person]
        )
    made.do(
        "root", "define_class", cls="letter", title="Letter", office="coasts",
        rule=SignatureRule.DIGITAL, signers=("coasts",), releasers=("coasts/press",),
    )  # fmt: skip
    made.do("ada", "cover", office="coasts", cls="letter")
    letter = made.do(
        "ada", "draft", office="coasts", cls="letter", reference="MC-1", title="On the mole",
        text=TEXT, language="en",
    )  # fmt: skip
    made.do("ben", "sign", letter=letter)
    made.do("cleo", "release", letter=letter)
    clock.time += timedelta(days=1)
    return made


def vector(name: str) -> bytes:
    return (FOLDER / f"{name}.pdf").read_bytes()


def answered(town: Town, content: bytes) -> Answer | VidimusError:
    try:
        return town.desk.check((content,)).answer
    except VidimusError as error:
        return error


def stands(answer: Answer | VidimusError) -> bool:
    return isinstance(answer, Answer) and EXIT_STATUS.get(answer.headline, 1) == 0


def test_the_vectors_are_what_is_made_here() -> None:
    """Published vectors never change; whoever writes a new attack adds one."""
    kept = {path.stem for path in FOLDER.glob("*.pdf")}
    assert kept == set(VECTORS)
    for name, make in VECTORS.items():
        made = hashlib.sha256(make()).hexdigest()
        assert hashlib.sha256(vector(name)).hexdigest() == made, name


@pytest.mark.parametrize("name", sorted(MUST_STAND))
def test_an_honest_pdf_stands(town: Town, name: str) -> None:
    """Else all the others would prove nothing."""
    answer = answered(town, vector(name))
    assert stands(answer), answer


# One of each way; the rest of them, which differ in what the signature says, in the long form.
QUICK = (
    "usf-contents-null", "swa-page-in-the-gap", "isa-startxref-malformed", "isa-without-table",
    "shadow-hide-and-replace", "shadow-replace-type", "eaa-free-text-p3", "ssa-second-signature-p2",
    "hidden-mode-3", "hidden-white-between", "covered-by-shapes", "layers-on-paper",
    "layers-other-word-off", "type-false-table", "type-false-names", "type-other-glyphs",
    "note-redact", "note-on-paper-alone", "note-field", "box-crop-narrow", "form-drawn-twice",
    "numbers-twice", "packed-override-hybrid", "linearised-other-first-page", "pages-uncounted",
    "stream-picture-or-drawing", "encrypted-other-text", "form-xfa",
)  # fmt: skip
FORGED = sorted(set(VECTORS) - MAY_STAND)


@pytest.mark.parametrize("name", QUICK)
def test_no_forged_pdf_stands(town: Town, name: str) -> None:
    """What people see and what is read must both be the registered words."""
    assert name in FORGED
    answer = answered(town, vector(name))
    assert not stands(answer), answer


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in FORGED if name not in QUICK])
def test_nor_does_any_other(town: Town, name: str) -> None:
    answer = answered(town, vector(name))
    assert not stands(answer), answer


def test_a_signature_is_told_of_and_changes_no_answer(town: Town) -> None:
    """Rule 20: whose it is, or that it was not checked; the words alone decide."""
    pytest.importorskip("pyhanko")
    told = answered(town, vector("honest-signed"))
    assert isinstance(told, Answer)
    assert any("covers the whole file" in sentence for sentence in told.checked)
    assert any("whose key made it is not known" in sentence for sentence in told.not_checked)
    broken = answered(town, vector("swa-of-other-bytes"))
    assert isinstance(broken, Answer)
    assert any("does not hold" in sentence for sentence in broken.not_checked)
