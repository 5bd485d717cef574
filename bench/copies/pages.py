"""Copies as they come: turned, framed, stamped, faxed, photographed from a screen.

    for each in conditions():  each.name, each.parts(), each.shown, each.fit

Every condition is a letter of `LETTERS` in the shape in which somebody might send it, what of
the letter can be seen there, and the headlines that would be right. Seeded; nothing is kept.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2 as pdfium
import typst
from PIL import Image, ImageDraw, ImageFont

from bench.copies import camera
from bench.copies.dress import letterhead, signed, stamped
from bench.copies.page_letters import LETTERS
from bench.copies.typeset import image_only_pdf, letter_pdf, page_images

LONG = (
    LETTERS["basin"]
    .replace("To the owners", "Second notice to the owners")
    .replace("HO/2031/17", "HO/2031/18")
)
LETTERS["long"] = "\n\n".join(
    [
        LONG.rsplit("\n\n", 1)[0],
        "The lists of berths hang in the window of the harbour office. Berths one to twenty are"
        " for boats under eight metres, twenty-one to forty for all others; a berth that is not"
        " taken up by the tenth of May goes to whoever asks first. Exchanging berths is allowed if"
        " both owners sign the list on the same day.",
        "Water can be had at the pump by the chapel. The one on the fish quay does not run until"
        " the pipes have been laid anew. For a barrel the pump warden takes two coppers, and three"
        " after dark. He may not take anything for drinking water that is carried away by hand.",
        "Whoever damages the fence around the works pays 75 crowns. Divers are at work beneath the"
        " yellow flags; no screw may turn within fifty metres of them. The master of the dredger"
        " gives one long and two short blasts when he shifts his anchors, and boats keep clear of"
        " the cables until he has answered with a single long one.",
        "Letters of complaint are read each Thursday by the board, which answers within a week.",
        "Ada Alder\nHead of the Harbour Office",
    ]
)

_COLUMNS = b"""
#let it = json(bytes(sys.inputs.letter))
#set page(paper: "a4", margin: 20mm, columns: 2)
#set text(font: "Libertinus Serif", size: 11pt, hyphenate: false)
#set par(justify: true, leading: 0.65em, spacing: 1.2em)
#for block in it { par(block.map(line => text(line)).join(linebreak())) }
"""

STANDS, PART = "STANDS", "PART_STANDS"
TELLS_NOT = "CANNOT_TELL"


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    letter: str
    parts: Callable[[int], tuple[bytes, ...]]  # by a seed
    fit: tuple[str, ...] = (STANDS,)  # headlines that are right, the best first
    shown: str = ""  # what of the letter is there; the whole where it is empty

    @property
    def words(self) -> str:
        return self.shown or LETTERS[self.letter]


def conditions() -> tuple[Condition, ...]:
    basin, lights = "basin", "lights"
    turned = [
        Condition(f"scan turned {degrees}°", basin, _turned(basin, degrees))
        for degrees in (90, 180, 270, 4, 11, 25)
    ]
    rotated = [
        Condition(f"PDF, /Rotate {degrees}", lights, _pdf_rotated(lights, degrees))
        for degrees in (90, 180, 270)
    ]
    doubtful = (STANDS, TELLS_NOT)
    return (
        Condition("PDF", basin, lambda _s: (letter_pdf(LETTERS[basin]),)),
        Condition("PDF, scanned", lights, _scanned_pdf(lights)),
        *rotated,
        *turned,
        Condition("photo, mild", lights, _photo(lights, "mild")),
        Condition("photo, medium", basin, _photo(basin, "medium")),
        Condition("photo, hard", basin, _photo(basin, "hard"), doubtful),
        Condition("photo, upside-down", lights, _upside_down(lights)),
        Condition("photo, lying on its side", basin, _on_its_side(basin)),
        Condition("photo, curled", basin, _curled(basin), doubtful),
        Condition("photo, glare", lights, _glare(lights), doubtful),
        Condition("photo of a screen", basin, _moire(basin), doubtful),
        Condition("96 dpi", basin, _small(basin, 96)),
        Condition("72 dpi", lights, _small(lights, 72), doubtful),
        Condition("fax", basin, _fax(basin)),
        Condition("two columns, PDF", lights, lambda _s: (columns_pdf(LETTERS[lights]),)),
        Condition("two columns, scan", lights, _columns_scan(lights)),
        Condition("letterhead", basin, _dressed(basin, head=True), doubtful),
        Condition("stamp over text", basin, _dressed(basin, stamp=True), doubtful),
        Condition("ink over text", lights, _dressed(lights, ink=True), doubtful),
        Condition("two photos", "long", _pages((0, 1)), doubtful),
        Condition("two photos, swapped", "long", _pages((1, 0)), (PART, TELLS_NOT, STANDS)),
        Condition("second page alone", "long", _pages((1,)), (PART,), shown=_second_page()),
        Condition("screenshot of a viewer", lights, _viewer(lights), doubtful),
        Condition("messenger, light", basin, _messenger(basin, dark=False), doubtful),
        Condition("messenger, dark", lights, _messenger(lights, dark=True), doubtful),
        Condition("typed in a bubble, dark", lights, _bubble(lights), (PART, TELLS_NOT),
                  shown=_paragraph(lights, 2)),
        Condition("half a page under a lamp", basin, _half(basin), (PART, TELLS_NOT),
                  shown=LETTERS[basin].split("\n\nThe fee")[0]),
        Condition("Arabic, PDF", "arabic", _arabic_pdf("arabic")),
        Condition("Arabic, scan", "arabic", _arabic_scan("arabic"), doubtful),
        Condition("Arabic, photo", "arabic", _arabic_photo("arabic"), doubtful),
        Condition("two scripts, PDF", "mixed", _arabic_pdf("mixed")),
        Condition("two scripts, scan", "mixed", _arabic_scan("mixed"), doubtful),
        Condition("two scripts, photo", "mixed", _arabic_photo("mixed"), doubtful),
    )  # fmt: skip


def columns_pdf(text: str) -> bytes:
    blocks = [block.splitlines() for block in text.split("\n\n")]
    made = typst.compile(
        _COLUMNS, format="pdf", sys_inputs={"letter": json.dumps(blocks)}, ignore_system_fonts=True
    )
    assert isinstance(made, bytes)
    return made


def sheet(name: str, dpi: int = 200) -> Image.Image:
    return page_images(letter_pdf(LETTERS[name]), dpi)[0]


def jpeg(image: Image.Image, quality: int = 80) -> bytes:
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def _scan_of(image: Image.Image, seed: int) -> Image.Image:
    return camera.opened(camera.scan(image, seed))


def _turned(name: str, degrees: int) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (jpeg(camera.rotate(_scan_of(sheet(name), seed), degrees)),)


def _scanned_pdf(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (image_only_pdf([_scan_of(sheet(name), seed)], dpi=200, quality=75),)


def _pdf_rotated(name: str, degrees: int) -> Callable[[int], tuple[bytes, ...]]:
    def made(seed: int) -> tuple[bytes, ...]:
        # Every other one is a scan that was laid in the wrong way round and set right by /Rotate.
        if seed % 2:
            lying = _scan_of(sheet(name), seed).rotate(degrees, expand=True)
            content = image_only_pdf([lying], dpi=200, quality=75)
        else:
            content = letter_pdf(LETTERS[name])
        document = pdfium.PdfDocument(content)
        document[0].set_rotation(degrees)
        stream = io.BytesIO()
        document.save(stream)
        return (stream.getvalue(),)

    return made


def _photo(name: str, strength: camera.Strength) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (camera.photo(sheet(name), seed, strength),)


def _upside_down(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (
        jpeg(camera.opened(camera.photo(sheet(name), seed, "medium")).rotate(180)),
    )


def _on_its_side(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (
        jpeg(
            camera.opened(camera.photo(sheet(name), seed, "mild")).rotate(
                90 if seed % 2 else 270, expand=True
            )
        ),
    )


def _curled(name: str) -> Callable[[int], tuple[bytes, ...]]:
    """The sheet stands up in the middle like an opened book: lines are bows."""

    def made(seed: int) -> tuple[bytes, ...]:
        page = np.asarray(sheet(name).convert("RGB"))
        height, width = page.shape[:2]
        down, across = np.mgrid[0:height, 0:width].astype(np.float32)
        bow = np.float32(0.018 * height) * np.sin(np.pi * across / width).astype(np.float32)
        bent = cv2.remap(
            page, across, down + bow, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return (camera.photo(Image.fromarray(bent), seed, "mild"),)

    return made


def _glare(name: str) -> Callable[[int], tuple[bytes, ...]]:
    """A lamp mirrored in the paper: a spot where ink is hardly darker than the sheet."""

    def made(seed: int) -> tuple[bytes, ...]:
        chance = random.Random(f"glare {seed}")
        page = np.asarray(camera.opened(camera.photo(sheet(name), seed, "mild"))).astype(np.float32)
        height, width = page.shape[:2]
        down, across = np.mgrid[0:height, 0:width].astype(np.float32)
        x, y = width * chance.uniform(0.3, 0.7), height * chance.uniform(0.12, 0.26)
        size = width * chance.uniform(0.07, 0.11)
        spot = np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * size**2))[:, :, None]
        return (jpeg(Image.fromarray(np.clip(page + 150 * spot, 0, 255).astype(np.uint8))),)

    return made


def _moire(name: str) -> Callable[[int], tuple[bytes, ...]]:
    """Photographed from a monitor: its grid of coloured dots beats with that of the camera."""

    def made(seed: int) -> tuple[bytes, ...]:
        shown = np.asarray(sheet(name, 120).convert("RGB")).astype(np.float32)
        big = cv2.resize(shown, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
        big[2::3] *= 0.72  # between two rows of dots
        for channel in range(3):
            mask = np.full(big.shape[1], 0.78, np.float32)
            mask[channel::3] = 1.0
            big[:, :, channel] *= mask
        angle = random.Random(f"moire {seed}").uniform(-3, 3)
        height, width = big.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 0.84)
        seen = cv2.warpAffine(
            big, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(30, 30, 34)
        )
        seen = cv2.GaussianBlur(seen, (0, 0), 0.8)
        seen = cv2.resize(seen, None, fx=0.62, fy=0.62, interpolation=cv2.INTER_LINEAR)
        noise = np.random.default_rng([seed, 9]).standard_normal(seen.shape, np.float32) * 4
        return (jpeg(Image.fromarray(np.clip(seen + noise, 0, 255).astype(np.uint8)), 82),)

    return made


def _small(name: str, dpi: int) -> Callable[[int], tuple[bytes, ...]]:
    return lambda _seed: (jpeg(sheet(name, dpi), 80),)


def _fax(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (camera.fax(sheet(name), seed),)


def _columns_scan(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (camera.scan(page_images(columns_pdf(LETTERS[name]), 200)[0], seed),)


def _dressed(
    name: str, *, head: bool = False, stamp: bool = False, ink: bool = False
) -> Callable[[int], tuple[bytes, ...]]:
    def made(seed: int) -> tuple[bytes, ...]:
        chance = random.Random(f"dress {seed}")
        page = sheet(name)
        if head:
            letterhead(page)
        if stamp:
            page = stamped(page, chance)
        if ink:
            signed(page, chance)
        return (camera.scan(page, seed),)

    return made


def _pages(order: Sequence[int]) -> Callable[[int], tuple[bytes, ...]]:
    def made(seed: int) -> tuple[bytes, ...]:
        images = page_images(letter_pdf(LETTERS["long"], size_pt=14), 200)
        return tuple(camera.photo(images[at], seed + at, "mild") for at in order)

    return made


def _second_page() -> str:
    """The words that stand on the second page of the long letter."""
    document = pdfium.PdfDocument(letter_pdf(LETTERS["long"], size_pt=14))
    return str(document[1].get_textpage().get_text_range())


def _viewer(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda _seed: (camera.screenshot(sheet(name)),)


def _messenger(name: str, *, dark: bool) -> Callable[[int], tuple[bytes, ...]]:
    """A phone's screen: clock, name of the other one, and the letter's picture in a bubble."""

    def made(seed: int) -> tuple[bytes, ...]:
        wide, tall = 1080, 2160
        ground, bubble, words = ((11, 20, 26), (32, 44, 51), (233, 237, 239)) if dark else (
            (239, 234, 226), (255, 255, 255), (17, 27, 33))  # fmt: skip
        screen = Image.new("RGB", (wide, tall), ground)
        draw = ImageDraw.Draw(screen)
        small, name_font = ImageFont.load_default(32), ImageFont.load_default(44)
        draw.rectangle((0, 0, wide, 230), fill=bubble)
        draw.text((48, 22), "14:07", fill=words, font=small)
        draw.text((900, 22), "81%", fill=words, font=small)
        draw.text((170, 120), "Marta Quell", fill=words, font=name_font)
        draw.ellipse((50, 105, 140, 195), fill=(90, 120, 150))
        page = sheet(name)
        inner = 900
        page = page.resize(
            (inner, round(page.height * inner / page.width)), Image.Resampling.LANCZOS
        )
        page = camera.opened(jpeg(page, 74))
        draw.rounded_rectangle((60, 300, 60 + inner + 24, 300 + page.height + 90), 24, fill=bubble)
        screen.paste(page, (72, 312))
        draw.text((820, 330 + page.height), "13:58", fill=words, font=small)
        draw.rounded_rectangle((60, 1760, 640, 1860), 24, fill=bubble)
        draw.text((90, 1785), "Have you seen this?", fill=words, font=name_font)
        draw.text((520, 1812), "13:59", fill=words, font=small)
        return (png(screen) if seed % 2 else jpeg(screen, 85),)

    return made


def _bubble(name: str) -> Callable[[int], tuple[bytes, ...]]:
    """A paragraph that somebody typed into a messenger, light letters on a dark bubble."""

    def made(_seed: int) -> tuple[bytes, ...]:
        wide = 1080
        screen = Image.new("RGB", (wide, 1500), (11, 20, 26))
        draw = ImageDraw.Draw(screen)
        font, small = ImageFont.load_default(42), ImageFont.load_default(30)
        draw.rounded_rectangle((60, 300, 1020, 1200), 30, fill=(32, 44, 51))
        line, y = "", 330
        for word in _paragraph(name, 2).split():
            longer = f"{line} {word}".strip()
            if draw.textlength(longer, font=font) > 880:
                draw.text((95, y), line, fill=(233, 237, 239), font=font)
                line, y = word, y + 58
            else:
                line = longer
        draw.text((95, y), line, fill=(233, 237, 239), font=font)
        draw.text((900, y + 70), "13:58", fill=(134, 150, 160), font=small)
        return (png(screen),)

    return made


def _paragraph(name: str, number: int) -> str:
    return LETTERS[name].split("\n\n")[number]


def _half(name: str) -> Callable[[int], tuple[bytes, ...]]:
    """The upper half of the sheet, crooked, in the light of one lamp."""

    def made(seed: int) -> tuple[bytes, ...]:
        page = sheet(name)
        # Between two paragraphs, so that what is seen ends with a sentence.
        upper = camera.crop(page, bottom=0.207)
        return (camera.photo(camera.rotate(upper, -5), seed, "medium"),)

    return made


def _arabic(name: str) -> bytes:
    return letter_pdf(LETTERS[name], font="DejaVu Sans", size_pt=9.5)


def _arabic_pdf(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda _seed: (_arabic(name),)


def _arabic_scan(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (camera.scan(page_images(_arabic(name), 200)[0], seed),)


def _arabic_photo(name: str) -> Callable[[int], tuple[bytes, ...]]:
    return lambda seed: (camera.photo(page_images(_arabic(name), 200)[0], seed, "medium"),)
