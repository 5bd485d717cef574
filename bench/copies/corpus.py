"""A registry of as many texts as one likes, each of them a function of (seed, number).

    letter    0 ──────  1 ──────────  2 ───────────────────── …   two letters to five texts
    number    0         1     2       3     4     5     6     …   their versions, one to five
              genre     form 0/3      a form letter: all but a few words are the form's

A third of the letters are form letters; forms come in all sizes, up to several hundred letters
of one. A later version differs from the one before it in one word, one number, one "not", one
name, or in a sentence. One letter in twenty is in Arabic. Nothing is kept: a million texts are
made as they are asked for. The tables of phrases are in `corpus_words.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_128
from struct import unpack

from bench.copies.corpus_words import (
    ARABIC_NOT,
    GENRES,
    MODALS,
    SIZE,
    Chance,
    Phrases,
    amount,
    date,
    names,
    phrases,
)

# Thresholds and costs may be tuned on the first; nobody looks at the others until the end.
TUNING = (2031, 2032, 2033)
FINAL = (7001, 7002, 7003)


def seed() -> int:
    """The one that VIDIMUS_BENCH_SEEDS names: tuning, final, or one of them by its number."""
    named = os.environ.get("VIDIMUS_BENCH_SEEDS", "tuning")
    chosen = {"tuning": TUNING[0], "final": FINAL[0]} | {str(n): n for n in (*TUNING, *FINAL)}
    if named not in chosen:
        raise SystemExit(f"VIDIMUS_BENCH_SEEDS is one of {', '.join(chosen)}")
    return chosen[named]


# How many versions ten letters have, one after the other: 25 texts.
_VERSIONS = (1, 2, 4, 3, 1, 5, 2, 3, 1, 3)
_ROUND = sum(_VERSIONS)
_PLACES = tuple((at, v + 1) for at, versions in enumerate(_VERSIONS) for v in range(versions))

BLOCK = 4096  # letters that share their forms
FORMS = 12  # in a block: half of its form letters are of the first, a quarter of the second, …
# Letters from here on are nobody's; from SIBLINGS on they are of the forms of a registered block.
STRANGERS = 1 << 39
SIBLINGS = 1 << 40

# Sentences in a text, in 16 equal shares: 40 to 1,500 words, half of them under 200.
_LENGTHS: tuple[tuple[int, int], ...] = (
    (4, 4),
    (4, 5),
    (5, 6),
    (6, 6),
    (6, 7),
    (7, 8),
    (8, 9),
    (9, 10),
    (10, 11),
)
_LENGTHS += ((11, 13), (13, 15), (15, 18), (18, 22), (22, 28), (28, 40), (40, 74))
_KINDS: tuple[str, ...] = (
    "word",
    "number",
    "negation",
    "name",
    "word",
    "number",
    "negation",
    "name",
)
_KINDS += ("sentence added", "sentence dropped", "sentence replaced", "two words")
KINDS = tuple(sorted(set(_KINDS)))
_CLOSINGS = ("Yours faithfully,", "Respectfully,", "For the office,", "Sincerely,")
_ARABIC_CLOSING = "وتفضلوا بقبول فائق الاحترام"


@dataclass(frozen=True, slots=True)
class Text:
    """One registered wording. `change` says how it differs from the version before it."""

    letter: int
    version: int  # from 1
    genre: str
    form: tuple[int, int] | None  # block and number of the form, for form letters
    change: str
    text: str


def place(number: int) -> tuple[int, int]:
    """Letter and version of the text of this number."""
    turn, rest = divmod(number, _ROUND)
    at, version = _PLACES[rest]
    return len(_VERSIONS) * turn + at, version


def letters(count: int) -> int:
    """How many letters `count` texts are of; the last one may lack its later versions."""
    return place(count - 1)[0] + 1 if count else 0


def text(seed: int, number: int) -> Text:
    letter, version = place(number)
    return versions(seed, letter)[version - 1]


def texts(seed: int, count: int) -> Iterator[Text]:
    """The first `count` texts, letter by letter."""
    given = 0
    for letter in range(letters(count)):
        for each in versions(seed, letter)[: count - given]:
            given += 1
            yield each


def form_of(seed: int, letter: int) -> tuple[int, int] | None:
    block = letter % SIBLINGS // BLOCK
    first, second = unpack("<2H", shake_128(b"form %d %d" % (seed, letter)).digest(4))
    if first % 3:
        return None
    # The number of zeros at the end is 0 in half of all numbers, 1 in a quarter, …
    return block, min(FORMS - 1, (second & -second).bit_length() - 1 if second else FORMS)


def siblings(seed: int, letter: int, count: int) -> Iterator[int]:
    """The other letters of the same form among those of the first `count` texts."""
    form = form_of(seed, letter)
    start = letter % SIBLINGS // BLOCK * BLOCK
    for other in range(start, min(start + BLOCK, letters(count))) if form else ():
        if other != letter and form_of(seed, other) == form:
            yield other


def versions(seed: int, letter: int) -> tuple[Text, ...]:
    """Every wording of a letter, from the first draft on."""
    chance = Chance(f"letter {seed} {letter}")
    form = form_of(seed, letter)
    if form is not None:
        # A form keeps its language and its kind; only what is filled in is the letter's.
        base = _form(seed, *form)
        genre, pieces = base.genre, list(base.pieces)
        for at, kind in base.slots:
            pieces[at] = _filled(kind, chance, seed)
    else:
        genre = _genre(chance)
        pieces = _head(chance, seed, genre) + _body(chance, phrases(seed, genre), genre)
        pieces.append(_foot(chance, seed, genre))
    made = [Text(letter, 1, genre, form, "", "".join(pieces))]
    table = phrases(seed, genre)
    for version in range(2, _VERSIONS[letter % len(_VERSIONS)] + 1):
        change = _changed(pieces, table, chance, genre)
        made.append(Text(letter, version, genre, form, change, "".join(pieces)))
    return tuple(made)


def _genre(chance: Chance) -> str:
    return "arabic" if chance.below(20) == 0 else chance.of(tuple(GENRES))


def _head(chance: Chance, seed: int, genre: str) -> list[str]:
    if genre == "arabic":
        return [f"الرقم {chance.below(65536)}\n", "السلام عليكم\n\n"]
    return [
        _filled("reference", chance, seed),
        f"{date(chance)}\n\n",
        f"{genre.capitalize()} to {chance.of(names(seed))} {chance.of(names(seed))}\n\n",
    ]


def _foot(chance: Chance, seed: int, genre: str) -> str:
    if genre == "arabic":
        return f"\n{_ARABIC_CLOSING}\n{chance.of(phrases(seed, genre).names)}\n"
    return f"\n{chance.of(_CLOSINGS)}\n{chance.of(names(seed))} {chance.of(names(seed))}\n"


def _filled(kind: str, chance: Chance, seed: int) -> str:
    """What is typed into a form."""
    if kind == "reference":
        return (
            f"Ref. {chance.of(names(seed))[:2].upper()}/{chance.below(65536)}/{chance.below(99)}\n"
        )
    if kind == "date":
        return f"{date(chance)}\n\n"
    if kind == "addressee":
        return f"To {chance.of(names(seed))} {chance.of(names(seed))}\n\n"
    if kind == "amount":
        return f"in the amount of {amount(chance)} "
    if kind == "decision":
        return chance.of(("as granted ", "as refused ", "as deferred "))
    return f"for {chance.of(names(seed))} {chance.of(names(seed))} "


def _body(chance: Chance, table: Phrases, genre: str) -> list[str]:
    least, most = _LENGTHS[chance.below(16)]
    # An Arabic word says more: the same length in words takes more sentences.
    count = least + chance.below(most - least + 1) + (3 if genre == "arabic" else 0)
    pieces: list[str] = []
    below = chance.below
    for sentence in range(count):
        pieces.append(table.opening[below(SIZE)])
        pieces.append(table.verb[below(SIZE)])
        shape = below(4)
        if shape:
            pieces.append(table.object[below(SIZE)])
        if shape == 3:
            pieces.append(table.adjunct[below(SIZE)])
        pieces.append(table.ending[below(SIZE)])
        if sentence % 4 == 3:
            pieces[-1] = f"{pieces[-1][:-1]}\n\n"
    return pieces


@dataclass(frozen=True, slots=True)
class _Form:
    genre: str
    pieces: tuple[str, ...]
    slots: tuple[tuple[int, str], ...]


@lru_cache(maxsize=256)
def _form(seed: int, block: int, number: int) -> _Form:
    chance = Chance(f"form {seed} {block} {number}")
    genre = chance.of(tuple(GENRES))
    body: list[str] = []
    while len(body) < 20:  # a form has room for what is filled in
        body = _body(chance, phrases(seed, genre), genre)
    slots = [(0, "reference"), (1, "date"), (2, "addressee")]
    pieces = ["", "", "", *body]
    # Three to five more, over the whole text, never behind a full stop.
    inner = [at for at in range(3, len(pieces)) if not pieces[at].rstrip().endswith(".")]
    wanted = 3 + chance.below(3)
    for part in range(wanted):
        at = inner[part * len(inner) // wanted + chance.below(max(1, len(inner) // wanted))]
        slots.append((at, ("amount", "name", "decision", "name", "amount")[part]))
    pieces.append(_foot(chance, seed, genre))
    return _Form(genre, tuple(pieces), tuple(slots))


def _changed(pieces: list[str], table: Phrases, chance: Chance, genre: str) -> str:
    """Make the next version of `pieces`, in place; in one word for two changes of three."""
    kind = chance.of(_KINDS)
    start = chance.below(len(pieces))
    order = [*range(start, len(pieces)), *range(start)]
    if kind == "number":
        for at in order:
            if _renumbered(pieces, at, chance):
                return kind
    elif kind == "negation":
        for at in order:
            if _negated(pieces, at, genre):
                return kind
    elif kind.startswith("sentence"):
        ends = [at + 1 for at, piece in enumerate(pieces) if piece.rstrip().endswith(".")]
        at = chance.below(len(ends) - 1) if len(ends) > 2 else 0
        new = (table.opening, table.verb, table.object, table.ending)
        added = [one[chance.below(SIZE)] for one in new]
        if len(ends) < 3:
            kind = "sentence added"
        stop = ends[at] if kind == "sentence added" else ends[at + 1]
        pieces[ends[at] : stop] = [] if kind == "sentence dropped" else added
        return kind
    elif kind == "name":
        for at in order:
            if _reworded(pieces, at, table.names, chance):
                return kind
    for _ in range(2 if kind == "two words" else 1):
        start = chance.below(len(pieces))
        any(
            _reworded(pieces, at, table.words, chance)
            for at in [*range(start, len(pieces)), *range(start)]
        )
    return kind if kind == "two words" else "word"


def _renumbered(pieces: list[str], at: int, chance: Chance) -> bool:
    piece = pieces[at]
    places = [n for n, character in enumerate(piece) if character.isdigit()]
    if not places:
        return False
    n = places[chance.below(len(places))]
    digit = str(1 + (int(piece[n]) + chance.below(8)) % 9)
    if digit == piece[n]:
        digit = str(1 + int(digit) % 9)
    pieces[at] = piece[:n] + digit + piece[n + 1 :]
    return True


def _negated(pieces: list[str], at: int, genre: str) -> bool:
    """Strike a "not", or set one."""
    first, _, rest = pieces[at].partition(" ")
    if genre == "arabic":
        if first == ARABIC_NOT.strip():
            pieces[at] = rest
            return True
        if first.startswith("ت") and rest == "":
            pieces[at] = ARABIC_NOT + pieces[at]
            return True
        return False
    if first not in MODALS:
        return False
    pieces[at] = f"{first} {rest[4:] if rest.startswith('not ') else f'not {rest}'}"
    return True


def _reworded(pieces: list[str], at: int, known: tuple[str, ...], chance: Chance) -> bool:
    """Put another word of its kind in the place of one; line ends stay."""
    words = pieces[at].split(" ")
    replaceable = _set(known)
    places = [n for n, word in enumerate(words) if word in replaceable]
    if not places:
        return False
    n = places[chance.below(len(places))]
    other = chance.of(known)
    words[n] = other if other != words[n] else known[(known.index(other) + 1) % len(known)]
    pieces[at] = " ".join(words)
    return True


@lru_cache(maxsize=32)
def _set(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words)
