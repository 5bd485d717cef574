"""The PDFs that the adversary needs, written by hand (ISO 32000-2).

The type is Courier, in which every letter is as wide as every other, so that the place of a word
is known without a table.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

from bench.copies.rawpdf import pdf_file

SIZE, LEADING, LEFT, TOP = 10.0, 15.0, 60.0, 790.0
WIDE = 0.6 * SIZE  # of every letter
PAPER = (595, 842)
ROWS = 48  # lines on a page
COLUMNS = 76


@dataclass(slots=True)
class Sheet:
    """One page: what is drawn on it, and what that needs."""

    drawing: list[str] = field(default_factory=list)
    fonts: str = ""
    resources: str = ""
    entries: str = ""

    def line(self, row: int, text: str, column: int = 0, *, how: str = "") -> None:
        """`how` are operators before the text is shown: a colour, a rendering mode."""
        x, y = LEFT + column * WIDE, TOP - row * LEADING
        self.drawing.append(f"q BT {how} /F1 {SIZE} Tf {x:.2f} {y:.2f} Td {shown(text)} Tj ET Q")

    def cover(self, row: int, column: int, letters: int, colour: str = "1 1 1") -> None:
        x, y = LEFT + column * WIDE - 0.6, TOP - row * LEADING - 3
        self.drawing.append(f"q {colour} rg {x:.2f} {y:.2f} {letters * WIDE + 1.2:.2f} 12 re f Q")


@dataclass(slots=True)
class Book:
    sheets: list[Sheet] = field(default_factory=list)
    objects: list[bytes] = field(default_factory=list)
    catalogue: str = ""

    def add(self, body: bytes) -> str:
        """A reference to a new object. The first three are the catalogue, the pages, the font."""
        self.objects.append(body)
        return f"{len(self.objects) + 3} 0 R"

    def picture(self, image: Image.Image) -> str:
        grey = io.BytesIO()
        image.convert("L").save(grey, "JPEG", quality=92)
        entries = (
            f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height}"
            " /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode "
        )
        return self.add(stream(grey.getvalue(), entries))

    def stencil(self, image: Image.Image) -> str:
        """The dark parts of a picture, to be filled with whatever colour is set."""
        bits = image.point(lambda level: 255 * (level > 140)).convert("1")
        entries = (
            f"/Type /XObject /Subtype /Image /ImageMask true /Width {image.width}"
            f" /Height {image.height} /BitsPerComponent 1 "
        )
        return self.add(stream(bits.tobytes(), entries))

    def written(self) -> bytes:
        pages = []
        for sheet in self.sheets:
            content = self.add(stream("\n".join(sheet.drawing).encode("cp1252", "replace")))
            pages.append(
                self.add(
                    f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAPER[0]} {PAPER[1]}]"
                    f" /Contents {content} /Resources << /Font << /F1 3 0 R {sheet.fonts} >>"
                    f" {sheet.resources} >> {sheet.entries} >>".encode()
                )
            )
        return pdf_file(
            [
                f"<< /Type /Catalog /Pages 2 0 R {self.catalogue} >>".encode(),
                f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(pages)}] >>".encode(),
                b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
                *self.objects,
            ]
        )


def shown(text: str) -> str:
    """A literal string (7.3.4.2)."""
    return "(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"


def stream(body: bytes, entries: str = "") -> bytes:
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (entries.encode(), len(body), body)


def drawn(text: str, scale: int = 4) -> Image.Image:
    """A picture of some letters in a face of the same width, on white."""
    tall = round(12 * scale)
    font = ImageFont.load_default(size=SIZE * scale)
    image = Image.new("L", (max(1, round(len(text) * WIDE * scale)), tall), 255)
    pen = ImageDraw.Draw(image)
    for at, letter in enumerate(text):
        pen.text(((at + 0.5) * WIDE * scale, 9 * scale), letter, font=font, fill=0, anchor="ms")
    return image
