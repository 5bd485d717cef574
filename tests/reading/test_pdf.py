"""PDFs: two witnesses for each page, places that fit, and every refusal in words."""

from __future__ import annotations

import io

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.reading import pages as made

from vidimus.adapters.reading import pdf
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.reader import CellReader
from vidimus.core.copies.page import Box, Copy, Page, Question, Source, Word
from vidimus.errors import FormatError, TooLarge, Unreadable, VidimusError

READER = CellReader(Limits(seconds=120))


@pytest.fixture(scope="module")
def letter() -> Copy:
    return READER.read([made.letter_pdf()])


def saved(document: pdfium.PdfDocument) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    document.close()
    return buffer.getvalue()


def grey_image(page: Page) -> np.ndarray:
    assert page.image is not None
    assert b"Exif" not in page.image
    picture = Pillow.open(io.BytesIO(page.image))
    assert picture.size == (page.width, page.height)
    return np.asarray(picture.convert("L"))


def darkness(grey: np.ndarray, box: Box) -> float:
    return 255 - float(grey[box.top : box.bottom, box.left : box.right].mean())


def assert_on_the_ink(words: tuple[Word, ...], grey: np.ndarray) -> None:
    """Each box holds ink; a frame around it of the line's white holds next to none."""
    for word in words:
        box = word.box
        assert box is not None
        if len(word.text) < 3:
            continue
        assert darkness(grey, box) > 25, word
        margin = 2
        low = max(0, box.top - margin), min(grey.shape[0], box.bottom + margin)
        beside = grey[
            low[0] : low[1], max(0, box.left - margin - 1) : max(1, box.left - margin + 1)
        ]
        assert 255 - beside.mean() < darkness(grey, box), word


def test_a_pdf_page_has_two_witnesses_that_agree_on_an_honest_letter(letter: Copy) -> None:
    """The text layer is exact; the picture of the same page is read beside it."""
    (page,) = letter.pages
    assert letter.kind == "pdf"
    assert (page.source, page.engine) == (Source.LAYER, "pdfium")
    assert made.character_errors(made.words_of(page)) == 0.0
    witness = " ".join(word.text for word in page.witness)
    assert made.character_errors(witness) < 0.005
    assert all(word.confidence is None for word in page.words)
    assert all(0 <= (word.confidence or 0) <= 1 for word in page.witness)
    assert any("text layer" in sentence for sentence in letter.checked)
    assert any("no electronic signature" in sentence for sentence in letter.checked)


def test_boxes_land_on_the_ink(letter: Copy) -> None:
    (page,) = letter.pages
    grey = grey_image(page)
    assert max(page.width, page.height) <= 1600
    assert_on_the_ink(page.words, grey)
    assert_on_the_ink(page.witness, grey)


def test_lines_rise_with_the_words(letter: Copy) -> None:
    lines = [word.line for word in letter.pages[0].words]
    assert lines == sorted(lines)
    assert len(set(lines)) >= 14


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_rotated_page_is_read_upright_and_its_boxes_follow(turn: int) -> None:
    document = pdfium.PdfDocument(made.letter_pdf())
    document[0].set_rotation(turn)
    (page,) = READER.read([saved(document)]).pages
    assert page.height > page.width
    assert made.character_errors(made.words_of(page)) == 0.0
    assert made.character_errors(" ".join(w.text for w in page.witness)) < 0.01
    assert_on_the_ink(page.words, grey_image(page))


@pytest.mark.parametrize("side", ["90deg", "180deg", "-90deg"])
def test_text_set_sideways_is_turned_upright(side: str) -> None:
    body = f"#rotate({side}, reflow: true)[#block(width: 150mm)[{made.LETTER[4]}]]"
    (page,) = READER.read([made.set_page(body)]).pages
    assert made.character_errors(made.words_of(page), made.LETTER[4]) == 0.0
    read = " ".join(word.text for word in page.witness)
    assert made.character_errors(read, made.LETTER[4]) < 0.02
    assert_on_the_ink(page.words, grey_image(page))


def test_of_a_cropped_page_only_the_visible_part_is_read() -> None:
    """What lies outside the crop box is no part of what anybody sees."""
    document = pdfium.PdfDocument(made.letter_pdf())
    width, height = document[0].get_size()
    document[0].set_cropbox(40, 0.7 * height, width - 10, height - 30)
    (page,) = READER.read([saved(document)]).pages
    assert "HM/2031/0417" in made.words_of(page)
    assert "Marrow," not in made.words_of(page)
    assert len(page.words) > 50
    assert_on_the_ink(page.words[:-15], grey_image(page))


