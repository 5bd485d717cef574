"""The letter, its page and its file.

The type is in the file: a few letters of Aileron (Sora Sagano, CC0), without hints, so that all
readers draw the same, and every letter's width is known.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LETTER = (
    "Ministry of Coasts, 2 May 2031",
    "",
    "Dear Mrs Hale,",
    "The northern mole may not be used by ships of more than",
    "1,250 tons before the survey of its stones is finished.",
    "The harbour dues for the year 2031 stay at 340 crowns.",
    "Whoever has paid more will be given the rest back by the",
    "end of June. The council was heard and has agreed.",
    "",
    "Ada Alder, for the Ministry of Coasts",
)
TEXT = "\n".join(LETTER)
WAS, NOW = "1,250", "9,250"  # the word that most attacks are after
ROW = 4  # its line, which begins with it
OTHER = tuple(line.replace(WAS, NOW) for line in LETTER)

TYPE = Path(__file__).with_name("letters.ttf").read_bytes()
SIZE, LEADING, LEFT, TOP = 11.0, 18.0, 40.0, 250.0
PAPER = (400, 300)

CATALOGUE, PAGES, PAGE, CONTENT, FONT, DESCRIPTOR, FILE, SIGNATURE, FIELD, FREE = range(1, 11)


def _tables(font: bytes) -> dict[str, tuple[int, int]]:
    count = struct.unpack(">H", font[4:6])[0]
    found = {}
    for at in range(12, 12 + 16 * count, 16):
        name, _, start, size = struct.unpack(">4sIII", font[at : at + 16])
        found[name.decode()] = (start, size)
    return found


TABLES = _tables(TYPE)


def _widths() -> list[int]:
    """Of each code, in thousandths; the font has a thousand units."""
    letters = TABLES["cmap"][0] + 12 + 6  # one subtable of format 0
    full = struct.unpack(">H", TYPE[TABLES["hhea"][0] + 34 :][:2])[0]
    found = []
    for code in range(256):
        glyph = min(TYPE[letters + code], full - 1)
        found.append(struct.unpack(">H", TYPE[TABLES["hmtx"][0] + 4 * glyph :][:2])[0])
    return found


WIDTHS = _widths()


def swapped(one: str, other: str) -> bytes:
    """The type with two letters in each other's place."""
    letters = TABLES["cmap"][0] + 12 + 6
    font = bytearray(TYPE)
    a, b = letters + ord(one), letters + ord(other)
    font[a], font[b] = font[b], font[a]
    return bytes(font)


def width(text: str) -> float:
    return sum(WIDTHS[ord(c)] for c in text) * SIZE / 1000


def place(row: int, before: str = "") -> tuple[float, float]:
    """Where on the page a line is, behind these of its letters."""
    return LEFT + width(before), TOP - row * LEADING


def escaped(text: str) -> str:
    return "(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"


def at(x: float, y: float, text: str, how: str = "", font: str = "F") -> str:
    return f"q BT {how} /{font} {SIZE} Tf {x:.2f} {y:.2f} Td {escaped(text)} Tj ET Q"


def line(row: int, text: str, before: str = "", how: str = "", font: str = "F") -> str:
    return at(*place(row, before), text, how, font)


def lines(letter: tuple[str, ...] = LETTER, *, but: int | None = None) -> list[str]:
    return [line(n, text) for n, text in enumerate(letter) if text and n != but]


def instead(*drawn: str) -> list[str]:
    """The letter, with these drawings in the place of its word, where one reads it."""
    behind = line(ROW, LETTER[ROW].removeprefix(WAS), WAS)
    after = [line(n, text) for n, text in enumerate(LETTER) if text and n > ROW]
    return [*lines(LETTER[:ROW]), *drawn, behind, *after]


def around(how: str = "", font: str = "F") -> list[str]:
    """The letter, its word drawn in its own way."""
    return instead(line(ROW, WAS, how=how, font=font))


def cover(colour: str = "1 1 1") -> str:
    x, y = place(ROW)
    return f"q {colour} rg {x - 1:.2f} {y - 3:.2f} {width(WAS) + 2:.2f} 13 re f Q"


