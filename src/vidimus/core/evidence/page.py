"""The page for people inside a bundle: what it is, what it answered, how to check it.

Nothing vouches for it, and it says so: it is what an honest maker writes for whoever opens
the file and has no program at hand.
"""

from __future__ import annotations

import textwrap

from vidimus.core.copies.answers import Answer, rfc3339
from vidimus.core.copies.wording import letter_name

WIDTH = 88
ROWS = (
    ("Who signed, with what power?", "authority"),
    ("Was it released?", "release"),
    ("Does it stand?", "standing"),
)
CHECK = """This page proves nothing: anybody can write one. The rest of the file proves it, without
a network and without the office:

    vidimus check --bundle FILE --trust ROOT         what stood of this letter at that moment
    vidimus check COPY --bundle FILE --trust ROOT    whether a copy that you hold is this letter

ROOT says whose register it must be: its trust root, a file that the office publishes, or the
fingerprint of that, which somebody there can read to you. From a place that you believe:
nothing stands by keys that came with the evidence itself.

What came after that moment is not in it. A letter that stood then may have been taken back
since: ask the register itself before you rely on it."""


def page(answer: Answer) -> str:
    """For the answer about the letter itself, as of the moment that the bundle proves."""
    mark = ["*** EXERCISE. Nothing here is real. ***", ""] if answer.exercise else []
    lines = [*mark, "EVIDENCE ON ONE LETTER", ""]
    letter = answer.letter
    if letter is not None:
        lines += [letter_name(letter), *_wrapped(letter.title)]
        lines.append(" · ".join(each for each in (letter.office_title, letter.date) if each))
    lines += ["", f"By the register {answer.registry},"]
    lines.append(f"as of {answer.tree_size} entries of its log, {rfc3339(answer.time)}:")
    lines += ["", answer.headline.value, *_wrapped(answer.sentence), ""]
    for question, axis in ROWS:
        said, detail = getattr(answer, axis).value, getattr(answer, f"{axis}_detail")
        lines += [f"{question} {said}", *(f"    {line}" for line in _wrapped(detail, WIDTH - 4))]
    return "\n".join([*lines, "", CHECK, ""])


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    return textwrap.wrap(text, width)
