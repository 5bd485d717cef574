"""What is registered is the text that people see, from a text file or a PDF of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.operations.ministry import TEXT, Ministry
from tests.operations.test_no_oracle import pdf

import vidimus
from vidimus import wiring
from vidimus.core.copies.answers import Headline
from vidimus.core.copies.canonical import canonical
from vidimus.errors import FormatError, Unreadable
from vidimus.operations.registered_text import text_of

EXAMPLE = Path(vidimus.__file__).parent / "example"


def test_a_text_is_registered_as_it_is() -> None:
    reader = wiring.reader()
    for text in (TEXT, "Grüße – „so“.\r\n\tZwei.\r\n"):
        assert text_of(text.encode(), reader) == text
        assert text_of(b"\xef\xbb\xbf" + text.encode(), reader) == text


def test_a_pdf_is_registered_with_its_own_text(m: Ministry) -> None:
    text = text_of(pdf(TEXT), wiring.reader())
    assert canonical(text) == canonical(TEXT)
    m.released(text)
    assert m.check(TEXT).headline is Headline.STANDS


def test_a_picture_is_no_text() -> None:
    with pytest.raises(Unreadable) as error:
        text_of((EXAMPLE / "leaked.jpg").read_bytes(), wiring.reader())
    assert "picture" in error.value.fact
    assert error.value.hint


@pytest.mark.parametrize("source", [b"", b" \n", b"\xff\xfea\x00", b"PK\x03\x04", b"a\x00b"])
def test_what_cannot_be_read_is_not_registered(source: bytes) -> None:
    with pytest.raises((FormatError, Unreadable)) as error:
        text_of(source, wiring.reader())
    assert error.value.hint
