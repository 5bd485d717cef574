"""Calling a cell: start it, hand it the files, hear it out, end it and all that it started.

    call(Cell(limits), "read", parts, progress)   → its last message, and the blobs with it

    running = Running(Cell(limits))               the same in steps, for whoever asks once more
    running.ask("read", parts, progress)
    running.ask("reread", (), progress, ...)      … about the copy that it already has
    running.end()

A cell serves one copy. It is ended when its caller is through with that copy, when its time is
over, when one page takes too long, when it answers with an error or with nonsense, and when
`progress` raises because nobody waits for the answer any more.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, cast

import vidimus
from vidimus.adapters.reading import frames, replies
from vidimus.adapters.reading.limits import Limits
from vidimus.errors import FormatError, OutsideFailed, TooLarge, Unreadable
from vidimus.operations.ports import Progress

# A hundred thousand words, read twice, take half of it. What a cell that was taken over puts
# into as much JSON becomes some hundred megabytes of values, and no more.
GREATEST_HEADER = 24 * 1024 * 1024
GREATEST_IMAGES = 256 * 1024 * 1024
MODULE = "vidimus.adapters.reading.cell"
LIBRARIES = ("PIL", "numpy", "pypdfium2")  # without these no page is read, by any engine
LOOK = 0.5  # seconds after which a caller that hears nothing is told the same again


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell is started with."""

    limits: Limits = field(default_factory=Limits)
    tesseract: str | None = None
    python: str = sys.executable


def call(
    cell: Cell, job: str, parts: Sequence[bytes], progress: Progress, **more: Any
) -> tuple[dict[str, Any], list[bytes]]:
    """Run one cell to its answer. It never outlives this call, nor do its children."""
    running = Running(cell)
    try:
        return running.ask(job, parts, progress, **more)
    finally:
        running.end()


class Running:
    """A cell that was started. After any error it is dead; `end` may be said twice."""

    def __init__(self, cell: Cell) -> None:
        for library in LIBRARIES:
            # Told here, where somebody hears it: the cell would only end without an answer.
            if find_spec(library) is None:
                raise ModuleNotFoundError(f"No module named {library!r}", name=library)
        self._cell = cell
        try:
            self._process = subprocess.Popen(
                [cell.python, "-P", "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,  # so that what `select` sees is all that there is to read
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise OutsideFailed(
                f"the reading process could not be started: {error.strerror}",
                hint="check that Python can start processes here",
            ) from error
        assert self._process.stdin is not None and self._process.stdout is not None
        # subprocess types its pipes as IO[bytes]; without text mode they are binary streams.
        self._into = cast(BinaryIO, self._process.stdin)
        self._out = cast(BinaryIO, self._process.stdout)

    @property
    def number(self) -> int:
        return self._process.pid

    def lives(self) -> bool:
        return self._process.poll() is None

    def ask(
        self, job: str, parts: Sequence[bytes], progress: Progress, **more: Any
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Its answer. The files go with the first question; the cell keeps them for the next.

        `progress` is called about twice a second, whether there is news or not; what it raises
        stops the reading at once and comes out of here.
        """
        limits = self._cell.limits
        request = {
            "job": job,
            "limits": limits.to_json(),
            "tesseract": self._cell.tesseract,
            "questions": [],
            "plans": {},
            **more,
        }
        late: list[float] = []

        def stop(seconds: float) -> None:
            late.append(seconds)
            self._kill()

        clock = threading.Timer(limits.seconds, stop, [limits.seconds])
        clock.daemon = True
        sender = threading.Thread(target=_send, args=(self._into, request, parts), daemon=True)
        clock.start()
        sender.start()
        page_seconds = limits.page_seconds if job == "read" else limits.seconds
        header: dict[str, Any] | None = None
        blobs: list[bytes] = []
        malformed = whole = False
        try:
            header = _heard(self._out, progress, page_seconds, stop)
            if header is not None:
                blobs = frames.read_blobs(self._out, header, GREATEST_IMAGES)
                # It answers when it has heard the whole question, not before.
                sender.join(LOOK)
                whole = not sender.is_alive()
        except FormatError:
            malformed = True
        finally:
            clock.cancel()
            if late or not whole:
                self.end()
                sender.join()
        if late:
            raise TooLarge(
                f"reading took longer than {late[0]:.0f} seconds and was stopped",
                hint="send fewer pages, or a smaller picture",
            )
        if malformed:
            replies.malformed("not a message")
        if header is None:
            raise _died(self._process.returncode)
        try:
            replies.raise_if_error(header)
        except BaseException:
            self.end()
            raise
        return header, blobs

    def end(self) -> None:
        """Of the cell and of all that it started nothing is left."""
        # The whole group first, and only then the wait: until it is waited for, its
        # number cannot be given to another process.
        self._kill()
        with suppress(OSError):
            self._out.close()
        self._process.wait()
        with suppress(OSError):
            self._into.close()

    def _kill(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _heard(
    out: BinaryIO, progress: Progress, page_seconds: float, stop: Callable[[float], None]
) -> dict[str, Any] | None:
    """The first message that is no word of progress; None when the cell ended before it."""
    told: tuple[str, float | None] = ("reading", None)
    since = time.monotonic()
    while True:
        ready, _, _ = select.select([out], [], [], LOOK)
        if not ready:
            progress(*told)
            if time.monotonic() - since > page_seconds:
                stop(page_seconds)
            continue
        header = frames.read_header(out, GREATEST_HEADER)
        if header is None or "progress" not in header:
            return header
        told = replies.progress(header)
        since = time.monotonic()
        progress(*told)


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


def _send(pipe: BinaryIO, request: dict[str, Any], parts: Sequence[bytes]) -> None:
    # A cell that dies early breaks the pipe; why it died is told by the other side.
    with suppress(OSError, ValueError):
        frames.write(pipe, request, parts)


def _environment() -> dict[str, str]:
    """Nothing of ours: no keys, no proxies, no settings; and one thread for each library.

    A network takes and gives back hundreds of megabytes for each line. Told by mallopt(3) to keep
    them, glibc spends a seventh less time on it than by asking the kernel for them each time.
    """
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(Path(vidimus.__file__).resolve().parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "MALLOC_TOP_PAD_": str(1 << 26),
    }
