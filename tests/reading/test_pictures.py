"""Scans and photos: upright, flat, in even light, and small enough to be decoded at all."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from tests.reading import pages as made

from vidimus.adapters.reading import light, rectify, tesseract
from vidimus.adapters.reading.eye import Engines, plain_lines
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.merit import merit
from vidimus.adapters.reading.pictures import decode
from vidimus.adapters.reading.reader import CellReader, engines
from vidimus.adapters.reading.sniff import Kind
from vidimus.adapters.reading.types import Image, Reading
from vidimus.core.copies.page import Box, Page, Question, Source, Word
from vidimus.errors import FormatError, TooLarge, VidimusError

READER = CellReader(Limits(seconds=120))
HEIC = Path(__file__).with_name("letter.heic")  # the page of `made.LETTER`, encoded once


@pytest.fixture(scope="module")
def scan() -> Image:
    return made.draw(made.letter_pdf(), 150)


def one(content: bytes, reader: CellReader = READER) -> Page:
    copy = reader.read([content])
    assert copy.kind == "image"
    (page,) = copy.pages
    assert page.source is Source.PICTURE
    return page


def pixels(page: Page) -> Image:
    assert page.image is not None
    picture = Pillow.open(io.BytesIO(page.image))
    assert picture.size == (page.width, page.height)
    assert not picture.getexif()
    return np.asarray(picture.convert("L"))


def assert_on_the_ink(page: Page) -> None:
    grey = light.flatten(pixels(page))
    for word in page.words:
        assert word.box is not None
        if len(word.text) >= 4:
            inside = grey[word.box.top : word.box.bottom, word.box.left : word.box.right]
            assert inside.min() < 160, word


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_scan_is_read_in_every_format(scan: Image, kind: str) -> None:
    page = one(made.encode(scan, kind))
    assert made.character_errors(made.words_of(page)) < 0.005
    assert max(page.width, page.height) <= 1600
    assert_on_the_ink(page)
    assert all(0 <= (word.confidence or -1) <= 1 for word in page.words)
    lines = [word.line for word in page.words]
    assert lines == sorted(lines)


def test_heic_is_read() -> None:
    assert made.character_errors(made.words_of(one(HEIC.read_bytes()))) < 0.005


def test_the_orientation_tag_is_obeyed_and_every_tag_is_dropped(scan: Image) -> None:
    """EXIF 2.3, tag 0x0112: value 6 asks the viewer to turn by a quarter clockwise."""
    tags = Pillow.Exif()
    tags[0x0112] = 6
    tags[0x010F] = "Somebody's telephone"
    content = made.encode(rectify.turn(scan, 3), "JPEG", exif=tags.tobytes())
    assert b"telephone" in content
    page = one(content)
    assert made.character_errors(made.words_of(page)) < 0.005
    assert page.height > page.width
    assert page.image is not None and b"telephone" not in page.image


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_on_its_side_or_its_head_is_turned_upright(scan: Image, turns: int) -> None:
    page = one(made.encode(rectify.turn(scan, turns), "JPEG"))
    assert made.character_errors(made.words_of(page)) < 0.005
    assert page.height > page.width
    assert_on_the_ink(page)


def test_a_photo_askew_in_uneven_light_is_made_flat_and_read() -> None:
    photo = made.photograph(made.draw(made.letter_pdf(), 200))
    content = made.encode(photo, "JPEG", quality=60)
    page = one(content)
    assert made.character_errors(made.words_of(page)) < 0.01
    assert_on_the_ink(page)
    # A second look at a line uses the same flat page, so the box fits and the print wins.
    line = next(word.line for word in page.words if word.text == "1,250")
    words = [word for word in page.words if word.line == line]
    box = words[0].box
    assert box is not None
    for word in words:
        assert word.box is not None
        box = box.union(word.box)
    text = " ".join(word.text for word in words)
    question = Question(1, box, (text, text.replace("1,250", "1,260")))
    (kept,) = READER.reread([content], [question])
    (again,) = CellReader(Limits(seconds=120)).reread([content], [question])
    assert kept == again, "a reader that remembers nothing straightens the page the same way"
    assert kept.scores[0] > kept.scores[1] + 5


def test_two_photos_are_two_pages(scan: Image) -> None:
    second = made.draw(made.set_page("The second page says that nothing else was agreed."), 150)
    copy = READER.read([made.encode(scan), made.encode(second, "JPEG")])
    assert [page.number for page in copy.pages] == [1, 2]
    assert made.character_errors(made.words_of(copy.pages[0])) < 0.005
    assert made.words_of(copy.pages[1]).startswith("The second page")


def test_small_letters_are_enlarged_before_they_are_read() -> None:
    page = one(made.encode(made.draw(made.letter_pdf(), 80)))
    assert made.character_errors(made.words_of(page)) < 0.01


def test_without_tesseract_the_other_engine_reads() -> None:
    content = made.encode(made.draw(made.set_page(*made.LETTER[:5]), 120))
    page = one(content, CellReader(Limits(seconds=120), tesseract="/nonexistent/tesseract"))
    assert page.engine == "rapidocr"
    assert made.character_errors(made.words_of(page), " ".join(made.LETTER[:5])) < 0.01
    assert_on_the_ink(page)
    boxes = {word.text: word.box for word in page.words}
    warehouse, stored = boxes["warehouse"], boxes["stored"]
    assert warehouse is not None and stored is not None
    assert stored.right <= warehouse.left + 6 or stored.top != warehouse.top


def test_what_tesseract_reads_badly_the_other_engine_reads_instead() -> None:
    """A far-off, blurred photo: the better reading is kept, by what it read soundly."""
    photo = made.photograph(
        made.draw(made.letter_pdf(), 200), seed=12, perspective=0.07, degrees=5, blur=1.0, side=1250
    )
    page = one(made.encode(photo, "JPEG", quality=50))
    assert made.character_errors(made.words_of(page)) < 0.03


def test_a_blank_page_is_a_page_without_words() -> None:
    page = one(made.encode(np.full((800, 600, 3), 255, np.uint8)))
    assert page.words == ()
    assert page.image


def test_a_transparent_page_is_seen_on_white(scan: Image) -> None:
    ink = Pillow.fromarray(255 - scan[:, :, 0])
    picture = Pillow.new("RGBA", ink.size, (0, 0, 0, 0))
    picture.putalpha(ink)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert made.character_errors(made.words_of(one(buffer.getvalue()))) < 0.005


def test_deep_grey_and_palette_pictures_are_read(scan: Image) -> None:
    deep = io.BytesIO()
    Pillow.fromarray(scan[:, :, 0].astype(np.uint16) * 257).save(deep, "PNG")
    palette = io.BytesIO()
    Pillow.fromarray(scan).convert("P").save(palette, "PNG")
    for buffer in (deep, palette):
        shown = decode(buffer.getvalue(), Kind.PNG, Limits())
        assert shown.shape == scan.shape
        assert np.abs(shown.astype(int) - scan).mean() < 2


# ---- what is refused


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises so many white pixels in a few bytes (PNG 1.2, 4.1.1)."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    rows = zlib.compress(bytes(100_000), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (1, 30_000), (8_000, 8_000)])
def test_a_picture_of_too_many_pixels_is_refused_from_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(TooLarge, match=f"{size[0]:,} x {size[1]:,} pixels") as caught:
        READER.read([png_header(*size)])
    assert caught.value.hint


def test_huge_webp_and_jpeg_are_refused_from_their_headers_too() -> None:
    webp = made.encode(np.full((9_000, 9_000, 3), 255, np.uint8), "WEBP")
    jpeg = made.encode(np.full((9_000, 9_000, 3), 255, np.uint8), "JPEG")
    for content, kind in ((webp, Kind.WEBP), (jpeg, Kind.JPEG)):
        with pytest.raises(TooLarge, match="9,000 x 9,000"):
            decode(content, kind, Limits())
    with pytest.raises(TooLarge, match="pixels"):
        decode(HEIC.read_bytes(), Kind.HEIC, Limits(pixels=1000))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "HEIC"])
def test_a_picture_cut_off_is_refused_as_such(scan: Image, kind: str) -> None:
    content = HEIC.read_bytes() if kind == "HEIC" else made.encode(scan, kind)
    named = {"WEBP": "WebP"}.get(kind, kind)
    with pytest.raises(FormatError, match=f"{named} picture is broken") as caught:
        READER.read([content[: len(content) // 3]])
    assert caught.value.hint


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from(["PNG", "JPEG", "WEBP"]),
    st.lists(st.tuples(st.integers(0, 9_999), st.binary(min_size=1, max_size=4)), min_size=1),
)
def test_a_damaged_picture_is_decoded_or_refused_in_words(
    kind: str, damage: list[tuple[int, bytes]]
) -> None:
    content = bytearray(made.encode(np.full((40, 30, 3), 200, np.uint8), kind))
    for place, patch in damage:
        place %= len(content)
        content[place : place + len(patch)] = patch
    try:
        shown = decode(bytes(content), Kind(kind.lower()), Limits(pixels=100_000))
        assert shown.ndim == 3 and shown.dtype == np.uint8
    except VidimusError as error:
        assert error.hint


# ---- parts


def test_arabic_is_read_when_its_language_is_installed() -> None:
    if "ara" not in engines()["languages"]:
        pytest.skip("Tesseract has no Arabic here: apt-get install tesseract-ocr-ara")
    text = "السلام عليكم ورحمة الله وبركاته. نحيطكم بأن التفتيش على الرصيف قد تم ولم يعترض أحد."
    setting = '#set text(font: "DejaVu Sans", lang: "ar", size: 14pt)'
    scan = made.draw(made.set_page(*[text] * 3, extra=setting, system_fonts=True), 150)
    words = made.words_of(one(made.encode(scan))).split()
    wanted = text.split() * 3
    assert sum(word in words for word in wanted) > 0.8 * len(wanted)


def test_ink_that_no_word_covers_is_noticed(scan: Image) -> None:
    """Tesseract may drop a strip of a page and be sure of the rest; its ink gives it away."""
    grey = light.grey(scan)
    page = one(made.encode(scan))
    factor = scan.shape[0] / page.height
    words = Reading(page.words, "").scaled(factor).words
    assert light.left_out(grey, words) < 0.005
    assert light.left_out(grey, words[:-6]) > 0.01
    assert light.left_out(grey, words[6:]) > 0.01


def test_lines_are_found_without_a_network() -> None:
    photo = made.photograph(made.draw(made.letter_pdf(), 200), seed=8)
    assert len(plain_lines(light.grey(photo))) >= 12


def test_lines_of_a_photo_become_level_and_its_margin_upright() -> None:
    """From a known perspective: after the plan, all line ends lie on one vertical line."""
    import cv2

    flat = [
        np.array(
            [[100, y], [800 + 7 * (y % 3), y], [800 + 7 * (y % 3), y + 20], [100, y + 20]], float
        )
        for y in range(100, 1100, 40)
    ]
    source = np.array([[0, 0], [900, 0], [900, 1200], [0, 1200]], np.float32)
    target = np.array([[60, 90], [820, 20], [1000, 1230], [0, 1100]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    seen = [cv2.perspectiveTransform(q[None].astype(np.float32), matrix)[0] for q in flat]
    plan = rectify.from_lines([np.asarray(q, float) for q in seen], 1000, 1300, 0)
    back = np.array(plan.matrix, np.float32).reshape(3, 3)
    found = [cv2.perspectiveTransform(q[None], back)[0] for q in seen]
    slopes = [abs((q[1] - q[0])[1] / (q[1] - q[0])[0]) for q in found]
    assert max(slopes) < 0.004
    assert np.ptp([q[0][0] for q in found]) < 0.01 * plan.width


@given(st.lists(st.lists(st.floats(-50, 700), min_size=8, max_size=8), max_size=12))
def test_any_lines_give_a_plan(numbers: list[list[float]]) -> None:
    """Detected lines may be nonsense; straightening must then do little, and never fail."""
    quads = [np.array(row, float).reshape(4, 2) for row in numbers]
    plan = rectify.from_lines(quads, 600, 500, 0)
    assert len(plan.matrix) == 9 and np.isfinite(plan.matrix).all()
    assert 0 < plan.width <= 1200 and 0 < plan.height <= 1200


def test_a_sound_page_counts_for_more_than_a_proud_one() -> None:
    """Engines' confidences do not compare, so junk read with conviction must not win."""
    box = Box(0, 0, 1, 1)
    junk = Reading(tuple(Word(t, 0, box, 0.99) for t in ("xqzt~", "l|I1", "vvrkks", "#°")), "a")
    plain = Reading(tuple(Word(t, 0, box, 0.8) for t in ("The", "quay", "of", "1,250")), "b")
    assert merit(plain) > merit(junk)


@given(st.text(max_size=300))
def test_any_tsv_gives_words_within_the_page(tsv: str) -> None:
    rows = tsv + "\n5\t1\t1\t1\t2\t1\t-4\t5\t900\t30\t96.5\tquay"
    words = tesseract.parse(rows, 100, 50)
    assert words[-1] == Word("quay", words[-1].line, Box(0, 5, 100, 35), 0.965)


def test_the_engines_can_be_asked_for() -> None:
    told = engines()
    assert told["rapidocr"] is True
    assert "eng" in told["languages"]
    assert Engines.find("/nonexistent").tesseract is None
