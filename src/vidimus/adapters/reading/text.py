"""Typed text: UTF-8, read in this very process, because decoding it is safe.

Words are what stands between white space; lines are the lines of the text.
"""

from __future__ import annotations

import re
import unicodedata

from vidimus.adapters.reading.limits import Limits
from vidimus.core.copies.page import Page, Source, Word
from vidimus.errors import FormatError, TooLarge, Unreadable

UTF8_HINT = "save the text as UTF-8 and try again, or paste it"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
# Python's splitlines() would also break at U+001C to U+001E and U+0085, all refused above.
LINE_END = re.compile("\r\n|[\n\r\f\u2028\u2029]")


def decode(content: bytes) -> str:
    """The text of these bytes, or an error that says what they are instead."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FormatError("this text is UTF-16, and only UTF-8 is read", hint=UTF8_HINT)
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        byte = content[error.start] if error.start < len(content) else 0
        if b"\0" in content[:4096]:
            raise FormatError(
                "this file is neither text, PDF nor a picture that is read here",
                hint="send UTF-8 text, PDF, PNG, JPEG, HEIC or WebP",
            ) from error
        raise FormatError(
            f"this text is not UTF-8: byte 0x{byte:02X} at position {error.start}"
            " does not belong there (it may be Latin-1 or Windows-1252)",
            hint=UTF8_HINT,
        ) from error
    found = CONTROL.search(text)
    if found:
        raise FormatError(
            f"this text holds the control character U+{ord(found[0]):04X}"
            f" at position {found.start()}",
            hint="remove it, or paste the text without it",
        )
    return text


def read_text(content: bytes, number: int, limits: Limits) -> Page:
    """One page of typed words. Positions in errors count characters from 0."""
    text = decode(content)
    if len(text) > limits.characters:
        raise TooLarge(
            f"this text has {len(text):,} characters; up to {limits.characters:,} are read",
            hint="send the part in question",
        )
    words = tuple(
        Word(word, line)
        for line, printed in enumerate(LINE_END.split(text))
        for word in printed.split()
    )
    if len(words) > limits.words:
        raise TooLarge(
            f"this text has {len(words):,} words; up to {limits.words:,} are read",
            hint="send the part in question",
        )
    if not any(unicodedata.category(c)[0] in "LN" for word in words for c in word.text):
        raise Unreadable("this text holds no words", hint="paste the words of the letter")
    return Page(number, Source.TYPED, words)
