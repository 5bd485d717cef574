"""The reader: text at once, everything else through a cell that can be killed.

`CellReader` implements `operations.ports.Reader`. The cell has met a stranger's bytes, so
its replies are checked field by field (`replies.py`) before they become values.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import vidimus
from vidimus.adapters.reading import replies
from vidimus.adapters.reading.calling import Cell, Running, call
from vidimus.adapters.reading.kept import Kept
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.sniff import PICTURES, Kind, sniff
from vidimus.adapters.reading.text import read_text
from vidimus.core.copies.page import Copy, Evidence, Page, Question, Source
from vidimus.core.seal.pdf_structure import SENTENCES, UNSURE, Finding, Seal
from vidimus.errors import FormatError, TooLarge, Unreadable
from vidimus.operations.ports import Progress, silent

KEPT_PLANS = 8
KEPT_SECONDS = 600.0
# A cell that needed more than this share of its time is not asked again: its computing time, of
# which a process has its limit once, could end it in the midst of its next answer.
SPENT = 1 / 3

# How each page of a copy was straightened, by its number; a dozen numbers each.
Plans = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads strangers' files. Holding one costs nothing; each `read` starts its own cell.

    That cell stays for `reread` until `done`, or for some seconds (`kept.py`, decision 18).
    Besides, it remembers how each page was straightened (a dozen numbers under the digest of
    the files, in memory, never a word or a pixel), so that another cell need not find that out
    again. It is forgotten when used, or after ten minutes.
    """

    limits: Limits = field(default_factory=Limits)
    tesseract: str | None = None  # a path; None: `tesseract` on PATH
    python: str = sys.executable
    _plans: dict[bytes, tuple[float, Plans]] = field(default_factory=dict, repr=False)
    _kept: Kept = field(default_factory=Kept, repr=False, compare=False)

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        copy, plans = self.look(parts, progress)
        if plans:
            self._remember(parts, plans)
        return copy

    def look(self, parts: Sequence[bytes], progress: Progress = silent) -> tuple[Copy, Plans]:
        """What `read` gives, and how each page was straightened."""
        kinds = self._admit(parts)
        if kinds == {Kind.TEXT}:
            return self._typed(parts, progress), {}
        progress("starting to read", 0.0)
        began = time.monotonic()
        running = Running(self._cell())
        try:
            header, blobs = running.ask("read", parts, progress)
            pages, plans, seen = replies.pages(header, blobs, self.limits)
        except BaseException:
            running.end()
            raise
        if time.monotonic() - began <= self.limits.seconds * SPENT:
            self._kept.put(digest(parts), running)
        else:
            running.end()
        checked, missed = _said(pages, seen, pdf=kinds == {Kind.PDF})
        unsure = tuple(UNSURE[each] for each in seen.structure.findings if each in UNSURE)
        kind = "pdf" if kinds == {Kind.PDF} else "image"
        return Copy(kind, pages, checked, missed, unsure, seen.signer), plans

    def reread(self, parts: Sequence[bytes], questions: Sequence[Question]) -> tuple[Evidence, ...]:
        return self.again(parts, questions, self._recall(parts)) if questions else ()

    def again(
        self, parts: Sequence[bytes], questions: Sequence[Question], plans: Plans
    ) -> tuple[Evidence, ...]:
        """What `reread` gives. Without a page's plan it is found out once more."""
        if not questions:
            return ()
        if self._admit(parts) == {Kind.TEXT}:
            return tuple(Evidence("", 0.0) for _ in questions)
        if len(questions) > self.limits.questions:
            raise TooLarge(
                f"{len(questions):,} lines are in doubt; up to {self.limits.questions:,}"
                " are looked at again",
                hint="send a clearer picture",
            )
        asked = [
            {
                "page": q.page,
                "box": [q.box.left, q.box.top, q.box.right, q.box.bottom],
                "candidates": list(q.candidates),
            }
            for q in questions
        ]
        name = digest(parts)
        running = self._kept.take(name)
        if running is None:
            header, _ = call(self._cell(), "reread", parts, silent, questions=asked, plans=plans)
            return replies.evidence(header, questions)
        try:
            header, _ = running.ask("reread", (), silent, questions=asked, plans=plans)
            found = replies.evidence(header, questions)
        except BaseException:
            running.end()
            raise
        self._kept.put(name, running)
        return found

    def done(self, parts: Sequence[bytes]) -> None:
        if self._kept:
            self._kept.end(digest(parts))

    def draw(self, parts: Sequence[bytes], copy: Copy, plans: Plans, progress: Progress) -> Copy:
        """A copy that was read before, with the pictures of its pages made anew from its files."""
        if all(page.image is not None or not page.width for page in copy.pages):
            return copy
        _, blobs = call(self._cell(), "draw", parts, progress, plans=plans)
        images = replies.images(blobs, len(copy.pages))
        pages = [replace(p, image=image) for p, image in zip(copy.pages, images, strict=True)]
        return replace(copy, pages=tuple(pages))

    def edition(self) -> str:
        """Everything but the copy that what is read of it depends on."""
        told = [vidimus.__version__, self.limits.to_json(), self.tesseract, self.engines()]
        return json.dumps(told, sort_keys=True)

    def _cell(self) -> Cell:
        return Cell(self.limits, self.tesseract, self.python)

    def engines(self) -> dict[str, Any]:
        """What can read pictures here: Tesseract's path and languages, RapidOCR or not."""
        header, _ = call(self._cell(), "engines", (), silent)
        return replies.engines(header)

    def _admit(self, parts: Sequence[bytes]) -> set[Kind]:
        if not parts:
            raise Unreadable("no file was given", hint="give a text, a PDF or a picture")
        if len(parts) > self.limits.files:
            raise TooLarge(
                f"{len(parts):,} files were given; up to {self.limits.files} are read",
                hint="send the pages in question only",
            )
        for part in parts:
            if len(part) > self.limits.file_bytes:
                raise TooLarge(
                    f"this file has {len(part):,} bytes; up to {self.limits.file_bytes:,} are read",
                    hint="send the pages in question, or a smaller picture",
                )
        total = sum(map(len, parts))
        if total > self.limits.total_bytes:
            raise TooLarge(
                f"these files have {total:,} bytes; up to {self.limits.total_bytes:,} are read",
                hint="send the pages in question, or smaller pictures",
            )
        kinds = {sniff(part) for part in parts}
        if Kind.TEXT in kinds:
            # What is no text must be told here: calling it "a mixture" would help nobody.
            for part in parts:
                if sniff(part) is Kind.TEXT:
                    read_text(part, 1, self.limits)
        if (
            len({"text" if k is Kind.TEXT else "pdf" if k is Kind.PDF else "image" for k in kinds})
            > 1
        ):
            raise FormatError(
                "these files are of different kinds",
                hint="send one text, one PDF, or the pictures of the pages in their order",
            )
        return {Kind.PNG} if kinds <= PICTURES else kinds

    def _typed(self, parts: Sequence[bytes], progress: Progress) -> Copy:
        pages = tuple(read_text(part, n, self.limits) for n, part in enumerate(parts, 1))
        words = sum(len(page.words) for page in pages)
        if words > self.limits.words:
            raise TooLarge(
                f"this text has {words:,} words; up to {self.limits.words:,} are read",
                hint="send the part in question",
            )
        progress("read", 1.0)
        return Copy(
            "text",
            pages,
            ("Every word of the text was read as it was typed.",),
            ("A typed text shows no letterhead, signature, stamp or seal: none was examined.",),
        )

    def _remember(self, parts: Sequence[bytes], plans: Plans) -> None:
        now = time.monotonic()
        for old in [k for k, (when, _) in list(self._plans.items()) if now - when > KEPT_SECONDS]:
            self._plans.pop(old, None)
        while len(self._plans) >= KEPT_PLANS:
            with suppress(StopIteration, RuntimeError):
                self._plans.pop(next(iter(self._plans)), None)
        self._plans[digest(parts)] = (now, plans)

    def _recall(self, parts: Sequence[bytes]) -> Plans:
        return self._plans.pop(digest(parts), (0.0, {}))[1]


