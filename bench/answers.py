"""What comes out: one letter by many devices, as it is and with one word altered.

    device        unaltered: stands  cannot tell  accused    altered: flagged  cannot tell  STANDS

`accused` is an unaltered copy called ALTERED; the last column is the error that must never
happen. The letter is the shipped example's; each row has its own seeds. A small table, to
be read with its counts: the large one, with intervals, comes with the million letters.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PIL import Image

import vidimus
from bench.copies.camera import fax, photo, scan, screenshot
from bench.copies.edits import alter, possible
from bench.copies.typeset import image_only_pdf, letter_pdf, page_images
from vidimus import wiring
from vidimus.core.copies.answers import EXIT_STATUS, Headline
from vidimus.operations import story as stories

EXAMPLE = Path(vidimus.__file__).parent / "example"
SEEDS = int(os.environ.get("VIDIMUS_BENCH_ANSWERS", "4"))

Device = Callable[[str, Image.Image, int], bytes]
DEVICES: dict[str, Device] = {
    "text": lambda text, page, seed: text.encode(),
    "PDF": lambda text, page, seed: letter_pdf(text),
    "scanned PDF": lambda text, page, seed: image_only_pdf([page]),
    "scan": lambda text, page, seed: scan(page, seed),
    "fax": lambda text, page, seed: fax(page, seed),
    "screenshot": lambda text, page, seed: screenshot(page),
    "photo mild": lambda text, page, seed: photo(page, seed, "mild"),
    "photo medium": lambda text, page, seed: photo(page, seed, "medium"),
    "photo hard": lambda text, page, seed: photo(page, seed, "hard"),
}


def main() -> None:
    text = (EXAMPLE / "rota.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry"
        wiring.play(stories.read((EXAMPLE / "story.yaml").read_bytes()), EXAMPLE, registry)
        desk = wiring.public_desk(registry)

        def headline(copy: bytes) -> Headline:
            return desk.check((copy,)).answer.headline

        sheet = page_images(letter_pdf(text), dpi=200)[0]
        print(f"{'device':<14}{'stands':>8}{'cannot tell':>13}{'accused':>9}", end="")
        print(f"{'flagged':>10}{'cannot tell':>13}{'STANDS':>8}")
        for name, device in DEVICES.items():
            plain: Counter[Headline] = Counter()
            changed: Counter[Headline] = Counter()
            for seed in range(SEEDS):
                plain[headline(device(text, sheet, seed))] += 1
                for at, kind in enumerate(possible(text)[seed % 2 :: 2]):
                    edit = alter(text, kind, 100 * seed + at)
                    page = page_images(letter_pdf(edit.text), dpi=200)[0]
                    changed[headline(device(edit.text, page, 100 * seed + at))] += 1
            print(_row(name, plain, changed), flush=True)


def _row(name: str, plain: Counter[Headline], changed: Counter[Headline]) -> str:
    wrong = sum(count for each, count in changed.items() if EXIT_STATUS.get(each, 1) == 0)
    return (
        f"{name:<14}{plain[Headline.STANDS]:>8}{plain[Headline.CANNOT_TELL]:>13}"
        f"{plain[Headline.ALTERED]:>9}{changed[Headline.ALTERED]:>10}"
        f"{changed[Headline.CANNOT_TELL]:>13}{wrong:>8}"
    )


if __name__ == "__main__":
    main()
