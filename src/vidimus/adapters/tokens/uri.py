"""Which key on which token: the pkcs11 URI of RFC 7512, as far as one key can be meant by it.

    pkcs11:token=Office%20A;object=ada?module-path=/usr/lib/softhsm/libsofthsm2.so

Before the question mark: the token (token, serial, manufacturer, model, slot-id) and the key
on it (object, id). After it: the maker's module, and a file with the PIN (pin-source).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from vidimus.errors import FormatError, UsageError

SCHEME = "pkcs11:"
LONGEST = 2000
EXAMPLE = "pkcs11:token=OFFICE;object=ada?module-path=/usr/lib/softhsm/libsofthsm2.so"

# RFC 7512 section 2.3: what may stand in a value as it is; all else is percent-encoded.
_PATH = re.compile(r"(?:[A-Za-z0-9._~:\[\]@!$'()*+,=&-]|%[0-9A-Fa-f]{2})*")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~:\[\]@!$'()*+,=/?|-]|%[0-9A-Fa-f]{2})*")
_IN_PATH = frozenset(
    {"token", "serial", "manufacturer", "model", "slot-id", "object", "id", "type"}
)
_IN_QUERY = frozenset({"module-path", "pin-source"})


@dataclass(frozen=True, slots=True)
class TokenUri:
    """A field that is None says nothing about the key; one that is empty says: it is empty."""

    text: str
    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    slot: int | None = None
    object: str | None = None
    id: bytes | None = None
    module: str | None = None
    pin_source: str | None = None

    @property
    def shown(self) -> str:
        """For people: which key, without where its PIN is."""
        return self.text.partition("?")[0]

    def exact(self, token: str, object: str | None, id: bytes) -> TokenUri:
        """The same, but for one key that was seen: no other can be meant by it later."""
        path = {
            "token": token.encode() if self.token is None else self.token.encode(),
            "serial": None if self.serial is None else self.serial.encode(),
            "manufacturer": None if self.manufacturer is None else self.manufacturer.encode(),
            "model": None if self.model is None else self.model.encode(),
            "slot-id": None if self.slot is None else str(self.slot).encode(),
            "object": None if object is None else object.encode(),
            "id": id or None,
        }
        said = ";".join(
            f"{name}={encoded(each)}" for name, each in path.items() if each is not None
        )
        query = self.text.partition("?")[2]
        return parse(SCHEME + said + (f"?{query}" if query else ""))


def is_uri(text: str) -> bool:
    return text[: len(SCHEME)].lower() == SCHEME


def parse(text: str) -> TokenUri:
    """Raises FormatError or UsageError. No error repeats a value: one of them may be a PIN."""
    if not is_uri(text) or len(text) > LONGEST:
        raise FormatError("this is not the URI of a key on a token", hint=EXAMPLE)
    path, _, query = text[len(SCHEME) :].partition("?")
    inside = _values(path, ";", _PATH, _IN_PATH)
    beside = _values(query, "&", _QUERY, _IN_QUERY)
    if inside.get("type", b"private") != b"private":
        raise UsageError("the URI means no private key", hint="leave type= away")
    slot = inside.get("slot-id")
    if slot is not None and not re.fullmatch(rb"[0-9]{1,18}", slot):
        raise FormatError("malformed URI of a token: slot-id is not a number")
    return TokenUri(
        text=text,
        token=_text(inside, "token"),
        serial=_text(inside, "serial"),
        manufacturer=_text(inside, "manufacturer"),
        model=_text(inside, "model"),
        slot=None if slot is None else int(slot),
        object=_text(inside, "object"),
        id=inside.get("id"),
        module=_text(beside, "module-path"),
        pin_source=_text(beside, "pin-source"),
    )


def encoded(value: str | bytes) -> str:
    """A value as it stands in a URI."""
    return quote(value, safe="")


def _values(
    part: str, between: str, allowed: re.Pattern[str], known: frozenset[str]
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for each in part.split(between) if part else ():
        name, equals, value = each.partition("=")
        if name == "pin-value":
            raise UsageError(
                "the PIN stands in the URI, where others on this machine can read it",
                hint="leave pin-value away and type the PIN, or give pin-source=FILE;"
                " and change this PIN",
            )
        if name not in known or not equals:
            # Half of a name would choose a key all the same, and perhaps another one.
            raise FormatError(
                f"malformed URI of a token: “{name[:30]}” is none of its attributes"
                if re.fullmatch(r"[a-z-]+", name)
                else "malformed URI of a token",
                hint=f"here these count: {', '.join(sorted(known))}; as in {EXAMPLE}",
            )
        if name in found:
            raise FormatError(f"malformed URI of a token: {name} stands there twice")
        if not allowed.fullmatch(value):
            raise FormatError(
                f"malformed URI of a token: a sign in {name} is not encoded",
                hint="a space is %20, a semicolon %3B, a slash before the question mark %2F",
            )
        found[name] = unquote_to_bytes(value)
    return found


def _text(values: dict[str, bytes], name: str) -> str | None:
    value = values.get(name)
    try:
        text = None if value is None else value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"malformed URI of a token: {name} is not UTF-8") from error
    if text is not None and "\0" in text:
        raise FormatError(f"malformed URI of a token: {name} holds a zero")
    return text
