"""Text as a poor reader would have read it: the mistakes that OCR engines make.

The table holds shapes that engines confuse in print (classic pairs such as rn/m, l/1, O/0),
weighted equally. It is a model for tests of speed and recall; what an engine really does
with a picture is measured on pictures, with `camera.py`.
"""

from __future__ import annotations

import random

# What is printed → what may be read. Longer keys are looked for first.
CONFUSIONS: dict[str, tuple[str, ...]] = {
    "rn": ("m",),
    "cl": ("d",),
    "vv": ("w",),
    "ri": ("n",),
    "fi": ("h", "f"),
    "tt": ("ti", "It"),
    "m": ("rn", "nn"),
    "w": ("vv",),
    "d": ("cl",),
    "n": ("ri", "u"),
    "u": ("n", "ii"),
    "h": ("b", "li"),
    "b": ("h", "6"),
    "e": ("c", "o"),
    "c": ("e", "o"),
    "o": ("0", "e", "c"),
    "a": ("o", "e"),
    "i": ("l", "1", "j"),
    "l": ("1", "I", "i"),
    "t": ("f", "l"),
    "f": ("t", "r"),
    "r": ("n", "t"),
    "s": ("5", "a"),
    "g": ("q", "9"),
    "y": ("v",),
    "v": ("y", "u"),
    "I": ("l", "1"),
    "O": ("0", "Q"),
    "S": ("5", "8"),
    "B": ("8", "R"),
    "G": ("6", "C"),
    "Z": ("2",),
    "D": ("O", "0"),
    "0": ("O", "o", "6"),
    "1": ("l", "I", "7"),
    "2": ("Z", "7"),
    "3": ("8",),
    "5": ("S", "6"),
    "6": ("5", "b"),
    "7": ("1",),
    "8": ("3", "B"),
    "9": ("g", "4"),
    ".": (",", ""),
    ",": (".", ""),
    ";": (":", ","),
    ":": (";", "."),
    "'": ("’", ""),
    "-": ("~", ""),
    " ": ("", "  ", ". "),
}

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misread(text: str, rate: float, seed: int) -> str:
    """`text` with about `rate` (0..1) of its characters read wrongly.

    Of the mistakes 8 in 10 are confusions of shape, the rest a letter lost, doubled or
    taken for any other. Newlines are kept: lines are found before letters are read.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate of errors is between 0 and 1, not {rate}")
    chance = random.Random(f"misread {seed}")
    read: list[str] = []
    at = 0
    while at < len(text):
        printed = text[at]
        if printed == "\n" or chance.random() >= rate:
            read.append(printed)
            at += 1
            continue
        pair = text[at : at + 2]
        if chance.random() < 0.8 and (pair in CONFUSIONS or printed in CONFUSIONS):
            printed = pair if pair in CONFUSIONS else printed
            read.append(chance.choice(CONFUSIONS[printed]))
        else:
            read.append(chance.choice(["", printed * 2, chance.choice(_LETTERS)]))
        at += len(printed)
    return "".join(read)
