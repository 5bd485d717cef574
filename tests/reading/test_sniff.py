"""Typed text, and telling files apart by their first bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.reader import CellReader
from vidimus.adapters.reading.sniff import Kind, sniff
from vidimus.core.copies.page import Source
from vidimus.errors import FormatError, TooLarge, Unreadable, VidimusError

# A reader whose cell cannot start: whatever it answers, it answered without a child.
TEXT_ONLY = CellReader(python="/nonexistent")


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


REFUSED = {
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), "Word document"),
    "xlsx": (zipped("xl/workbook.xml"), "Excel"),
    "zip": (zipped("letter.txt"), "zip archive"),
    "gif": (b"GIF89a" + bytes(20), "GIF"),
    "tiff": (b"II*\0" + bytes(20), "TIFF"),
    "bmp": (b"BM\x9a\0\0\0" + bytes(20), "BMP"),
    "avif": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + bytes(9), "AVIF"),
    "video": (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video"),
    "old word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "old Office"),
    "rtf": (b"{\\rtf1 Dear}", "RTF"),
    "html": (b"<!DOCTYPE html><p>Dear", "web page"),
    "gzip": (b"\x1f\x8b\x08" + bytes(20), "gzip"),
    "utf-16": ("Dear Sir".encode("utf-16"), "UTF-16"),
    "latin-1": ("Café".encode("latin-1"), "0xE9 at position 3"),
    "bell": (b"Dear\x07 Sir", "U+0007 at position 4"),
    "c1": ("Dear\x85Sir".encode(), "U+0085 at position 4"),
    "nul": (b"Dear\0Sir", "U+0000 at position 4"),
    "noise": (bytes(range(128, 256)) + bytes(9), "neither text, PDF nor a picture"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_here_is_refused_by_its_name(name: str) -> None:
    """The fact names the file or the character; the hint says what to do."""
    content, named = REFUSED[name]
    with pytest.raises(FormatError) as caught:
        TEXT_ONLY.read([content])
    assert named in caught.value.fact
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b" \n\t\n ", b"... --- !!!", b"\xef\xbb\xbf"])
def test_nothing_to_read_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        TEXT_ONLY.read([content])
    assert caught.value.hint


def test_no_file_at_all_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        TEXT_ONLY.read([])


def test_a_million_words_are_refused_and_the_limit_is_said() -> None:
    with pytest.raises(TooLarge, match="100,000"):
        TEXT_ONLY.read([b"word " * 190_000])
    with pytest.raises(TooLarge, match="1,000,000 are read"):
        TEXT_ONLY.read([b"words " * 1_000_000])


def test_too_many_bytes_or_files_are_refused_before_they_are_looked_at() -> None:
    small = CellReader(Limits(file_bytes=100, total_bytes=150, files=3))
    with pytest.raises(TooLarge, match="101 bytes"):
        small.read([b"a" * 101])
    with pytest.raises(TooLarge, match="200 bytes"):
        small.read([b"a" * 100, b"b" * 100])
    with pytest.raises(TooLarge, match="4 files"):
        small.read([b"a"] * 4)


def test_text_and_pictures_do_not_mix() -> None:
    with pytest.raises(FormatError, match="different kinds"):
        TEXT_ONLY.read([b"Dear Sir", b"\x89PNG\r\n\x1a\n"])


def test_typed_words_keep_their_lines_and_need_no_child() -> None:
    """Byte-order mark, CRLF, tabs and form feeds are white space, and nothing else is."""
    copy = TEXT_ONLY.read(["\ufeffDear Sir,\r\n\r\nKéep\tthis.\fEnd\n".encode()])
    assert copy.kind == "text"
    (page,) = copy.pages
    assert [(w.text, w.line) for w in page.words] == [
        ("Dear", 0),
        ("Sir,", 0),
        ("Kéep", 2),
        ("this.", 2),
        ("End", 3),
    ]
    assert page.source is Source.TYPED
    assert page.image is None
    assert all(w.box is None and w.confidence is None for w in page.words)
    assert copy.checked
    assert copy.not_checked


def test_several_texts_are_several_pages_in_their_order() -> None:
    copy = TEXT_ONLY.read([b"one", b"two"])
    assert [(p.number, p.words[0].text) for p in copy.pages] == [(1, "one"), (2, "two")]


def test_right_to_left_and_mixed_scripts_are_read_as_they_stand() -> None:
    copy = TEXT_ONLY.read(["السلام عليكم Dear 2031 שלום".encode()])
    assert [w.text for w in copy.pages[0].words] == ["السلام", "عليكم", "Dear", "2031", "שלום"]


@pytest.mark.parametrize("start", [b"BMW wrote to us.", b"MZ is a code.", b"ID3 cards", b"BZh."])
def test_letters_that_open_like_another_format_are_still_letters(start: bytes) -> None:
    assert sniff(start) is Kind.TEXT


def test_a_pdf_is_known_by_its_header_within_the_first_kilobyte() -> None:
    assert sniff(b"%PDF-1.7\n") is Kind.PDF
    assert sniff(b"\x00" * 300 + b"%PDF-1.7\n") is Kind.PDF
    assert sniff(b"Look for %PDF- in the file.") is Kind.TEXT


@given(st.binary(max_size=300))
def test_any_bytes_give_a_kind_or_an_error_with_a_hint(content: bytes) -> None:
    try:
        kind = sniff(content)
    except VidimusError as error:
        assert error.hint
        return
    if kind is Kind.TEXT:
        try:
            assert TEXT_ONLY.read([content]).kind == "text"
        except VidimusError as error:
            assert error.hint


@given(st.text(max_size=200))
def test_any_text_keeps_its_words_or_is_refused(text: str) -> None:
    try:
        copy = TEXT_ONLY.read([text.encode()])
    except VidimusError as error:
        assert error.hint
        return
    assert [w.text for w in copy.pages[0].words] == text.removeprefix("\ufeff").split()
