"""What a check costs, stage by stage, against Tesseract alone on the same page.

    copy           reading  finding  comparing  looking again  answering   total  × Tesseract

CPU seconds of this process and its children, the median of a few runs; one run, one table,
so the last column is a ratio of figures taken on the same machine in the same minutes.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import vidimus
from bench.copies.camera import opened, photo, scan
from bench.copies.typeset import letter_pdf, page_images
from vidimus import wiring
from vidimus.core.copies.page import Copy, Evidence, Question
from vidimus.operations import story as stories
from vidimus.operations.desk import Desk
from vidimus.operations.ports import IndexedText, Progress, Reader, silent

EXAMPLE = Path(vidimus.__file__).parent / "example"
RUNS = 3
STAGES = ("reading", "finding", "comparing", "looking again", "answering")
T = TypeVar("T")


def cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Meter:
    """Adds up CPU seconds by stage."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(STAGES, 0.0)

    def take(self, stage: str, work: Callable[[], T]) -> T:
        start = cpu()
        try:
            return work()
        finally:
            self.spent[stage] += cpu() - start


@dataclass(slots=True)
class MeteredReader:
    inner: Reader
    meter: Meter

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        return self.meter.take("reading", lambda: self.inner.read(parts, progress=progress))

    def reread(self, parts: Sequence[bytes], questions: Sequence[Question]) -> tuple[Evidence, ...]:
        return self.meter.take("looking again", lambda: self.inner.reread(parts, questions))

    def done(self, parts: Sequence[bytes]) -> None:
        # The kernel counts a process' time when it has ended: what the cell that read the page
        # computed is all counted here, and is mostly reading.
        self.meter.take("reading", lambda: self.inner.done(parts))


class MeteredDesk(Desk):
    """The public desk, with a meter at each stage."""

    meter: Meter

    def _wordings(self, copy: Copy, size: int) -> tuple[tuple[IndexedText, ...], bool]:
        return self.meter.take("finding", lambda: super(MeteredDesk, self)._wordings(copy, size))


def measured(folder: Path, parts: Sequence[bytes]) -> tuple[dict[str, float], float, str]:
    """CPU seconds by stage, in all, and the headline."""
    plain = wiring.public_desk(folder)
    meter = Meter()
    desk = MeteredDesk(
        plain.settings,
        plain.log,
        plain.acts,
        clock=plain.clock,
        reader=MeteredReader(plain.reader, meter),
    )
    desk.meter = meter
    facts = desk._facts
    desk._facts = lambda *a: meter.take("answering", lambda: facts(*a))  # type: ignore[method-assign]
    start = cpu()
    answer = desk.check(parts).answer
    total = cpu() - start
    meter.spent["comparing"] = max(0.0, total - sum(meter.spent.values()))
    return meter.spent, total, answer.headline.value


def tesseract_alone(image: bytes) -> float | None:
    """CPU seconds of the bare engine on this page, as it is."""
    if shutil.which("tesseract") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.png"
        opened(image).convert("L").save(page)
        start = cpu()
        subprocess.run(
            ["tesseract", str(page), "-", "-l", "eng"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"},
        )
        return cpu() - start


def main() -> None:
    text = (EXAMPLE / "rota.txt").read_text(encoding="utf-8")
    pdf = letter_pdf(text)
    sheet = page_images(pdf, dpi=200)[0]
    scanned, pictured = scan(sheet, 1), photo(sheet, 1, "medium")
    copies: list[tuple[str, bytes, bytes | None]] = [
        ("text", text.encode(), None),
        ("PDF", pdf, scan(sheet, 1)),
        ("scan", scanned, scanned),
        ("photo", pictured, pictured),
    ]
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry"
        story = stories.read((EXAMPLE / "story.yaml").read_bytes())
        wiring.play(story, EXAMPLE, registry)
        print(f"CPU seconds a check, median of {RUNS} runs, one page, one process at a time")
        head = "".join(f"{stage:>15}" for stage in STAGES)
        print(f"{'copy':<8}{head}{'total':>9}{'wall':>8}{'× Tesseract':>13}  answer")
        for name, content, page in copies:
            _row(name, registry, content, page)
    print("× Tesseract: total over the bare engine on the same page; text has no page")


def _row(name: str, registry: Path, content: bytes, page: bytes | None) -> None:
    runs, walls = [], []
    for _ in range(RUNS):
        start = perf_counter()
        runs.append(measured(registry, (content,)))
        walls.append(perf_counter() - start)
    stages = "".join(
        f"{statistics.median(run[0][stage] for run in runs):>15.3f}" for stage in STAGES
    )
    total = statistics.median(run[1] for run in runs)
    floors = [tesseract_alone(page) for _ in range(RUNS)] if page is not None else []
    known = [each for each in floors if each is not None]
    ratio = f"{total / statistics.median(known):>13.2f}" if known else f"{'–':>13}"
    wall = statistics.median(walls)
    print(f"{name:<8}{stages}{total:>9.3f}{wall:>8.2f}{ratio}  {runs[0][2]}", flush=True)


if __name__ == "__main__":
    main()
