"""Files that two readers take for two, or that bring more with them than their pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from tests.attacks.pdf_forge.book import (
    CATALOGUE,
    CONTENT,
    DESCRIPTOR,
    FILE,
    FONT,
    FREE,
    OTHER,
    PAGE,
    PAGES,
    ROW,
    TEXT,
    Doc,
    appended,
    around,
    line,
    lines,
    startxref,
    stream,
    swapped,
    type_file,
    written,
)

_OTHER = stream("\n".join(lines(OTHER)))
_OURS = stream("\n".join(lines()))


def _twice(first: bytes, second: bytes) -> bytes:
    """Two objects of one number; the table names the first."""
    content = written(Doc().objects() | {CONTENT: first})
    at = content.rindex(b"xref\n0 1\n")
    added = b"%d 0 obj\n%b\nendobj\n" % (CONTENT, second)
    rest = content[at:].replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + len(added)))
    return content[:at] + added + rest


def generation() -> bytes:
    """The same number in another generation, that the table does not know."""
    return _twice(_OURS, _OTHER).replace(b"\n4 0 obj\n" + _OTHER[:10], b"\n4 1 obj\n" + _OTHER[:10])


def wrong_place() -> bytes:
    """The table says that the page's drawing is where another object stands."""
    content = written(Doc().objects() | {FREE: _OTHER})
    right = b"%010d" % (content.index(b"\n4 0 obj") + 1)
    wrong = b"%010d" % (content.index(b"\n%d 0 obj" % FREE) + 1)
    return content.replace(right, wrong, 1)


def _xref_stream(places: Mapping[int, tuple[int, int, int]], at: int, prev: int | None) -> bytes:
    number = max(places) + 1
    known = dict(places) | {number: (1, at, 0)}
    index = " ".join(f"{n} 1" for n in sorted(known))
    body = b"".join(
        kind.to_bytes(1) + one.to_bytes(4) + two.to_bytes(2)
        for _, (kind, one, two) in sorted(known.items())
    )
    before = "" if prev is None else f"/Prev {prev}"
    entries = (
        f"/Type /XRef /Size {number + 1} /Root {CATALOGUE} 0 R /W [1 4 2] /Index [{index}] {before}"
    )
    return b"%d 0 obj\n%b\nendobj\n" % (number, stream(body, entries))


def _packed(objects: Mapping[int, bytes]) -> bytes:
    head, body = "", b""
    for number, value in objects.items():
        head += f"{number} {len(body)} "
        body += value + b" "
    return stream(head.encode() + body, f"/Type /ObjStm /N {len(objects)} /First {len(head)}")


def _page(content: int) -> bytes:
    return Doc().page_entries().replace(f"{CONTENT} 0 R", f"{content} 0 R", 1).encode()


def packed_override(*, hybrid: bool) -> bytes:
    """An object stream that brings the page once more, with another drawing.

    `hybrid`: only readers that know object streams see it (7.5.8.4); the others see the table's.
    """
    base = written(Doc().objects())
    out, places = bytearray(base), {}
    for number, body in ((FREE, _OTHER), (FREE + 1, _packed({PAGE: _page(FREE)}))):
        places[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    places[PAGE] = (2, FREE + 1, 0)
    at = len(out)
    if not hybrid:
        out += _xref_stream(places, at, startxref(base))
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % at)
    out += _xref_stream(places, at, None)
    table = len(out)
    out += b"xref\n0 0\ntrailer\n<< /Size %d /Root 1 0 R /Prev %d /XRefStm %d >>\n" % (
        FREE + 3, startxref(base), at,
    )  # fmt: skip
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def linearised() -> bytes:
    """What says that it is linearised, names another first page, and was added to."""
    doc = Doc()
    doc.more[FREE] = b"<< /Linearized 1 /L 99999 /H [0 0] /O %d /E 0 /N 1 /T 0 >>" % (FREE + 1)
    doc.more[FREE + 1] = _page(FREE + 2)
    doc.more[FREE + 2] = _OTHER
    objects = doc.objects()
    ordered = {FREE: objects.pop(FREE)} | objects
    return appended(written(ordered), {CONTENT: _OTHER})


def linearised_other_page() -> bytes:
    content = linearised()
    base = content[: content.index(b"%%EOF\n") + 6]
    return base.replace(b"/L 99999", b"/L %05d" % len(base))


def two_files() -> bytes:
    """One whole file behind another."""
    return Doc(lines(OTHER)).written() + Doc().written()


def shifted() -> bytes:
    """Other bytes before the header, as mail programs put there."""
    return b"Content-Type: application/pdf\r\n\r\n" + Doc().written()


def _edited(was: bytes, now: bytes, doc: Doc | None = None) -> bytes:
    objects = (doc or Doc()).objects()
    number = next(n for n, body in objects.items() if was in body)
    return written(objects | {number: objects[number].replace(was, now, 1)})


