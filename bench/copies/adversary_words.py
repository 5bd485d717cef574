"""Attacks on one place of a text: each takes the words and a place, and gives the altered text.

    pieces   ["The", " ", "troops", "\\n", "will", …]   words at even places, white space between

A function gives None where its attack does not fit. Whether what comes out differs in meaning is
for the oracle to say; `SURE` names those that work by marks, which the oracle does not look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

Attack = Callable[[Sequence[str], int, Random], str | None]

_LOOKALIKES = {
    "a": "аɑ", "c": "сϲ", "e": "еҽ", "o": "оο০", "p": "рρ", "x": "хχ", "y": "уγ", "i": "іι",
    "s": "ѕ", "j": "ј", "v": "ν", "n": "ո", "A": "АΑ", "B": "ВΒ", "E": "ЕΕ", "H": "НΗ", "M": "МΜ",
    "O": "ОΟ", "P": "РΡ", "T": "ТΤ", "K": "КΚ", "0": "ОO", "1": "lI", "h": "һ", "l": "ӏΙ",
}  # fmt: skip
_CONFUSED = (
    ("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl"), ("vv", "w"), ("w", "vv"), ("0", "O"),
    ("O", "0"), ("1", "l"), ("l", "1"), ("1", "I"), ("I", "l"), ("5", "S"), ("S", "5"), ("8", "B"),
    ("B", "8"), ("6", "b"), ("e", "c"), ("c", "e"), ("i", "j"), ("l", "i"), ("o", "0"), ("6", "8"),
    ("3", "8"), ("1", "7"), ("h", "b"), ("u", "v"), ("nn", "m"), ("g", "q"),
)  # fmt: skip
_MARKS = "\u0301\u0327\u0336\u0338\u0335\u0332\u0323\u20e0\u20e3\u030a"
_ADDED = ("not", "never", "only", "no", "all", "7", "€", "−", "¬", "🚫", "✗", "all but", "un")
_ADDED += ("hardly", "ne", "لا", "не", "%", "±", "≠", "or", "half", "☒", "№")
_NUMBERS = {"one": "two", "two": "twelve", "nine": "ninety", "forty": "fourteen", "four": "for"}
_FROM_RIGHT = "\u202e", "\u202c"


def _put(pieces: Sequence[str], at: int, word: str) -> str:
    return "".join([*pieces[:at], word, *pieces[at + 1 :]])


def _drop(pieces: Sequence[str], at: int, chance: Random) -> str:
    return "".join([*pieces[:at], *pieces[at + 2 :]])


def _double(pieces: Sequence[str], at: int, chance: Random) -> str:
    return _put(pieces, at, f"{pieces[at]} {pieces[at]}")


def _swap(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    if at + 2 >= len(pieces):
        return None
    between = pieces[at + 1]
    return "".join([*pieces[:at], pieces[at + 2], between, pieces[at], *pieces[at + 3 :]])


def _add(pieces: Sequence[str], at: int, chance: Random) -> str:
    return _put(pieces, at, f"{chance.choice(_ADDED)} {pieces[at]}")


def _add_behind(pieces: Sequence[str], at: int, chance: Random) -> str:
    return _put(pieces, at, f"{pieces[at]} {chance.choice(_ADDED)}")


def _letter(pieces: Sequence[str], at: int, chance: Random) -> str:
    """One letter changed, dropped, doubled or changed in place with the next."""
    word = pieces[at]
    n = chance.randrange(len(word))
    new = chance.choice("abcdefghijklmnopqrstuvwxyz")
    how = chance.choice(
        (
            word[:n] + new + word[n + 1 :],
            word[:n] + word[n + 1 :],
            word[:n] + word[n] + word[n:],
            word[:n] + word[n + 1 : n + 2] + word[n] + word[n + 2 :],
        )
    )
    return _put(pieces, at, how)


def _lookalike(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    word = pieces[at]
    places = [n for n, c in enumerate(word) if c in _LOOKALIKES]
    if not places:
        return None
    n = chance.choice(places)
    return _put(pieces, at, word[:n] + chance.choice(_LOOKALIKES[word[n]]) + word[n + 1 :])


def _confused(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    fits = [(a, b) for a, b in _CONFUSED if a in pieces[at]]
    if not fits:
        return None
    was, now = chance.choice(fits)
    return _put(pieces, at, pieces[at].replace(was, now, 1))


def _marked(pieces: Sequence[str], at: int, chance: Random) -> str:
    """A stroke through a word, or an accent on a letter."""
    mark = chance.choice(_MARKS)
    if chance.random() < 0.5:
        return _put(pieces, at, "".join(c + mark for c in pieces[at]))
    n = chance.randrange(len(pieces[at])) + 1
    return _put(pieces, at, pieces[at][:n] + mark + pieces[at][n:])


def _digits(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """Another digit, one more, one less, two changed in place, in another script, raised."""
    word = pieces[at]
    places = [n for n, c in enumerate(word) if c.isdigit()]
    if not places:
        return _NUMBERS.get(word) and _put(pieces, at, _NUMBERS[word])
    n = chance.choice(places)
    digit = word[n]
    other = chance.choice([d for d in "0123456789" if d != digit])
    how = chance.choice(
        (
            word[:n] + other + word[n + 1 :],
            word[:n] + "0" + word[n:],
            word[:n] + word[n + 1 :],
            word[:n] + word[n + 1 : n + 2] + digit + word[n + 2 :],
            word[:n] + chr(0x660 + int(digit) if digit.isdecimal() else 0x660) + word[n + 1 :],
            word[:n] + "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] + word[n + 1 :],
            word[:n] + "₀₁₂₃₄₅₆₇₈₉"[int(other)] + word[n + 1 :],
            word[: n + 1] + "½" + word[n + 1 :],
            word[:n] + chr(0x2460 + int(other)) + word[n + 1 :],
            word[: n + 1] + " " + word[n + 1 :],
        )
    )
    return _put(pieces, at, how)


def _points(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """Commas, points and colons inside numbers: 1,000 and 1.000."""
    word = pieces[at]
    places = [n for n in range(1, len(word) - 1) if word[n] in ".,:/-" and word[n + 1].isdigit()]
    if places and chance.random() < 0.7:
        n = chance.choice(places)
        return _put(pieces, at, word[:n] + chance.choice(("", ".", ",", ":", "'")) + word[n + 1 :])
    places = [n for n in range(1, len(word)) if word[n - 1 : n + 1].isdigit()]
    if not places:
        return None
    n = chance.choice(places)
    return _put(pieces, at, word[:n] + chance.choice(".,'’·:٫٬˙") + word[n:])


def _signs(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """A minus, a bracket, a sign of measure beside a number; or one taken away."""
    word = pieces[at]
    if not any(c.isdigit() for c in word):
        return None
    if word[0] in "-(€" and chance.random() < 0.6:
        return _put(pieces, at, word[1:].rstrip(")"))
    return _put(
        pieces,
        at,
        chance.choice(
            (f"-{word}", f"– {word}", f"({word})", f"<{word}", f"~{word}", f"±{word}", f"+{word}",
             f"{word}%", f"{word}‰", f"${word}", f"{word}°", f"{word}k", f"{word} million",
             f"−{word}", f"{word}′", f"#{word}", f">{word}", f"{word}²", f"{word}-", f"≤{word}")
        ),
    )  # fmt: skip


def _split(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    word = pieces[at]
    if len(word) < 3:
        return None
    n = chance.randrange(1, len(word))
    if not (word[n - 1].isalpha() and word[n].isalpha()):
        return None
    return _put(pieces, at, word[:n] + chance.choice((" ", "\n", "\u2003", "\u00a0")) + word[n:])


def _join(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    if at + 2 >= len(pieces) or not (pieces[at][-1].isalpha() and pieces[at + 2][0].isalpha()):
        return None
    mark = chance.choice(("", "", "\u200b", "\u00ad", "\u2060", "-\n", "\u3164"))
    return "".join([*pieces[: at + 1], mark, *pieces[at + 2 :]])


def _space_moved(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """The space a letter further on: "no table", "not able"."""
    if at + 2 >= len(pieces) or len(pieces[at + 2]) < 2 or not pieces[at + 2][:2].isalpha():
        return None
    word, following = pieces[at], pieces[at + 2]
    moved = [word + following[0], pieces[at + 1], following[1:]]
    return "".join([*pieces[:at], *moved, *pieces[at + 3 :]])


def _prefixed(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """un-, dis-, non-: attached, apart, over a line's end, with a hyphen or a soft one."""
    word = pieces[at]
    if not word[0].isalpha():
        return None
    prefix = chance.choice(("un", "in", "dis", "non", "re", "a", "not", "de", "im"))
    joint = chance.choice(("", "-", "-\n", "\u00ad\n", "\u00ad", " ", "‑", "–", "-\n\n"))
    return _put(pieces, at, f"{prefix}{joint}{word}")


