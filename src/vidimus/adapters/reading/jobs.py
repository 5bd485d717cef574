"""What the cell does: read a copy page by page, or look at some of its lines again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from vidimus.adapters.reading import (
    ctc,
    faint,
    framing,
    light,
    overdrawn,
    pdf_signature,
    pictures,
    poppler,
    rapid,
    struck,
    unread,
    written_in,
)
from vidimus.adapters.reading.eye import Engines, Eye
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.own_seal import outside, without_seals
from vidimus.adapters.reading.rectify import IDENTITY, Plan
from vidimus.adapters.reading.sniff import Kind, sniff
from vidimus.adapters.reading.types import Image, Reading, scale_word
from vidimus.core.copies.page import Box, Source, Word
from vidimus.core.seal import pdf_structure

MOST_KEPT = 128 * 1024 * 1024  # bytes of pages that stay straightened until the next question
LAYER, PICTURE = Source.LAYER.value, Source.PICTURE.value


@dataclass(frozen=True, slots=True)
class Raw:
    """A page before it is read. `layer` is empty for a picture."""

    image: Image
    layer: tuple[Word, ...] = ()
    invisible: bool = False
    prints_otherwise: bool = False
    notes: bool = False  # annotations that the picture does not show
    file: tuple[bytes, int] | None = None  # the PDF that it is of, and its index there
    laid_over: tuple[Word, ...] = ()  # words of the layer that something is drawn through or over


@dataclass(frozen=True, slots=True)
class Work:
    parts: Sequence[bytes]
    limits: Limits
    tesseract: str | None
    deadline: float
    progress: Callable[[str, float | None], None]
    pages: dict[int, Image] = field(default_factory=dict)  # upright and grey, by number

    def read(self) -> tuple[dict[str, Any], list[bytes]]:
        eye = Eye(Engines.find(self.tesseract), self.deadline)
        second = poppler.Poppler.find()
        total = self._count()
        pages: list[dict[str, Any]] = []
        images: list[bytes] = []
        words = 0
        for number, page in self._pages():
            self.progress(f"reading page {number} of {total}", (number - 1) / total)
            words += len(page.layer)
            if words > self.limits.words:
                from vidimus.errors import TooLarge

                raise TooLarge(
                    f"this PDF has more than {self.limits.words:,} words",
                    hint="send the pages in question only",
                )
            told, image = self._read_one(eye, page, number)
            told |= self._elsewhere(second, eye, page, told)
            pages.append(told)
            images.append(image)
        self.progress("read", 1.0)
        built = [pdf_structure.look(part) for part in self.parts if sniff(part) is Kind.PDF]
        return {
            "pages": pages,
            "spent": eye.spent,
            "second": second is not None,
            "signatures": sum(each.signatures for each in built),
            "findings": sorted({one.value for each in built for one in each.findings}),
            "signature": list(self._signature(built)),
        }, images

    def reread(
        self, questions: Sequence[Mapping[str, Any]], plans: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Evidence for each question, in order."""
        if rapid.models() is None:
            return {"evidence": [["", 0.0, []] for _ in questions]}
        asked: dict[int, list[int]] = {}
        for at, question in enumerate(questions):
            asked.setdefault(int(question["page"]), []).append(at)
        evidence: list[Any] = [["", 0.0, []] for _ in questions]
        for number, grey in self._straightened(frozenset(asked), plans):
            factor = shown_factor(grey, self.limits)
            wanted = [questions[at] for at in asked[number]]
            strips = [line_strip(grey, question["box"], factor) for question in wanted]
            for at, given in zip(asked[number], rapid.posteriors(strips), strict=True):
                evidence[at] = judge(given, questions[at]["candidates"])
        return {"evidence": evidence}

    def draw(self, plans: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """The pictures of all pages as `read` gave them, and no word."""
        shown = (self._upright(page, plans.get(str(number))) for number, page in self._pages())
        return {}, [pictures.jpeg(pictures.shrink(each, self.limits.image_side)) for each in shown]

    def _read_one(self, eye: Eye, page: Raw, number: int) -> tuple[dict[str, Any], bytes]:
        drawn = bool(page.layer) and not page.invisible
        if drawn:
            height, width = page.image.shape[:2]
            plan = Plan(0, IDENTITY, width, height)
            witness = eye.flat(page.image)
            own = Reading(page.layer, "pdfium")
        else:
            plan, own = eye.page(page.image)
            witness = Reading((), "")
        upright = plan.apply(page.image)
        self._keep(number, light.grey(upright))
        factor = shown_factor(upright, self.limits)
        unexplained = unread.unexplained(upright, (*own.words, *witness.words))
        beside: tuple[Word, ...] = ()
        small: tuple[Word, ...] = ()
        screen = False
        if not drawn:
            small = outside(upright, written_in.written_in(upright, own.words))
            seen = framing.framed(page.image, plan, own.words)
            beside, screen = seen.beside, bool(seen.screen)
            own = replace(own, words=seen.words)
        every = (*own.words, *witness.words)
        pale = faint.faint(upright, every)
        crossed = (*page.laid_over, *struck.struck(upright, every))
        shown = pictures.shrink(upright, self.limits.image_side)
        told = {
            "source": LAYER if drawn else PICTURE,
            "invisible": page.invisible,
            "width": shown.shape[1],
            "height": shown.shape[0],
            "engine": own.engine,
            "words": [as_row(w) for w in own.scaled(factor).words],
            "witness_engine": witness.engine,
            "witness": [as_row(w) for w in witness.scaled(factor).words],
            "hidden": [] if drawn else [as_row(w) for w in page.layer],
            "faint": [as_row(scale_word(w, factor)) for w in pale],
            "struck": [as_row(scale_word(w, factor)) for w in crossed],
            "beside": [as_row(scale_word(w, factor)) for w in beside],
            "screen": screen,
            "written_in": [as_row(scale_word(w, factor)) for w in small],
            "unexplained": unexplained,
            "prints_otherwise": page.prints_otherwise,
            "overdrawn": _overdrawn(upright, own.words, witness.words)
            if drawn
            else overdrawn.stamped(upright, own.words),
            "notes": page.notes,
            "plan": [plan.turn, list(plan.matrix), plan.width, plan.height],
        }
        return told, pictures.jpeg(shown)

    def _signature(self, built: Sequence[pdf_structure.Structure]) -> tuple[str, str]:
        """What became of a signature that the structural rule lets pass, and its key."""
        if len(self.parts) != 1 or not built or not built[0].sound:
            return pdf_signature.UNKNOWN, ""
        self.progress("looking at the signature", 1.0)
        return pdf_signature.look(self.parts[0])

    def _elsewhere(
        self, second: poppler.Poppler | None, eye: Eye, page: Raw, told: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What another PDF reader shows or reads otherwise."""
        if second is None or page.file is None:
            return {"elsewhere": [], "second_failed": False}
        factor = shown_factor(page.image, self.limits)
        read = told["witness"] if told["source"] == LAYER else told["words"]
        known = [scale_word(of_row(row), 1 / factor) for row in read]
        seen = second.otherwise(
            *page.file, page.image, page.layer, known, lambda shown: eye.flat(shown).words
        )
        words = [as_row(scale_word(word, factor)) for word in seen.words]
        return {"elsewhere": words, "second_failed": seen.failed}

    def _keep(self, number: int, grey: Image) -> None:
        if sum(each.nbytes for each in self.pages.values()) + grey.nbytes <= MOST_KEPT:
            self.pages[number] = grey

    def _straightened(
        self, asked: frozenset[int], plans: Mapping[str, Any]
    ) -> Iterator[tuple[int, Image]]:
        """These pages, upright and grey: as they were kept, or made anew from their files."""
        for number in sorted(asked & self.pages.keys()):
            yield number, self.pages[number]
        missing = asked - self.pages.keys()
        for number, page in self._pages(missing) if missing else ():
            yield number, light.grey(self._upright(page, plans.get(str(number))))

    def _upright(self, page: Raw, known: Sequence[Any] | None) -> Image:
        if page.layer and not page.invisible:
            return page.image
        if known is None:
            plan, _ = Eye(Engines.find(self.tesseract), self.deadline).page(page.image)
        else:
            turned, matrix, width, height = known
            plan = Plan(int(turned), tuple(float(v) for v in matrix), int(width), int(height))
        return plan.apply(page.image)

    def _count(self) -> int:
        from vidimus.adapters.reading import pdf

        total = 0
        for part in self.parts:
            total += len(pdf.open_pdf(part, self.limits)) if sniff(part) is Kind.PDF else 1
        pdf.refuse_many(total, self.limits)
        return total

    def _pages(self, only: frozenset[int] | None = None) -> Iterator[tuple[int, Raw]]:
        """The pages of all parts, numbered from 1; undecoded where they are not asked for."""
        number = 0
        for part in self.parts:
            kind = sniff(part)
            if kind is Kind.PDF:
                from vidimus.adapters.reading import pdf

                document = pdf.open_pdf(part, self.limits)
                for index in range(len(document)):
                    number += 1
                    if only is None or number in only:
                        drawn = pdf.draw(document, index, self.limits)
                        yield (
                            number,
                            Raw(
                                drawn.image,
                                drawn.layer,
                                drawn.invisible,
                                drawn.prints_otherwise,
                                drawn.notes,
                                (part, index),
                                drawn.laid_over,
                            ),
                        )
            else:
                number += 1
                if only is None or number in only:
                    yield number, Raw(pictures.decode(part, kind, self.limits))


def engines(program: str | None) -> dict[str, Any]:
    found = Engines.find(program)
    return {
        "engines": {
            "tesseract": found.tesseract or "",
            "languages": list(found.languages),
            "rapidocr": found.rapid,
            "process": os.getpid(),
        }
    }


def shown_factor(upright: Image, limits: Limits) -> float:
    return float(min(1.0, limits.image_side / max(upright.shape[:2])))


def as_row(word: Word) -> list[Any]:
    assert word.box is not None
    b = word.box
    return [word.text, word.line, b.left, b.top, b.right, b.bottom, word.confidence]


def of_row(row: Sequence[Any]) -> Word:
    text, line, left, top, right, bottom, confidence = row
    return Word(text, line, Box(left, top, right, bottom), confidence)


def line_strip(grey: Image, box: Sequence[int], factor: float) -> Image:
    """The line's pixels from the full page, a little wider than asked, in even light."""
    height, width = grey.shape
    left, top, right, bottom = (edge / factor for edge in box)
    tall = max(1.0, bottom - top)
    left, right = max(0.0, left - 0.4 * tall), min(float(width), right + 0.4 * tall)
    top, bottom = max(0.0, top - 0.12 * tall), min(float(height), bottom + 0.12 * tall)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    around = round(4 * tall)
    y0, y1 = max(0, int(top) - around), min(height, int(bottom) + around + 1)
    x0, x1 = max(0, int(left) - around), min(width, int(right) + around + 1)
    even = faint.without(light.flatten(np.ascontiguousarray(grey[y0:y1, x0:x1])), tall)
    colour = np.repeat(even[:, :, np.newaxis], 3, axis=2)
    return rapid.strip(np.ascontiguousarray(colour), corners - (x0, y0))


def judge(given: Any, candidates: Sequence[str]) -> list[Any]:
    """What the recogniser reads in a strip, and how well each candidate explains it."""
    alphabet = rapid.alphabet()
    letters = ctc.greedy(given)
    read = "".join(alphabet.characters[label] for label, *_ in letters)
    sure = (
        float(np.exp(np.mean([np.log(max(p, 1e-6)) for _, p, _, _ in letters]))) if letters else 0.0
    )
    if not all(map(alphabet.knows, candidates)):
        # Of a script that it never saw it can say nothing: to it all its letters are alike, and
        # a word that was changed would look like one that was misread.
        return ["", 0.0, []]
    folded = alphabet.fold(given)
    scores = [ctc.forward(folded, alphabet.labels(text)) for text in candidates]
    return [" ".join(read.split()), sure, [max(score, -1e9) for score in scores]]


def _overdrawn(page: Image, layer: Sequence[Word], witness: Sequence[Word]) -> bool:
    if not overdrawn.overdrawn(page, layer, witness):
        return False
    # A seal of ours is a field of small pieces, too. Most pages have none, and need no second look.
    bare = without_seals(page)
    return bare is None or overdrawn.overdrawn(bare, layer, witness)
