"""Seeing the one word that changed: pages altered, degraded, read, compared; and who is accused.

Letters of the corpus with none to four words altered are printed, photographed or scanned,
read by the reader and held against the registered text, with the second look at the pixels.
Beside it, on the same pages, the diff of Tesseract's own text. What the columns mean is told
in `bench/copies/alteration_score.py`. Each share with its 95 % interval (Wilson; for counts
per 100 pages Garwood's for a Poisson count).

VIDIMUS_BENCH_PAGES       of each condition (6; claims need 1,500 edits and 500 clean pages)
VIDIMUS_BENCH_FIRST       number of the first page (0): runs may be done in parts
VIDIMUS_BENCH_CONDITIONS  some of: scan, screenshot, fax, photo mild, photo medium, photo hard
VIDIMUS_BENCH_SEEDS       tuning, or final: those that nobody looks at while tuning; or its number
VIDIMUS_BENCH_FONTS       a folder with more fonts, for the final seeds
VIDIMUS_BENCH_WORKERS     processes (as many as there are cores)
VIDIMUS_BENCH_FAULTS      a file that gets a line for everything that was not right
VIDIMUS_BENCH_MINUTES     stop after so long, and tell what there is
"""

from __future__ import annotations

import io
import json
import math
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from bench.check import cpu
from bench.copies import corpus
from bench.copies.alteration_score import Found, Scored, score, score_diff
from bench.copies.altered_pages import CONDITIONS, ORDINARY, Sheet, fonts, sheet
from bench.copies.camera import opened
from bench.copies.finding_queries import Rate
from bench.copies.placed_edits import KINDS
from vidimus.adapters.reading.reader import CellReader
from vidimus.core.copies.legible import weighed
from vidimus.core.copies.page import Copy
from vidimus.errors import VidimusError
from vidimus.operations.comparing import compared
from vidimus.operations.ports import IndexedText, silent

