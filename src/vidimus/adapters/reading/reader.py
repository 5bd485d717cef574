"""The reader: text at once, everything else through a cell that can be killed.

`CellReader` implements `operations.ports.Reader`. The cell has met a stranger's bytes, so
its replies are checked field by field (`replies.py`) before they become values.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, cast

import vidimus
from vidimus.adapters.reading import frames, replies
from vidimus.adapters.reading.limits import Limits
from vidimus.adapters.reading.sniff import PICTURES, Kind, sniff
from vidimus.adapters.reading.text import read_text
from vidimus.core.copies.page import Copy, Evidence, Page, Question, Source
from vidimus.errors import FormatError, OutsideFailed, TooLarge, Unreadable
from vidimus.operations.ports import Progress, silent

GREATEST_HEADER = 64 * 1024 * 1024
GREATEST_IMAGES = 256 * 1024 * 1024
KEPT_PLANS = 8
KEPT_SECONDS = 600.0
CELL = "vidimus.adapters.reading.cell"
LIBRARIES = ("PIL", "numpy", "pypdfium2")  # without these no page is read, by any engine


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads strangers' files. Holding one costs nothing; each `read` starts its own cell.

    For the length of a check it remembers how each page was straightened (a dozen numbers
    under the digest of the files, in memory, never a word or a pixel), so that `reread`
    need not find that out again. It is forgotten when used, or after ten minutes.
    """

    limits: Limits = field(default_factory=Limits)
    tesseract: str | None = None  # a path; None: `tesseract` on PATH
    python: str = sys.executable
    _plans: dict[bytes, tuple[float, dict[str, Any]]] = field(default_factory=dict, repr=False)

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        kinds = self._admit(parts)
        if kinds == {Kind.TEXT}:
            return self._typed(parts, progress)
        progress("starting to read", 0.0)
        header, blobs = self._ask("read", parts, progress)
        pages, plans, seen = replies.pages(header, blobs, self.limits)
        self._remember(parts, plans)
        return Copy("pdf" if kinds == {Kind.PDF} else "image", pages, *_said(pages, seen))

    def reread(self, parts: Sequence[bytes], questions: Sequence[Question]) -> tuple[Evidence, ...]:
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
        plans = self._recall(parts)
        header, _ = self._ask("reread", parts, silent, questions=asked, plans=plans)
        return replies.evidence(header, questions)

    def engines(self) -> dict[str, Any]:
        """What can read pictures here: Tesseract's path and languages, RapidOCR or not."""
        header, _ = self._ask("engines", (), silent)
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

    def _remember(self, parts: Sequence[bytes], plans: dict[str, Any]) -> None:
        now = time.monotonic()
        for old in [k for k, (when, _) in list(self._plans.items()) if now - when > KEPT_SECONDS]:
            self._plans.pop(old, None)
        while len(self._plans) >= KEPT_PLANS:
            with suppress(StopIteration, RuntimeError):
                self._plans.pop(next(iter(self._plans)), None)
        self._plans[_digest(parts)] = (now, plans)

    def _recall(self, parts: Sequence[bytes]) -> dict[str, Any]:
        return self._plans.pop(_digest(parts), (0.0, {}))[1]

    def _ask(
        self, job: str, parts: Sequence[bytes], progress: Progress, **more: Any
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Run one cell to its answer. It never outlives this call, nor do its children."""
        for library in LIBRARIES:
            # Told here, where somebody hears it: the cell would only end without an answer.
            if find_spec(library) is None:
                raise ModuleNotFoundError(f"No module named {library!r}", name=library)
        request = {
            "job": job,
            "limits": self.limits.to_json(),
            "tesseract": self.tesseract,
            "questions": [],
            "plans": {},
            **more,
        }
        try:
            process = subprocess.Popen(
                [self.python, "-P", "-m", CELL],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise OutsideFailed(
                f"the reading process could not be started: {error.strerror}",
                hint="check that Python can start processes here",
            ) from error
        assert process.stdin is not None and process.stdout is not None
        # subprocess types its pipes as IO[bytes]; without text mode they are binary streams.
        into, out = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
        late = threading.Event()

        def stop() -> None:
            late.set()
            _kill(process)

        clock = threading.Timer(self.limits.seconds, stop)
        sender = threading.Thread(target=_send, args=(into, request, parts), daemon=True)
        clock.start()
        sender.start()
        header: dict[str, Any] | None = None
        blobs: list[bytes] = []
        malformed = False
        try:
            while True:
                header = frames.read_header(out, GREATEST_HEADER)
                if header is None or "progress" not in header:
                    break
                progress(*replies.progress(header))
            if header is not None:
                blobs = frames.read_blobs(out, header, GREATEST_IMAGES)
        except FormatError:
            malformed = True
        finally:
            clock.cancel()
            # The whole group first, and only then the wait: until it is waited for, its
            # number cannot be given to another process.
            _kill(process)
            out.close()
            status = process.wait()
            sender.join()
        if late.is_set():
            raise TooLarge(
                f"reading took longer than {self.limits.seconds:.0f} seconds and was stopped",
                hint="send fewer pages, or a smaller picture",
            )
        if malformed:
            replies.malformed("not a message")
        if header is None:
            raise _died(status)
        replies.raise_if_error(header)
        return header, blobs


def engines(tesseract: str | None = None) -> dict[str, Any]:
    """What can read pictures on this machine; for the docs and `vidimus debug`."""
    return CellReader(tesseract=tesseract).engines()


def _died(status: int) -> Unreadable | OutsideFailed | TooLarge:
    if status == -signal.SIGXCPU or status == -signal.SIGKILL:
        return TooLarge(
            "reading this file took too much computing or memory and was stopped",
            hint="send fewer pages, or a smaller picture",
        )
    if status < 0:
        return Unreadable(
            f"the process that read this file broke down (signal {-status})",
            hint="the file may be damaged: save or print it anew, and try again",
        )
    return OutsideFailed(
        f"the reading process ended without an answer (status {status})",
        hint="try again; if it stays so, run `vidimus debug engines`",
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _send(pipe: BinaryIO, request: dict[str, Any], parts: Sequence[bytes]) -> None:
    # A cell that dies early breaks the pipe; why it died is told by the other side.
    with suppress(OSError, ValueError):
        frames.write(pipe, request, parts)
    with suppress(OSError, ValueError):
        pipe.close()


def _environment() -> dict[str, str]:
    """Nothing of ours: no keys, no proxies, no settings; and one thread for each library."""
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(Path(vidimus.__file__).resolve().parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _digest(parts: Sequence[bytes]) -> bytes:
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.digest()


def _said(pages: Sequence[Page], seen: replies.Seen) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was done, and what was not, in words for anybody."""
    checked: list[str] = []
    missed: list[str] = []
    layered = [page.number for page in pages if page.source is Source.LAYER]
    pictured = [page.number for page in pages if page.source is Source.PICTURE]
    if layered:
        checked.append("The text layer of the PDF and the picture of each page were both read.")
        missed += [
            "Signatures inside the PDF were not examined.",
            "Attachments, scripts and hidden layers of the PDF were not examined.",
        ]
        blind = [p.number for p in pages if p.number in layered and not p.witness]
        if blind:
            missed.append(f"The picture of {_pages(blind)} showed no words that could be read.")
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
