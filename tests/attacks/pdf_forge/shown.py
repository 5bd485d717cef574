"""Words that people see otherwise than they are read, on the page itself."""

from __future__ import annotations

from collections.abc import Callable

from tests.attacks.pdf_forge.book import (
    DESCRIPTOR,
    FONT,
    LETTER,
    NOW,
    OTHER,
    PAPER,
    ROW,
    SIZE,
    TOP,
    WAS,
    Doc,
    around,
    at,
    cover,
    descriptor,
    instead,
    line,
    lines,
    place,
    stream,
    swapped,
    type_entries,
    type_file,
    width,
)
from tests.attacks.pdf_forge.revised import _field, _look, _rect

_PIXELS = {  # five by seven, from the top
    "9": ("01110", "10001", "10001", "01111", "00001", "00010", "01100"),
    ",": ("00000", "00000", "00000", "00000", "00110", "00100", "01000"),
    "2": ("01110", "10001", "00001", "00010", "00100", "01000", "11111"),
    "5": ("11111", "10000", "11110", "00001", "00001", "10001", "01110"),
    "0": ("01110", "10001", "10011", "10101", "11001", "10001", "01110"),
}


def pixels(text: str) -> list[str]:
    """Letters as rectangles: ink that is no text, over the place of the word."""
    x0, y0 = place(ROW)
    step = min(1.12, width(WAS) / (6 * len(text)))
    return [
        f"q 0 g {x0 + (6 * n + column) * step:.2f} {y0 + (6 - row) * 1.12:.2f}"
        f" {step:.2f} 1.12 re f Q"
        for n, letter in enumerate(text)
        for row, bits in enumerate(_PIXELS[letter])
        for column, bit in enumerate(bits)
        if bit == "1"
    ]


def _unseen(how: str, resources: str = "") -> bytes:
    """The registered word in the file and not to be seen; the other drawn as rectangles."""
    return Doc([*around(how), *pixels(NOW)], resources=resources).written()


def clipped() -> bytes:
    word = f"q 0 0 1 1 re W n {line(ROW, WAS)} Q"
    return Doc([*instead(word), *pixels(NOW)]).written()


def clipped_by_text() -> bytes:
    """Rendering mode 7: the word is no ink, it is the edge of what is drawn after it."""
    x, y = place(ROW)
    word = f"q BT 7 Tr /F {SIZE} Tf {x:.2f} {y:.2f} Td ({WAS}) Tj ET 0 0 1 1 re f Q"
    return Doc([*instead(word), *pixels(NOW)]).written()


def _between(how: str) -> bytes:
    """Words that nobody sees, in the file."""
    x, y = place(ROW, LETTER[ROW][:20])
    return Doc([*lines(), at(x, y - 9, "not in force", how)]).written()


def tiny() -> bytes:
    x, y = place(ROW)
    small = f"q BT /F 0.5 Tf {x:.2f} {y - 6:.2f} Td (not in force) Tj ET Q"
    return Doc([*lines(), small]).written()


def behind() -> bytes:
    """Black words under a white field, under the letter."""
    x, y = place(8)
    under = at(x, y, "This letter is not in force.")
    field = f"q 1 1 1 rg {x:.2f} {y - 4:.2f} 300 15 re f Q"
    return Doc([under, field, *lines()]).written()


HIDDEN: dict[str, Callable[[], bytes]] = {
    "hidden-mode-3": lambda: _unseen("3 Tr"),
    "hidden-white": lambda: _unseen("1 g"),
    "hidden-transparent": lambda: _unseen("/G gs", "/ExtGState << /G << /ca 0 /CA 0 >> >>"),
    "hidden-clipped": clipped,
    "hidden-clipped-by-text": clipped_by_text,
    "hidden-white-between": lambda: _between("1 g"),
    "hidden-mode-3-between": lambda: _between("3 Tr"),
    "hidden-tiny-between": tiny,
    "hidden-under-a-field": behind,
    "covered-by-text": lambda: Doc([*lines(), cover(), line(ROW, NOW)]).written(),
    "covered-by-shapes": lambda: Doc([*lines(), cover(), *pixels(NOW)]).written(),
    "covered-by-blend": lambda: Doc(
        [*lines(), f"q /B gs {cover()} Q", *pixels(NOW)],
        resources="/ExtGState << /B << /BM /Screen >> >>",
    ).written(),
}


def _layered(layers: str, drawing: list[str], groups: tuple[str, ...]) -> bytes:
    doc = Doc()
    made = [doc.add(f"<< /Type /OCG /Name ({name}) {more} >>") for name, _, more in (
        group.partition("|") for group in groups
    )]  # fmt: skip
    names = " ".join(f"/{'AB'[n]} {group}" for n, group in enumerate(made))
    doc.resources = f"/Properties << {names} >>"
    for n, group in enumerate(made):
        layers = layers.replace("@AB"[n + 1] + "!", group)
    doc.catalogue = f"/OCProperties << /OCGs [{' '.join(made)}] {layers} >>"
    doc.drawing = drawing
    return doc.written()


