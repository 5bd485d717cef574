"""Reading and writing the document of an act: canonical JSON (RFC 8785), one form only.

    {"act":"hold","at":"2031-04-09T10:00:00Z","body":{"letter":"QF3M…"},
     "by":{"office":"press","person":"p-ines"},"registry":"letters.example.org","v":1}

A sealed act is wrapped, so that its digest is a salted commitment (spec/acts.md, 4):

    {"act":{…},"salt":"<32 bytes>","statement":"<the person's COSE statement>","v":1}

Two documents for one act would let two people hold different papers of one digest, so
`read` accepts only the bytes that `write` writes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, NamedTuple
from unicodedata import ucd_3_2_0

import rfc8785

from vidimus.core.acts.kinds import Kind
from vidimus.core.acts.shapes import ORIGIN, SLUG
from vidimus.core.acts.vocabulary import BODIES, Act, Body, CoSignature
from vidimus.errors import FormatError

_ACT = frozenset({"v", "registry", "act", "by", "at", "body"})
_COSIGNED = _ACT | {"cosigned"}
_BY = frozenset({"person", "office"})
MOST_LISTED = 1000  # members of a list
MAX_DOCUMENT = 64 * 1024  # bytes; a release that opens several signatures needs about 4 kB
ACT_TYPE = "application/vnd.vidimus.act+json"
SEALED_TYPE = "application/vnd.vidimus.sealed+json"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed act with what opens it."""

    act: Act
    salt: bytes
    statement: bytes  # the person's own COSE statement over the act's document


def write(act: Act) -> bytes:
    return _dumps(_act_json(act))


def read(document: bytes) -> Act:
    """Raises FormatError for anything but the exact bytes that `write` writes."""
    value = _json(document)
    act = _act(value)
    if not _is_form_of(value, document):
        raise FormatError("malformed act: not in canonical form", hint="write it by RFC 8785")
    return act


def digest(document: bytes) -> bytes:
    return hashlib.sha256(document).digest()


def approved_part(act: Act) -> bytes:
    """What a co-signing root signs: the act without its co-signatures, and a fixed prefix."""
    return b"vidimus/cosigned/v1\x00" + write(dataclasses.replace(act, cosigned=()))


def write_sealed(sealed: Sealed) -> bytes:
    return _dumps(
        {
            "v": 1,
            "salt": to_base64(sealed.salt),
            "statement": to_base64(sealed.statement),
            "act": _act_json(sealed.act),
        }
    )


def read_sealed(document: bytes) -> Sealed:
    value = _keys(_json(document), {"v", "salt", "statement", "act"}, "sealed act")
    _version(value["v"])
    sealed = Sealed(
        act=_act(value["act"]),
        salt=from_base64(value["salt"]),
        statement=from_base64(value["statement"]),
    )
    if len(sealed.salt) != 32 or not _is_form_of(value, document):
        raise FormatError("malformed sealed act: not in canonical form")
    return sealed


def _act_json(act: Act) -> Any:
    value: dict[str, Any] = {
        "v": 1,
        "registry": act.registry,
        "act": act.kind.value,
        "by": {"person": act.person, "office": act.office},
        "at": _plain(act.at),
        "body": _plain(act.body),
    }
    if act.cosigned:
        value["cosigned"] = _plain(act.cosigned)
    return value


def _act(value: Any) -> Act:
    wanted = _COSIGNED if isinstance(value, dict) and "cosigned" in value else _ACT
    value = _keys(value, wanted, "act")
    by = _keys(value["by"], _BY, "act: by")
    _version(value["v"])
    cosigned = tuple(_record(each, CoSignature) for each in _list(value.get("cosigned", [])))
    if not cosigned and wanted is _COSIGNED:
        raise FormatError("malformed act: an empty list of approvals")
    try:
        kind = Kind(value["act"])
    except ValueError as error:
        raise FormatError(f"malformed act: no act is called {_shown(value['act'])}") from error
    return Act(
        registry=_text(value["registry"], ORIGIN, "registry"),
        person=_text(by["person"], SLUG, "person"),
        office=_text(by["office"], SLUG, "office"),
        at=time(value["at"]),
        body=typing.cast(Body, _record(value["body"], BODIES[kind])),
        cosigned=cosigned,
    )


def _version(value: Any) -> None:
    if type(value) is not int or value != 1:  # 1.0 and true are 1 to Python
        raise FormatError(f"malformed act: version {_shown(value)}")


# --- the dataclasses of the vocabulary, to plain JSON values and back ---------------------


def _dumps(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except ValueError as error:  # half a surrogate pair is text to Python, and to JSON's \u
        raise FormatError("malformed act: it holds what JSON cannot say") from error


_DECODER = json.JSONDecoder()
# Of what an act is made of (texts, whole numbers below 2**53, yes and no, names in ASCII)
# this encoder makes the bytes of RFC 8785, five times as fast. Whoever replays a log reads
# far more documents than anybody writes; a test holds the two encoders together.
_QUICK = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
)


def _is_form_of(value: Any, document: bytes) -> bool:
    """Are these bytes the one form of the JSON value that was read from them?

    The value stands for the act: each reader here takes only what `_plain` makes of what it
    gives, and the fields that there are. So writing the act would give the same value.
    """
    try:
        quick = _QUICK.encode(value).encode()
    except ValueError:
        quick = b""
    return quick == document or _dumps(value) == document


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return value
    if kind is tuple:
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise FormatError(f"a time without a zone: {value}", hint="acts bear UTC")
        # isoformat(), for strftime() writes the year 900 with three digits.
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    if isinstance(value, StrEnum):
        return value.value
    if dataclasses.is_dataclass(kind):
        pairs = ((name, getattr(value, name)) for name in _fields(kind).readers)
        return {name: _plain(each) for name, each in pairs if each is not None}
    return value


