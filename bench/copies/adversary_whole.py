"""Attacks on a letter as a whole: collages, holes, orders, pages, margins, and fallen letters.

Each takes the town and a source of chance, and gives the parts of a copy as they would be pasted,
one for each page. What they say, the oracle reads from the same parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from bench.copies.adversary_town import Town

Parts = tuple[str, ...]
Whole = Callable[[Town, Random], Parts | None]

# What might be printed above, below or beside a letter, and changes it.
MARGINS = (
    "not", "VOID", "DRAFT", "Cancelled on 3 June 2031", "Page 2 of 3 does not apply.", "- not -",
    "Copy 3 of 12, without effect", "cc: nobody", "1/2 of the amount only", "p. 4 to 9 are void",
    "Until 1 May only", "See annex B for exceptions.", "5 %", "(draft)", "9", "2/3", "- 4 -",
    "page not", "copy 3 of 2", "7 of 9", "No.", "N/A", "Unless revoked.", "ملغى", "не", "×", "✗",
    "Not for release", "Page 3 of 4\nnot", "Page two", "Copy", "Page 1 of 2 3", "Seite 2/3 nicht",
)  # fmt: skip
# Of these, what is the number of a page where it stands alone at the edge of a sheet.
NUMBERINGS = frozenset({"2/3", "- 4 -", "7 of 9", "9"})
_NUMBERS = {"14": "fourteen", "17": "seventy", "3": "thirteen", "9": "nineteen", "75.50": "75,50"}


def _living(town: Town, chance: Random) -> str:
    return chance.choice(town.standing())


def _dead(town: Town, chance: Random) -> str:
    living = town.standing()
    return chance.choice([each.text for each in town.letters if each.text not in living])


def _sentences(text: str) -> list[str]:
    """They keep the white space behind them."""
    return re.findall(r"[^.?!]*[.?!]+[\s\"')]*|[^.?!]+$", text)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _paragraphs(text: str) -> list[str]:
    return re.findall(r"(?:.+\n?)+\n*", text)


_UNITS = (_sentences, _lines, _paragraphs)


def _units(town: Town, chance: Random, least: int = 3) -> list[str] | None:
    units = chance.choice(_UNITS)(_living(town, chance))
    return units if len(units) >= least else None


def _two_halves(town: Town, chance: Random) -> Parts:
    a, b = _living(town, chance).split(" "), chance.choice(town.letters).text.split(" ")
    share = chance.uniform(0.2, 0.8)
    return (" ".join(a[: int(share * len(a))] + b[int(share * len(b)) :]),)


def _foreign(town: Town, chance: Random) -> Parts | None:
    """A paragraph, sentence or line of a fallen letter, in the place of one or between two."""
    units = _units(town, chance)
    if units is None:
        return None
    others = chance.choice(_UNITS)(_dead(town, chance))
    at = chance.randrange(len(units))
    units[at : at + chance.randrange(2)] = [chance.choice(others).rstrip() + units[at][-1:]]
    return ("".join(units),)


def _lent(town: Town, chance: Random) -> Parts | None:
    """The same, of another letter that stands."""
    units = _units(town, chance)
    if units is None:
        return None
    others = chance.choice(_UNITS)(_living(town, chance))
    at = chance.randrange(len(units) + 1)
    units[at : at + chance.randrange(2)] = [chance.choice(others).rstrip() + "\n"]
    return ("".join(units),)


def _framed(town: Town, chance: Random) -> Parts:
    """A fallen letter between the head and the signature of one that stands."""
    living, dead = _lines(_living(town, chance)), _dead(town, chance)
    head, foot = chance.randrange(1, 6), chance.randrange(1, 4)
    return ("".join([*living[:head], dead, "\n", *living[-foot:]]),)


def _versions(town: Town, chance: Random) -> Parts | None:
    """Some sentences of the draft, the others of what was released."""
    drafts = [each for each in town.letters if each.name.startswith("draft of ")]
    draft = chance.choice(drafts)
    a, b = _sentences(draft.text), _sentences(town.text(draft.name.removeprefix("draft of ")))
    if len(a) != len(b):
        return None
    return ("".join(chance.choice(pair) for pair in zip(a, b, strict=True)),)


def _forms(town: Town, chance: Random) -> Parts:
    """What was filled into one form, in another."""
    a, b = (chance.choice([x for x in town.letters if x.name.startswith("form")]) for _ in "ab")
    pairs = zip(re.split(r"(\s+)", a.text), re.split(r"(\s+)", b.text), strict=True)
    return ("".join(x if chance.random() < 0.6 else y for x, y in pairs),)


def _moved(town: Town, chance: Random) -> Parts | None:
    units = _units(town, chance)
    if units is None:
        return None
    one = units.pop(chance.randrange(len(units)))
    units.insert(chance.randrange(len(units) + 1), one.rstrip() + chance.choice(" \n"))
    return ("".join(units),)


def _repeated(town: Town, chance: Random) -> Parts | None:
    units = _units(town, chance)
    if units is None:
        return None
    one = chance.choice(units).rstrip() + chance.choice(" \n")
    units.insert(chance.randrange(len(units) + 1), one)
    return ("".join(units),)


def _left_out(town: Town, chance: Random) -> Parts | None:
    units = _units(town, chance)
    if units is None:
        return None
    at = chance.randrange(1, len(units) - 1)
    del units[at : at + chance.choice((1, 1, 2))]
    return ("".join(units),)


def _words_left_out(town: Town, chance: Random) -> Parts:
    words = re.split(r"(\s+)", _living(town, chance))
    at = 2 * chance.randrange(1, len(words) // 2 - 1)
    del words[at : at + 2 * chance.choice((1, 1, 2, 3, 8, 20))]
    return ("".join(words),)


def _word_moved(town: Town, chance: Random) -> Parts:
    words = re.split(r"(\s+)", _living(town, chance))
    at = 2 * chance.randrange(len(words) // 2)
    word = words[at]
    del words[at : at + 2]
    to = 2 * chance.randrange(len(words) // 2)
    words[to:to] = [word, chance.choice((" ", "\n"))]
    return ("".join(words),)


def _margin(town: Town, chance: Random) -> Parts:
    """A line above, below or between the lines."""
    lines = _lines(_living(town, chance))
    at = chance.choice((0, len(lines), chance.randrange(len(lines) + 1)))
    lines[-1] += "\n"
    lines.insert(at, chance.choice(MARGINS) + "\n")
    return ("".join(lines),)


def _beside(town: Town, chance: Random) -> Parts:
    """Words beside the lines, as a column in the margin is pasted."""
    lines = _living(town, chance).splitlines()
    at = chance.randrange(len(lines))
    word = chance.choice(MARGINS)
    lines[at] = f"{lines[at]}    {word}" if chance.random() < 0.5 else f"{word}    {lines[at]}"
    return ("\n".join(lines),)


def _amid(town: Town, chance: Random) -> Parts:
    """All of a letter, and all of another before or behind it."""
    a, b = _living(town, chance), chance.choice(town.letters).text
    if a == b:
        b = b + "\nNot in force."
    return ("\n\n".join((a, b) if chance.random() < 0.5 else (b, a)),)


def _spelled(town: Town, chance: Random) -> Parts | None:
    text = _living(town, chance)
    found = [n for n in _NUMBERS if re.search(rf"\b{re.escape(n)}\b", text)]
    if not found:
        return None
    number = chance.choice(found)
    return (re.sub(rf"\b{re.escape(number)}\b", _NUMBERS[number], text, count=1),)


def _run_together(town: Town, chance: Random) -> Parts:
    words = re.split(r"(\s+)", _living(town, chance))
    at = 2 * chance.randrange(max(1, len(words) // 2 - 9))
    stretch = words[at : at + 2 * chance.randrange(2, 9)]
    words[at : at + len(stretch)] = ["".join(stretch[::2]), " "]
    return ("".join(words),)


def _cells(town: Town, chance: Random) -> Parts:
    """Two cells of the table, or two entries of the list, changed about."""
    text = town.text("order")
    cells = ["120.50", "(85.00)", "1,005", "A1", "B7", "C11", "Corwin", "Selwyn", "Modern", "48"]
    cells += ["06:30", "19:45", "150"]
    cells += ["3,400", "4,300", "Barker", "Baker", "12.5", "-18"]
    a, b = chance.sample(cells, 2)
    return (text.replace(a, "\0", 1).replace(b, a, 1).replace("\0", b, 1),)


# --- several pages -------------------------------------------------------------------------------


def _cut(town: Town, chance: Random, count: int) -> list[str]:
    words = re.split(r"(?<=\s)", _living(town, chance))
    count = min(count, len(words) - 1)
    cuts = sorted(chance.sample(range(1, len(words)), count - 1))
    return ["".join(words[a:b]) for a, b in zip([0, *cuts], [*cuts, len(words)], strict=True)]


def _page_missing(town: Town, chance: Random) -> Parts:
    pages = _cut(town, chance, 3)
    return (pages[0], pages[2])


def _pages_moved(town: Town, chance: Random) -> Parts:
    pages = _cut(town, chance, chance.randrange(2, 5))
    chance.shuffle(pages)
    return tuple(pages)


def _page_twice(town: Town, chance: Random) -> Parts:
    pages = _cut(town, chance, 3)
    pages.insert(chance.randrange(4), chance.choice(pages))
    return tuple(pages)


def _page_foreign(town: Town, chance: Random) -> Parts:
    pages = _cut(town, chance, 3)
    pages[chance.randrange(3)] = chance.choice(town.letters).text
    return tuple(pages)


def _page_of_few_words(town: Town, chance: Random) -> Parts:
    pages = _cut(town, chance, chance.randrange(1, 4))
    pages.insert(chance.randrange(len(pages) + 1), chance.choice(MARGINS))
    return tuple(pages)


def _pages_through_a_word(town: Town, chance: Random) -> Parts | None:
    text = _living(town, chance)
    at = chance.randrange(1, len(text) - 1)
    if not (text[at - 1].isalpha() and text[at].isalpha()):
        return None
    return (text[:at], text[at:])


def _edges_changed(town: Town, chance: Random) -> Parts:
    """The last word of one page, or the first of the next, another one."""
    pages = [page.split() for page in _cut(town, chance, 2)]
    other = chance.choice(("not", "never", "12", "Harold", "nothing", "may"))
    at = chance.randrange(2)
    pages[at][-1 if at == 0 else 0] = other
    return tuple(" ".join(words) for words in pages)


# --- fallen letters ------------------------------------------------------------------------------


def _fallen(town: Town, chance: Random) -> Parts:
    return (_dead(town, chance),)


def _fallen_part(town: Town, chance: Random) -> Parts:
    words = _dead(town, chance).split(" ")
    start = chance.randrange(max(1, len(words) - 10))
    return (" ".join(words[start : start + chance.randrange(8, len(words) + 9)]),)


WHOLES: dict[str, Whole] = {
    "half of one, half of another": _two_halves,
    "a piece of a fallen letter": _foreign,
    "a piece of another letter": _lent,
    "a fallen letter in a frame": _framed,
    "two versions mixed": _versions,
    "forms mixed": _forms,
    "cells of a table": _cells,
    "a piece moved": _moved,
    "a piece repeated": _repeated,
    "a piece left out": _left_out,
    "words left out": _words_left_out,
    "a word moved": _word_moved,
    "a line in the margin": _margin,
    "words beside a line": _beside,
    "amid another text": _amid,
    "a number spelled otherwise": _spelled,
    "words run together": _run_together,
    "a page missing": _page_missing,
    "pages in another order": _pages_moved,
    "a page twice": _page_twice,
    "a page of another letter": _page_foreign,
    "a page of few words": _page_of_few_words,
    "pages cut through a word": _pages_through_a_word,
    "the edges of pages": _edges_changed,
    "a fallen letter": _fallen,
    "a part of a fallen letter": _fallen_part,
}
