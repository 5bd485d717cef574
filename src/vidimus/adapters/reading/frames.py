"""How the reader and its cell speak: one JSON header, then raw bytes. Never pickle.

    4 bytes   length of the header, big-endian
    header    {"blobs": [n1, n2], ...}  UTF-8 JSON
    blobs     n1 bytes, n2 bytes, ...

Whoever reads gives the greatest lengths that it will believe: the cell has met a
stranger's bytes, so nothing that comes out of it is trusted either.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from vidimus.errors import FormatError

LENGTH = struct.Struct(">I")
PIECE = 1 << 20  # bytes; memory is taken for what has come, not for what was announced


def write(stream: BinaryIO, header: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
    head = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode()
    for piece in (LENGTH.pack(len(head)) + head, *blobs):
        rest = memoryview(piece)
        while rest:  # a pipe without a buffer may take a part only
            rest = rest[stream.write(rest) :]
    stream.flush()


def read_header(stream: BinaryIO, greatest: int) -> dict[str, Any] | None:
    """The next header; None when the other side closed the pipe between two messages."""
    first = stream.read(1)
    if not first:
        return None
    (length,) = LENGTH.unpack(first + _exactly(stream, LENGTH.size - 1))
    if length > greatest:
        raise FormatError(f"malformed message: a header of {length} bytes")
    try:
        header = json.loads(_exactly(stream, length))
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed message: its header is not JSON") from error
    if not isinstance(header, dict):
        raise FormatError("malformed message: its header is not an object")
    return header


def read_blobs(stream: BinaryIO, header: Mapping[str, Any], greatest: int) -> list[bytes]:
    sizes = header.get("blobs")
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes):
        raise FormatError("malformed message: sizes missing")
    if sum(sizes) > greatest:
        raise FormatError(f"malformed message: {sum(sizes)} bytes of content")
    return [_exactly(stream, size) for size in sizes]


def _exactly(stream: BinaryIO, count: int) -> bytes:
    """One read of a pipe without a buffer gives what is there, not what was asked for."""
    pieces: list[bytes] = []
    while count:
        piece = stream.read(min(count, PIECE))
        if not piece:
            raise FormatError("malformed message: cut off")
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
