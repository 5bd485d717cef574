"""Two PDF readers, and whatever is done to a file: what one hides, the other shows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random

import numpy as np
import pytest
from bench.copies import adversary_letters as letters
from bench.copies.typeset import letter_pdf
from tests.attacks.pdf_forge.book import LETTER, OTHER, Doc, lines, stream
from tests.attacks.pdf_forge.forged import VECTORS

from vidimus.adapters.reading import pdf, pdf_signature, poppler
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.reader import CellReader
from vidimus.core.copies.page import Box, Word
from vidimus.core.seal.pdf_structure import look
from vidimus.errors import VidimusError

READER = CellReader(Limits(seconds=120))
there = pytest.mark.skipif(
    shutil.which("pdftotext") is None or shutil.which("pdftoppm") is None,
    reason="poppler is not installed",
)


def asked(first: bytes, second: bytes) -> poppler.Seen:
    """As if one file were to pdfium the first and to poppler the second."""
    reader = poppler.Poppler.find()
    assert reader is not None
    drawn = pdf.draw(pdf.open_pdf(first, Limits()), 0, Limits())
    return reader.otherwise(second, 0, drawn.image, drawn.layer, drawn.layer, lambda shown: ())


@there
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_two_readers_agree_on_an_honest_page(rotate: int) -> None:
    """However it is turned: pdfium turns it upright first."""
    content = Doc(box=f"/MediaBox [0 0 400 300] /Rotate {rotate}").written()
    assert asked(content, content) == poppler.Seen()


@there
def test_a_word_that_one_of_them_reads_otherwise_is_named() -> None:
    seen = asked(Doc().written(), Doc(lines(OTHER)).written())
    assert {"1,250", "9,250"} <= {word.text for word in seen.words}
    assert not seen.failed


@there
def test_a_word_that_one_of_them_draws_otherwise_is_named() -> None:
    """The same text layer, and other ink in the place of a letter."""
    drawn = Doc([*lines(), "q 0 g 40 178 6 12 re f Q"]).written()
    assert "1,250" in {word.text for word in asked(Doc().written(), drawn).words}


@there
def test_ink_that_one_of_them_alone_shows_is_named_though_it_is_no_word() -> None:
    stroke = Doc([*lines(), "q 0 g 200 30 120 3 re f Q"]).written()
    assert asked(Doc().written(), stroke).words


@there
@pytest.mark.parametrize("name", ["Times-Roman", "Helvetica"])
def test_type_that_is_not_in_the_file_is_no_difference(name: str) -> None:
    """Each reader draws it with its own; then what the picture says counts."""
    doc = Doc()
    doc.more[5] = f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} >>".encode()
    content = doc.written()
    (page,) = READER.read([content]).pages
    assert not page.elsewhere
    assert not page.second_failed


@there
def test_words_cut_in_other_places_are_the_same_words() -> None:
    box = Box(0, 0, 9, 9)
    ours = [Word(text, 0, box) for text in ("re-", "assessment", "of", "1,250")]
    assert not poppler._read_otherwise(ours, ["re-assess", "ment", "of", "1,250"])
    assert poppler._read_otherwise(ours, ["re-assess", "ment", "of", "2,150"])
    assert poppler._read_otherwise(ours, ["reassessment", "of", "-1,250"])


@there
def test_words_that_run_leftward_are_the_same_in_both() -> None:
    """Poppler turns lam and alef about, and runs words together; another word is another."""
    arabic = letter_pdf(letters.ARABIC, font="DejaVu Sans", size_pt=11)
    assert asked(arabic, arabic) == poppler.Seen()
    first = next(word for word in letters.ARABIC.split() if len(word) > 4)
    other = letter_pdf(letters.ARABIC.replace(first, "ممنوع", 1), font="DejaVu Sans", size_pt=11)
    assert asked(arabic, other).words


@there
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", Doc().written()[:300]], ids=len)
def test_a_page_that_the_second_cannot_show_is_a_doubt(content: bytes) -> None:
    assert asked(Doc().written(), content).failed


def test_without_the_second_reader_the_answer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tesseract = shutil.which("tesseract")
    monkeypatch.setenv("PATH", "/nowhere")
    copy = CellReader(Limits(seconds=120), tesseract).read([Doc().written()])
    assert any("poppler is not installed" in sentence for sentence in copy.not_checked)
    assert not copy.pages[0].elsewhere
    assert not copy.pages[0].second_failed


def test_a_signature_is_never_more_than_its_bytes() -> None:
    """Whatever pyHanko raises is “could not be verified”."""
    pytest.importorskip("pyhanko")
    assert pdf_signature.look(VECTORS["honest-signed"]())[0] == "holds"
    assert pdf_signature.look(VECTORS["swa-of-other-bytes"]())[0] == "broken"
    for name, make in VECTORS.items():
        if name.startswith(("usf-", "isa-", "shadow-", "eaa-", "ssa-")) and "prepared" not in name:
            held, key = pdf_signature.look(make())
            # It may wave through what the structural rule does not.
            assert held != "holds" or not look(make()).sound, name
            assert bool(key) == (held == "holds")
    for content in (b"", b"%PDF-1.7", Doc().written()):
        assert pdf_signature.look(content) == ("unknown", "")


def mutated(number: int) -> bytes:
    chance = Random(number)
    content = bytearray(VECTORS[chance.choice(sorted(VECTORS))]())
    for _ in range(chance.randint(1, 8)):
        at, gone = chance.randrange(len(content)), chance.choice((0, 1, 4, 30))
        content[at : at + gone] = chance.choice(
            (chance.randbytes(4), b"<<", b">>", b"endobj", b"/Kids [3 0 R 2 0 R]", b"99999999999")
        )
    return bytes(content)


@pytest.mark.parametrize(
    "number", [*range(5), *(pytest.param(n, marks=pytest.mark.soak) for n in range(5, 200))]
)
def test_no_damaged_file_harms_who_reads_it(number: int) -> None:
    """The cell may refuse it or read it; it never ends its parent, and never says nothing."""
    try:
        copy = READER.read([mutated(number)])
    except VidimusError as error:
        assert error.fact
    else:
        assert copy.pages
        assert copy.checked


def corpora() -> list[Path]:
    folder = os.environ.get("VIDIMUS_PDF_CORPORA")
    return sorted(Path(folder).rglob("*.pdf")) if folder else []


def test_nothing_in_a_corpus_of_attacks_passes_the_rule() -> None:
    """Published attacks, where a folder with them is named: none is called whole and unchanged.

    Files that their authors made as examples of a sound signature have “original” or “valid” in
    their names.
    """
    found = corpora()
    if not found:
        pytest.skip("VIDIMUS_PDF_CORPORA names no folder with PDFs")
    signed = passed = 0
    for path in found:
        content = path.read_bytes()
        made = look(content)
        signed += made.signatures > 0
        if made.sound and pdf_signature.look(content)[0] == "holds":
            passed += 1
            attack = any(
                sign in path.as_posix().lower()
                for sign in ("isa_", "siwa_", "usf_", "manipulated", "attack", "sneaky", "spoofing")
            )
            assert not attack, path
    print(f"{len(found)} PDFs, {signed} with signatures, {passed} sound")  # noqa: T201


@pytest.mark.soak
def test_a_corpus_harms_nobody() -> None:
    found = corpora()
    if not found:
        pytest.skip("VIDIMUS_PDF_CORPORA names no folder with PDFs")
    for path in found:
        try:
            assert READER.read([path.read_bytes()]).pages
        except VidimusError as error:
            assert error.fact, path


def test_the_type_of_the_vectors_is_drawn_as_it_is_written() -> None:
    """Else what the vectors show would be no evidence."""
    drawn = pdf.draw(pdf.open_pdf(Doc().written(), Limits()), 0, Limits())
    assert " ".join(word.text for word in drawn.layer) == " ".join(" ".join(LETTER).split())
    assert np.asarray(drawn.image).min() < 30
    assert stream("q Q", "/A 1").startswith(b"<< /A 1 /Length 3 >>")
