"""Attacks by what is added to a signed file, and by what was put there before it was signed.

Incremental saving: CCS 2019, as in `signed`. Shadow attacks: S. Rohlmann, C. Mainka, V. Mladenov
and J. Schwenk, “Shadow Attacks” (NDSS 2021). Certification attacks (EAA, SSA): the same authors,
“Breaking the Specification: PDF Certification” (IEEE S&P 2021).
"""

from __future__ import annotations

from collections.abc import Callable

from tests.attacks.pdf_forge.book import (
    CATALOGUE,
    CONTENT,
    DESCRIPTOR,
    FIELD,
    FILE,
    FONT,
    FREE,
    NOW,
    OTHER,
    PAGE,
    PAGES,
    ROW,
    SIGNATURE,
    WAS,
    Doc,
    appended,
    at,
    cover,
    instead,
    line,
    lines,
    place,
    startxref,
    stream,
    swapped,
    type_file,
    width,
    written,
)
from tests.attacks.pdf_forge.signing import filled, prepared, signature, signed, widget

_OTHER = stream("\n".join(lines(OTHER)))


def saved() -> bytes:
    """ISA: the page's drawing replaced by a later revision."""
    return appended(signed(), {CONTENT: _OTHER})


def _broken_end(end: bytes) -> bytes:
    content = saved()
    return content[: content.rindex(b"startxref")] + end


def saved_without_table() -> bytes:
    """Only the object, no table: readers that find the file broken collect all objects anew."""
    return signed() + b"%d 0 obj\n%b\nendobj\n" % (CONTENT, _OTHER)


def saved_without_table_and_trailer() -> bytes:
    bare = b"trailer\n<< /Root %d 0 R >>\n" % CATALOGUE
    return saved_without_table() + bare


def saved_with_the_signature_again() -> bytes:
    """The later revision brings the signature with it once more."""
    content = signed()
    begin = content.index(b"%d 0 obj" % SIGNATURE) + len(b"8 0 obj\n")
    own = content[begin : content.index(b"\nendobj", begin)]
    return appended(content, {CONTENT: _OTHER, SIGNATURE: own})


SAVED: dict[str, Callable[[], bytes]] = {
    "isa-page-replaced": saved,
    "isa-startxref-malformed": lambda: _broken_end(b"startxref \n%%EOF\n"),
    "isa-startxref-of-letters": lambda: _broken_end(b"startxref\nabc\n%%EOF\n"),
    "isa-startxref-nought": lambda: _broken_end(b"startxref\n0\n%%EOF\n"),
    "isa-without-end": lambda: _broken_end(b""),
    "isa-without-table": saved_without_table,
    "isa-without-table-with-trailer": saved_without_table_and_trailer,
    "isa-signature-again": saved_with_the_signature_again,
    "isa-older-page-again": lambda: appended(appended(signed(), {CONTENT: _OTHER}), {
        CONTENT: stream("\n".join(lines()))
    }),
}  # fmt: skip


def _shadow(doc: Doc, later: dict[int, bytes]) -> bytes:
    """Prepared so, signed so, and changed afterwards in a way that seems harmless."""
    return appended(signed(doc, certified=None), later)


def hidden() -> bytes:
    """Shadow hide: a picture over the other word goes away when it is no longer listed."""
    doc = Doc([*lines(OTHER), cover(), line(ROW, WAS), "/X Do"])
    empty = doc.form("q Q")
    doc.resources = f"/XObject << /X {empty} >>"
    later = Doc(lines(OTHER))
    return _shadow(doc, {CONTENT: later.objects()[CONTENT]})


def hidden_by_form() -> bytes:
    """The same by a form XObject that covers, and is then made empty."""
    doc = Doc([*lines(OTHER), "/X Do"])
    over = doc.form(f"{cover()} {line(ROW, WAS)}")
    doc.resources = f"/XObject << /X {over} >>"
    number = int(over.split()[0])
    entries = (
        f"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /Font << /F {FONT} 0 R >> >>"
    )
    return _shadow(doc, {number: stream("q Q", entries)})


def replaced() -> bytes:
    """Shadow replace: the type of the page is defined anew, and 1 is drawn as 9."""
    return _shadow(Doc(), {FILE: type_file(swapped("1", "9"))})


def replaced_by_field() -> bytes:
    """The same by a text field, whose look is not what it holds."""
    doc = Doc(instead())
    _field(doc, WAS, WAS)
    number = max(doc.more)
    return _shadow(doc, {number - 1: _look(NOW)})


