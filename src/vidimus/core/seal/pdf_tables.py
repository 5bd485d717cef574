"""Whether the tables of a PDF lead to the objects that they name (ISO 32000-2, 7.5.4 and 7.5.8).

A strict reader needs no table. A viewer follows it; and where it leads elsewhere, one viewer
shows what stands there, and another searches the file for what should stand there.
"""

from __future__ import annotations

from collections.abc import Iterator

from vidimus.core.seal.pdf_objects import File, Value, inflated
from vidimus.errors import VidimusError

MOST_BYTES = 4 * 1024 * 1024
_BLANK = b"\x00\t\n\x0c\r "


def misled(content: bytes, file: File) -> bool:
    for number, at in (*file.rows, *_streamed(content, file)):
        if at == 0:
            continue  # so some writers say that an object is not there
        begin = at
        while begin < len(content) and content[begin] in _BLANK:
            begin += 1
        if file.starts.get(begin) != number:
            return True
    return False


def _streamed(content: bytes, file: File) -> Iterator[tuple[int, int]]:
    """The rows of cross-reference streams, of objects that stand by themselves."""
    for body in file.bodies:
        if body.stream is None or not isinstance(body.value, dict):
            continue
        if body.value.get("/Type") == "/XRef":
            try:
                packed = {k: v for k, v in body.value.items() if k != "/DecodeParms"}
                plain = inflated(packed, content[body.stream[0] : body.stream[1]], MOST_BYTES)
            except VidimusError:
                continue  # of an older packing, which no table of today uses
            yield from _rows(body.value, _unpredicted(plain, body.value.get("/DecodeParms")))


def _unpredicted(plain: bytes, how: Value) -> bytes:
    """Without the differences to the row above (PNG, filter 2), which is what all writers use."""
    if not isinstance(how, dict):
        return plain
    predictor, columns = how.get("/Predictor", 1), how.get("/Columns", 1)
    if type(predictor) is not int or type(columns) is not int or not 0 < columns <= 64:
        return b""
    if predictor < 10:
        return plain
    out, above = bytearray(), bytes(columns)
    for at in range(0, len(plain) - columns, columns + 1):
        if plain[at] not in (0, 2):
            return b""
        row = plain[at + 1 : at + 1 + columns]
        if plain[at] == 2:
            row = bytes((a + b) & 0xFF for a, b in zip(row, above, strict=True))
        out += row
        above = row
    return bytes(out)


def _rows(entries: dict[str, Value], plain: bytes) -> Iterator[tuple[int, int]]:
    widths, size = entries.get("/W"), entries.get("/Size")
    if not isinstance(widths, list) or len(widths) != 3:
        return
    wide = [each for each in widths if type(each) is int and 0 <= each <= 8]
    index = entries.get("/Index", [0, size])
    if len(wide) != 3 or not sum(wide) or not isinstance(index, list):
        return
    whole = [each for each in index if type(each) is int and each >= 0]
    at = 0
    for first, count in zip(whole[::2], whole[1::2], strict=False):
        for number in range(first, first + min(count, len(plain) // sum(wide))):
            row = plain[at : at + sum(wide)]
            at += sum(wide)
            if len(row) < sum(wide):
                return
            kind = int.from_bytes(row[: wide[0]]) if wide[0] else 1
            if kind == 1:
                yield number, int.from_bytes(row[wide[0] : wide[0] + wide[1]])
