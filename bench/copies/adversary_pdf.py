"""Attacks by PDFs that show one text and hold another.

Each draws the letter with one word changed by its trick, and gives what the eye then sees; `None`
says that the eye sees the registered text, and that the file holds another one for whoever copies
the words out of it or hears them read.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench.copies.adversary_book import (
    COLUMNS,
    LEADING,
    LEFT,
    ROWS,
    SIZE,
    TOP,
    WIDE,
    Book,
    Sheet,
    drawn,
    shown,
    stream,
)

_OTHERS = {"not": ("now", ""), "no": ("", "a"), "never": ("ever", ""), "may": ("must",)}
_OTHERS |= {"shall": ("may", "need"), "must": ("may",), "will": ("did", "would"), "all": ("few",)}
_OTHERS |= {"before": ("after",), "after": ("before",), "unless": ("when",), "nothing": ("",)}
_OTHERS |= {"without": ("with",), "two": ("ten", "six"), "six": ("ten",), "Sundays": ("Mondays",)}
_OTHERS |= {"granted": ("refused",), "refused": ("granted",), "Mondays": ("Sundays",)}
_WORDS = ("harbour", "council", "Corwin", "thirty", "against", "stones", "people", "nights")


@dataclass(frozen=True, slots=True)
class Edit:
    """Word `was` at this row and column of the wrapped letter shall be `now`."""

    row: int
    column: int
    was: str
    now: str


@dataclass(slots=True)
class Work:
    book: Book
    rows: list[str]
    edit: Edit
    chance: Random

    def sheet(self, row: int) -> tuple[Sheet, int]:
        return self.book.sheets[row // ROWS], row % ROWS

    def here(self) -> tuple[Sheet, int]:
        return self.sheet(self.edit.row)

    def lines(self, *, but: int | None = None) -> None:
        """All of the letter as it is registered, but for one row."""
        for row, text in enumerate(self.rows):
            sheet, at = self.sheet(row)
            if row != but and text:
                sheet.line(at, text)

    def around(self, how: str = "", *, middle: bool = True) -> None:
        """The row of the word in pieces; the word itself drawn in its own way."""
        sheet, at = self.here()
        edit, text = self.edit, self.rows[self.edit.row]
        sheet.line(at, text[: edit.column])
        if middle:
            sheet.line(at, edit.was, edit.column, how=how)
        end = edit.column + len(edit.was)
        sheet.line(at, text[end:], end)

    def patched(self) -> None:
        """The other word, as a picture over the place of the registered one."""
        sheet, at = self.here()
        word = self.edit.now.ljust(len(self.edit.was)) or " "
        name = self.book.picture(drawn(word))
        sheet.resources += f" /XObject << /P {name} >>"
        x, y = LEFT + self.edit.column * WIDE, TOP - at * LEADING - 3
        wide = len(word) * WIDE
        sheet.drawing.append(f"q {wide:.2f} 0 0 12 {x:.2f} {y:.2f} cm /P Do Q")

    def altered(self) -> str:
        """What the eye sees when it sees the other word."""
        rows = list(self.rows)
        text, edit = rows[edit_row := self.edit.row], self.edit
        rows[edit_row] = text[: edit.column] + edit.now + text[edit.column + len(edit.was) :]
        return "\n".join(rows)

    def added(self, words: str) -> str:
        return "\n".join(self.rows) + "\n" + words


Trick = Callable[[Work], str | None]


def begun(text: str, chance: Random) -> Work | None:
    """The letter wrapped to pages, and one word of it to be changed."""
    rows = [row for line in text.split("\n") for row in textwrap.wrap(line, COLUMNS) or [""]]
    if any(ord(c) > 255 and c not in "€–—‘’“”" for c in text):
        return None
    found = []
    for at, row in enumerate(rows):
        for word in re.finditer(r"[\w'-]*\w", row):
            now = _other(word[0], chance)
            # What replaces a word must fit in its place.
            if now is not None and len(now) <= len(word[0]):
                weight = 1 if word[0] in _WORDS or now in _WORDS else 6
                found += [Edit(at, word.start(), word[0], now)] * weight
    if not found:
        return None
    book = Book([Sheet() for _ in range(-(-len(rows) // ROWS))])
    return Work(book, rows, chance.choice(found), chance)


def _other(word: str, chance: Random) -> str | None:
    digits = [n for n, c in enumerate(word) if c.isdigit()]
    if digits:
        n = chance.choice(digits)
        other = chance.choice([d for d in "123456789" if d != word[n]])
        return word[:n] + other + word[n + 1 :]
    if word in _OTHERS:
        return chance.choice(_OTHERS[word])
    if len(word) >= 7 and word.isalpha():
        return chance.choice([each for each in _WORDS if each != word])
    return None


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


def _by_annotation(work: Work) -> str:
    """The same by a note that is drawn on the page."""
    work.lines()
    sheet, at = work.here()
    x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING - 3
    wide = len(work.edit.was) * WIDE
    body = f"1 1 1 rg 0 0 {wide} 12 re f 0 g BT /F1 {SIZE} Tf 0 3 Td {shown(work.edit.now)} Tj ET"
    form = f"/Type /XObject /Subtype /Form /BBox [0 0 {wide} 12]"
    form += " /Resources << /Font << /F1 3 0 R >> >> "
    look = work.book.add(stream(body.encode("cp1252"), form))
    kind = work.chance.choice(("FreeText /DA (/F1 10 Tf 0 g)", "Stamp", "Square"))
    note = work.book.add(
        f"<< /Type /Annot /Subtype /{kind} /F 4 /Rect [{x} {y} {x + wide} {y + 12}]"
        f" /AP << /N {look} >> >>".encode()
    )
    sheet.entries += f" /Annots [{note}]"
    return work.altered()


def _by_field(work: Work) -> str:
    """The same by a field of a form."""
    work.lines()
    sheet, at = work.here()
    x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING - 3
    wide = len(work.edit.was) * WIDE
    body = f"1 1 1 rg 0 0 {wide} 12 re f 0 g BT /F1 {SIZE} Tf 0 3 Td {shown(work.edit.now)} Tj ET"
    form = f"/Type /XObject /Subtype /Form /BBox [0 0 {wide} 12]"
    form += " /Resources << /Font << /F1 3 0 R >> >> "
    look = work.book.add(stream(body.encode("cp1252"), form))
    widget = work.book.add(
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V {shown(work.edit.now)} /F 4"
        f" /Rect [{x} {y} {x + wide} {y + 12}] /DA (/F1 10 Tf 0 g) /AP << /N {look} >> >>".encode()
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


def _written_in(where: str) -> Trick:
    """Words that the eye does see: small above a line, up the margin, pale, large across.

    Mostly as shapes and not as letters, so that no layer of text holds them.
    """

    def trick(work: Work) -> str:
        work.lines()
        sheet, at = work.here()
        chance = work.chance
        word = chance.choice(("not", "void", "draft", "without effect", "never", "until 2032"))
        x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING
        matrix, colour, size = (1.0, 0.0, 0.0, 1.0, x, y + 8), "0 g", 5.0
        if where == "up the margin":
            matrix, size = (0, 1, -1, 0, chance.choice((30, 570)), max(60, y - 40)), 9.0
        elif where == "pale":
            matrix, size = (1, 0, 0, 1, LEFT, TOP - at * LEADING - 7.5), 7.0
            colour = f"{chance.uniform(0.55, 0.93):.2f} g"
        elif where == "across":
            matrix, size = (0.7, 0.7, -0.7, 0.7, 150, 350), 90.0
            colour = chance.choice(("0.9 0.5 0.5 rg", "0.85 g", "1 0 0 rg"))
            word = chance.choice(("VOID", "DRAFT", "INVALID"))
        elif where == "at the foot":
            matrix, size = (1, 0, 0, 1, LEFT, chance.choice((20, 35, 60))), 7.0
            word = chance.choice(("not in force", "draft of 2 May", "valid until 1 May only"))
        elif where == "at the head":
            matrix, size = (1, 0, 0, 1, chance.choice((300, 430)), 820), 8.0
        if chance.random() < 0.7:
            name = work.book.stencil(drawn(word))
            sheet.resources += f" /XObject << /W {name} >>"
            wide, tall = len(word) * 0.6 * size, 1.2 * size
            a, b, c, d, e, f = matrix
            scaled = f"{a * wide} {b * wide} {c * tall} {d * tall} {e} {f} cm"
            sheet.drawing.append(f"q {colour} {scaled} /W Do Q")
        else:
            placed = " ".join(f"{each:.2f}" for each in matrix)
            sheet.drawing.append(f"q BT {colour} /F1 {size} Tf {placed} Tm {shown(word)} Tj ET Q")
        return work.added(word)

    return trick


def _struck(work: Work) -> str:
    """A line through the word."""
    work.lines()
    sheet, at = work.here()
    x, y = LEFT + work.edit.column * WIDE, TOP - at * LEADING + 2.8
    wide = len(work.edit.was) * WIDE
    sheet.drawing.append(f"q 0.8 w {x - 1:.1f} {y:.1f} m {x + wide + 1:.1f} {y:.1f} l S Q")
    rows = list(work.rows)
    edit, text = work.edit, rows[work.edit.row]
    rows[edit.row] = text[: edit.column] + text[edit.column + len(edit.was) :]
    return "\n".join(rows)


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
    "PDF: small above a line": _written_in("above"),
    "PDF: up the margin": _written_in("up the margin"),
    "PDF: pale": _written_in("pale"),
    "PDF: across the page": _written_in("across"),
    "PDF: at the foot": _written_in("at the foot"),
    "PDF: at the head": _written_in("at the head"),
    "PDF: struck through": _struck,
}


def made(text: str, trick: str, chance: Random) -> tuple[bytes, str | None] | None:
    """The PDF, and what is seen on it; None where the letter has no word for this trick."""
    work = begun(text, chance)
    if work is None or (trick == "PDF: a false table of letters" and not work.edit.now):
        return None
    seen = TRICKS[trick](work)
    return work.book.written(), seen
