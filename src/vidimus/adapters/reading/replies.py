"""What the cell said, checked field by field. Nothing from it is believed by its looks.

A cell that a hostile file has taken over can still only send words, boxes and pictures; here
it is made sure that they are words, boxes within the page, and JPEGs of a sane size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.text import MOST_MARKS, first_heap
from vidimus.core.copies.page import Box, Evidence, Page, Question, Source, Word
from vidimus.core.seal.keys import PublicKey
from vidimus.core.seal.pdf_structure import Finding, Seal, Structure
from vidimus.errors import (
    FormatError,
    OutsideFailed,
    TooLarge,
    Unreadable,
    VidimusError,
)

LONGEST_WORD = 10_000
LONGEST_SENTENCE = 400
MOST_WORDS_A_PAGE = 200_000
LARGEST_IMAGE = 16 * 1024 * 1024

ERRORS: dict[str, type[VidimusError]] = {
    error.code: error for error in (FormatError, TooLarge, Unreadable, OutsideFailed)
}
UNSIGNED = Structure(0, ())


@dataclass(frozen=True, slots=True)
class Seen:
    """Numbers of pages."""

    invisible: tuple[int, ...]  # whose text layer is not drawn
    noted: tuple[int, ...]  # with annotations that their picture does not show
    framed: tuple[int, ...] = ()  # with a screen's own signs around them
    second: bool = False  # another PDF reader was asked as well
    unlike: tuple[int, ...] = ()  # which that one could not show
    structure: Structure = UNSIGNED  # of all PDFs together
    seal: Seal = Seal.UNKNOWN  # what became of the one signature that could be verified
    signer: str = ""  # the text of its key, where it holds


def malformed(what: str) -> NoReturn:
    raise OutsideFailed(
        f"the reading process gave a malformed answer ({what})",
        hint="the file may be damaged: save or print it anew, and try again",
    )


def raise_if_error(header: Mapping[str, Any]) -> None:
    if "error" not in header:
        return
    kind = ERRORS.get(str(header["error"]), OutsideFailed)
    raise kind(_sentence(header.get("fact")), hint=_sentence(header.get("hint")))


def progress(header: Mapping[str, Any]) -> tuple[str, float | None]:
    told = header["progress"]
    if not isinstance(told, list) or len(told) != 2:
        malformed("progress")
    what, share = told
    return _sentence(what), None if share is None else _share(share)


def pages(
    header: Mapping[str, Any], given: Sequence[bytes], limits: Limits
) -> tuple[tuple[Page, ...], dict[str, Any], Seen]:
    """The pages, how each was straightened, and what else was seen on them."""
    rows = header.get("pages")
    if not isinstance(rows, list) or not 0 < len(rows) <= limits.pages:
        malformed("pages")
    read: list[Page] = []
    plans: dict[str, Any] = {}
    invisible: list[int] = []
    noted: list[int] = []
    framed: list[int] = []
    for number, (row, image) in enumerate(zip(rows, images(given, len(rows)), strict=True), 1):
        if not isinstance(row, dict):
            malformed("page")
        width, height = _whole(row.get("width")), _whole(row.get("height"))
        if not 0 < width <= limits.image_side or not 0 < height <= limits.image_side:
            malformed("size")
        try:
            source = Source(str(row.get("source")))
        except ValueError:
            malformed("source")
        read.append(
            Page(
                number,
                source,
                _words(row.get("words"), width, height),
                engine=_sentence(row.get("engine")),
                width=width,
                height=height,
                image=image,
                witness=_words(row.get("witness"), width, height),
                witness_engine=_sentence(row.get("witness_engine")),
                hidden=_words(row.get("hidden"), width, height),
                faint=_words(row.get("faint"), width, height),
                struck=_words(row.get("struck"), width, height),
                beside=_words(row.get("beside"), width, height),
                written_in=_words(row.get("written_in"), width, height),
                unexplained=_count(row.get("unexplained")),
                prints_otherwise=_yes(row.get("prints_otherwise")),
                overdrawn=_yes(row.get("overdrawn")),
                elsewhere=_words(row.get("elsewhere"), width, height),
                second_failed=_yes(row.get("second_failed")),
            )
        )
        plans[str(number)] = row.get("plan")
        if _yes(row.get("invisible")):
            invisible.append(number)
        if _yes(row.get("notes")):
            noted.append(number)
        if _yes(row.get("screen")) or read[-1].beside:
            framed.append(number)
    seen = Seen(
        tuple(invisible),
        tuple(noted),
        tuple(framed),
        _yes(header.get("second")),
        tuple(page.number for page in read if page.second_failed),
        _structure(header),
        *_signature(header),
    )
    return tuple(read), plans, seen


def _signature(header: Mapping[str, Any]) -> tuple[Seal, str]:
    told = header.get("signature")
    if not isinstance(told, list) or len(told) != 2 or not all(isinstance(t, str) for t in told):
        malformed("a signature")
    try:
        seal = Seal(told[0])
        signer = PublicKey.from_text(told[1]).to_text() if seal is Seal.HOLDS else ""
    except ValueError:  # a FormatError is one
        malformed("a signature")
    return seal, signer


def _structure(header: Mapping[str, Any]) -> Structure:
    listed = header.get("findings")
    if not isinstance(listed, list) or len(listed) > len(Finding):
        malformed("findings")
    try:
        found = {Finding(str(each)) for each in listed}
    except ValueError:
        malformed("findings")
    return Structure(_count(header.get("signatures")), tuple(f for f in Finding if f in found))


def images(given: Sequence[bytes], pages: int) -> Sequence[bytes]:
    if len(given) != pages:
        malformed("pictures")
    for image in given:
        if not image.startswith(b"\xff\xd8\xff") or len(image) > LARGEST_IMAGE:
            malformed("picture")
    return given


def evidence(header: Mapping[str, Any], questions: Sequence[Question]) -> tuple[Evidence, ...]:
    rows = header.get("evidence")
    if not isinstance(rows, list) or len(rows) != len(questions):
        malformed("evidence")
    found: list[Evidence] = []
    for row, question in zip(rows, questions, strict=True):
        if not isinstance(row, list) or len(row) != 3 or not isinstance(row[2], list):
            malformed("evidence")
        text, sure, scores = row
        if not isinstance(text, str) or len(text) > LONGEST_WORD:
            malformed("evidence")
        if len(scores) not in (0, len(question.candidates)):
            malformed("scores")
        found.append(Evidence(text, _share(sure), tuple(_number(score) for score in scores)))
    return tuple(found)


def engines(header: Mapping[str, Any]) -> dict[str, Any]:
    told = header.get("engines")
    if not isinstance(told, dict):
        malformed("engines")
    return {name: told.get(name) for name in ("tesseract", "languages", "rapidocr")}


def _words(rows: Any, width: int, height: int) -> tuple[Word, ...]:
    if not isinstance(rows, list) or len(rows) > MOST_WORDS_A_PAGE:
        malformed("words")
    words: list[Word] = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 7:
            malformed("word")
        text, line, *edges, sure = row
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_WORD or "\0" in text:
            malformed("word")
        if first_heap(text) is not None:
            raise Unreadable(
                f"a word of this copy has more than {MOST_MARKS} combining characters in a row",
                hint="send a picture of the page instead",
            )
        left, top, right, bottom = (_whole(edge) for edge in edges)
        # Rounding may reach one pixel beyond the page; a box is never empty.
        left, top = min(max(0, left), width - 1), min(max(0, top), height - 1)
        box = Box(left, top, min(width, max(left + 1, right)), min(height, max(top + 1, bottom)))
        words.append(Word(text, _whole(line), box, None if sure is None else _share(sure)))
    return tuple(words)


def _sentence(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_SENTENCE or not value.isprintable():
        malformed("words of its own")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) > 10_000_000:
        malformed("a number")
    return value


def _count(value: Any) -> int:
    count = _whole(value)
    if count < 0:
        malformed("a count")
    return count


def _yes(value: Any) -> bool:
    if type(value) is not bool:
        malformed("yes or no")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        malformed("a number")
    return float(value)


def _share(value: Any) -> float:
    return min(1.0, max(0.0, _number(value)))
