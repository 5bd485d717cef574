"""The little PDF that pictures and invisible text need, written by hand (ISO 32000-1).

Libraries put the time of day and random identifiers into what they write; the simulator
must give the same bytes every time.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class PicturePage:
    """One page that is a picture; `hidden` are lines of text drawn in render mode 3."""

    jpeg: bytes
    pixels: tuple[int, int]
    points: tuple[float, float]
    hidden: tuple[str, ...] = ()


def picture_page(
    image: Image.Image, dpi: int, quality: int, *, hidden: Sequence[str] = ()
) -> PicturePage:
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=quality)
    width, height = image.size
    # A hair less: viewers round up, and would add a row of pixels at this very resolution.
    points = (width * 72 / dpi - 0.01, height * 72 / dpi - 0.01)
    return PicturePage(stream.getvalue(), image.size, points, tuple(hidden))


def wrapped(text: str, columns: int = 84) -> list[str]:
    """Lines short enough for the width of a page, with a blank line between paragraphs."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.extend(textwrap.wrap(line, columns) or [""])
    return lines


def document(pages: Sequence[PicturePage]) -> bytes:
    """Objects 1 and 2 are the catalogue and the page tree, 3 the font, then three a page."""
    kids = " ".join(f"{4 + 3 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        first = 4 + 3 * number
        width, height = page.points
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] "
            f"/Contents {first + 1} 0 R /Resources << /Font << /F1 3 0 R >> "
            f"/XObject << /P {first + 2} 0 R >> >> >>".encode()
        )
        objects.append(_stream(b"", _content(page)))
        objects.append(
            _stream(
                f"/Type /XObject /Subtype /Image /Width {page.pixels[0]} "
                f"/Height {page.pixels[1]} /ColorSpace /DeviceRGB /BitsPerComponent 8 "
                "/Filter /DCTDecode ".encode(),
                page.jpeg,
            )
        )
    return pdf_file(objects)


def _content(page: PicturePage) -> bytes:
    width, height = page.points
    drawing = [f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /P Do Q"]
    if page.hidden:
        leading = min(13.0, (height - 100) / len(page.hidden))
        size = min(10.0, leading)
        drawing.append(f"BT 3 Tr /F1 {size:.2f} Tf {leading:.2f} TL 60 {height - 60:.2f} Td")
        drawing.extend(f"({_escaped(line)}) Tj T*" for line in page.hidden)
        drawing.append("ET")
    return "\n".join(drawing).encode("cp1252", errors="replace")


def _escaped(line: str) -> str:
    """A literal string (7.3.4.2): only the backslash and parentheses have a meaning."""
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _stream(entries: bytes, body: bytes) -> bytes:
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (entries, len(body), body)


def pdf_file(objects: Sequence[bytes]) -> bytes:
    """A file of these objects, numbered from 1; the first is its catalogue."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    # An entry of the table is exactly 20 bytes, the two at its end included (7.5.4).
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)