Job = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One page, scored."""

    number: int
    condition: str
    font: str
    words: int
    ours: Scored
    peer: Scored | None
    seconds: float  # CPU: reading, comparing, looking again
    floor: float | None  # CPU: Tesseract alone on the same picture


def main() -> None:
    seed = corpus.seed()
    final = seed in corpus.FINAL
    pages = int(os.environ.get("VIDIMUS_BENCH_PAGES", "6"))
    first = int(os.environ.get("VIDIMUS_BENCH_FIRST", "0"))
    named = os.environ.get("VIDIMUS_BENCH_CONDITIONS", ",".join(CONDITIONS))
    conditions = [each.strip() for each in named.split(",")]
    minutes = float(os.environ.get("VIDIMUS_BENCH_MINUTES", "inf"))
    workers = int(os.environ.get("VIDIMUS_BENCH_WORKERS", "0")) or os.cpu_count() or 1
    jobs = [(seed, number, each) for number in range(first, first + pages) for each in conditions]
    print(f"{'final' if final else 'tuning'} seed {seed}, fonts: {', '.join(fonts(final))}")
    rows = _run(jobs, workers, minutes * 60)
    faults = os.environ.get("VIDIMUS_BENCH_FAULTS")
    if faults:
        with Path(faults).open("a", encoding="utf-8") as file:
            _tell(rows, file)
    report(rows, conditions)


def _run(jobs: Sequence[Job], workers: int, seconds: float) -> list[Row]:
    """All pages, as many at once as there are workers; those begun in time still count."""
    began = time.monotonic()
    rows: list[Row] = []
    until = time.time() + seconds
    # Each worker starts afresh: a fork would copy the locks of the libraries' threads.
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for row in pool.imap_unordered(partial(_in_time, until), jobs):
            if row is None:
                continue
            rows.append(row)
            spent = time.monotonic() - began
            left = spent / len(rows) * (len(jobs) - len(rows))
            end = "\r" if sys.stderr.isatty() else "\n"
            if end == "\r" or len(rows) % 50 == 0:
                told = f"{len(rows)} of {len(jobs)} pages, {spent:.0f} s, {left:.0f} s to go"
                print(f"{told:<60}", end=end, file=sys.stderr, flush=True)
    return sorted(rows, key=lambda row: (CONDITIONS.index(row.condition), row.number))


def _in_time(until: float, job: Job) -> Row | None:
    return measured(job) if time.time() < until else None


def measured(job: Job) -> Row:
    """One page through the product and through the peer."""
    made = sheet(*job)
    start = cpu()
    ours = checked(made)
    seconds = cpu() - start
    start = cpu()
    text = tesseract_text(made.picture)
    floor = None if text is None else cpu() - start
    peer = None if text is None else score_diff(made, text)
    words = len(made.registered.split())
    return Row(made.number, made.condition, made.font, words, ours, peer, seconds, floor)


def checked(made: Sheet) -> Scored:
    """As a check does it: read, compare, look again, weigh."""
    reader, parts = CellReader(), (made.picture,)
    text = IndexedText("L1", 1, "en", made.registered, (), 0)
    try:
        copy = reader.read(parts)
        comparisons = compared(parts, copy, (text,), reader, silent)
    except VidimusError:
        return score(made, Copy("image", ()), None, (), ())
    finally:
        reader.done(parts)  # only then has the kernel counted what it computed
    if not comparisons:
        return score(made, copy, None, (), ())
    altered, unread = weighed(copy, comparisons[0])
    return score(made, copy, comparisons[0], altered, unread)


def tesseract_text(picture: bytes) -> str | None:
    """What the bare engine reads on this picture as it came; None where it is not installed."""
    if shutil.which("tesseract") is None:
        return None
    stream = io.BytesIO()
    opened(picture).convert("L").save(stream, "PPM")
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", "eng"],
        input=stream.getvalue(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"},
    )
    return done.stdout.decode("utf-8", "replace")


def report(rows: Sequence[Row], conditions: Sequence[str]) -> None:
    pages, clean = len(rows), sum(not row.ours.found for row in rows)
    edits = sum(len(row.ours.found) for row in rows)
    print(f"{pages:,} pages, {clean:,} of them not altered, {edits:,} changes\n")
    groups = [(each, [row for row in rows if row.condition == each]) for each in conditions]
    ordinary = [row for row in rows if row.condition in ORDINARY]
    groups.append(("all but photo hard", ordinary))
    _by_condition("this product", groups, lambda row: row.ours)
    if any(row.peer for row in rows):
        with_peer = [(name, [row for row in some if row.peer]) for name, some in groups]
        _by_condition("diff of Tesseract's text", with_peer, lambda row: row.peer or row.ours)
    _by_kind("all but photo hard", ordinary)
    _by_kind("photo hard", [row for row in rows if row.condition == "photo hard"])
    _seconds(groups)


def _by_condition(
    title: str, groups: Iterable[tuple[str, list[Row]]], scored: Callable[[Row], Scored]
) -> None:
    print(f"{title:<25}{'flagged %':<21}{'cannot read %':<19}{'silent %':<17}{'n':>6}  ", end="")
    print(f"{'accused /100 pages':<20}{'doubted /100':<20}{'right %':<19}{'same!':>6}{'pages':>7}")
    for name, rows in groups:
        if not rows:
            continue
        all_ = [scored(row) for row in rows]
        found = [each for page in all_ for each in page.found]
        count = Counter(each.outcome for each in found)
        n = len(found)
        print(f"{name:<25}{Rate(count['flagged'], n)!s:<21}", end="")
        print(f"{Rate(count['unread'], n)!s:<19}{Rate(count['silent'], n)!s:<17}{n:>6}  ", end="")
        print(f"{_per_hundred(sum(len(p.accused) for p in all_), len(rows)):<20}", end="")
        print(f"{_per_hundred(sum(len(p.doubted) for p in all_), len(rows)):<20}", end="")
        print(f"{Rate(sum(p.right for p in all_), len(rows))!s:<19}", end="")
        # The one error: a page that was altered, and is called the registered text.
        print(f"{sum(p.same and bool(p.found) for p in all_):>6}{len(rows):>7}")
    print(flush=True)


def _by_kind(title: str, rows: Sequence[Row]) -> None:
    found = [each for row in rows for each in row.ours.found]
    if not found:
        return
    print(f"{title:<25}{'flagged %':<21}{'cannot read %':<19}{'silent %':<17}{'n':>6}  ", end="")
    print(f"{'right kind, of flagged':<24}{'right words':<21}{'right box':<21}{'peer flagged %'}")
    peers: dict[str, list[Found]] = {}
    for row in rows:
        for each in row.peer.found if row.peer else ():
            peers.setdefault(each.kind, []).append(each)
    peers["all kinds"] = [each for some in peers.values() for each in some]
    for kind in (*KINDS, "all kinds"):
        some = [each for each in found if kind in (each.kind, "all kinds")]
        if not some:
            continue
        count = Counter(each.outcome for each in some)
        flagged, n = [each for each in some if each.outcome == "flagged"], len(some)
        print(f"{kind:<25}{Rate(count['flagged'], n)!s:<21}", end="")
        print(f"{Rate(count['unread'], n)!s:<19}{Rate(count['silent'], n)!s:<17}{n:>6}  ", end="")
        print(f"{Rate(sum(f.right_kind for f in flagged), len(flagged))!s:<24}", end="")
        print(f"{Rate(sum(f.right_words for f in flagged), len(flagged))!s:<21}", end="")
        print(f"{Rate(sum(f.right_box for f in flagged), len(flagged))!s:<21}", end="")
        peer = peers.get(kind, [])
        print(Rate(sum(each.outcome == "flagged" for each in peer), len(peer)))
    print(flush=True)


def _seconds(groups: Iterable[tuple[str, list[Row]]]) -> None:
    print(f"{'CPU seconds a page':<25}{'median':>8}{'p95':>8}{'Tesseract':>11}{'ratio':>8}")
    for name, rows in groups:
        if not rows:
            continue
        ours = sorted(row.seconds for row in rows)
        late = ours[min(len(ours) - 1, int(0.95 * len(ours)))]
        floors = [row.floor for row in rows if row.floor is not None]
        print(f"{name:<25}{statistics.median(ours):>8.2f}{late:>8.2f}", end="")
        if floors:
            floor = statistics.median(floors)
            print(f"{floor:>11.2f}{statistics.median(ours) / floor:>8.2f}")
        else:
            print(f"{'–':>11}{'–':>8}")
    print(flush=True)


def _per_hundred(count: int, pages: int) -> str:
    """A count as so many per 100 pages, with the exact interval of a Poisson count (Garwood)."""
    low = 0.0 if count == 0 else _solved(lambda mean: 1 - _below(count, mean) - 0.025, count)
    high = _solved(lambda mean: 0.025 - _below(count + 1, mean), count)
    scale = 100 / pages
    return f"{count * scale:.1f} [{low * scale:.1f}–{high * scale:.1f}]"


def _below(count: int, mean: float) -> float:
    """P(X < count) for a Poisson X."""
    return sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count))


def _solved(rising: Callable[[float], float], count: int) -> float:
    low, high = 1e-9, 3.0 * count + 20
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)
    return low


def _tell(rows: Sequence[Row], file: TextIO) -> None:
    for row in rows:
        wrong = [f for f in row.ours.found if f.outcome != "flagged" or not f.right_kind]
        wrong += [f for f in row.ours.found if f.outcome == "flagged" and not f.right_box]
        if wrong or row.ours.accused or row.ours.doubted or not row.ours.right:
            told = {
                "page": [row.condition, row.number, row.font],
                "found": [[f.kind, f.outcome, f.right_kind, f.right_box, f.said] for f in wrong],
                "accused": row.ours.accused,
                "doubted": row.ours.doubted,
                "seconds": round(row.seconds, 2),
            }
            file.write(json.dumps(told, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
