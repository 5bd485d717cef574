"""What an office puts on a page besides words: a crest, a stamp, a signature in ink."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw, ImageFont


def letterhead(page: Image.Image) -> None:
    """A crest and two rules at the top, without words."""
    draw = ImageDraw.Draw(page)
    wide = page.width
    for radius in (70, 58, 40):
        draw.ellipse((wide / 2 - radius, 90 - radius, wide / 2 + radius, 90 + radius),
                     outline=(24, 60, 120), width=4)  # fmt: skip
    for spoke in range(12):
        turn = spoke * math.pi / 6
        draw.line((wide / 2, 90, wide / 2 + 40 * math.cos(turn), 90 + 40 * math.sin(turn)),
                  fill=(24, 60, 120), width=3)  # fmt: skip
    draw.rectangle((0, 168, wide, 174), fill=(24, 60, 120))


def stamped(page: Image.Image, chance: random.Random) -> Image.Image:
    """A round stamp in red, its words around the rim, over the lines of the letter."""
    size = 360
    disc = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(disc)
    red = (178, 24, 40, 150)
    for radius in (172, 126):
        draw.ellipse((size / 2 - radius, size / 2 - radius, size / 2 + radius, size / 2 + radius),
                     outline=red, width=6)  # fmt: skip
    font = ImageFont.load_default(34)
    for at, letter in enumerate("RECEIVED * HARBOUR COUNCIL * "):
        turn = at * 2 * math.pi / 29
        cell = Image.new("RGBA", (44, 44), (0, 0, 0, 0))
        ImageDraw.Draw(cell).text((22, 22), letter, fill=red, font=font, anchor="mm")
        cell = cell.rotate(-math.degrees(turn) - 90 + 180, expand=False)
        x, y = size / 2 + 149 * math.cos(turn), size / 2 + 149 * math.sin(turn)
        disc.alpha_composite(cell, (round(x - 22), round(y - 22)))
    disc = disc.rotate(chance.uniform(-30, 30), Image.Resampling.BICUBIC)
    page = page.convert("RGBA")
    where = (
        round(page.width * chance.uniform(0.3, 0.6)),
        round(page.height * chance.uniform(0.12, 0.22)),
    )
    page.alpha_composite(disc, where)
    return page.convert("RGB")


def signed(page: Image.Image, chance: random.Random) -> None:
    """A signature in blue ink whose loops reach into the last lines, and a tick in the margin."""
    draw = ImageDraw.Draw(page)
    x, y = page.width * 0.25, page.height * chance.uniform(0.265, 0.285)
    points = []
    for step in range(140):
        t = step / 12
        points.append((x + 34 * t + 26 * math.sin(3.1 * t), y + 34 * math.sin(4.3 * t + 1) - 3 * t))
    draw.line(points, fill=(28, 40, 140), width=4, joint="curve")
    draw.line(((90, y - 100), (110, y - 80), (150, y - 150)), fill=(28, 40, 140), width=6)
