"""One letter, released and printed once for all tests of this folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.operations.ministry import TEXT, Ministry, build, no_passphrase

from vidimus import wiring
from vidimus.operations.paper import Printed

MOORINGS = "\n\n".join(
    f"Mooring {number} is let to boats of {number + 9} feet and no longer ones, from the"
    f" {number} April until the owner of the quay takes it back by letter."
    for number in range(11, 29)
)
LETTER = f"""MINISTRY OF COASTS
Reference MC-1

{TEXT}
Annexed to this well-known re-assessment are:
- the chart of the inner harbour as it was surveyed in February by the pilots' own boats
- a list of the moorings

{MOORINGS}

Nothing else was agreed.
"""


@dataclass(frozen=True)
class Office:
    m: Ministry
    letter: str
    out: Path
    printed: Printed

    @property
    def folder(self) -> Path:
        return self.m.folder

    def pdf(self, number: int = 2) -> bytes:
        return (self.out / self.printed.copies[number - 1].file).read_bytes()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("paper")
    m = build(folder / "registry")
    letter = m.released(LETTER)
    wiring.move_clock(m.folder, m.clock.now())
    out = folder / "out"
    printed = wiring.print_letter(
        m.folder,
        letter,
        no_passphrase,
        out,
        copies=5,
        receivers=["Embassy of Hills", "Port Office"],
    )
    return Office(m, letter, out, printed)
