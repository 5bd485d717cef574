"""Attacks by PDFs that show one text and hold another.

Each draws the letter with one word changed by its trick, and gives what the eye then sees; `None`
says that the eye sees the registered text, and that the file holds another one for whoever copies
the words out of it or hears them read.
"""

from __future__ import annotations

from random import Random

from bench.copies.adversary_book import LEADING, LEFT, SIZE, TOP, WIDE, Sheet, shown, stream
from bench.copies.adversary_ink import struck, written_in
from bench.copies.adversary_work import Trick, Work, begun


def _plain(work: Work) -> str:
    """Nothing hidden: the other word, set as the rest."""
    rows = work.altered().split("\n")
    for row, text in enumerate(rows):
        sheet, at = work.sheet(row)
        sheet.line(at, text)
    return "\n".join(rows)


def _painted_over(work: Work) -> str:
    """The registered word under white, the other one on it as text."""
    work.lines()
    sheet, at = work.here()
    sheet.cover(at, work.edit.column, len(work.edit.was))
    if work.edit.now:
        sheet.line(at, work.edit.now, work.edit.column)
    return work.altered()


def _pasted_over(work: Work) -> str:
    """The registered word under a picture of the other one."""
    work.lines()
    work.patched()
    return work.altered()


def _over_it(work: Work) -> tuple[Sheet, str, str]:
    """The page, what a note looks like that covers the word with the other, and where it is."""
    sheet, at = work.here()
    x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING - 3
    wide = len(work.edit.was) * WIDE
    body = f"1 1 1 rg 0 0 {wide} 12 re f 0 g BT /F1 {SIZE} Tf 0 3 Td {shown(work.edit.now)} Tj ET"
    form = f"/Type /XObject /Subtype /Form /BBox [0 0 {wide} 12]"
    form += " /Resources << /Font << /F1 3 0 R >> >> "
    look = work.book.add(stream(body.encode("cp1252"), form))
    return sheet, str(look), f"{x} {y} {x + wide} {y + 12}"


def _by_annotation(work: Work) -> str:
    """The same by a note that is drawn on the page."""
    work.lines()
    sheet, look, place = _over_it(work)
    kind = work.chance.choice(("FreeText /DA (/F1 10 Tf 0 g)", "Stamp", "Square"))
    note = work.book.add(
        f"<< /Type /Annot /Subtype /{kind} /F 4 /Rect [{place}] /AP << /N {look} >> >>".encode()
    )
    sheet.entries += f" /Annots [{note}]"
    return work.altered()


def _by_field(work: Work) -> str:
    """The same by a field of a form."""
    work.lines()
    sheet, look, place = _over_it(work)
    widget = work.book.add(
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V {shown(work.edit.now)} /F 4"
        f" /Rect [{place}] /DA (/F1 10 Tf 0 g) /AP << /N {look} >> >>".encode()
    )
    sheet.entries += f" /Annots [{widget}]"
    work.book.catalogue += f" /AcroForm << /Fields [{widget}] /DR << /Font << /F1 3 0 R >> >> >>"
    return work.altered()


def _unseen(how: str) -> Trick:
    """The registered word there, and not to be seen: in no mode, in white, transparent."""

    def trick(work: Work) -> str:
        work.lines(but=work.edit.row)
        sheet, _ = work.here()
        if "gs" in how:
            sheet.resources += " /ExtGState << /G << /ca 0 /CA 0 >> >>"
        work.around(how)
        if work.edit.now:
            work.patched()
        return work.altered()

    return trick


def _clipped(work: Work) -> str:
    work.lines(but=work.edit.row)
    sheet, at = work.here()
    sheet.drawing.append("q 0 0 1 1 re W n")
    sheet.line(at, work.edit.was, work.edit.column)
    sheet.drawing.append("Q")
    work.around(middle=False)
    if work.edit.now:
        work.patched()
    return work.altered()


def _optional(work: Work) -> str:
    """Two layers: the registered word in the one that is off, the other in the one that is on."""
    work.lines(but=work.edit.row)
    work.around(middle=False)
    sheet, at = work.here()
    on, off = (work.book.add(b"<< /Type /OCG /Name (%b) >>" % name) for name in (b"a", b"b"))
    sheet.resources += f" /Properties << /On {on} /Off {off} >>"
    sheet.drawing.append("/OC /Off BDC")
    sheet.line(at, work.edit.was, work.edit.column)
    sheet.drawing.append("EMC /OC /On BDC")
    if work.edit.now and work.chance.random() < 0.5:
        sheet.line(at, work.edit.now, work.edit.column)
    elif work.edit.now:
        work.patched()
    sheet.drawing.append("EMC")
    work.book.catalogue += f" /OCProperties << /OCGs [{on} {off}] /D << /OFF [{off}] >> >>"
    return work.altered()


