"""Pages to read: letters set by Typst, drawn by pdfium, and photographed by arithmetic."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import pypdfium2 as pdfium
import typst
from PIL import Image as Pillow

LETTER = (
    "Office of the Harbour Master",
    "Our reference HM/2031/0417",
    "14 March 2031",
    "Dear Mr Alder,",
    "I write to confirm that the inspection of the northern quay was completed on 3 March."
    " The inspectors found that 1,250 tonnes of grain had been stored in warehouse 7, and that"
    " the permit of 18 January 2030 did not cover any of it. The cargo must not be moved before"
    " the Board has met on 29 March 2031.",
    "The fee of 48,300 crowns that was paid on 6 February remains due. It will be returned only"
    " if the Board decides by a majority of five members that the storage was lawful. Until then"
    " no further vessel may berth at the northern quay without the written consent of this office.",
    "You may appeal against this decision within 30 days. An appeal does not suspend it. The"
    " documents on which it rests can be seen at this office on any working day between 9 and 12.",
    "A copy of this letter has been sent to the Ministry of Transport and to the insurers of"
    " the warehouse. Neither has objected to the measures described above.",
    "Yours sincerely,",
    "Edith Marrow, Harbour Master",
)
TEXT = " ".join(LETTER)


def set_page(
    *paragraphs: str, size: float = 11, extra: str = "", system_fonts: bool = False
) -> bytes:
    """A PDF of these paragraphs on A4."""
    body = "\n\n".join(paragraphs or LETTER)
    source = (
        "#set page(width: 210mm, height: 297mm, margin: 25mm)\n"
        f'#set text(size: {size}pt, lang: "en", hyphenate: false)\n#set par(spacing: 1.4em)\n'
        f"{extra}\n{body}\n"
    )
    return bytes(typst.compile(source.encode(), ignore_system_fonts=not system_fonts))


@cache
def letter_pdf() -> bytes:
    return set_page()


def draw(pdf: bytes, dpi: float = 200, page: int = 0) -> np.ndarray:
    """BGR pixels of one page."""
    document = pdfium.PdfDocument(pdf)
    try:
        return np.array(document[page].render(scale=dpi / 72).to_numpy()[:, :, :3])
    finally:
        document.close()


def encode(image: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    picture = Pillow.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def photograph(
    page: np.ndarray,
    *,
    seed: int = 7,
    perspective: float = 0.05,
    degrees: float = 3.0,
    shadow: float = 0.35,
    blur: float = 0.8,
    noise: float = 3.0,
    side: int = 2600,
) -> np.ndarray:
    """A page on a dark table, seen askew, unevenly lit, a little out of focus."""
    chance = np.random.default_rng(seed)
    height, width = page.shape[:2]
    factor = 0.85 * side / height
    frame = (round(side * 0.8), side)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = corners * factor
    target += (np.array(frame) - target.max(axis=0)) / 2
    centre = target.mean(axis=0)
    angle = np.radians(degrees)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = (target - centre) @ spin.T + centre
    target += chance.uniform(-perspective, perspective, (4, 2)) * height * factor
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    table = np.full((frame[1], frame[0], 3), (60, 75, 90), np.uint8)
    seen = cv2.warpPerspective(
        page, matrix, frame, dst=table, borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_AREA
    ).astype(np.float32)
    ys, xs = np.mgrid[0 : frame[1], 0 : frame[0]].astype(np.float32)
    light = 1 - shadow * (0.6 * xs / frame[0] + 0.4 * (1 - ys / frame[1]))
    seen *= light[:, :, None] * np.array([0.93, 0.97, 1.0], np.float32)
    seen = cv2.GaussianBlur(seen, (0, 0), blur)
    seen += chance.normal(0, noise, seen.shape).astype(np.float32)
    return np.clip(seen, 0, 255).astype(np.uint8)


def words_of(page: object) -> str:
    return " ".join(word.text for word in page.words)  # type: ignore[attr-defined]


def character_errors(read: str, truth: str = TEXT) -> float:
    """Levenshtein distance by characters, over the length of the truth."""
    from rapidfuzz.distance import Levenshtein

    fold = str.maketrans("‘’“”–—", "''\"\"--")
    left, right = (" ".join(t.translate(fold).split()) for t in (read, truth))
    return float(Levenshtein.distance(left, right)) / len(right)
