"""Numbered copies of a released letter: sealed, listed, kept; and nothing sealed before."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path

import pypdfium2 as pdfium
import pytest
import zxingcpp
from PIL import Image
from tests.operations.ministry import OTHER, THIRD, Ministry, build, no_passphrase
from tests.paper.conftest import LETTER, Office

from vidimus import wiring
from vidimus.cli.main import main
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import Headline
from vidimus.core.copies.canonical import digest
from vidimus.core.seal import paper
from vidimus.core.trust.keys import seal_keys
from vidimus.errors import Damaged, NotAllowed, NotFound, UsageError


def pictures(pdf: bytes, dpi: int) -> list[Image.Image]:
    document = pdfium.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def words(pdf: bytes) -> list[str]:
    document = pdfium.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_a_printed_copy_is_told_without_a_network(office: Office, dpi: int) -> None:
    """The receiver has the paper and the trust root, and nothing else."""
    (first, *_) = pictures(office.pdf(2), dpi)
    (code,) = zxingcpp.read_barcodes(first)
    trust = wiring.trust_root(office.folder).trust
    host = paper.host_of(office.m.registry.settings.origin)
    seal = paper.verify(code.text, host, lambda index: seal_keys(trust, index))
    assert (seal.letter, seal.copy, seal.kind) == (office.letter, 2, paper.Kind.EXERCISE)
    assert seal.digest == digest(LETTER)
    (entry,) = office.m.registry.log.entries(seal.index, seal.index + 1)
    assert b'"release"' in (entry.document or b"")


def test_the_file_stands_before_the_register(office: Office) -> None:
    answer = office.m.desk.check((office.pdf(2),)).answer
    assert (answer.headline, answer.differences, answer.unread) == (Headline.STANDS, (), ())


def test_its_picture_is_never_called_altered(office: Office) -> None:
    """What we print around the words is no added word on a scan either.

    It stands nearly always; a reader of pictures may still have a doubt about some page.
    """
    content = io.BytesIO()
    first, *rest = pictures(office.pdf(3), 150)
    first.save(content, "PDF", resolution=150, save_all=True, append_images=rest)
    answer = office.m.desk.check((content.getvalue(),)).answer
    assert answer.headline in (Headline.STANDS, Headline.CANNOT_TELL)
    assert answer.differences == ()


def test_every_page_says_which_letter_and_which_copy_it_is_of(office: Office) -> None:
    pages = words(office.pdf(4))
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        assert paper.grouped(office.letter) in page
        assert "copy 4 of 5" in page
        assert f"page {number} of 2" in page
        assert "EXERCISE" in page


def test_what_was_made_is_listed_and_kept(office: Office) -> None:
    for each in office.printed.copies:
        content = (office.out / each.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each.sha256
    assert [each.receiver for each in office.printed.copies][:3] == [
        "Embassy of Hills",
        "Port Office",
        "",
    ]
    again = wiring.print_letter(office.folder, office.letter, no_passphrase, office.out, copies=5)
    assert (again.copies, again.fresh) == (office.printed.copies, 0)


def test_a_run_that_broke_off_goes_on(office: Office, tmp_path: Path) -> None:
    """A copy that is missing is made again, and a line that a crash cut off is written over."""
    folder, out = tmp_path / "registry", tmp_path / "out"
    shutil.copytree(office.folder, folder)
    shutil.copytree(office.out, out)
    listed = folder / "office" / "paper" / f"{office.letter}.jsonl"
    lines = listed.read_bytes().splitlines(keepends=True)
    listed.write_bytes(b"".join(lines[:4]) + lines[4][:20])
    (out / office.printed.copies[1].file).write_bytes(b"cut off")
    again = wiring.print_letter(folder, office.letter, no_passphrase, out, copies=5)
    assert again.fresh == 2
    assert [each.number for each in again.copies] == [1, 2, 3, 4, 5]
    assert len(listed.read_bytes().splitlines()) == 6
    kept = [json.loads(line) for line in listed.read_bytes().splitlines()]
    assert {each["copy"]: each["sha256"] for each in kept} == {
        each.number: each.sha256 for each in again.copies
    }


def test_no_number_is_given_twice(office: Office) -> None:
    with pytest.raises(NotAllowed, match="each as one of 5"):
        wiring.print_letter(office.folder, office.letter, no_passphrase, office.out, copies=6)


def test_a_damaged_list_is_said(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    shutil.copytree(office.folder, folder)
    listed = folder / "office" / "paper" / f"{office.letter}.jsonl"
    listed.write_bytes(listed.read_bytes().replace(b'"copy": 2', b'"copy": "2"', 1) + b"{}\n")
    with pytest.raises(Damaged, match="list of copies"):
        wiring.print_letter(folder, office.letter, no_passphrase, tmp_path / "out", copies=5)


@pytest.fixture(scope="module")
def m(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    return build(tmp_path_factory.mktemp("ministry") / "registry")


def test_nothing_is_sealed_before_the_log_holds_the_release(m: Ministry, tmp_path: Path) -> None:
    letter = m.signed(THIRD)
    wiring.move_clock(m.folder, m.clock.now())
    with pytest.raises(NotAllowed, match="before the log holds its release"):
        wiring.print_letter(m.folder, letter, no_passphrase, tmp_path / "out", copies=1)
    assert not (tmp_path / "out").exists()


def test_no_letter_is_sealed_that_does_not_stand(m: Ministry, tmp_path: Path) -> None:
    letter = m.released(OTHER)
    m.do("ben", "hold", letter=letter)
    wiring.move_clock(m.folder, m.clock.now())
    with pytest.raises(NotAllowed, match="ON_HOLD"):
        wiring.print_letter(m.folder, letter, no_passphrase, tmp_path / "out", copies=1)


def test_a_template_that_adds_words_seals_nothing(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    shutil.copytree(office.folder, folder)
    (folder / "office" / "paper" / f"{office.letter}.jsonl").unlink()
    templates = folder / "office" / "templates"
    templates.mkdir()
    (templates / "letter.typ").write_text("#let letter(it) = { it.body; par[We will not pay.] }")
    with pytest.raises(NotAllowed, match="We will not pay"):
        wiring.print_letter(folder, office.letter, no_passphrase, tmp_path / "out", copies=1)
    assert not (tmp_path / "out").exists()


def test_a_coordination_copy_has_no_seal_and_says_what_it_is(m: Ministry, tmp_path: Path) -> None:
    letter = m.draft(LETTER)
    wiring.move_clock(m.folder, m.clock.now())
    with pytest.raises(NotFound, match="no coordination copy"):
        wiring.print_coordination(m.folder, letter, no_passphrase, tmp_path)
    m.do("dan", "share", letter=letter, to="Embassy of Hills", copy=1, of=2)
    m.do("dan", "share", letter=letter, to="Port Office", copy=2, of=2)
    wiring.move_clock(m.folder, m.clock.now())
    assert len(wiring.print_coordination(m.folder, letter, no_passphrase, tmp_path)) == 2
    with pytest.raises(NotFound, match="for Nobody"):
        wiring.print_coordination(m.folder, letter, no_passphrase, tmp_path, receivers=["Nobody"])
    (name,) = wiring.print_coordination(
        m.folder, letter, no_passphrase, tmp_path, receivers=["Port Office"]
    )
    pdf = (tmp_path / name).read_bytes()
    for page in words(pdf):
        assert "coordination copy 2 of 2 — not released — for Port Office" in page
        assert paper.grouped(letter) not in page
    assert b"/ByteRange" not in pdf and b"/EmbeddedFile" not in pdf
    for each in pictures(pdf, 200):
        assert not zxingcpp.read_barcodes(each)


def test_a_released_letter_has_no_coordination_copies(office: Office, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="was released"):
        wiring.print_coordination(office.folder, office.letter, no_passphrase, tmp_path)


def test_the_command_lists_what_it_wrote(office: Office) -> None:
    out, err = io.StringIO(), io.StringIO()
    arguments = ["paper", "MC-1", "--copies", "5", "--out", str(office.out)]
    status = main([*arguments, "--registry", str(office.folder)], Terminal(io.BytesIO(), out, err))
    assert (status, err.getvalue()) == (0, "")
    for each in office.printed.copies:
        assert f"{each.sha256}  {office.out / each.file}" in out.getvalue()
    assert "0 written, 5 kept as they were" in out.getvalue()
    assert "EXERCISE" in out.getvalue()


@pytest.mark.parametrize("copies", [0, 10_001])
def test_a_count_that_makes_no_sense_is_refused(office: Office, copies: int) -> None:
    with pytest.raises(UsageError):
        wiring.print_letter(office.folder, office.letter, no_passphrase, office.out, copies=copies)
