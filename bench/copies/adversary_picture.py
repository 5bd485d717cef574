"""Attacks by pictures: a page printed with another word, or changed with scissors and paste.

The page then goes through a device of `camera.py`: a clean picture, a scan, a fax, a screenshot,
or a photo. Each attack gives the pictures and what stands on them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw, ImageFont

from bench.copies.adversary_town import Town
from bench.copies.adversary_whole import WHOLES
from bench.copies.adversary_words import PLACES, places
from bench.copies.camera import fax, photo, scan, screenshot
from bench.copies.typeset import FONTS, letter_pdf
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.pdf import draw
from vidimus.core.copies.page import Box, Word

Made = tuple[list[Image.Image], str]
Attack = Callable[[Town, Random], Made | None]

VISIBLE, LEAST_VISIBLE = 24, 20  # levels of 255, and pixels, that a person may notice

# Edits that ink can show; a space more or less is the reader's business.
SHOWN = (
    "a word dropped", "a word doubled", "two words changed in place", "a word or sign put before",
    "a word or sign put behind", "a letter", "letters that readers confuse", "digits",
    "points inside numbers", "signs of amounts", "a prefix", "question marks",
)  # fmt: skip


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


DEVICES: dict[str, Callable[[Image.Image, int], bytes]] = {
    "clean": lambda page, seed: _png(page),
    "scan": lambda page, seed: scan(page, seed, dpi=150),
    "fax": fax,
    "screenshot": lambda page, seed: screenshot(page),
    "photo, mild": lambda page, seed: photo(page, seed, "mild"),
    "photo, medium": lambda page, seed: photo(page, seed, "medium"),
    "photo, hard": lambda page, seed: photo(page, seed, "hard"),
}


def printed(text: str, chance: Random) -> list[tuple[Image.Image, list[Word]]]:
    """Each page, and its words with their places on it."""
    made = letter_pdf(text, font=chance.choice(FONTS), size_pt=chance.choice((10, 11, 12)))
    document = pdfium.PdfDocument(made)
    try:
        pages = [draw(document, at, Limits()) for at in range(len(document))]
    finally:
        document.close()
    return [(Image.fromarray(page.image), list(page.layer)) for page in pages]


def _text(words: list[Word]) -> str:
    lines: dict[int, list[str]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word.text)
    return "\n".join(" ".join(line) for line in lines.values())


def _latin(town: Town, chance: Random) -> str:
    standing = [each for each in town.standing() if "ا" not in each]
    return chance.choice(standing)


def _page(town: Town, chance: Random) -> tuple[Image.Image, list[Word]]:
    """A page of a standing letter, and that letter on one page alone."""
    while True:
        pages = printed(_latin(town, chance), chance)
        if len(pages) == 1:
            return pages[0]


def _another_word(town: Town, chance: Random) -> Made | None:
    text = _latin(town, chance)
    pieces = places(text)
    altered = PLACES[chance.choice(SHOWN)](pieces, 2 * chance.randrange(len(pieces) // 2), chance)
    if altered is None or any(ord(c) > 0x2FF and c not in "–—‘’“”€−≤" for c in altered):
        return None
    return [page for page, _ in printed(altered, chance)], altered


def _whole(kind: str) -> Attack:
    def attack(town: Town, chance: Random) -> Made | None:
        parts = WHOLES[kind](town, chance)
        if parts is None or any(ord(c) > 0x2FF and c not in "€°" for part in parts for c in part):
            return None
        pages = [page for part in parts for page, _ in printed(part, chance)]
        return (pages, "\n".join(parts)) if len(pages) <= 4 else None

    return attack


def _cut(page: Image.Image, box: Box) -> Image.Image:
    return page.crop((box.left - 1, box.top - 2, box.right + 1, box.bottom + 2))


def _white(page: Image.Image, box: Box) -> None:
    corners = (box.left - 1, box.top - 2, box.right + 1, box.bottom + 2)
    ImageDraw.Draw(page).rectangle(corners, fill=(255, 255, 255))


def _erased(town: Town, chance: Random) -> Made:
    """A word made white."""
    page, words = _page(town, chance)
    at = chance.randrange(1, len(words) - 1)
    word = words.pop(at)
    assert word.box is not None
    _white(page, word.box)
    return [page], _text(words)


def _pasted(town: Town, chance: Random) -> Made | None:
    """A word of the page in the place of another one of about its width."""
    page, words = _page(town, chance)
    at = chance.randrange(len(words))
    box = words[at].box
    assert box is not None
    wide = box.right - box.left
    fits = [
        other
        for other in words
        if other.box is not None
        and other.text != words[at].text
        and 0.5 * wide <= other.box.right - other.box.left <= 1.03 * wide
    ]
    if not fits:
        return None
    other = chance.choice(fits)
    assert other.box is not None
    piece = _cut(page, other.box)
    _white(page, box)
    page.paste(piece, (box.left - 1, box.bottom + 2 - piece.height))
    words[at] = Word(other.text, words[at].line, box)
    return [page], _text(words)


def _rows(words: list[Word]) -> list[tuple[int, int, list[Word]]]:
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return [
        (
            min(w.box.top for w in row if w.box) - 3,
            max(w.box.bottom for w in row if w.box) + 3,
            row,
        )
        for row in lines.values()
    ]


def _line_erased(town: Town, chance: Random) -> Made | None:
    page, words = _page(town, chance)
    rows = _rows(words)
    if len(rows) < 5:
        return None
    top, bottom, row = rows[chance.randrange(1, len(rows) - 1)]
    ImageDraw.Draw(page).rectangle((0, top, page.width, bottom), fill=(255, 255, 255))
    return [page], _text([word for word in words if word not in row])


def _line_closed_up(town: Town, chance: Random) -> Made | None:
    """A line cut out, and what is below it moved up: no gap is left."""
    page, words = _page(town, chance)
    rows = _rows(words)
    if len(rows) < 5:
        return None
    at = chance.randrange(1, len(rows) - 1)
    top, _, row = rows[at]
    below = rows[at + 1][0]
    rest = page.crop((0, below, page.width, page.height))
    page.paste(rest, (0, top))
    return [page], _text([word for word in words if word not in row])


def _line_of_another(town: Town, chance: Random) -> Made | None:
    """A line of another letter, fallen or standing, in the place of one."""
    page, words = _page(town, chance)
    dead = [each for each in town.letters if "ا" not in each.text]
    other, others = printed(chance.choice(dead).text, chance)[0]
    rows, theirs = _rows(words), _rows(others)
    top, bottom, row = chance.choice(rows)
    start, end, given = chance.choice(theirs)
    ImageDraw.Draw(page).rectangle((0, top, page.width, bottom), fill=(255, 255, 255))
    page.paste(other.crop((0, start, other.width, end)), (0, top))
    line = row[0].line
    first = words.index(row[0])
    kept = [word for word in words if word not in row]
    kept[first:first] = [Word(word.text, line) for word in given]
    return [page], _text(kept)


def _written(town: Town, chance: Random) -> Made:
    """Words added in another hand: above a line, in the margin, at the foot, pale, tilted."""
    page, words = _page(town, chance)
    before = page.copy()
    word = chance.choice(words)
    assert word.box is not None
    added = chance.choice(("not", "void", "no", "until 2032", "never", "except Mondays", "2"))
    size = chance.choice((13, 16, 20, 26))
    ink = chance.choice((0, 0, 60, 120, 170, 200))
    font = ImageFont.load_default(size=size)
    box = font.getbbox(added)
    note = Image.new("L", (round(box[2]) + 6, round(box[3]) + 6), 0)
    ImageDraw.Draw(note).text((3, 3), added, font=font, fill=255)
    note = note.rotate(chance.choice((0, 0, 4, -6, 90)), expand=True)
    x, y = chance.choice(
        (
            (word.box.left, word.box.top - note.height + 2),
            (15, word.box.top - 4),
            (page.width - note.width - 20, word.box.top - 4),
            (page.width // 3, page.height - note.height - 40),
        )
    )
    colour = chance.choice(((ink, ink, ink), (ink, ink, 200), (200, ink, ink)))
    page.paste(Image.new("RGB", note.size, colour), (max(0, x), max(0, y)), note)
    page.info["before"] = before
    return [page], _text(words) + "\n" + added


def _struck(town: Town, chance: Random) -> Made:
    page, words = _page(town, chance)
    inner = range(1, len(words) - 1)
    at = chance.choice([n for n in inner if len(words[n].text) >= 3])
    box = words[at].box
    assert box is not None
    y = (box.top + box.bottom) // 2 + 1
    ImageDraw.Draw(page).line((box.left - 2, y, box.right + 2, y), fill=(0, 0, 0), width=2)
    return [page], _text([*words[:at], *words[at + 1 :]])


PICTURES: dict[str, Attack] = {
    "picture: another word": _another_word,
    "picture: a word erased": _erased,
    "picture: a word pasted": _pasted,
    "picture: a line erased": _line_erased,
    "picture: a line cut out": _line_closed_up,
    "picture: a line of another letter": _line_of_another,
    "picture: words written in": _written,
    "picture: a word struck": _struck,
    "picture: a fallen letter": _whole("a fallen letter"),
    "picture: half of one, half of another": _whole("half of one, half of another"),
    "picture: a piece left out": _whole("a piece left out"),
    "picture: a page missing": _whole("a page missing"),
    "picture: pages in another order": _whole("pages in another order"),
    "picture: a line in the margin": _whole("a line in the margin"),
}


def made(town: Town, kind: str, chance: Random) -> tuple[list[bytes], str, str] | None:
    """The files, what stands on them, and the device."""
    found = PICTURES[kind](town, chance)
    if found is None:
        return None
    pages, visible = found
    device = chance.choice(tuple(DEVICES))
    files = []
    for page in pages:
        seed = chance.randrange(1 << 30)
        files.append(DEVICES[device](page, seed))
        before = page.info.get("before")
        if before is not None and not _shows(files[-1], DEVICES[device](before, seed)):
            return None
    return files, visible, device


def _shows(after: bytes, before: bytes) -> bool:
    """Whether anything is left of what was written: a fax drops what is pale."""
    one, other = (Image.open(io.BytesIO(each)).convert("RGB") for each in (after, before))
    apart = ImageChops.difference(one, other).point(lambda level: 255 * (level > VISIBLE))
    return sum(apart.convert("L").histogram()[1:]) >= LEAST_VISIBLE
