"""A bundle: all that it takes to answer for one letter offline, in one file.

    {"checkpoint":"letters.example.org/log\\n43\\n…","claim":"vidimus.org/subjects@v1\\n…",
     "entries":[{"document":"{\\"act\\":\\"found\\",…}","entry":"0oRY…","index":0,"path":["EEk…"],
     "receipts":[]},…],"format":"vidimus.org/bundle@v1","letter":"QF3MZJ2K7XW4TB5A",
     "page":"EVIDENCE ON ONE LETTER\\n…","texts":[{"language":"en","letter":"QF3M…",
     "text":"Sir, …","version":1}],"trust":{"chain":[…],…}}

Canonical JSON (RFC 8785). Here is its form; `proved.py` says what in it holds. `receipts` is
the one place where strangers may add what they like: nothing rests on it. See spec/bundle.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import rfc8785

from vidimus.core.acts.document import MAX_DOCUMENT, from_base64, to_base64
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.log.merkle import HASH_SIZE
from vidimus.core.log.proof import LONGEST_PATH
from vidimus.core.seal.statement import LONGEST_ENTRY
from vidimus.errors import FormatError, TooLarge

FORMAT = "vidimus.org/bundle@v1"
LONGEST = 32 * 1024 * 1024  # bytes
MOST_ENTRIES = 20_000
MOST_TEXTS = 2_000
LONGEST_PAGE = 100_000  # characters

_FIELDS = {"format", "letter", "page", "trust", "checkpoint", "claim", "entries", "texts"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the log and the path to the root. `document` is None where it is sealed.

    `receipts` is whatever stands there: only texts may be receipts, in base64url.
    """

    index: int
    entry: bytes
    path: tuple[bytes, ...]
    document: str | None
    receipts: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    letter: str
    version: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """`trust` is the trust root's own file; `checkpoint` and `claim` are signed notes."""

    letter: str
    page: str
    trust: bytes
    checkpoint: str
    claim: str
    pieces: tuple[Piece, ...]
    texts: tuple[Text, ...]


def write(bundle: Bundle) -> bytes:
    """Raises FormatError or TooLarge for what could not be read back."""
    content = _dumps(
        {
            "format": FORMAT,
            "letter": bundle.letter,
            "page": bundle.page,
            "trust": _loads(bundle.trust),
            "checkpoint": bundle.checkpoint,
            "claim": bundle.claim,
            "entries": [_piece_json(each) for each in bundle.pieces],
            "texts": [
                {
                    "letter": each.letter,
                    "version": each.version,
                    "language": each.language,
                    "text": each.text,
                }
                for each in bundle.texts
            ],
        }
    )
    read(content)
    return content


def read(content: bytes) -> Bundle:
    """Take a bundle apart and believe nothing in it. Raises FormatError or TooLarge.

    Only canonical JSON: of a name that stands there twice, one reader would take the first
    value and another one the second.
    """
    if len(content) > LONGEST:
        raise TooLarge(f"a bundle of {len(content)} bytes; at most {LONGEST} are read")
    value = _loads(content)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise FormatError(
            "this is no bundle that can be read here", hint=f"one says “{FORMAT}” in itself"
        )
    _require(set(value) == _FIELDS, "other fields than a bundle has")
    _require(_dumps(value) == content, "it is not in canonical form (RFC 8785)")
    letter, page, trust = value["letter"], value["page"], value["trust"]
    _require(isinstance(letter, str) and LETTER_ID.fullmatch(letter), "letter is no number of one")
    _require(isinstance(page, str) and len(page) <= LONGEST_PAGE, "its page is no text, or long")
    _require(isinstance(trust, dict), "its trust root is no object")
    pieces = tuple(map(_piece, _list(value["entries"], MOST_ENTRIES, "entries")))
    rising = all(one.index < other.index for one, other in pairwise(pieces))
    _require(rising, "its entries are not in order, each once")
    texts = tuple(map(_text, _list(value["texts"], MOST_TEXTS, "texts")))
    named = [(each.letter, each.version) for each in texts]
    _require(named == sorted(set(named)), "its texts are not in order, each once")
    return Bundle(
        letter=letter,
        page=page,
        trust=_dumps(trust),
        checkpoint=_string(value["checkpoint"], "checkpoint"),
        claim=_string(value["claim"], "claim"),
        pieces=pieces,
        texts=texts,
    )


def _piece_json(piece: Piece) -> dict[str, Any]:
    value: dict[str, Any] = {
        "index": piece.index,
        "entry": to_base64(piece.entry),
        "path": [to_base64(each) for each in piece.path],
        "receipts": list(piece.receipts),
    }
    if piece.document is not None:
        value["document"] = piece.document
    return value


def _piece(value: Any) -> Piece:
    keys = {"index", "entry", "path", "receipts"}
    _require(
        isinstance(value, dict) and keys <= set(value) <= keys | {"document"},
        "an entry has other fields than it should",
    )
    index, document = value["index"], value.get("document")
    _require(type(index) is int and 0 <= index < 2**53, "the index of an entry is no number")
    _require(
        "document" not in value or (isinstance(document, str) and len(document) <= MAX_DOCUMENT),
        f"the document of entry {index} is no text, or too long",
    )
    entry = from_base64(value["entry"])
    _require(len(entry) <= LONGEST_ENTRY, f"entry {index} has {len(entry)} bytes")
    hashes = value["path"]
    _require(isinstance(hashes, list) and len(hashes) <= LONGEST_PATH, "a path that is too long")
    path = tuple(map(from_base64, hashes))
    _require(all(len(each) == HASH_SIZE for each in path), "a hash that is not 32 bytes long")
    # What is in it is looked at when it is used, and never a reason to refuse.
    receipts = value["receipts"]
    return Piece(
        index, entry, path, document, tuple(receipts) if isinstance(receipts, list) else ()
    )


def _text(value: Any) -> Text:
    _require(
        isinstance(value, dict) and set(value) == {"letter", "version", "language", "text"},
        "a text has other fields than it should",
    )
    letter, version = value["letter"], value["version"]
    _require(isinstance(letter, str) and LETTER_ID.fullmatch(letter), "a text of no letter")
    _require(type(version) is int and 0 <= version < 2**53, "the version of a text is no number")
    return Text(
        letter, version, _string(value["language"], "language"), _string(value["text"], "text")
    )


def _list(value: Any, most: int, what: str) -> list[Any]:
    _require(isinstance(value, list), f"its {what} are no list")
    if len(value) > most:
        raise TooLarge(f"a bundle with {len(value)} {what}; at most {most} are read")
    found: list[Any] = value
    return found


def _string(value: Any, what: str) -> str:
    _require(isinstance(value, str), f"its {what} is no text")
    found: str = value
    try:
        found.encode()
    except UnicodeEncodeError as error:
        raise FormatError(f"malformed bundle: its {what} is not Unicode text") from error
    return found


def _loads(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed bundle: this is not JSON") from error


def _dumps(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed bundle: it holds what JSON cannot say") from error


def _require(holds: object, fact: str) -> None:
    if not holds:
        raise FormatError(f"malformed bundle: {fact}", hint="fetch it again; it was changed")