def hidden_and_replaced() -> bytes:
    """Shadow hide-and-replace: two documents in one file; the table of the later one wins."""
    doc = Doc()
    doc.more[FREE] = _OTHER
    doc.more[FREE + 1] = doc.page_entries().replace(f"{CONTENT} 0 R", f"{FREE} 0 R", 1).encode()
    doc.more[FREE + 2] = f"<< /Type /Pages /Count 1 /Kids [{FREE + 1} 0 R] >>".encode()
    content = signed(doc, certified=None)
    root = f"<< /Type /Catalog /Pages {FREE + 2} 0 R /AcroForm << /Fields [{FIELD} 0 R] >> >>"
    return appended(content, {CATALOGUE: root.encode()})


def prepared_only() -> bytes:
    """The other page lies in the signed file, and nothing shows it: yet."""
    doc = Doc()
    doc.more[FREE] = _OTHER
    return signed(doc)


def _look(text: str, ground: str = "1 1 1") -> bytes:
    entries = (
        f"/Type /XObject /Subtype /Form /BBox [0 0 {width(text) + 2:.2f} 13]"
        f" /Resources << /Font << /F {FONT} 0 R >> >>"
    )
    wide = width(text) + 2
    body = f"{ground} rg 0 0 {wide:.2f} 13 re f 0 g {at(1, 3, text)}"
    return stream(body, entries)


def _rect(text: str) -> str:
    x, y = place(ROW)
    return f"/Rect [{x - 1:.2f} {y - 3:.2f} {x + width(text) + 1:.2f} {y + 10:.2f}]"


def _field(doc: Doc, shown: str, held: str) -> None:
    look = doc.add(_look(shown))
    field = doc.add(
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V ({held}) /F 4 {_rect(shown)}"
        f" /DA (/F 11 Tf 0 g) /AP << /N {look} >> >>"
    )
    doc.page += f" /Annots [{field} {FIELD} 0 R]"
    doc.catalogue += f" /AcroForm << /Fields [{field}] /DR << /Font << /F {FONT} 0 R >> >> >>"


SHADOW: dict[str, Callable[[], bytes]] = {
    "shadow-hide": hidden,
    "shadow-hide-by-form": hidden_by_form,
    "shadow-replace-type": replaced,
    "shadow-replace-field": replaced_by_field,
    "shadow-hide-and-replace": hidden_and_replaced,
    "shadow-prepared": prepared_only,
}


def _annotated(kind: str, level: int, *, flags: int = 4, text: str = NOW) -> bytes:
    """EAA: certified with changes allowed, and then a note over the word."""
    doc = Doc()
    content = filled(written(prepared(doc, certified=level)))
    note = (
        f"<< /Type /Annot /Subtype /{kind} /F {flags} {_rect(text)} /DA (/F 11 Tf 0 g)"
        f" /Contents ({text}) /AP << /N {FREE + 1} 0 R >> >>"
    )
    page = doc.page_entries().replace(f"{FIELD} 0 R]", f"{FIELD} 0 R {FREE} 0 R]")
    return appended(content, {PAGE: page.encode(), FREE: note.encode(), FREE + 1: _look(text)})


def second_signature(level: int = 2) -> bytes:
    """SSA: a second signature, allowed, whose look covers the word."""
    doc = Doc()
    content = filled(written(prepared(doc, certified=level)))
    own = widget(FREE, "Second").replace(b"/Rect [0 0 0 0]", _rect(NOW).encode())
    own = own.replace(b"/F 132", b"/F 132 /AP << /N %d 0 R >>" % (FREE + 2))
    page = doc.page_entries().replace(f"{FIELD} 0 R]", f"{FIELD} 0 R {FREE + 1} 0 R]")
    fields = doc.objects()[CATALOGUE].replace(
        b"[%d 0 R]" % FIELD, b"[%d 0 R %d 0 R]" % (FIELD, FREE + 1)
    )
    later = {
        CATALOGUE: fields, PAGE: page.encode(), FREE + 2: _look(NOW), FREE + 1: own,
        FREE: signature(None),
    }  # fmt: skip
    return filled(appended(content, later), "stranger")


CERTIFIED: dict[str, Callable[[], bytes]] = {
    "eaa-free-text-p3": lambda: _annotated("FreeText", 3),
    "eaa-stamp-p3": lambda: _annotated("Stamp", 3),
    "eaa-redact-p3": lambda: _annotated("Redact", 3),
    "eaa-square-p2": lambda: _annotated("Square", 2),
    "eaa-after-no-changes-p1": lambda: _annotated("FreeText", 1),
    "eaa-cover-of-nothing-p3": lambda: _annotated("Square", 3, text="     "),
    "ssa-second-signature-p2": second_signature,
}

__all__ = ["CERTIFIED", "DESCRIPTOR", "PAGES", "SAVED", "SHADOW", "startxref"]