def with_other(doc: Doc | None = None) -> Doc:
    doc = doc or Doc()
    doc.more[FREE] = _OTHER
    return doc


def short_length() -> bytes:
    """The stream says that it ends before the word is covered and drawn anew."""
    ours = "\n".join(lines()).encode()
    theirs = ours + b"\n" + "\n".join([_cover(), line(ROW, "9,250")]).encode()
    doc = Doc()
    objects = doc.objects() | {CONTENT: stream(theirs)}
    told = b"/Length %d" % len(theirs)
    return written(objects).replace(told, b"/Length %d" % len(ours), 1)


def _cover() -> str:
    from tests.attacks.pdf_forge.book import cover

    return cover()


def inline_picture() -> bytes:
    """What may be the data of a small picture, or a drawing: it depends on where EI is seen."""
    inner = f"{_cover()} {line(ROW, '9,250')}"
    data = f"\x80 EI Q {inner} q \x80\nEI"
    size = len(data) - 3
    picture = f"q 1 0 0 1 0 0 cm BI /W {size} /H 1 /BPC 8 /CS /G ID {data} Q"
    return Doc([*lines(), picture]).written()


def kids_twice() -> bytes:
    return _edited(b"/Count 1 /Kids [3 0 R]", b"/Count 2 /Kids [3 0 R 3 0 R]")


def kids_uncounted() -> bytes:
    """A second page that the count does not count, which says something else."""
    doc = with_other()
    doc.more[FREE + 1] = _page(FREE)
    return _edited(b"/Count 1 /Kids [3 0 R]", b"/Count 1 /Kids [3 0 R 11 0 R]", doc)


def kids_counted_first() -> bytes:
    """The other page first, in a branch that says that it has none."""
    doc = with_other()
    doc.more[FREE + 1] = _page(FREE)
    doc.more[FREE + 2] = b"<< /Type /Pages /Parent 2 0 R /Count 0 /Kids [11 0 R] >>"
    return _edited(b"/Count 1 /Kids [3 0 R]", b"/Count 1 /Kids [12 0 R 3 0 R]", doc)


def inherited() -> bytes:
    """The page's type comes from above; a nearer branch names another under the same name."""
    doc = Doc()
    file = int(doc.add(type_file(swapped("1", "9"))).split()[0])
    from tests.attacks.pdf_forge.book import descriptor, type_entries

    described = int(doc.add(descriptor(file)).split()[0])
    other = doc.add(type_entries(file=described))
    branch = max(doc.more) + 1
    doc.more[branch] = (
        f"<< /Type /Pages /Parent {PAGES} 0 R /Count 1 /Kids [{PAGE} 0 R]"
        f" /Resources << /Font << /F {other} >> >> >>"
    ).encode()
    objects = doc.objects()
    objects[PAGE] = (
        f"<< /Type /Page /Parent {branch} 0 R {doc.box} /Contents {CONTENT} 0 R >>"
    ).encode()
    objects[PAGES] = (
        f"<< /Type /Pages /Count 1 /Kids [{branch} 0 R]"
        f" /Resources << /Font << /F {FONT} 0 R >> >> >>"
    ).encode()
    return written(objects)


def inherited_missing_parent() -> bytes:
    """/Parent leads to one branch, /Kids from another: which is above the page?"""
    doc = Doc()
    file = int(doc.add(type_file(swapped("1", "9"))).split()[0])
    from tests.attacks.pdf_forge.book import descriptor, type_entries

    described = int(doc.add(descriptor(file)).split()[0])
    other = doc.add(type_entries(file=described))
    branch = max(doc.more) + 1
    doc.more[branch] = (
        f"<< /Type /Pages /Count 1 /Kids [{PAGE} 0 R] /Resources << /Font << /F {other} >> >> >>"
    ).encode()
    objects = doc.objects()
    objects[PAGE] = (
        f"<< /Type /Page /Parent {branch} 0 R {doc.box} /Contents {CONTENT} 0 R >>"
    ).encode()
    objects[PAGES] = (
        f"<< /Type /Pages /Count 1 /Kids [{PAGE} 0 R] /Resources << /Font << /F {FONT} 0 R >> >> >>"
    ).encode()
    return written(objects)


