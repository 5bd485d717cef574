"""What Typst makes of a sheet: the registered words, for everybody, the same bytes each time."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.paper.conftest import LETTER, Office
from tests.paper.test_copies import words

from vidimus import wiring
from vidimus.adapters.paper.typesetting import BUNDLE, Typesetting
from vidimus.core.copies.canonical import words as canonical_words
from vidimus.core.seal.sheet import Sheet, blocks, pieces
from vidimus.errors import FormatError, OutsideFailed

ARABIC = "وزارة السواحل\n\nلن نغادر الميناء الداخلي قبل 14 مارس، وسنبلغكم بذلك في حينه.\n"


def sheet(text: str, **more: object) -> Sheet:
    values: dict[str, object] = {
        "title": "A title",
        "reference": "MC-1",
        "office": "Ministry of Coasts",
        "cls": "letter",
        "language": "en",
        "made": datetime(2031, 3, 3, 9, tzinfo=UTC),
        "blocks": blocks(text),
    }
    return Sheet(**(values | more))  # type: ignore[arg-type]


def setting(folder: Path, template: str | None = None, name: str = "letter.typ") -> Typesetting:
    if template is not None:
        (folder / "templates").mkdir(exist_ok=True)
        (folder / "templates" / name).write_text(template)
    return Typesetting(folder / "templates", folder / "fonts")


def test_the_words_on_the_paper_are_the_registered_words(tmp_path: Path) -> None:
    """No word is hyphenated, turned into another one, added or dropped: spec/paper.md, 4.1."""
    text = LETTER.replace(
        "\nSir,", "\nSir -- “#let x = 1” $y$ *z* @w <v> \\n it's 50% -> 1/2, e.g.\n"
    )
    made = setting(tmp_path).typeset(sheet(text))
    shown = re.sub(r"page \d of \d", "", " ".join(words(made)))
    assert canonical_words(shown) == canonical_words(text)


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_blocks_hold_every_word_in_order(text: str) -> None:
    found = [word for each in blocks(text) for line in each.lines for word in line.split()]
    assert found == text.split()


@given(st.lists(st.text(st.sampled_from("abc-/–x"), min_size=1), min_size=1).map(" ".join))
def test_a_word_with_a_hyphen_is_kept_together(line: str) -> None:
    made = pieces(line)
    assert "".join(piece for piece, _ in made) == line
    for piece, kept in made:
        assert not kept or " " not in piece
        for word in () if kept else piece.split(" "):
            assert len(word) > 30 or not re.search(r"[-/–].", word)


def test_lines_that_a_writer_broke_flow_on_and_others_do_not() -> None:
    shown = blocks(LETTER)
    assert shown[0].lines == ("MINISTRY OF COASTS", "Reference MC-1")
    patrol = next(each for each in shown if each.lines[0].startswith("the northern"))
    assert len(patrol.lines) == 1
    items = [each for each in shown if each.item]
    assert [each.lines[0][:11] for each in items] == ["- the chart", "- a list of"]


def test_the_same_sheet_is_the_same_bytes(tmp_path: Path) -> None:
    assert setting(tmp_path).typeset(sheet(LETTER)) == setting(tmp_path).typeset(sheet(LETTER))


def test_the_file_is_tagged_and_says_what_it_is(tmp_path: Path) -> None:
    made = setting(tmp_path).typeset(sheet(LETTER, language="en-GB"))
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang(en-GB)", b"/OutputIntents"):
        assert mark in made, mark
    xmp = re.search(rb"<x:xmpmeta.*?</x:xmpmeta>", made, re.DOTALL)
    assert xmp is not None
    for mark in (b"pdfaid:part>3<", b"pdfaid:conformance>A<", b"pdfuaid:part>1<"):
        assert mark in xmp[0], mark


def test_the_evidence_is_inside_and_holds(office: Office) -> None:
    document = pdfium.PdfDocument(office.pdf(1))
    assert document.count_attachments() == 1
    attached = document.get_attachment(0)
    assert attached.get_name() == BUNDLE
    content = bytes(attached.get_data())
    offline = wiring.open_bundle(content, wiring.Pin(root=wiring.trust_root(office.folder)))
    assert offline.letter == office.letter
    assert offline.about_letter()["headline"] == "STANDS"


def test_a_letter_that_runs_to_the_left(tmp_path: Path) -> None:
    made = setting(tmp_path).typeset(sheet(ARABIC, language="ar"))
    (shown,) = words(made)
    assert sorted(canonical_words(shown)) == sorted(canonical_words(ARABIC))
    assert b"/Lang(ar)" in made
    document = pdfium.PdfDocument(made)
    page = document[0].get_textpage()
    assert page.get_charbox(0)[2] > document[0].get_width() / 2


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    none = Typesetting(tmp_path / "templates", tmp_path / "fonts", leftward=())
    with pytest.raises(OutsideFailed, match="runs to the left") as told:
        none.typeset(sheet(ARABIC, language="ar"))
    assert "fonts-noto-core" in told.value.hint
    with pytest.raises(OutsideFailed, match="no font here has all letters") as told:
        none.typeset(sheet("Tree: \U00012000 \U00016a40"))
    assert "fonts-noto-core" in told.value.hint


def test_an_office_changes_how_a_class_looks(tmp_path: Path) -> None:
    template = """
    #let page = (paper: "a5", margin: 15mm)
    #let letter(it) = { rect(width: 100%, height: 4mm, fill: navy); it.body }
    """
    made = setting(tmp_path, template).typeset(sheet(LETTER))
    assert pdfium.PdfDocument(made)[0].get_size()[0] < 430
    other = setting(tmp_path).typeset(sheet(LETTER, cls="memo"))
    assert pdfium.PdfDocument(other)[0].get_size()[0] > 590
    default = setting(tmp_path, template, "default.typ").typeset(sheet(LETTER, cls="memo"))
    assert pdfium.PdfDocument(default)[0].get_size()[0] < 430


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("#let letter(it) = it.bodi", "bodi"),
        ("#let letter(it = it.body", "unclosed"),
        ("#let lettre(it) = it.body", "letter"),
        ('#let letter(it) = { image("crest.svg"); it.body }', "file not found"),
        ('#let letter(it) = { image("../office.sqlite"); it.body }', "escape the project root"),
        ('#let page = (papier: "a4")\n#let letter(it) = it.body', "papier"),
    ],
)
def test_a_broken_template_is_told_in_typsts_words(
    tmp_path: Path, template: str, told: str
) -> None:
    with pytest.raises(FormatError, match=told) as error:
        setting(tmp_path, template).typeset(sheet(LETTER))
    assert "letter.typ" in error.value.fact + error.value.hint
    assert error.value.hint


def test_no_template_takes_the_mark_off_a_page(tmp_path: Path) -> None:
    template = "#let page = (header: none, footer: none)\n#let letter(it) = it.body"
    made = setting(tmp_path, template).typeset(sheet(LETTER, above=("not released",)))
    assert all("not released" in page for page in words(made))


def test_pictures_open_in_a_viewer(tmp_path: Path) -> None:
    content = io.BytesIO(setting(tmp_path).typeset(sheet(LETTER)))
    assert len(pdfium.PdfDocument(content)) == 2