def _either(first: str = WAS, second: str = NOW) -> list[str]:
    own = [f"/OC /{name} BDC {line(ROW, word)} EMC" for name, word in (("A", first), ("B", second))]
    return instead(*own)


def _by_state(event: str, one: str, other: str) -> bytes:
    a, b = (f"x|/Usage << /{event} << {state} >> >>" for state in (one, other))
    uses = f"/AS [<< /Event /View /Category [/{event}] /OCGs [A! B!] >>"
    uses += f" << /Event /Print /Category [/{event}] /OCGs [A! B!] >>]"
    return _layered(f"/D << {uses} >>", _either(), (a, b))


LAYERS: dict[str, Callable[[], bytes]] = {
    "layers-word-off": lambda: _layered("/D << /OFF [A!] >>", _either(), ("a", "b")),
    "layers-other-word-off": lambda: _layered("/D << /OFF [B!] >>", _either(), ("a", "b")),
    "layers-all-off": lambda: _layered(
        "/D << /BaseState /OFF /ON [B!] >>", _either(), ("a", "b")
    ),
    "layers-by-zoom": lambda: _by_state("Zoom", "/max 2", "/min 2"),
    "layers-by-language": lambda: _by_state("Language", "/Lang (en)", "/Lang (de)"),
    "layers-on-paper": lambda: _layered(
        "/D << /AS [<< /Event /View /Category [/View] /OCGs [A! B!] >>"
        " << /Event /Print /Category [/Print] /OCGs [A! B!] >>] >>",
        _either(),
        ("a|/Usage << /View << /ViewState /ON >> /Print << /PrintState /OFF >> >>",
         "b|/Usage << /View << /ViewState /OFF >> /Print << /PrintState /ON >> >>"),
    ),
    "layers-second-setting": lambda: _layered(
        "/D << /OFF [B!] >> /Configs [<< /Name (x) /OFF [A!] >>]", _either(), ("a", "b")
    ),
}  # fmt: skip


def _table(pairs: dict[str, str]) -> str:
    rows = "\n".join(f"<{ord(c):02X}> <{ord(to):04X}>" for c, to in pairs.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def"
        " /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange"
        f"\n{len(pairs)} beginbfchar\n{rows}\nendbfchar endcmap end end"
    )


def lying_table() -> bytes:
    """The other word's letters, and a table that names them as the registered word's."""
    doc = Doc()
    table = doc.add(stream(_table(dict(zip(NOW, WAS, strict=True)))))
    doc.fonts = f"/L {doc.add(type_entries(f'/ToUnicode {table}'))}"
    doc.drawing = instead(line(ROW, NOW, font="L"))
    return doc.written()


def lying_names() -> bytes:
    """The same by /Differences, which a symbolic type does not heed but a text search does."""
    doc = Doc()
    names = "/Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [57 /one] >>"
    doc.fonts = f"/L {doc.add(type_entries(names))}"
    doc.drawing = instead(line(ROW, NOW, font="L"))
    return doc.written()


def standard_names() -> bytes:
    """One of the fourteen types that every reader has, whose letters are named otherwise."""
    doc = Doc()
    names = "/Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [49 /nine] >>"
    doc.fonts = f"/L {doc.add(f'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica {names} >>')}"
    doc.drawing = instead(line(ROW, WAS, font="L"))
    return doc.written()


def other_glyphs() -> bytes:
    """The embedded type itself draws 9 where 1 is written."""
    doc = Doc()
    file = int(doc.add(type_file(swapped("1", "9"))).split()[0])
    described = int(doc.add(descriptor(file)).split()[0])
    doc.fonts = f"/L {doc.add(type_entries(file=described))}"
    doc.drawing = instead(line(ROW, WAS, font="L"))
    return doc.written()


def drawn_glyphs() -> bytes:
    """Type 3: what a letter looks like is a drawing, here of another letter."""
    doc = Doc()
    procs = []
    for name, letter in (("one", "9"), ("comma", ","), ("two", "2"), ("five", "5"), ("zero", "0")):
        body = f"{600} 0 d0 BT /F 1000 Tf 0 0 Td ({letter}) Tj ET"
        procs.append(f"/{name} {doc.add(stream(body))}")
    names = "/Differences [44 /comma 48 /zero /one /two 53 /five]"
    doc.fonts = "/L " + doc.add(
        f"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0]"
        f" /CharProcs << {' '.join(procs)} >> /Encoding << /Type /Encoding {names} >> /FirstChar 44"
        f" /LastChar 53 /Widths [280 0 0 0 560 560 560 0 0 560]"
        f" /Resources << /Font << /F {FONT} 0 R >> >> >>"
    )
    doc.drawing = instead(line(ROW, WAS, font="L"))
    return doc.written()


