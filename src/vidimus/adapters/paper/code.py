"""The seal as a QR code, drawn in lines: it prints as sharply as the printer can.

ISO/IEC 18004. Modules of 0.5 mm and a quiet zone of four: smaller ones are lost in pictures that
a messenger has shrunk. Error correction M: neither more of it nor a smaller code helped.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno
from segno import consts

MODULE = 0.5  # millimetres
QUIET = 4  # modules


@dataclass(frozen=True, slots=True)
class Code:
    svg: str
    side: float  # millimetres, the quiet zone included


def modules(seal: str) -> list[list[bool]]:
    """The rows of the code, dark is True, without the quiet zone."""
    address, _, signed = seal.partition("#")
    # Segments as we want them: 5.5 bits a letter, but for the one sign that upper case has not.
    parts = [
        (address, consts.MODE_ALPHANUMERIC),
        ("#", consts.MODE_BYTE),
        (signed, consts.MODE_ALPHANUMERIC),
    ]
    # A signature is as good as noise, so no mask makes a worse pattern than another; trying all
    # eight costs five times as much as all the rest of the code. The stubs know of plain text
    # alone; segno takes segments, with their modes, too.
    made = segno.make(parts, error="m", boost_error=False, micro=False, mask=3)  # type: ignore[arg-type]
    return [[bool(each) for each in row] for row in made.matrix]


def code(seal: str) -> Code:
    path = []
    rows = modules(seal)
    for y, row in enumerate(rows, QUIET):
        x = 0
        while x < len(row):
            width = 1
            if row[x]:
                while x + width < len(row) and row[x + width]:
                    width += 1
                path.append(f"M{x + QUIET} {y}h{width}v1h-{width}z")
            x += width
    side = len(rows) + 2 * QUIET
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}"'
        f' viewBox="0 0 {side} {side}"><path fill="#000" d="{"".join(path)}"/></svg>'
    )
    return Code(svg, side * MODULE)