def test_hyphens_at_line_ends_stay_as_they_are_printed() -> None:
    content = made.set_page(
        "The internationalization of characteristically uncompromising recommendations is" * 9,
        extra="#set text(hyphenate: true)\n#set par(justify: true)",
    )
    (page,) = READER.read([content]).pages
    broken = [i for i, word in enumerate(page.words[:-1]) if word.text.endswith("-")]
    assert broken
    for i in broken:
        assert page.words[i + 1].line == page.words[i].line + 1
        first, second = page.words[i].box, page.words[i + 1].box
        assert first is not None and second is not None
        assert first.top < second.top and second.left < first.left
    assert all("\u00ad" not in word.text and "\x02" not in word.text for word in page.words)


def test_a_text_layer_that_lies_is_contradicted_by_its_own_picture() -> None:
    """A picture of altered words covers the page; the genuine words lie unseen beneath it."""
    altered = made.set_page(*(p.replace("1,250", "9,250") for p in made.LETTER))
    picture = io.BytesIO(made.encode(made.draw(altered, 150), "JPEG", quality=92))
    document = pdfium.PdfDocument(made.letter_pdf())
    page = document[0]
    cover = pdfium.PdfImage.new(document)
    cover.load_jpeg(picture, inline=True)
    width, height = page.get_size()
    cover.set_matrix(pdfium.PdfMatrix().scale(width, height))
    page.insert_obj(cover)
    page.gen_content()
    (read,) = READER.read([saved(document)]).pages
    assert "1,250" in [word.text for word in read.words]
    assert "9,250" not in [word.text for word in read.words]
    assert "9,250" in [word.text for word in read.witness]
    assert "1,250" not in [word.text for word in read.witness]


def test_an_invisible_text_layer_is_named_as_such() -> None:
    """Text of rendering mode 3 (ISO 32000-2, 9.3.6) is not drawn: the eye sees nothing there."""
    document = pdfium.PdfDocument(made.letter_pdf())
    page = document[0]
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        raw.FPDFTextObj_SetTextRenderMode(thing, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    page.gen_content()
    copy = READER.read([saved(document)])
    (page_read,) = copy.pages
    assert page_read.source is Source.PICTURE
    assert page_read.words == page_read.witness == ()
    assert len(page_read.hidden) > 100
    assert any("invisible" in sentence for sentence in copy.checked)


def test_a_scan_inside_a_pdf_is_a_picture_and_pages_keep_their_order() -> None:
    """A page without a text layer is read from its picture, whatever its neighbours are."""
    buffer = io.BytesIO()
    scan = made.draw(made.letter_pdf(), 150)
    Pillow.fromarray(np.ascontiguousarray(scan[:, :, ::-1])).save(buffer, "PDF", resolution=150)
    document = pdfium.PdfDocument(made.set_page("First page, set in type."))
    document.import_pages(pdfium.PdfDocument(buffer.getvalue()))
    told: list[tuple[str, float | None]] = []
    copy = READER.read([saved(document)], progress=lambda what, share: told.append((what, share)))
    first, second = copy.pages
    assert (first.source, second.source) == (Source.LAYER, Source.PICTURE)
    assert made.words_of(first).startswith("First page")
    assert made.character_errors(made.words_of(second)) < 0.01
    assert ("reading page 2 of 2", 0.5) in told
    assert second.witness == ()


def test_form_fields_and_notes_are_seen_by_the_witness_as_by_a_viewer() -> None:
    content = annotated("Withdrawn by order")
    (page,) = READER.read([content]).pages
    assert "Withdrawn" in [word.text for word in page.witness]


def test_a_second_look_prefers_what_is_printed(letter: Copy) -> None:
    """A digit, a word or a 'not' that is not printed costs many nats; a quote's shape none."""
    (page,) = letter.pages
    questions = []
    for wanted in ("1,250", "not", "29"):
        line = next(word.line for word in page.words if word.text == wanted)
        words = [word for word in page.words if word.line == line]
        box = words[0].box
        assert box is not None
        for word in words:
            assert word.box is not None
            box = box.union(word.box)
        printed = " ".join(word.text for word in words)
        wrong = {"1,250": "1,260", "not": "now", "29": "28"}[wanted]
        candidates = (printed, printed.replace(wanted, wrong), printed.replace(wanted + " ", ""))
        questions.append(Question(1, box, candidates))
    for evidence in READER.reread([made.letter_pdf()], questions):
        right, *others = evidence.scores
        assert all(right > other + 5 for other in others)
        assert evidence.confidence > 0.9
        assert evidence.read


# ---- what is refused


def numbered(pages: int) -> bytes:
    """A PDF of that many blank pages, written by hand; readers rebuild the missing table."""
    kids = " ".join(f"{i + 3} 0 R" for i in range(pages))
    objects = [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        f"2 0 obj<</Type/Pages/Count {pages}/Kids[{kids}]/MediaBox[0 0 595 842]>>endobj",
        *(f"{i + 3} 0 obj<</Type/Page/Parent 2 0 R>>endobj" for i in range(pages)),
    ]
    return ("%PDF-1.4\n" + "\n".join(objects) + "\ntrailer<</Root 1 0 R>>\n%%EOF\n").encode()


def annotated(text: str) -> bytes:
    """One page whose only visible words are a note's appearance stream (12.5.5)."""
    shown = f"BT /F 28 Tf 20 20 Td ({text}) Tj ET"
    under = "BT /F 12 Tf 72 700 Td (Dear Sir, the letter stands as it was sent.) Tj ET"
    font = "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    objects = [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        "2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj",
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        f"/Resources {font}/Annots[5 0 R]>>endobj",
        f"4 0 obj<</Length {len(under)}>>stream\n{under}\nendstream endobj",
        "5 0 obj<</Type/Annot/Subtype/Stamp/F 4/Rect[60 500 460 580]/AP<</N 6 0 R>>>>endobj",
        f"6 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 400 80]/Resources {font}"
        f"/Length {len(shown)}>>stream\n{shown}\nendstream endobj",
    ]
    return ("%PDF-1.4\n" + "\n".join(objects) + "\ntrailer<</Root 1 0 R>>\n%%EOF\n").encode()