BUILT: dict[str, Callable[[], bytes]] = {
    "numbers-twice": lambda: _twice(_OURS, _OTHER),
    "numbers-twice-other-first": lambda: _twice(_OTHER, _OURS),
    "numbers-other-generation": generation,
    "table-wrong-place": wrong_place,
    "packed-override": lambda: packed_override(hybrid=False),
    "packed-override-hybrid": lambda: packed_override(hybrid=True),
    "linearised-added-to": linearised,
    "linearised-other-first-page": linearised_other_page,
    "files-two-in-one": two_files,
    "files-shifted": shifted,
    "entries-twice": lambda: _edited(
        b"/Contents 4 0 R", b"/Contents 4 0 R /Contents 10 0 R", with_other()
    ),
    "entries-twice-escaped": lambda: _edited(
        b"/Contents 4 0 R", b"/Contents 4 0 R /#43ontents 10 0 R", with_other()
    ),
    "stream-short-length": short_length,
    "stream-picture-or-drawing": inline_picture,
    "stream-outside": lambda: written(
        Doc().objects() | {CONTENT: stream("\n".join(lines()), "/F (other.txt) /FFilter []")}
    ),
    "pages-twice": kids_twice,
    "pages-uncounted": kids_uncounted,
    "pages-in-an-empty-branch": kids_counted_first,
    "pages-inherited-type": inherited,
    "pages-two-parents": inherited_missing_parent,
}


def _rc4(key: bytes, content: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def encrypted(letter: tuple[str, ...]) -> bytes:
    """The standard handler, 40 bits, and a password of no letters (7.6.4)."""
    name, allowed = bytes(16), (-4).to_bytes(4, "little", signed=True)
    owner = _rc4(hashlib.md5(_PAD, usedforsecurity=False).digest()[:5], _PAD)
    key = hashlib.md5(_PAD + owner + allowed + name, usedforsecurity=False).digest()[:5]
    objects = Doc().objects()
    for number, plain in ((CONTENT, "\n".join(lines(letter)).encode()), (FILE, None)):
        body = plain if plain is not None else _inner(objects[number])
        own = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0", usedforsecurity=False)
        entries = "" if plain is not None else f"/Length1 {len(body)}"
        objects[number] = stream(_rc4(own.digest()[:10], body), entries)
    objects[FREE] = (
        f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{owner.hex()}> /U <{_rc4(key, _PAD).hex()}> >>"
    ).encode()
    return written(objects, f"/Encrypt {FREE} 0 R /ID [<{name.hex()}> <{name.hex()}>]")


def _inner(body: bytes) -> bytes:
    start = body.index(b"stream\n") + 7
    return body[start : body.rindex(b"\nendstream")]


def _attached(text: str, name: str = "letter.txt") -> bytes:
    doc = Doc()
    file = doc.add(stream(text, "/Type /EmbeddedFile /Subtype /text#2Fplain"))
    spec = doc.add(
        f"<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {file} >>"
        " /AFRelationship /Alternative >>"
    )
    doc.catalogue = f"/Names << /EmbeddedFiles << /Names [({name}) {spec}] >> >> /AF [{spec}]"
    return doc.written()


def scripted(opens: str) -> bytes:
    doc = Doc()
    action = doc.add(
        "<< /Type /Action /S /JavaScript /JS (this.getField\\('a'\\).value = '9,250') >>"
    )
    doc.catalogue = opens.replace("@", action)
    return doc.written()


def second_form() -> bytes:
    """XFA: some viewers show this form and not the pages."""
    doc = Doc()
    form = doc.add(stream("<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'>9,250</xdp:xdp>"))
    doc.catalogue = f"/AcroForm << /Fields [] /XFA {form} >> /NeedsRendering true"
    return doc.written()


def alternates() -> bytes:
    """A picture of the screen, and another one of it for printers."""
    doc = Doc(around())
    other = doc.add(
        stream(
            b"\0",
            "/Type /XObject /Subtype /Image /Width 1 /Height 1"
            " /ColorSpace /DeviceGray /BitsPerComponent 8",
        )
    )
    picture = doc.add(stream(b"\xff", "/Type /XObject /Subtype /Image /Width 1 /Height 1"
        f" /ColorSpace /DeviceGray /BitsPerComponent 8 /Alternates [<< /Image {other}"
        " /DefaultForPrinting true >>]"))  # fmt: skip
    doc.resources = f"/XObject << /X {picture} >>"
    doc.drawing = ["q 300 0 0 60 40 160 cm /X Do Q", *doc.drawing]
    return doc.written()


MORE: dict[str, Callable[[], bytes]] = {
    "encrypted-other-text": lambda: encrypted(OTHER),
    "attached-other-text": lambda: _attached("\n".join(OTHER)),
    "attached-page": lambda: _attached(Doc(lines(OTHER)).written().decode("latin-1"), "a.pdf"),
    "script-on-opening": lambda: scripted("/OpenAction @"),
    "script-by-name": lambda: scripted("/Names << /JavaScript << /Names [(a) @] >> >>"),
    "script-on-printing": lambda: scripted("/AA << /WP @ >>"),
    "form-xfa": second_form,
    "picture-alternates": alternates,
}

__all__ = ["BUILT", "DESCRIPTOR", "MORE", "TEXT", "encrypted"]
