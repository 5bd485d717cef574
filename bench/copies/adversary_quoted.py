"""Attacks by articles: a newspaper's sentences, and a quotation of a letter that is none.

Whoever quotes may leave words out and say so with dots, and put his own into brackets. What no
mark tells of, and a mark that turns a sentence over, is an alteration. Each attack gives the
article, and what stands between its quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from bench.copies.adversary_town import Town
from bench.copies.adversary_words import PLACES, SURE, places

Article = Callable[[Town, Random], tuple[str, str] | None]  # the article, what it quotes

_MARKS = (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("‘", "’"), ("« ", " »"))
_BEFORE = (
    "People at the quay were surprised on Tuesday when a letter of the ministry became known.",
    "Nobody at the town hall wanted to speak about it, though the matter is the talk of the town.",
    "The mood in the harbour is bad, and a paper that this newspaper has seen makes it no better.",
)
_SAYS = (
    "It says: {}",
    "In it one reads {} and nothing more.",
    "{}, writes the ministry.",
    "According to the letter, {} — so much for the plan.",
    "The ministry wrote {}.",
)
_BEHIND = (
    "The ministry gave no answer to our questions before this edition was printed.",
    "Those who have boats there will remember it at the next election, a skipper told us.",
    "",
)
_TURNING = re.compile(
    r"\b(not|no|nobody|nothing|never|without|except|unless|until|only|cannot|unable|before)\b"
)


def _article(quotations: list[str], chance: Random) -> str:
    before, after = chance.choice(_MARKS)
    said = [chance.choice(_SAYS).format(f"{before}{each}{after}") for each in quotations]
    joint = chance.choice((" ", "\n\n"))
    return joint.join([chance.choice(_BEFORE), *said, chance.choice(_BEHIND)]).strip()


def _run(text: str, chance: Random) -> list[str]:
    """The pieces of a run of words: words at even places."""
    pieces = places(text)
    words = (len(pieces) + 1) // 2
    size = min(words, chance.randrange(10, 45))
    start = 2 * chance.randrange(words - size + 1)
    return pieces[start : start + 2 * size - 1]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _living(town: Town, chance: Random) -> str:
    return chance.choice(town.standing())


def _altered(town: Town, chance: Random) -> tuple[str, str] | None:
    """One edit inside of the quotation; perhaps a true quotation beside it."""
    text = _living(town, chance)
    pieces = _run(text, chance)
    kind = chance.choice([each for each in PLACES if each not in SURE])
    at = 2 * chance.randrange((len(pieces) + 1) // 2)
    altered = PLACES[kind](pieces, at, chance)
    if altered is None:
        return None
    quotations = [altered]
    if chance.random() < 0.3:
        quotations.insert(chance.randrange(2), _one_line("".join(_run(text, chance))))
    return _article(quotations, chance), altered


def _left_out(town: Town, chance: Random) -> tuple[str, str] | None:
    """Words left out of it, and nothing said of that."""
    pieces = _run(_living(town, chance), chance)
    at = 2 * chance.randrange(1, max(2, len(pieces) // 2 - 1))
    del pieces[at : at + 2 * chance.choice((1, 1, 2, 5))]
    quoted = _one_line("".join(pieces))
    return _article([quoted], chance), quoted


def _dots_for_not(town: Town, chance: Random) -> tuple[str, str] | None:
    """Dots, or nothing but a bracket, in the place of the word that all hangs on."""
    text = _one_line("".join(_run(_living(town, chance), chance)))
    found = list(_TURNING.finditer(text))
    if not found:
        return None
    one = chance.choice(found)
    mark = chance.choice(("[…]", "…", "[...]", "(...)", "[]", "[sic]", "[now]", "[clearly]"))
    quoted = text[: one.start()] + mark + text[one.end() :]
    return _article([quoted], chance), text[: one.start()] + text[one.end() :]


def _put_in(town: Town, chance: Random) -> tuple[str, str] | None:
    """A word that turns the sentence over, in brackets."""
    pieces = _run(_living(town, chance), chance)
    at = 2 * chance.randrange(1, max(2, len(pieces) // 2))
    word = chance.choice(("not", "never", "no longer", "only", "hardly", "30", "must", "unless"))
    shown = _one_line("".join([*pieces[:at], f"[{word}] ", *pieces[at:]]))
    return _article([shown], chance), shown.replace("[", "").replace("]", "")


def _pieced(town: Town, chance: Random) -> tuple[str, str] | None:
    """Two pieces with dots between them: in another order, or of two letters."""
    text = _living(town, chance)
    words = text.split()
    half = len(words) // 2
    first = _one_line("".join(_run(" ".join(words[:half]), chance)))
    other = chance.choice(town.letters).text if chance.random() < 0.5 else None
    second = _one_line("".join(_run(other or " ".join(words[half:]), chance)))
    pieces = (second, first) if other is None else (first, second)
    # Forms share most of their words: what is of two may be of a third, with words left out.
    if any(_in_order(pieces, _one_line(each)) for each in town.standing()):
        return None
    quoted = " … ".join(pieces)
    return _article([quoted], chance), quoted.replace(" … ", " ")


def _in_order(pieces: tuple[str, str], text: str) -> bool:
    at = text.find(pieces[0])
    return at >= 0 and text.find(pieces[1], at + len(pieces[0])) >= 0


def _of_a_fallen(town: Town, chance: Random) -> tuple[str, str] | None:
    living = town.standing()
    dead = chance.choice([each.text for each in town.letters if each.text not in living])
    quoted = _one_line("".join(_run(dead, chance)))
    return _article([quoted], chance), quoted


ARTICLES: dict[str, Article] = {
    "article: an altered quotation": _altered,
    "article: words left out": _left_out,
    "article: dots for a not": _dots_for_not,
    "article: a not in brackets": _put_in,
    "article: pieces put together": _pieced,
    "article: of a fallen letter": _of_a_fallen,
}