class _Fields(NamedTuple):
    """How the fields of a body are read: by name, and which of them may not be missing."""

    readers: dict[str, Callable[[Any, str], Any]]
    required: frozenset[str]


@cache
def _fields(body: Hashable) -> _Fields:
    """From the type hints of a dataclass, with the shape of a text in its annotation."""
    cls = typing.cast(type, body)
    hints = typing.get_type_hints(cls, include_extras=True)
    named = {f.name: hints[f.name] for f in dataclasses.fields(cls)}
    return _Fields(
        {name: _reader(hint) for name, hint in named.items()},
        frozenset(name for name, hint in named.items() if not _optional(hint)),
    )


def _optional(hint: Any) -> bool:
    # `Annotated[…] | None` is a typing.Union to Python 3.11, `datetime | None` a UnionType.
    is_union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    return is_union and type(None) in typing.get_args(hint)


def _record(value: Any, cls: type[Any]) -> Any:
    readers, required = _fields(typing.cast(Hashable, cls))
    if not isinstance(value, dict) or not required <= value.keys() <= readers.keys():
        raise FormatError(
            f"malformed act: {cls.__name__} has other fields than the specification gives it",
            hint=f"it needs {', '.join(sorted(required))}",
        )
    return cls(**{name: readers[name](each, name) for name, each in value.items()})


def _reader(hint: Any) -> Callable[[Any, str], Any]:
    """What reads a value of this type: (the JSON value, its name for an error) → the value."""
    if _optional(hint):
        (hint,) = (each for each in typing.get_args(hint) if each is not type(None))
    if typing.get_origin(hint) is tuple:
        inner = _reader(typing.get_args(hint)[0])
        return lambda value, name: tuple([inner(each, name) for each in _list(value)])
    if typing.get_origin(hint) is Annotated:
        shape = hint.__metadata__[0]
        fits = shape.fullmatch

        def read(value: Any, name: str) -> str:
            # Nearly every text of an act is plain, and then there is no more to look at.
            if type(value) is str and value.isascii() and fits(value):
                return value
            return _text(value, shape, name)

        return read
    if hint is datetime:
        return lambda value, _name: time(value)
    if hint in (int, bool):
        return lambda value, name: _number(value, hint, name)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda value, name: _choice(value, hint, name)
    return lambda value, _name: _record(value, hint)


def _number(value: Any, kind: type[int], name: str) -> int:
    # bool is an int to Python; to us `true` is no version number.
    if type(value) is not kind or not 0 <= value < 2**53:
        raise FormatError(f"malformed act: {name} is {_shown(value)}")
    return value


def _choice(value: Any, names: type[StrEnum], name: str) -> StrEnum:
    if not isinstance(value, str) or value not in [each.value for each in names]:
        allowed = ", ".join(each.value for each in names)
        raise FormatError(f"malformed act: {name} is {_shown(value)}", hint=f"one of: {allowed}")
    return names(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST_LISTED:
        raise FormatError(f"malformed act: a list was expected, of at most {MOST_LISTED:,}")
    return value


def _text(value: Any, shape: Any, name: str) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise FormatError(
            f"malformed act: {name} is {_shown(value)}", hint=f"it must match {shape.pattern}"
        )
    # By Unicode 3.2, as for domain names (RFC 3454): later versions agree on all that it
    # knows, and readers with different versions never disagree on what counts as an act.
    if not value.isascii() and not ucd_3_2_0.is_normalized("NFC", value):
        raise FormatError(f"malformed act: {name} is not in Unicode's composed form (NFC)")
    return value


def _shown(value: Any) -> str:
    """For an error; nothing that is nested, for repr() would descend into it."""
    if isinstance(value, list | dict):
        return f"a JSON {'list' if isinstance(value, list) else 'object'}"
    return repr(value)[:80]


def time(value: Any) -> datetime:
    """An RFC 3339 time in UTC with whole seconds and a Z, and no other way to write it."""
    if not isinstance(value, str):
        raise FormatError(f"not a time: {_shown(value)}")
    try:
        # It takes many forms, and only one of them is written back as the same text.
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise FormatError(f"not a time: {value[:40]!r}", hint="as 2031-04-09T10:00:00Z") from error
    if parsed.tzinfo is not UTC or _plain(parsed) != value:
        raise FormatError(f"not a time: {value[:40]!r}", hint="as 2031-04-09T10:00:00Z")
    return parsed


def _keys(value: Any, wanted: Set[str], what: str) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != wanted:
        raise FormatError(f"malformed {what}: it must have exactly {', '.join(sorted(wanted))}")
    return value


def _json(document: bytes) -> Any:
    if len(document) > MAX_DOCUMENT:
        raise FormatError(f"malformed act: {len(document)} bytes, at most {MAX_DOCUMENT}")
    try:
        text = document.decode("utf-8")
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed act: this is not JSON") from error
    if end != len(text):
        raise FormatError("malformed act: something follows the JSON")
    return value


def to_base64(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def from_base64(value: Any) -> bytes:
    """URL-safe base64 without padding; only the text that `to_base64` writes."""
    if not isinstance(value, str) or not value.isascii():
        raise FormatError("not base64url")
    try:
        raw = urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError as error:
        raise FormatError("not base64url") from error
    if to_base64(raw) != value:
        raise FormatError("not base64url in canonical form")
    return raw