def stream(body: bytes | str, entries: str = "") -> bytes:
    content = body.encode("latin-1") if isinstance(body, str) else body
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (
        entries.encode() + b" " * bool(entries), len(content), content,
    )  # fmt: skip


def type_file(font: bytes = TYPE) -> bytes:
    return stream(font, f"/Length1 {len(font)}")


def type_entries(more: str = "", file: int = DESCRIPTOR) -> str:
    widths = " ".join(map(str, WIDTHS[32:127]))
    return (
        f"<< /Type /Font /Subtype /TrueType /BaseFont /AAAAAA+Aileron /FirstChar 32 /LastChar 126"
        f" /Widths [{widths}] /FontDescriptor {file} 0 R {more} >>"
    )


def descriptor(file: int = FILE) -> str:
    return (
        "<< /Type /FontDescriptor /FontName /AAAAAA+Aileron /Flags 4 /FontBBox [-200 -300 1200"
        f" 1000] /ItalicAngle 0 /Ascent 950 /Descent -250 /CapHeight 700 /StemV 80"
        f" /FontFile2 {file} 0 R >>"
    )


@dataclass(slots=True)
class Doc:
    """A file of one page that shows these drawings."""

    drawing: list[str] = field(default_factory=lines)
    fonts: str = ""
    resources: str = ""
    page: str = ""
    catalogue: str = ""
    box: str = f"/MediaBox [0 0 {PAPER[0]} {PAPER[1]}]"
    more: dict[int, bytes] = field(default_factory=dict)

    def add(self, body: bytes | str) -> str:
        number = max([FREE - 1, *self.more]) + 1
        self.more[number] = body.encode("latin-1") if isinstance(body, str) else body
        return f"{number} 0 R"

    def form(self, drawing: str, wide: float = PAPER[0], high: float = PAPER[1]) -> str:
        entries = f"/Type /XObject /Subtype /Form /BBox [0 0 {wide:.2f} {high:.2f}]"
        return self.add(stream(drawing, entries + f" /Resources << /Font << /F {FONT} 0 R >> >>"))

    def objects(self) -> dict[int, bytes]:
        made = {
            CATALOGUE: f"<< /Type /Catalog /Pages {PAGES} 0 R {self.catalogue} >>".encode(),
            PAGES: f"<< /Type /Pages /Count 1 /Kids [{PAGE} 0 R] >>".encode(),
            PAGE: self.page_entries().encode("latin-1"),
            CONTENT: stream("\n".join(self.drawing)),
            FONT: type_entries().encode(),
            DESCRIPTOR: descriptor().encode(),
            FILE: type_file(),
        }
        return made | self.more

    def page_entries(self) -> str:
        return (
            f"<< /Type /Page /Parent {PAGES} 0 R {self.box} /Contents {CONTENT} 0 R"
            f" /Resources << /Font << /F {FONT} 0 R {self.fonts} >> {self.resources} >>"
            f" {self.page} >>"
        )

    def written(self) -> bytes:
        return written(self.objects())


def written(objects: Mapping[int, bytes], trailer: str = "") -> bytes:
    return appended(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", objects, trailer, first=True)


def appended(
    base: bytes, objects: Mapping[int, bytes], trailer: str = "", *, first: bool = False
) -> bytes:
    """These objects behind what is there: an incremental update (7.5.6)."""
    out, places = bytearray(base), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n" + (b"0 1\n0000000000 65535 f \n" if first else b"")
    for number in sorted(places):
        # An entry of the table is exactly 20 bytes, the two at its end included (7.5.4).
        out += b"%d 1\n%010d 00000 n \n" % (number, places[number])
    known = [int(n) for n in re.findall(rb"\n(\d+) 0 obj", base)]
    size = max([*objects, *known]) + 1
    before = "" if first else f"/Prev {startxref(base)}"
    out += f"trailer\n<< /Size {size} /Root {CATALOGUE} 0 R {before} {trailer} >>\n".encode()
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def startxref(content: bytes) -> int:
    return int(content.rpartition(b"startxref")[2].split()[0])
