"""Attacks on what a signature covers: forgery without a key, and wrapping.

After V. Mladenov, C. Mainka, K. Meyer zu Selhausen, M. Grothe and J. Schwenk, “1 Trillion Dollar
Refund” (CCS 2019). In each the page shows another word than the one that was signed, unless its
name says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.attacks.pdf_forge.book import (
    CATALOGUE,
    CONTENT,
    FREE,
    NOW,
    OTHER,
    PAGE,
    PAGES,
    Doc,
    lines,
    stream,
    written,
)
from tests.attacks.pdf_forge.signing import ROOM, filled, prepared, signed

_RANGE = re.compile(rb"/ByteRange \[[^\]]*\]")
_CONTENTS = re.compile(rb"/Contents <[0-9A-F]+>")


def _forged(wanted: bytes, instead: bytes) -> bytes:
    """The signature's dictionary changed, and the page as well: nothing holds it together."""
    content = signed(Doc(lines(OTHER)))
    pattern = _RANGE if wanted == b"range" else _CONTENTS
    return pattern.sub(lambda found: instead.ljust(len(found[0])), content)


FORGED: dict[str, Callable[[], bytes]] = {
    "usf-range-missing": lambda: _forged(b"range", b""),
    "usf-range-null": lambda: _forged(b"range", b"/ByteRange null"),
    "usf-range-empty": lambda: _forged(b"range", b"/ByteRange []"),
    "usf-range-nought": lambda: _forged(b"range", b"/ByteRange [0 0 0 0]"),
    "usf-range-overlong": lambda: _forged(b"range", b"/ByteRange [0 99999999 0 99999999]"),
    "usf-range-negative": lambda: _forged(b"range", b"/ByteRange [0 -1 -1 99999]"),
    "usf-range-of-words": lambda: _forged(b"range", b"/ByteRange [a b c d]"),
    "usf-contents-missing": lambda: _forged(b"contents", b""),
    "usf-contents-null": lambda: _forged(b"contents", b"/Contents null"),
    "usf-contents-empty": lambda: _forged(b"contents", b"/Contents <>"),
    "usf-contents-nought": lambda: _forged(b"contents", b"/Contents <" + b"0" * ROOM + b">"),
    "usf-contents-a-byte": lambda: _forged(b"contents", b"/Contents <30>"),
}


def of_other_bytes() -> bytes:
    """A true signature, over the registered page, in a file that shows another."""
    theirs = _CONTENTS.findall(signed())[-1]
    return _CONTENTS.sub(theirs, signed(Doc(lines(OTHER))))


def wrapped(*, second: bool) -> bytes:
    """SWA: the signed tail is moved to the end, and a page of one's own put in the gap.

    The signature is sound over what its /ByteRange names; viewers follow the new table.
    """
    content = signed()
    begin = content.index(b"/Contents <") + 10
    stop = begin + ROOM + 2
    tail = content[stop:]
    head = content[:stop]
    inner = b"\n%d 0 obj\n%b\nendobj\n" % (CONTENT, stream("\n".join(lines(OTHER))))
    room = 3000
    # The dictionary is closed in the gap; then come the forged page and its own end.
    closed = b" >>\nendobj" + inner
    start = len(head) + len(closed)
    places = {
        CONTENT: content.index(b"\n4 0 obj") + 1 if second else len(head) + closed.index(b"4 0 obj")
    }
    for number in range(1, FREE):
        if number not in places:
            places[number] = content.index(b"\n%d 0 obj" % number) + 1
    table = b"xref\n0 1\n0000000000 65535 f \n"
    for number in sorted(places):
        table += b"%d 1\n%010d 00000 n \n" % (number, places[number])
    table += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (FREE, CATALOGUE)
    gap = closed + table + b"startxref\n%d\n%%%%EOF\n" % start
    gap = gap.ljust(room, b" ")
    moved = head + gap + tail
    told = b"/ByteRange [0 %d %d %d]" % (begin, len(head) + len(gap), len(tail))
    made = _RANGE.sub(lambda found: told.ljust(len(found[0])), moved)
    if second:
        return made
    # The last table counts: it names the page that stands in the gap.
    return made + b"startxref\n%d\n%%%%EOF\n" % start


def not_to_the_end() -> bytes:
    """Sound over what it names, which ends before the file does."""
    return signed() + b"\n% a line of somebody's own\n"


def gap_with_a_comment() -> bytes:
    content = signed()
    at = content.index(b"/Contents <") + 11 + ROOM
    return content[: at - 40] + b"> % " + b"x" * 35 + b"\n" + content[at:]


def two_over_one() -> bytes:
    """The registered page, signed; and a dictionary of another signature that covers nothing."""
    doc = Doc()
    objects = prepared(doc)
    objects[FREE + 1] = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached >>"
    return filled(written(objects))


def by_a_stranger() -> bytes:
    """All of it sound, and by another key: the words decide."""
    return filled(written(prepared(Doc(lines(OTHER)))), "stranger")


def reordered_pages() -> bytes:
    """Two page trees; the signed catalogue names the other one."""
    doc = Doc()
    doc.more[FREE] = stream("\n".join(lines(OTHER)))
    doc.more[FREE + 1] = doc.page_entries().replace(f"{CONTENT} 0 R", f"{FREE} 0 R", 1).encode()
    doc.more[FREE + 2] = f"<< /Type /Pages /Count 1 /Kids [{FREE + 1} 0 R] >>".encode()
    return signed(doc).replace(b"/Pages %d 0 R" % PAGES, b"/Pages %d 0 R" % (FREE + 2), 1)


WRAPPED: dict[str, Callable[[], bytes]] = {
    "swa-page-in-the-gap": lambda: wrapped(second=False),
    "swa-page-in-the-gap-unused": lambda: wrapped(second=True),
    "swa-of-other-bytes": of_other_bytes,
    "swa-not-to-the-end": not_to_the_end,
    "swa-gap-with-a-comment": gap_with_a_comment,
    "swa-two-over-one": two_over_one,
    "swa-another-page-tree": reordered_pages,
    "swa-by-a-stranger": by_a_stranger,
}

__all__ = ["FORGED", "NOW", "PAGE", "WRAPPED"]