def _apostrophe(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    word = pieces[at]
    if len(word) < 4 or not word.isalpha():
        return None
    n = chance.randrange(1, len(word))
    return _put(pieces, at, word[:n] + chance.choice("'’") + word[n:])


def _cased(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """us and US, who and WHO."""
    word = pieces[at]
    bare = word.strip(".,;:()\"'")
    if bare.lower() not in ("us", "it", "who"):
        return None
    return _put(pieces, at, word.replace(bare, bare.lower() if bare.isupper() else bare.upper()))


def _questioned(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    word = pieces[at]
    if word.endswith("?"):
        return _put(pieces, at, word[:-1] + chance.choice(("", ".", "!")))
    return _put(pieces, at, word.rstrip(".,;:") + chance.choice("?？؟⁇"))


def _ended(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """A sentence ended where it goes on: "must not. Enter"."""
    if at + 2 >= len(pieces) or not pieces[at][-1].isalpha() or "\n" in pieces[at + 1]:
        return None
    if not pieces[at + 2][0].islower() or len(pieces[at]) < 2:
        return None
    stop = pieces[at] + chance.choice(".!;:。")
    following = pieces[at + 2][0].upper() + pieces[at + 2][1:]
    return "".join([*pieces[:at], stop, pieces[at + 1], following, *pieces[at + 3 :]])


def _no_comma(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """ "No price too high", "no, price too high"."""
    word = pieces[at]
    bare = word.rstrip(",")
    if bare.lower() not in ("not", "no", "nobody", "nothing", "never") or at + 2 >= len(pieces):
        return None
    return _put(pieces, at, bare if word != bare else bare + chance.choice((",", " -", " —")))


def _turned(pieces: Sequence[str], at: int, chance: Random) -> str | None:
    """What is written is registered, and shown the other way round: 14 is seen as 41."""
    word = pieces[at]
    core = re.search(r"\w{2,}", word)
    if core is None or core[0] == core[0][::-1]:
        return None
    on, off = _FROM_RIGHT
    return _put(pieces, at, word[: core.start()] + on + core[0] + off + word[core.end() :])


PLACES: dict[str, Attack] = {
    "a word dropped": _drop,
    "a word doubled": _double,
    "two words changed in place": _swap,
    "a word or sign put before": _add,
    "a word or sign put behind": _add_behind,
    "a letter": _letter,
    "a look-alike letter": _lookalike,
    "letters that readers confuse": _confused,
    "strokes and accents": _marked,
    "digits": _digits,
    "points inside numbers": _points,
    "signs of amounts": _signs,
    "a word split": _split,
    "two words joined": _join,
    "a space moved": _space_moved,
    "a prefix": _prefixed,
    "an apostrophe": _apostrophe,
    "capitals that matter": _cased,
    "question marks": _questioned,
    "a sentence ended elsewhere": _ended,
    "a comma behind not": _no_comma,
    "shown the other way round": _turned,
}
SURE = frozenset({"a sentence ended elsewhere", "a comma behind not", "shown the other way round"})


def places(text: str) -> list[str]:
    """The pieces of a text; words are at even places."""
    return re.split(r"(\s+)", text.strip())
