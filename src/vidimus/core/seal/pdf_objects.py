"""The objects of a PDF, read strictly from the first byte to the last (ISO 32000-2, 7.3 and 7.5).

    %PDF-1.7          header
    1 0 obj … endobj  bodies, with or without a stream; those within object streams, too
    xref … trailer … startxref … %%EOF

Viewers jump to the end and follow tables, and forgive much; attacks live in what two of them
forgive differently. Here no table is believed: everything that stands in the file is read, in
the order in which it stands, and what is nothing of the above is refused. Every size is bounded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from vidimus.errors import FormatError, TooLarge

MOST_OBJECTS = 50_000
MOST_VALUES = 400_000
MOST_INFLATED = 8 * 1024 * 1024  # of all object streams together
MOST_TRIED = 64 * 1024 * 1024  # bytes that are looked at for something packed
UNSEEN = "/"  # in the place of all further names
LONGEST_NAME = 512
DEEPEST = 40

_SPACE = b"\x00\t\n\x0c\r "
_BLANK = re.compile(rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*)*")
_REGULAR = re.compile(rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]+")
_NAMED = re.compile(rb"/[A-Za-z0-9#]{1,60}")
_NUMBER = re.compile(rb"[+-]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})\Z")
_REFERENCE = re.compile(
    rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+R(?![^\x00-\x20()<>\[\]{}/%])"
)
_OBJECT = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj")
_HEX = re.compile(rb"<[0-9A-Fa-f\x00\t\n\x0c\r ]*>")
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_END = re.compile(rb"[\x00\t\n\x0c\r ]*endstream(?![^\x00-\x20()<>\[\]{}/%])")
_ROW = rb"\d{10} \d{5} [nf][ \r\n]{1,2}"
_TABLE = re.compile(rb"xref[ \t]*[\r\n]+(?:\d{1,10} \d{1,10}[ \t]*[\r\n]+(?:" + _ROW + rb")*)*")
_START = re.compile(
    rb"startxref[\x00\t\n\x0c\r ]+(\d{1,20})[\x00\t\n\x0c\r ]+%%EOF(?:\r\n|\n|\r|\Z)"
)
_HEADER = re.compile(rb"%PDF-[12]\.\d[ \t]*(?:\r\n|\n|\r)")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_WORDS = {b"true": True, b"false": False, b"null": None}


class Ref(NamedTuple):
    number: int
    generation: int


class Hex(NamedTuple):
    """A hexadecimal string, by its place: from `<` to behind `>`."""

    start: int
    stop: int


# A name is a str with its slash ("/Type"); a literal string is its bytes, escapes and all.
Value: TypeAlias = (
    "bool | int | float | str | bytes | Ref | Hex | list[Value] | dict[str, Value] | None"
)


@dataclass(frozen=True, slots=True)
class Body:
    """One object.

    `packed`: it stands in an object stream. `section`: how many ends of the file stand before it;
    each revision ends with one.
    """

    number: int
    generation: int
    value: Value
    stream: tuple[int, int] | None = None  # where its bytes are
    packed: bool = False
    section: int = 0


@dataclass(frozen=True, slots=True)
class File:
    bodies: tuple[Body, ...]
    trailers: tuple[dict[str, Value], ...]  # also those of cross-reference streams
    ends: tuple[int, ...]  # behind each %%EOF
    numbered: dict[int, Value]  # where a number is there more than once, the last
    every: tuple[dict[str, Value], ...]  # all dictionaries, however deep
    rows: tuple[tuple[int, int], ...]  # of the tables: a number, and where it is to be found
    starts: dict[int, int]  # where each object begins, and its number

    def last(self, of: Value) -> Value:
        """What a reference leads to, where the last of its number counts; all else is itself."""
        for _ in range(DEEPEST):
            if not isinstance(of, Ref):
                return of
            of = self.numbered.get(of.number)
        return None


def read(content: bytes) -> File:
    """Raises FormatError where something stands that is no part of a PDF; TooLarge."""
    if _HEADER.match(content) is None:
        raise _broken("no header", 0)
    reader = _Reader(content)
    bodies: list[Body] = []
    trailers: list[dict[str, Value]] = []
    ends: list[int] = []
    rows: list[tuple[int, int]] = []
    starts: dict[int, int] = {}
    at = reader.blank(0)
    while at < len(content):
        if _OBJECT.match(content, at):
            start = at
            body, at = reader.body(at, len(ends))
            starts[start] = body.number
            bodies.append(body)
            if isinstance(body.value, dict) and body.stream is not None:
                kind = body.value.get("/Type")
                if kind == "/XRef":
                    trailers.append(body.value)
                if kind == "/ObjStm":
                    bodies.extend(reader.packed(body, body.value, body.stream))
            if len(bodies) > MOST_OBJECTS:
                raise _too_much(f"more than {MOST_OBJECTS:,} objects")
        elif table := _TABLE.match(content, at):
            at = table.end()
            rows.extend(_rows(table[0]))
        elif content.startswith(b"trailer", at):
            value, at = reader.value(reader.blank(at + 7), 0)
            if not isinstance(value, dict):
                raise _broken("a trailer without a dictionary", at)
            trailers.append(value)
        elif end := _START.match(content, at):
            at = end.end()
            ends.append(at)
        else:
            raise _broken("bytes that belong to nothing", at)
        at = reader.blank(at)
    numbered = {body.number: body.value for body in bodies}
    roots = [*(body.value for body in bodies), *trailers]
    every = tuple(each for root in roots for each in walk(root))
    return File(tuple(bodies), tuple(trailers), tuple(ends), numbered, every, tuple(rows), starts)


def _rows(table: bytes) -> Iterator[tuple[int, int]]:
    """The objects in use, by a table (7.5.4) and where it says that they are."""
    words = table.split()[1:]
    at = number = left = 0
    while at < len(words):
        if left:
            if words[at + 2] == b"n":
                yield number, int(words[at])
            at, number, left = at + 3, number + 1, left - 1
        else:
            number, left = int(words[at]), int(words[at + 1])
            at += 2
            if left * 3 > len(words) - at:
                raise _broken("a table that is shorter than it says", 0)


def inflated(entries: dict[str, Value], content: bytes, most: int) -> bytes:
    """A stream's bytes as they were before they were packed. Raises FormatError, TooLarge."""
    filters = entries.get("/Filter")
    names = filters if isinstance(filters, list) else [] if filters is None else [filters]
    if names not in ([], ["/FlateDecode"]) or "/DecodeParms" in entries or "/F" in entries:
        raise _broken("a stream that is packed in a way of its own", 0)
    if names:
        try:
            content = zlib.decompressobj().decompress(content, most + 1)
        except zlib.error as error:
            raise _broken("a stream that cannot be unpacked", 0) from error
        if len(content) > most:
            raise _too_much("its streams hold too much")
    return content


