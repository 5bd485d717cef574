"""Letters on paper: text to PDF, PDF to page pictures.

The text is handed to Typst as a value, never as markup, so `#`, `*` and `$` in a letter are
what the reader sees. The fonts are the ones inside Typst, so a page looks the same on every
machine; right-to-left letters may also use the fonts of the system.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pypdfium2 as pdfium
import typst
from PIL import Image

from bench.copies import rawpdf

Paper = Literal["a4", "us-letter"]

# Families inside the typst package. A name that is not there falls back with a warning.
SERIF = "Libertinus Serif"
MODERN = "New Computer Modern"
MONO = "DejaVu Sans Mono"
FONTS = (SERIF, MODERN, MONO)

# Every document of the simulator was made at this moment: a clock would change the bytes.
MADE = datetime(2031, 1, 1, tzinfo=UTC)

_TEMPLATE = b"""
#let it = json(bytes(sys.inputs.letter))
#set document(title: it.title)
#set page(paper: it.paper, margin: (x: 27mm, top: 25mm, bottom: 25mm), footer: if it.footer != "" {
  align(center, text(size: 8pt, it.footer))
})
#set text(font: it.font, size: it.size * 1pt, hyphenate: false, lang: "en")
#set par(justify: it.justify, leading: 0.7em, spacing: 1.25em)
#for block in it.blocks {
  let lines = block.lines.map(line => text(line)).join(linebreak())
  if block.rtl { text(dir: rtl, lang: "ar", par(lines)) } else { par(lines) }
}
"""


def letter_pdf(
    text: str,
    *,
    font: str = SERIF,
    size_pt: float = 11,
    paper: Paper = "a4",
    justify: bool = False,
    footer: str = "",
    title: str = "Letter",
    folders: Sequence[str] = (),
) -> bytes:
    """One letter as a PDF with its text layer, on as many pages as it needs.

    Blank lines part paragraphs; a single newline stays a line break, as in an address or
    a signature block. `footer` is printed at the foot of every page. `folders` hold more fonts.
    """
    blocks = [
        {"lines": block.splitlines(), "rtl": _reads_right_to_left(block)}
        for block in _paragraphs(text)
    ]
    letter = {
        "blocks": blocks,
        "font": font,
        "size": size_pt,
        "paper": paper,
        "justify": justify,
        "footer": footer,
        "title": title,
    }
    made = typst.compile(
        _TEMPLATE,
        format="pdf",
        sys_inputs={"letter": json.dumps(letter)},
        font_paths=list(folders),
        ignore_system_fonts=not any(block["rtl"] for block in blocks),
        timestamp=MADE,
    )
    assert isinstance(made, bytes)
    return made


def page_images(pdf: bytes, dpi: int = 150) -> list[Image.Image]:
    """Each page as an RGB picture, as a viewer would draw it."""
    document = pdfium.PdfDocument(pdf)
    try:
        pictures = []
        for number in range(len(document)):
            page = document[number]
            bitmap = page.render(scale=dpi / 72)
            pictures.append(bitmap.to_pil().convert("RGB"))
            bitmap.close()
            page.close()
        return pictures
    finally:
        document.close()


def layer_text(pdf: bytes) -> str:
    """The text layer alone, pages one after another, as a program would copy it."""
    document = pdfium.PdfDocument(pdf)
    try:
        texts = []
        for number in range(len(document)):
            page = document[number]
            layer = page.get_textpage()
            texts.append(layer.get_text_range().replace("\r\n", "\n"))
            layer.close()
            page.close()
        return "\n".join(texts)
    finally:
        document.close()


@dataclass(frozen=True, slots=True)
class Placed:
    """A word of a text layer, its box as shares of the page's width and height."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float


def placed_words(pdf: bytes) -> list[Placed]:
    """Every word of the text layer and where it is printed, in the order of the text."""
    document = pdfium.PdfDocument(pdf)
    try:
        found: list[Placed] = []
        for number in range(len(document)):
            page = document[number]
            width, height = page.get_size()
            layer = page.get_textpage()
            text = layer.get_text_range()
            for word in re.finditer(r"\S+", text):
                boxes = [layer.get_charbox(at) for at in range(*word.span())]
                left, bottom = min(b[0] for b in boxes), min(b[1] for b in boxes)
                right, top = max(b[2] for b in boxes), max(b[3] for b in boxes)
                found.append(
                    Placed(
                        word[0],
                        number,
                        left / width,
                        1 - top / height,
                        right / width,
                        1 - bottom / height,
                    )
                )
            layer.close()
            page.close()
        return found
    finally:
        document.close()


def image_only_pdf(images: Sequence[Image.Image], *, dpi: int = 150, quality: int = 85) -> bytes:
    """A scanned PDF: pictures of pages and no text at all."""
    return rawpdf.document([rawpdf.picture_page(image, dpi, quality) for image in images])


def lying_pdf(visible_text: str, hidden_text: str, *, dpi: int = 150, font: str = SERIF) -> bytes:
    """A PDF that shows one text, as pictures, over an invisible layer of another.

    People see `visible_text`; a program that trusts the text layer (render mode 3) reads
    `hidden_text`. The layer can hold Western European letters only; others become "?".
    """
    pictures = page_images(letter_pdf(visible_text, font=font), dpi)
    lines = rawpdf.wrapped(hidden_text)
    share = -(-len(lines) // len(pictures))
    pages = [
        rawpdf.picture_page(picture, dpi, 85, hidden=lines[number * share : (number + 1) * share])
        for number, picture in enumerate(pictures)
    ]
    return rawpdf.document(pages)


def _paragraphs(text: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return ["\n".join(block) for block in blocks if block]


def _reads_right_to_left(text: str) -> bool:
    """Whether its first letter of a strong direction is Arabic or Hebrew (UAX 9, rule P2)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False