def engines(tesseract: str | None = None) -> dict[str, Any]:
    """What can read pictures on this machine; for the docs and `vidimus debug`."""
    return CellReader(tesseract=tesseract).engines()


def digest(parts: Sequence[bytes]) -> bytes:
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.digest()


def _built(seen: replies.Seen) -> tuple[list[str], list[str]]:
    """The same of what a PDF is made of, and of its signature."""
    checked: list[str] = []
    missed: list[str] = []
    structure = seen.structure
    if seen.second and not seen.unlike:
        checked.append("Each page was shown and read by two PDF readers, and held together.")
    elif not seen.second:
        missed.append(
            "Whether another PDF reader shows the same was not checked: poppler is not installed."
        )
    if Finding.UNREADABLE not in structure.findings:
        checked.append("All parts of the PDF were looked through for what acts, hides or changes.")
    if structure.signatures:
        if structure.sound:
            checked.append("The electronic signature inside the PDF covers the whole file.")
        if seen.seal is Seal.BROKEN:
            missed.append(
                "The electronic signature inside the PDF does not hold: the file was changed, or"
                " the signature was made for another."
            )
        elif seen.seal is Seal.UNKNOWN:
            missed.append("The PDF bears an electronic signature that was not checked.")
    else:
        checked.append("The PDF bears no electronic signature.")
    missed += [SENTENCES[each] for each in structure.findings]
    return checked, missed


def _said(
    pages: Sequence[Page], seen: replies.Seen, *, pdf: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was done, and what was not, in words for anybody."""
    checked: list[str] = []
    missed: list[str] = []
    layered = [page.number for page in pages if page.source is Source.LAYER]
    pictured = [page.number for page in pages if page.source is Source.PICTURE]
    if layered:
        checked.append("The text layer of the PDF and the picture of each page were both read.")
        blind = [p.number for p in pages if p.number in layered and not p.witness]
        if blind:
            missed.append(f"The picture of {_pages(blind)} showed no words that could be read.")
    if pdf:
        done, left = _built(seen)
        checked += done
        missed += left
    if seen.invisible:
        checked.append(
            f"The text layer of {_pages(seen.invisible)} is invisible text under a picture; what"
            " the eye sees there was read and is judged, and the hidden text held against it."
        )
    if seen.noted:
        missed.append(
            f"Notes attached to {_pages(seen.noted)} of the PDF, which a click or a printer shows,"
            " were not examined."
        )
    if seen.framed:
        missed.append(
            f"What stands on the screen around {_pages(seen.framed)} is no part of it, and was not"
            " compared."
        )
    otherwise = [page.number for page in pages if page.prints_otherwise]
    if otherwise:
        missed.append(f"Printed, {_pages(otherwise)} would show something else than on a screen.")
    if pictured:
        checked.append(f"The words of {_pages(pictured)} were read from the picture.")
        empty = [page.number for page in pages if page.number in pictured and not page.words]
        if empty:
            missed.append(f"On {_pages(empty)} no words could be read.")
    missed.append("Colours, stamps, handwriting and ink signatures were not examined.")
    return tuple(checked), tuple(missed)


def _pages(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    return f"pages {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
