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
# Putting marks into their canonical order takes time that grows with the square of their
# number on one letter (UAX 15, section 1.3, "Stream-Safe Text", which allows 30 for this).
MOST_MARKS = 30
MARKS = frozenset({"Mn", "Me"})
# All marks lie beyond U+02FF. A soft hyphen (U+00AD) is the only thing below that is not seen.
FAR = re.compile(r"[\u00ad\u0300-\U0010ffff]{31,}")
# Unicode's Default_Ignorable_Code_Point and what else canonical.py drops before it normalises.
UNSEEN = re.compile(
    "[\u00ad\u061c\u0640\u115f\u1160\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
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


def first_heap(text: str) -> int | None:
    """Where a run of more than MOST_MARKS combining characters begins; None: nowhere.

    What cannot be seen between them does not end a run: whoever drops it later joins the halves.
    """
    for stretch in FAR.finditer(text):
        count = start = 0
        for at, character in enumerate(stretch[0], stretch.start()):
            if unicodedata.combining(character) or unicodedata.category(character) in MARKS:
                count += 1
                if count == 1:
                    start = at
                elif count > MOST_MARKS:
                    return start
            elif count and not UNSEEN.match(character):
                count = 0
    return None


def read_text(content: bytes, number: int, limits: Limits) -> Page:
    """One page of typed words. Positions in errors count characters from 0."""
    text = decode(content)
    if len(text) > limits.characters:
        raise TooLarge(
            f"this text has {len(text):,} characters; up to {limits.characters:,} are read",
            hint="send the part in question",
        )
    heap = first_heap(text)
    if heap is not None:
        raise Unreadable(
            f"more than {MOST_MARKS} combining characters follow each other"
            f" from position {heap} of this text",
            hint="remove them: no language writes so many on one letter",
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