def numbered_twice(content: bytes) -> bool:
    """The same in a file that cannot be read: two objects begin with one number."""
    numbers = [int(found[1]) for found in _OBJECT.finditer(content)]
    return len(numbers) != len(set(numbers))


def names_anywhere(content: bytes) -> Iterator[str]:
    """Names in a file that cannot be read: in its bytes, and in what can be inflated of it.

    There may be more of them than these: the rest of a stream that breaks off, or is encrypted.
    """
    left, tried, stop = MOST_INFLATED, MOST_TRIED, 0
    yield from _names(content)
    for opened in _STREAM.finditer(content):
        start = opened.end()
        if stop < start:
            stop = content.find(b"endstream", start)
        if stop < 0:
            return
        tried -= stop - start
        if left <= 0 or tried <= 0:
            yield UNSEEN
            return
        try:
            inner = zlib.decompressobj().decompress(content[start:stop], left)
        except zlib.error:
            continue
        left -= len(inner)
        yield from _names(inner)


def _names(content: bytes) -> Iterator[str]:
    for found in _NAMED.finditer(content):
        yield _unescaped(found[0])


def walk(value: Value) -> Iterator[dict[str, Value]]:
    """All dictionaries in a value, itself included; references are not followed."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


@dataclass(slots=True)
class _Reader:
    content: bytes
    values: int = 0
    inflated: int = 0

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.content, at)
        return found.end() if found else at

    def body(self, at: int, section: int) -> tuple[Body, int]:
        found = _OBJECT.match(self.content, at)
        assert found is not None
        number, generation = int(found[1]), int(found[2])
        value, at = self.value(self.blank(found.end()), 0)
        at = self.blank(at)
        stream = None
        if isinstance(value, dict) and (opened := _STREAM.match(self.content, at)):
            stream, at = self._stream(value, opened.end())
            at = self.blank(at)
        if not self.content.startswith(b"endobj", at):
            raise _broken("an object without its end", at)
        return Body(number, generation, value, stream, section=section), at + 6

    def _stream(self, entries: dict[str, Value], start: int) -> tuple[tuple[int, int], int]:
        length = entries.get("/Length")
        if isinstance(length, Ref):
            # The first end that stands there counts, and no other object may stand before it.
            stop = self.content.find(b"endstream", start)
            while start < stop and self.content[stop - 1] in _SPACE:
                stop -= 1
        else:
            stop = start + length if type(length) is int and length >= 0 else -1
        found = _END.match(self.content, stop) if stop >= 0 else None
        if found is None:
            raise _broken("a stream whose length is wrong", start)
        return (start, stop), found.end()

    def packed(
        self, holder: Body, entries: dict[str, Value], place: tuple[int, int]
    ) -> Iterator[Body]:
        """The objects of an object stream (7.5.7)."""
        content = inflated(
            entries, self.content[place[0] : place[1]], MOST_INFLATED - self.inflated
        )
        self.inflated += len(content)
        count, first = entries.get("/N"), entries.get("/First")
        if type(count) is not int or type(first) is not int or not 0 <= count <= MOST_OBJECTS:
            raise _broken("an object stream without its numbers", place[0])
        head = content[: max(0, first)].split()
        if len(head) != 2 * count or not all(each.isdigit() and len(each) < 11 for each in head):
            raise _broken("an object stream whose table is wrong", place[0])
        inner = _Reader(content, self.values, self.inflated)
        for number, offset in zip(head[::2], head[1::2], strict=True):
            value, _ = inner.value(inner.blank(first + int(offset)), 0)
            yield Body(int(number), 0, value, packed=True, section=holder.section)
        self.values = inner.values

    def value(self, at: int, depth: int) -> tuple[Value, int]:
        """The value that begins here, and where it ends."""
        self.values += 1
        if self.values > MOST_VALUES or depth > DEEPEST:
            raise _too_much("it has too many values, or too many within each other")
        content = self.content
        if content.startswith(b"<<", at):
            return self._dictionary(at + 2, depth)
        first = content[at : at + 1]
        if first == b"<":
            found = _HEX.match(content, at)
            if found is None:
                raise _broken("a broken string", at)
            return Hex(at, found.end()), found.end()
        if first == b"[":
            items: list[Value] = []
            at = self.blank(at + 1)
            while not content.startswith(b"]", at):
                item, at = self.value(at, depth + 1)
                items.append(item)
                at = self.blank(at)
            return items, at + 1
        if first == b"(":
            return self._string(at)
        if first == b"/":
            return self._name(at)
        if found := _REFERENCE.match(content, at):
            return Ref(int(found[1]), int(found[2])), found.end()
        found = _REGULAR.match(content, at)
        word = found[0] if found else b""
        if word in _WORDS:
            return _WORDS[word], at + len(word)
        if found and _NUMBER.match(word):
            return (float(word) if b"." in word else int(word)), found.end()
        raise _broken("something that is no value", at)

    def _dictionary(self, at: int, depth: int) -> tuple[dict[str, Value], int]:
        entries: dict[str, Value] = {}
        at = self.blank(at)
        while not self.content.startswith(b">>", at):
            name, at = self._name(at)
            value, at = self.value(self.blank(at), depth + 1)
            if name in entries:
                # Some viewers take the first, some the last.
                raise _broken(f"{name} twice in one dictionary", at)
            entries[name] = value
            at = self.blank(at)
        return entries, at + 2

    def _name(self, at: int) -> tuple[str, int]:
        if not self.content.startswith(b"/", at):
            raise _broken("something that is no name", at)
        found = _REGULAR.match(self.content, at + 1, at + 1 + LONGEST_NAME)
        plain = found[0] if found else b""
        return _unescaped(b"/" + plain), at + 1 + len(plain)

    def _string(self, at: int) -> tuple[bytes, int]:
        deep, start = 0, at
        for found in re.compile(rb"\\.|[()]", re.DOTALL).finditer(self.content, at):
            deep += (found[0] == b"(") - (found[0] == b")")
            if deep == 0:
                return self.content[start + 1 : found.start()], found.end()
        raise _broken("a string without an end", at)


def _unescaped(name: bytes) -> str:
    return _ESCAPED.sub(lambda escape: bytes([int(escape[1], 16)]), name).decode("latin-1")


def _broken(what: str, at: int) -> FormatError:
    return FormatError(
        f"this PDF cannot be taken apart: {what} at byte {at}", hint="print it to a new PDF"
    )


def _too_much(what: str) -> TooLarge:
    return TooLarge(f"this PDF is too large to be taken apart: {what}", hint="print it anew")
