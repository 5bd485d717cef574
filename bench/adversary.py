"""The adversary: how many altered, unreleased, unsigned and fallen copies are told to stand.

    kind of attack            attempts   STANDS   what they end in instead

VIDIMUS_ADVERSARY        how many to try (600; the long form: 26000)
VIDIMUS_ADVERSARY_SEED   which ones (1)
VIDIMUS_ADVERSARY_KINDS  all, or files: PDFs, pictures, sheets and articles alone; or how a kind
                         begins: "picture: words", "article" (all)
VIDIMUS_ADVERSARY_PROCESSES  how many at a time (2)
VIDIMUS_ADVERSARY_STATE  a file that keeps what was tried; begun again, it goes on from there
VIDIMUS_ADVERSARY_SECONDS  after so long nothing more is begun, and what was tried is told

An attempt that changes no word that matters is none, and is not counted. Each that gets through
is printed with its number, and as little of its text as still gets through.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from bench.copies import adversary
from bench.copies.adversary_town import Town, build

COUNT = int(os.environ.get("VIDIMUS_ADVERSARY", "600"))
SEED = int(os.environ.get("VIDIMUS_ADVERSARY_SEED", "1"))
STATE = os.environ.get("VIDIMUS_ADVERSARY_STATE", "")
SECONDS = float(os.environ.get("VIDIMUS_ADVERSARY_SECONDS", "inf"))
KINDS = os.environ.get("VIDIMUS_ADVERSARY_KINDS", "all")
PROCESSES = int(os.environ.get("VIDIMUS_ADVERSARY_PROCESSES", "2"))
BATCH = 40  # jobs that are handed to a process at once
SLOW = frozenset((*adversary.PDFS, *adversary.PICTURES, *adversary.SHEETS))
TOLD = 60.0  # seconds between two lines of progress

Row = tuple[int, str, str, bool, str]  # job, kind, what came of it, stands, what got through

_town: list[tuple[Town, tempfile.TemporaryDirectory[str]]] = []  # of this process


def main() -> None:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        jobs = _jobs(build(Path(folder) / "registry"))
    count = len(jobs)
    rows = {row[0]: row for row in _kept()}
    left = [number for number in range(count) if number not in rows]
    # What is pasted first; a file takes a hundred times as long, and goes by itself.
    quick = [number for number in left if jobs[number].kind not in SLOW]
    batches = [quick[at : at + BATCH] for at in range(0, len(quick), BATCH)]
    batches += [[number] for number in left if jobs[number].kind in SLOW]
    told = start
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(_try, batch) for batch in batches]):
            found = done.result()
            _keep(found)
            rows.update((row[0], row) for row in found)
            for row in found:
                if row[3]:
                    print(f"GOT THROUGH: seed {SEED}, number {row[0]}, {row[1]}: {row[4]}")
            if time.perf_counter() - start > SECONDS:
                # Nobody tells as_completed of futures that are cancelled in this way.
                pool.shutdown(wait=False, cancel_futures=True)
                break
            if time.perf_counter() - told >= TOLD:
                told = time.perf_counter()
                print(f"… {len(rows)} of {count} tried, {told - start:.0f} s", flush=True)
    _table(list(rows.values()), time.perf_counter() - start)


def _jobs(town: Town) -> list[adversary.Job]:
    if KINDS == "all":
        return adversary.jobs(town, SEED, COUNT)
    return adversary.of_kinds(SEED, COUNT, KINDS)


def _try(numbers: list[int]) -> list[Row]:
    if not _town:
        folder = tempfile.TemporaryDirectory()
        _town.append((build(Path(folder.name) / "registry"), folder))
    town = _town[0][0]
    jobs = _jobs(town)
    rows: list[Row] = []
    for number in numbers:
        job = jobs[number]
        one = adversary.attempt(town, job)
        if one is None:
            rows.append((number, job.kind, "", False, ""))
            continue
        came = adversary.tried(town, one)
        through = ""
        if came.stands:
            one = adversary.smallest(town, one)
            through = str([part.decode() for part in one.parts] if one.pasted else one.job)
        rows.append((number, job.kind, came.headline, came.stands, through))
    return rows


def _kept() -> Iterator[Row]:
    if STATE and Path(STATE).exists():
        for line in Path(STATE).read_text(encoding="utf-8").splitlines():
            number, kind, headline, stands, through = json.loads(line)
            yield number, kind, headline, stands, through


def _keep(rows: list[Row]) -> None:
    if STATE:
        with Path(STATE).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def _table(rows: list[Row], seconds: float) -> None:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    through: Counter[str] = Counter()
    for _, kind, headline, stands, _ in rows:
        if headline:
            kinds[kind][headline] += 1
            through[kind] += stands
    order = (
        *adversary.PLACES, *adversary.WHOLES, adversary.TIMES, adversary.SEVERAL, *adversary.PDFS,
        *adversary.PICTURES, *adversary.SHEETS, *adversary.ARTICLES,
    )  # fmt: skip
    print(f"{'kind of attack':<40}{'attempts':>9}{'STANDS':>8}  what they ended in instead")
    everything: Counter[str] = Counter()
    for kind in order:
        if kinds[kind]:
            print(_line(kind, kinds[kind], through[kind]))
            everything += kinds[kind]
    print(_line("all", everything, sum(through.values())))
    attempts = everything.total()
    print(
        f"STANDS {sum(through.values())} of {attempts}; seed {SEED}; {seconds:.0f} seconds;"
        f" {len(rows)} of {COUNT} were made, of which {len(rows) - attempts} changed no word"
    )


def _line(kind: str, ended: Counter[str], through: int) -> str:
    told = ", ".join(f"{name} {count}" for name, count in ended.most_common())
    return f"{kind:<40}{ended.total():>9}{through:>8}  {told}"


if __name__ == "__main__":
    main()