def encrypted() -> bytes:
    """Standard security handler (7.6.4) whose password is not the empty one."""
    lock = "<</Filter/Standard/V 1/R 2/P -4/O<" + "41" * 32 + ">/U<" + "42" * 32 + ">>>"
    trailer = f"trailer<</Root 1 0 R/Encrypt {lock}/ID[<01><01>]>>"
    return numbered(1).replace(b"trailer<</Root 1 0 R>>", trailer.encode())


def test_five_thousand_pages_are_refused_with_the_way_out() -> None:
    with pytest.raises(TooLarge, match="5,000 pages; up to 60") as caught:
        READER.read([numbered(5_000)])
    assert "pages in question" in caught.value.hint


def test_an_encrypted_pdf_is_refused_as_such() -> None:
    with pytest.raises(Unreadable, match="password") as caught:
        READER.read([encrypted()])
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n", made.letter_pdf()[:800], b"%PDF-1.7\n" + b"\xff" * 5000, numbered(0)],
    ids=["header only", "cut off", "noise", "no pages"],
)
def test_a_broken_pdf_is_refused_as_such(content: bytes) -> None:
    with pytest.raises((FormatError, Unreadable)) as caught:
        READER.read([content])
    assert "PDF" in caught.value.fact
    assert caught.value.hint


def test_a_page_of_a_mile_is_drawn_within_bounds() -> None:
    """A page size is only a number in the file; it must not decide how much memory is used."""
    huge = numbered(1).replace(b"0 0 595 842", b"0 0 90000 200")
    (page,) = READER.read([huge]).pages
    assert page.words == ()
    assert max(page.width, page.height) <= 1600


@settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(st.tuples(st.integers(0, 40_000), st.binary(min_size=1, max_size=6)), max_size=8))
def test_a_damaged_pdf_is_drawn_or_refused_in_words(damage: list[tuple[int, bytes]]) -> None:
    """Our own code around pdfium: anything that comes out is a page or a VidimusError."""
    content = bytearray(annotated("Note") if len(damage) % 2 else made.letter_pdf())
    for place, patch in damage:
        place %= len(content)
        content[place : place + len(patch)] = patch
    try:
        document = pdf.open_pdf(bytes(content), Limits(work_side=300))
        try:
            for index in range(len(document)):
                drawn = pdf.draw(document, index, Limits(work_side=300))
                height, width = drawn.image.shape[:2]
                for word in drawn.layer:
                    assert word.box is not None
                    assert 0 <= word.box.left < word.box.right <= width
                    assert 0 <= word.box.top < word.box.bottom <= height
        finally:
            document.close()
    except VidimusError as error:
        assert error.hint