def _printed_otherwise(work: Work) -> str:
    """On a screen the registered word, on paper the other one."""
    work.lines(but=work.edit.row)
    work.around(middle=False)
    sheet, at = work.here()
    groups = []
    for screen in ("ON", "OFF"):
        paper = "OFF" if screen == "ON" else "ON"
        groups.append(
            work.book.add(
                f"<< /Type /OCG /Name (x) /Usage << /View << /ViewState /{screen} >>"
                f" /Print << /PrintState /{paper} >> >> >>".encode()
            )
        )
    sheet.resources += f" /Properties << /S {groups[0]} /P {groups[1]} >>"
    for name, word in (("S", work.edit.was), ("P", work.edit.now or " ")):
        sheet.drawing.append(f"/OC /{name} BDC")
        sheet.line(at, word, work.edit.column)
        sheet.drawing.append("EMC")
    both = " ".join(groups)
    events = " ".join(
        f"<< /Event /{event} /Category [/{event}] /OCGs [{both}] >>" for event in ("View", "Print")
    )
    work.book.catalogue += f" /OCProperties << /OCGs [{both}] /D << /AS [{events}] >> >>"
    return work.altered()


def _actual_text(work: Work) -> str:
    """The other word drawn, and marked to be read as the registered one."""
    work.lines(but=work.edit.row)
    work.around(middle=False)
    sheet, at = work.here()
    sheet.drawing.append(f"/Span << /ActualText {shown(work.edit.was)} >> BDC")
    sheet.line(at, work.edit.now or " ", work.edit.column)
    sheet.drawing.append("EMC")
    return work.altered()


def _false_unicode(work: Work) -> str | None:
    """The glyphs of the other word, with a table that names them as the registered one."""
    if not work.edit.now:
        return None
    was, now = work.edit.was, work.edit.now.ljust(len(work.edit.was))
    codes = range(0x80, 0x80 + len(was))
    names = " ".join(f"/{_glyph(c)}" for c in now)
    table = "\n".join(f"<{code:02X}> <{ord(c):04X}>" for code, c in zip(codes, was, strict=True))
    cmap = work.book.add(
        stream(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
            " /CMapName /X def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange"
            f"\n{len(was)} beginbfchar\n{table}\nendbfchar endcmap end end".encode("latin-1")
        )
    )
    font = work.book.add(
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding << /Type /Encoding"
        f" /BaseEncoding /WinAnsiEncoding /Differences [128 {names}] >>"
        f" /ToUnicode {cmap} >>".encode()
    )
    work.lines(but=work.edit.row)
    work.around(middle=False)
    sheet, at = work.here()
    sheet.fonts += f" /F2 {font}"
    x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING
    coded = "".join(f"{code:02X}" for code in codes)
    sheet.drawing.append(f"BT /F2 {SIZE} Tf {x:.2f} {y:.2f} Td <{coded}> Tj ET")
    return work.altered()


def _glyph(letter: str) -> str:
    digits = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    if letter.isdigit():
        return digits[int(letter)]
    return {" ": "space", "-": "hyphen", "'": "quotesingle"}.get(letter, letter)


def _between(text: str, how: str) -> Trick:
    """Words that nobody sees, in the file: between two lines, in white, tiny, or in no mode."""

    def trick(work: Work) -> str | None:
        work.lines()
        sheet, at = work.here()
        column = min(work.edit.column, 40)
        x, y = LEFT + column * WIDE, TOP - at * LEADING - 5
        size = 0.6 if how == "tiny" else 4
        mode = "" if how == "tiny" else how
        sheet.drawing.append(f"q BT {mode} /F1 {size} Tf {x:.2f} {y:.2f} Td {shown(text)} Tj ET Q")
        return None

    return trick


TRICKS: dict[str, Trick] = {
    "PDF: another word": _plain,
    "PDF: painted over": _painted_over,
    "PDF: a picture over a word": _pasted_over,
    "PDF: a note over a word": _by_annotation,
    "PDF: a field over a word": _by_field,
    "PDF: in no rendering mode": _unseen("3 Tr"),
    "PDF: in white": _unseen("1 g"),
    "PDF: transparent": _unseen("/G gs"),
    "PDF: clipped away": _clipped,
    "PDF: optional layers": _optional,
    "PDF: another word on paper": _printed_otherwise,
    "PDF: actual text": _actual_text,
    "PDF: a false table of letters": _false_unicode,
    "PDF: white words between": _between("not in force", "1 g"),
    "PDF: tiny words between": _between("not in force", "tiny"),
    "PDF: invisible words between": _between("not in force", "3 Tr"),
    "PDF: small above a line": written_in("above"),
    "PDF: up the margin": written_in("up the margin"),
    "PDF: pale": written_in("pale"),
    "PDF: across the page": written_in("across"),
    "PDF: at the foot": written_in("at the foot"),
    "PDF: at the head": written_in("at the head"),
    "PDF: struck through": struck,
}


def made(text: str, trick: str, chance: Random) -> tuple[bytes, str | None] | None:
    """The PDF, and what is seen on it; None where the letter has no word for this trick."""
    work = begun(text, chance)
    if work is None or (trick == "PDF: a false table of letters" and not work.edit.now):
        return None
    seen = TRICKS[trick](work)
    return work.book.written(), seen
