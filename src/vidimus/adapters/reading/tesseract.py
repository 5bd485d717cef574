"""Tesseract, as a program: grey pixels go in by its standard input, words come out as TSV.

No file is written: the picture travels as PGM (Netpbm P5) through a pipe.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from vidimus.adapters.reading.types import Image, Reading
from vidimus.core.copies.page import Box, Word
from vidimus.errors import OutsideFailed

LANGUAGE = re.compile(r"[A-Za-z0-9_]{2,20}\Z")
WORD_LEVEL = "5"
COLUMNS = 12
UPON_THE_LINE = re.compile(r"[A-PR-Za-fhik-or-xz0-9]{2,}[.]?\Z")  # words of no letter below it
PAGE, BLOCK = 3, 6  # its page segmentation modes: find the layout; take it as one block of text


def find(path: str | None) -> str | None:
    """The program: the path given, or `tesseract` on PATH; None when it is not there."""
    return shutil.which(path or "tesseract")


def languages(program: str, seconds: float = 20.0) -> tuple[str, ...]:
    """The languages that are installed, sorted; empty when the program does not answer."""
    try:
        done = subprocess.run(
            [program, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env=_environment(),
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    listed = done.stdout.decode("utf-8", "replace").splitlines()[1:]
    return tuple(sorted(name.strip() for name in listed if LANGUAGE.match(name.strip())))


def read(program: str, page: Image, language: str, seconds: float, layout: int) -> Reading:
    """The words of a grey page, in its pixels. Raises OutsideFailed."""
    height, width = page.shape[:2]
    command = [program, "stdin", "stdout", "-l", language, "--dpi", "300", "--psm", str(layout)]
    command += ["-c", "tessedit_create_tsv=1"]
    try:
        done = subprocess.run(
            command,
            input=b"P5\n%d %d\n255\n" % (width, height) + page.tobytes(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=max(1.0, seconds),
            env=_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OutsideFailed(
            f"Tesseract did not read this page within {seconds:.0f} seconds",
            hint="send a smaller or clearer picture of the page",
        ) from error
    except OSError as error:
        raise OutsideFailed(
            f"Tesseract could not be started: {error.strerror}",
            hint="install it: apt-get install tesseract-ocr",
        ) from error
    if done.returncode != 0:
        raise OutsideFailed(
            f"Tesseract failed on this page (status {done.returncode})",
            hint="try another picture of the page",
        )
    return Reading(tuple(parse(done.stdout.decode("utf-8", "replace"), width, height)), "tesseract")


def parse(tsv: str, width: int, height: int) -> list[Word]:
    """Words from Tesseract's TSV (its manual, "TSV output"); rows we cannot read are skipped.

    Columns: level, page, block, paragraph, line, word, left, top, width, height, conf, text.
    """
    words: list[Word] = []
    seen: dict[tuple[str, ...], int] = {}
    for row in tsv.split("\n"):
        cells = row.split("\t", COLUMNS - 1)
        if len(cells) != COLUMNS or cells[0] != WORD_LEVEL:
            continue
        with contextlib.suppress(ValueError):
            left, top, wide, tall = (int(cell) for cell in cells[6:10])
            confidence = min(1.0, max(0.0, float(cells[10]) / 100))
            line = seen.setdefault(tuple(cells[1:5]), len(seen))
            box = Box(max(0, left), max(0, top), min(width, left + wide), min(height, top + tall))
            words += [Word(part, line, box, confidence) for part in cells[11].split()]
    return [_lone_stroke(word, words) for word in words]


def _lone_stroke(word: Word, words: Sequence[Word]) -> Word:
    """In a type without serifs "I" is read as a bar; but a bar reaches below the line."""
    if word.text != "|" or word.box is None:
        return word
    feet = [
        other.box.bottom
        for other in words
        if other.line == word.line and other.box and UPON_THE_LINE.match(other.text)
    ]
    tall = word.box.bottom - word.box.top
    if not feet or word.box.bottom > median(feet) + 0.08 * tall:
        return word
    return replace(word, text="I")


def _environment() -> dict[str, str]:
    # Its OpenMP threads wait busily for each other: one thread is faster than two on a page.
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
    return {**kept, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}