def actual_text() -> bytes:
    own = f"/Span << /ActualText ({WAS}) >> BDC {line(ROW, NOW)} EMC"
    return Doc(instead(own)).written()


TYPES: dict[str, Callable[[], bytes]] = {
    "type-false-table": lying_table,
    "type-false-names": lying_names,
    "type-standard-names": standard_names,
    "type-other-glyphs": other_glyphs,
    "type-drawn-glyphs": drawn_glyphs,
    "type-actual-text": actual_text,
}


def _noted(kind: str, flags: int, *, text: str = NOW, more: str = "") -> bytes:
    doc = Doc()
    look = doc.add(_look(text))
    note = doc.add(
        f"<< /Type /Annot /Subtype /{kind} /F {flags} {_rect(text)} /DA (/F 11 Tf 0 g)"
        f" /AP << /N {look} >> {more} >>"
    )
    doc.page = f" /Annots [{note}]"
    return doc.written()


def field_that_holds_another() -> bytes:
    """It looks like the registered word, and asks viewers to draw what it holds."""
    doc = Doc(instead())
    _field(doc, WAS, NOW)
    doc.catalogue = doc.catalogue.replace("/AcroForm <<", "/AcroForm << /NeedAppearances true")
    doc.page = doc.page.replace(" 9 0 R]", "]")
    return doc.written()


NOTES: dict[str, Callable[[], bytes]] = {
    "note-free-text": lambda: _noted("FreeText", 4),
    "note-stamp": lambda: _noted("Stamp", 4),
    "note-redact": lambda: _noted("Redact", 4),
    "note-redact-unapplied": lambda: _noted("Redact", 4, more=f"/RO 11 0 R /OverlayText ({NOW})"),
    "note-on-paper-alone": lambda: _noted("Stamp", 4 | 32),
    "note-on-the-screen-alone": lambda: _noted("Stamp", 0),
    "note-locked-link": lambda: _noted("Link", 4),
    "note-field": field_that_holds_another,
}


def _boxed(box: str, drawing: list[str] | None = None) -> bytes:
    return Doc(drawing or lines(), box=box).written()


def outside_the_crop() -> bytes:
    """A line that the crop box hides, and a printer that takes the whole sheet shows."""
    wide, high = PAPER
    added = [*lines(), at(40, TOP + 90, "This letter is not in force.")]
    return _boxed(f"/MediaBox [0 0 {wide} {high + 100}] /CropBox [0 0 {wide} {high}]", added)


def twice() -> bytes:
    """A form XObject with a line of the letter, drawn there and once more below."""
    doc = Doc()
    part = doc.form(line(ROW, LETTER[ROW]))
    doc.resources = f"/XObject << /X {part} >>"
    before, after = lines(LETTER[:ROW]), lines(("",) * (ROW + 1) + LETTER[ROW + 1 :])
    doc.drawing = [*before, "/X Do", *after, "q 1 0 0 1 0 -72 cm /X Do Q"]
    return doc.written()


def twice_apart() -> bytes:
    """The same word by one form, drawn where it stands and in another place of the letter."""
    doc = Doc()
    x, y = place(5, LETTER[5][:45])
    part = doc.form(line(ROW, WAS))
    doc.resources = f"/XObject << /X {part} >>"
    x0, y0 = place(ROW)
    doc.drawing = [*instead("/X Do"), f"q 1 0 0 1 {x - x0:.2f} {y - y0:.2f} cm {cover()} /X Do Q"]
    return doc.written()


PLACES: dict[str, Callable[[], bytes]] = {
    "box-crop-narrow": lambda: _boxed("/MediaBox [0 0 400 300] /CropBox [0 0 235 300]"),
    "box-crop-hides-a-line": outside_the_crop,
    "box-media-narrow": lambda: _boxed("/MediaBox [0 0 235 300] /CropBox [0 0 400 300]"),
    "box-turned-about": lambda: _boxed("/MediaBox [400 300 0 0]"),
    "box-rotate-180": lambda: _boxed("/MediaBox [0 0 400 300] /Rotate 180"),
    "box-rotate-45": lambda: _boxed("/MediaBox [0 0 400 300] /Rotate 45", lines(OTHER)),
    "box-user-unit": lambda: _boxed("/MediaBox [0 0 400 300] /UserUnit 10"),
    "box-user-unit-crop": lambda: _boxed(
        "/MediaBox [0 0 400 300] /UserUnit 0.5 /CropBox [0 0 235 300]"
    ),
    "form-drawn-twice": twice,
    "form-drawn-apart": twice_apart,
}

__all__ = ["DESCRIPTOR", "HIDDEN", "LAYERS", "NOTES", "PLACES", "TYPES"]
