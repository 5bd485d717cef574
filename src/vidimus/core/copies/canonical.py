"""The canonical text: what stays the same when a letter is wrapped, pasted or set again.

    'The  troops\\r\\nwill “re-\\nposition” — soon'  ->  'The troops will "reposition" - soon'

Its SHA-256 is the text's name. The rules and their reasons are section 1 of spec/matching.md.
A published digest must never change, so any change here needs a new CANONICAL_VERSION.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

CANONICAL_VERSION = 1

# Stands where a word was joined over a line break. NUL cannot come from the text itself:
# controls are removed first.
JOIN = "\x00"

_LINE_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
# Unicode's Default_Ignorable_Code_Point, with the interlinear marks and the Arabic tatweel:
# nothing here can be seen, or (tatweel) means anything.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Before NFKC, which would turn these into a space and a combining mark, or into two primes.
_MARKS = {"´": "'", "″": '"', "‶": '"', "⁄": "/", "∕": "/", "\u2800": " "}
_QUOTES = str.maketrans(
    dict.fromkeys("‘’‚‛′‵ʼʻʽʹ`‹›", "'") | dict.fromkeys("“”„‟«»〝〞〟", '"') | {"⁄": "/", "∕": "/"}
)
_LONG_DASH = re.compile("[—―⸺⸻]|[-‐‑‒–−⁃˗]{2,}")  # typewriters write "--"
_HYPHENS = re.compile("--+")  # the same in ASCII
_DASH = re.compile("[‐‑‒–−⁃˗]")
_MARKS_IN_A_ROW = 30
_SOFT_BREAK = re.compile("\u00ad[^\\S\n]*\n[^\\S\n]*(?=\\w)")
_LOOSE = re.compile("(?:\\s|^)\x00|\x00(?:\\s|$)")
_HARD_BREAK = re.compile(r"-[^\S\n]*\n[^\S\n]*(?=(\w))")


# One registration asks several times for the same text.
@lru_cache(maxsize=8)
def canonical(text: str) -> str:
    """The text as it is named and compared. Canonical text is its own canonical text."""
    return fold(text).replace(JOIN, "")


def digest(text: str) -> bytes:
    """The text's name: SHA-256 over the UTF-8 of its canonical form."""
    return hashlib.sha256(canonical(text).encode()).digest()


def words(text: str) -> tuple[str, ...]:
    """The words of the canonical text; `Difference.at` counts these."""
    return tuple(canonical(text).split())


def fold(text: str) -> str:
    """The canonical text with JOIN still standing where a line-break hyphen was joined."""
    return _settled(" ".join(_fold(text).split()))


def fold_lines(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of `fold`, line by line; an empty line stays one.

    A word joined over a line break, and what follows it, belong to the line it began on.
    """
    lines = tuple(tuple(line.split()) for line in _fold(text).split("\n"))
    flat = " ".join(word for line in lines for word in line)
    settled = _settled(flat)
    return lines if settled == flat else (tuple(settled.split()),)


def _settled(folded: str) -> str:
    """Two letters that a hyphen kept apart may compose now; only then is once not enough."""
    while JOIN in folded and not folded.isascii():
        again = " ".join(_fold(folded.replace(JOIN, "")).split())
        if again == folded.replace(JOIN, ""):
            break
        folded = again
    return folded


def _fold(text: str) -> str:
    """Everything but white space, which is left to the caller."""
    plain = text.isascii()
    if not plain or "\r" in text or "\v" in text or "\f" in text:
        text = _LINE_BREAK.sub("\n", text)
    text = _CONTROL.sub("", text)
    if not plain:
        text = _SOFT_BREAK.sub(JOIN, text) if "\u00ad" in text else text
        text = _stacked(text.translate(_before(text)))
        # What was one sign may have become several marks, so it is cut again.
        text = _stacked(unicodedata.normalize("NFKC", text)).translate(_QUOTES)
        text = _DASH.sub("-", _LONG_DASH.sub(" - ", text))
    else:
        text = _HYPHENS.sub(" - ", text.replace("`", "'"))
    text = _HARD_BREAK.sub(_join, text.replace("''", '"'))
    if JOIN in text:
        text = _LOOSE.sub(" ", text)  # what was to be joined is no letter after all, like ½
    return text


def _stacked(text: str) -> str:
    """At most 30 combining marks in a row, the limit of Unicode's Stream-Safe Text Format.

    Putting a longer run in its canonical order takes quadratic time (UAX 15, section 13), and
    no language stacks more than a few.
    """
    marks = "".join(
        char for char in set(text) if not char.isascii() and unicodedata.combining(_first(char))
    )
    if not marks:
        return text
    return re.sub(f"([{re.escape(marks)}]{{{_MARKS_IN_A_ROW}}})[{re.escape(marks)}]+", r"\1", text)


def _first(char: str) -> str:
    return unicodedata.normalize("NFKD", char)[0]


def _join(match: re.Match[str]) -> str:
    """ "move-/ment" is one word; in "CH-/47" and "Jean-/Paul" the hyphen belongs to the word."""
    before, after = match.string[max(0, match.start() - 1) : match.start()], match[1]
    if not (before.isalnum() or before == "_"):
        return match[0]  # a dash, or the mark of a list
    return JOIN if before.islower() and after.islower() else "-" + JOIN


def _before(text: str) -> dict[int, str]:
    """What to change before NFKC.

    It drops what cannot be seen, and keeps NFKC from making other numbers and other marks:
    1½ is not 11/2, 10² is not 102, and an acute accent is no space.
    """
    table: dict[int, str] = {}
    for char in set(text):
        if char.isascii():
            continue
        if _INVISIBLE.match(char):
            table[ord(char)] = ""
        elif _SURROGATE.match(char):
            table[ord(char)] = "\ufffd"  # UTF-8 has no bytes for half a pair
        elif char in _MARKS:
            table[ord(char)] = _MARKS[char]
        elif unicodedata.decimal(char, None) is None:
            plain = unicodedata.normalize("NFKC", char)
            if plain == char:
                continue
            if _INVISIBLE.search(plain):  # Arabic forms that stand on a tatweel
                table[ord(char)] = _INVISIBLE.sub("", plain)
            if not any(c.isdecimal() for c in plain):
                continue
            tag = unicodedata.decomposition(char).split(" ")[0]
            if tag == "<super>":
                table[ord(char)] = "^" + plain
            elif tag != "<sub>":
                table[ord(char)] = f" {plain} "
    return table
