"""How copies in every shape are read: headline, words found, false accusations, CPU.

    condition          headlines                right  words found  accusations  CPU s a copy

Each condition of `bench/copies/pages.py` is sent through the real reader and the public desk
of a registry that holds its letters. *right*: the headline is one that fits; nothing here is
altered, so every difference that is reported is a false accusation.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench import town
from bench.check import cpu
from bench.copies.pages import LETTERS, Condition, conditions
from vidimus import wiring
from vidimus.core.copies.canonical import canonical
from vidimus.core.copies.page import Copy
from vidimus.operations.desk import Desk
from vidimus.operations.registry import Actor
from vidimus.operations.verbs import VERBS

SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Row:
    headlines: Counter[str]
    right: int
    found: int
    words: int
    accused: list[str]
    seconds: float
    wall: float


def registry(folder: Path) -> Desk:
    """A register in which every letter of `LETTERS` stands."""
    made = town.build(folder, letters=0)

    def do(by: str, verb: str, **fields: object) -> str:
        office = "ministry/press" if by == "cleo" else "ministry"
        done = VERBS[verb](made.registry, Actor(by, office, (made.keys[by],)), **fields)
        return str(done.act.subject)

    for number, (name, text) in enumerate(LETTERS.items()):
        language = "ar" if name == "arabic" else "en"
        letter = do("dan", "draft", office="ministry", cls="note", reference=f"P-{number}",
                    title=name, text=text, language=language)  # fmt: skip
        do("cleo", "release", letter=letter)
    return wiring.public_desk(folder)


def measured(desk: Desk, condition: Condition, seeds: tuple[int, ...]) -> Row:
    headlines: Counter[str] = Counter()
    right = found = words = 0
    accused: list[str] = []
    spent = wall = 0.0
    for seed in seeds:
        parts = condition.parts(seed)
        began, start = cpu(), perf_counter()
        checked = desk.check(parts)
        spent, wall = spent + cpu() - began, wall + perf_counter() - start
        answer = checked.answer
        headlines[answer.headline.value] += 1
        right += answer.headline.value in condition.fit
        shown = Counter(canonical(condition.words).split())
        found += (shown & read(checked.copy)).total()
        words += shown.total()
        accused += [f"{d.registered!r} → {d.copy!r}" for d in answer.differences]
        if "-v" in sys.argv:
            print(f"    {condition.name} {seed}: {answer.headline.value}: {answer.sentence[-200:]}"
                  f" {[r for r in answer.reasons if r.startswith('text')]}"
                  f" unread {[(d.registered, d.copy) for d in answer.unread][:8]}"
                  f" differ {accused[-8:]} {[p.engine for p in checked.copy.pages]}"
                  f" {[p.unexplained for p in checked.copy.pages]}")  # fmt: skip
    return Row(headlines, right, found, words, accused, spent / len(seeds), wall / len(seeds))


def read(copy: Copy) -> Counter[str]:
    return Counter(
        word
        for page in copy.pages
        for word in canonical(" ".join(w.text for w in page.words)).split()
    )


def main() -> None:
    only = os.environ.get("ONLY", "")
    seeds = SEEDS[: int(os.environ.get("SEEDS", len(SEEDS)))]
    with tempfile.TemporaryDirectory() as folder:
        desk = registry(Path(folder) / "register")
        print(f"{'condition':<26}{'right':>6}{'words found':>13}{'accusations':>13}{'CPU s':>7}"
              f"{'wall':>6}  headlines")  # fmt: skip
        rows = []
        for condition in conditions():
            if only and only not in condition.name:
                continue
            row = measured(desk, condition, seeds)
            rows.append(row)
            said = ", ".join(f"{n} {h}" for h, n in row.headlines.most_common())
            print(f"{condition.name:<26}{row.right:>4}/{row.headlines.total()}"
                  f"{row.found / row.words:>13.1%}{len(row.accused):>13}{row.seconds:>7.2f}"
                  f"{row.wall:>6.1f}  {said}", flush=True)  # fmt: skip
        copies = sum(row.headlines.total() for row in rows)
        found = sum(r.found for r in rows) / sum(r.words for r in rows)
        print(f"{'all':<26}{sum(r.right for r in rows):>4}/{copies}{found:>11.1%}"
              f"{sum(len(r.accused) for r in rows):>13}"
              f"{sum(r.seconds for r in rows) / len(rows):>7.2f}")  # fmt: skip
    print("right: a headline that fits; nothing is altered, so every difference is an accusation")


if __name__ == "__main__":
    main()
