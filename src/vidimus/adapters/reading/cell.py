"""The cell: a child process that alone decodes strangers' bytes, and can be killed at will.

    python -m vidimus.adapters.reading.cell < request > replies

It limits itself before it reads the first stranger's byte: memory, computing time, no core
dump, and no file larger than nothing, so that a copy cannot be left on the disk. The
parent keeps the clock. Request and replies are frames (`frames.py`):

    request   {"job": "read" | "reread" | "draw" | "engines", "limits": {...}, "tesseract": null,
               "questions": [...], "plans": {...}}  + the files
    replies   {"progress": [what, share]} ... then one of
              {"pages": [...]} + their JPEGs · {"evidence": [...]} · {} + JPEGs ·
              {"engines": {...}} · {"error": code, "fact": ..., "hint": ...}

It serves one copy. The files come with the first request; what is asked afterwards, until the
parent closes the pipe, is asked about them, within the limits that were set at the beginning.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from vidimus.adapters.reading import frames
from vidimus.adapters.reading.limits import Limits
from vidimus.errors import FormatError, OutsideFailed, TooLarge, VidimusError

GREATEST_HEADER = 4 * 1024 * 1024
PR_SET_PDEATHSIG = 1


def confine(limits: Limits) -> None:
    """Take from this process, and from its children, what reading does not need."""
    # Where the machine itself runs out of memory, the kernel ends this one and not the server.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(what, (most, most))
    if sys.platform == "linux":
        # Dies with the parent, should the parent be killed before it can kill us.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def serve(source: BinaryIO, replies: BinaryIO) -> None:
    """One answer to each request. Whatever goes wrong becomes an error in words."""
    request = frames.read_header(source, GREATEST_HEADER)
    if request is None:
        return
    limits = Limits.from_json(request["limits"])
    confine(limits)
    parts = frames.read_blobs(source, request, limits.total_bytes)
    pages: dict[int, Any] = {}  # as they were straightened, for the next request
    while request is not None:
        header, blobs = _answer(request, parts, pages, limits, replies)
        frames.write(replies, header, blobs)
        del header, blobs
        request = frames.read_header(source, GREATEST_HEADER)


def _answer(
    request: Mapping[str, Any],
    parts: Sequence[bytes],
    pages: dict[int, Any],
    limits: Limits,
    replies: BinaryIO,
) -> tuple[dict[str, Any], list[bytes]]:
    try:
        return _work(request, parts, pages, limits, replies)
    except VidimusError as error:
        return _refusal(error)
    except MemoryError:
        return _refusal(
            TooLarge("this file needs more memory than reading may use", hint="send less of it")
        )
    except ModuleNotFoundError as error:
        return _refusal(
            OutsideFailed(
                f"what reads PDFs and pictures is not installed ({error.name})",
                hint="pip install 'vidimus[reading]', or paste the text",
            )
        )
    except ImportError:  # it is there, but could not be mapped into memory
        return _refusal(
            OutsideFailed(
                "what reads PDFs and pictures could not be loaded within the memory allowed",
                hint="allow reading more memory",
            )
        )
    except Exception as error:  # a decoder's bug met a stranger's bytes: no traceback, a fact
        return _refusal(
            FormatError(
                f"this file could not be decoded ({type(error).__name__})",
                hint="save or print it anew, and try again",
            )
        )


def _work(
    request: Mapping[str, Any],
    parts: Sequence[bytes],
    pages: dict[int, Any],
    limits: Limits,
    replies: BinaryIO,
) -> tuple[dict[str, Any], list[bytes]]:
    # Imported here: an error in them is answered in words, after the limits are set.
    from vidimus.adapters.reading import jobs

    def progress(what: str, share: float | None) -> None:
        frames.write(replies, {"progress": [what, share]})

    if request["job"] == "engines":
        return jobs.engines(request["tesseract"]), []
    deadline = time.monotonic() + limits.seconds
    work = jobs.Work(parts, limits, request["tesseract"], deadline, progress, pages)
    if request["job"] == "read":
        return work.read()
    if request["job"] == "draw":
        return work.draw(request["plans"])
    return work.reread(request["questions"], request["plans"]), []


def _refusal(error: VidimusError) -> tuple[dict[str, Any], list[bytes]]:
    return {"error": error.code, "fact": error.fact, "hint": error.hint}, []


def main() -> None:
    # C libraries print where they like; replies go through a descriptor of their own.
    replies = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    serve(sys.stdin.buffer, replies)
    replies.close()


if __name__ == "__main__":
    main()
