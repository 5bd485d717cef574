"""The log as files that never change: tiles of hashes, and bundles of what was hashed.

    tile/0/x001/067          256 hashes of 32 bytes: the leaves from 1067 * 256 on
    tile/1/004.p/43          43 hashes, each over 256 leaves: the end of the log for now
    tile/entries/x001/067    256 times: two bytes of length, big-endian, and the entry
    acts/x001/067            256 times: four bytes of length, and the entry's document;
                             length 0 where the document is sealed

C2SP tlog-tiles v0.1.0; `acts` is ours. See spec/log.md, section 6. Tile (L, n) holds the
hashes of the complete subtrees of `merkle.py` at the levels 8 * L alone; those between are
computed. `n` counts tiles along a level, and `width` the hashes or entries that one holds.

Nothing here is believed for being in a file: who reads hashes from tiles checks them
against a signed root, and who reads entries from a bundle hashes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vidimus.core.log import merkle
from vidimus.core.log.lines import LIMIT
from vidimus.errors import FormatError, NotFound, UsageError, VerificationFailed

HEIGHT = 8
WIDTH = 256

LONGEST_ENTRY = 65_535  # two bytes of length
LONGEST_DOCUMENT = 64 * 1024  # as long as the document of an act can be
ENTRIES = "entries"
ACTS = "acts"

# So much a reader takes for one file, before it looks into it.
LONGEST_FILE = WIDTH * (4 + LONGEST_DOCUMENT)

_PATH = re.compile(
    r"(?:tile/(?P<level>[0-9]{1,2})|tile/(?P<entries>entries)|(?P<acts>acts))"
    r"/(?P<n>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?"
)
_FOLDERS = {ENTRIES: "tile/entries", ACTS: "acts"}
_CACHED = 256  # tiles that a reader keeps: 2 MB of hashes, with those between 4 MB


@dataclass(frozen=True, slots=True)
class Tile:
    """A file of hashes. Raises FormatError for one that no log has."""

    level: int
    n: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        _check(self.level, self.n, self.width)

    @property
    def path(self) -> str:
        return f"tile/{self.level}/{_place(self.n, self.width)}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A file of entries or of their documents. Raises FormatError for one that no log has."""

    kind: str
    n: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if self.kind not in _FOLDERS:
            raise FormatError(f"no bundle holds {self.kind[:40]!r}")
        _check(0, self.n, self.width)

    @property
    def path(self) -> str:
        return f"{_FOLDERS[self.kind]}/{_place(self.n, self.width)}"


def entries_path(n: int, width: int = WIDTH) -> str:
    return Bundle(ENTRIES, n, width).path


def acts_path(n: int, width: int = WIDTH) -> str:
    return Bundle(ACTS, n, width).path


def parse_path(path: str) -> Tile | Bundle:
    """Read a path; only the exact text that `path` writes is accepted. Raises FormatError."""
    found = _PATH.fullmatch(path)
    if not found:
        raise FormatError(f"not the path of a tile or bundle: {path[:80]!r}")
    n = int(found["n"].replace("x", "").replace("/", ""))
    width = WIDTH if found["width"] is None else int(found["width"])
    named: Tile | Bundle
    if found["level"] is not None:
        named = Tile(int(found["level"]), n, width)
    else:
        named = Bundle(found["entries"] or found["acts"], n, width)
    # "x000/001", ".p/08" and ".p/256" would be second names of one file.
    if named.path != path:
        raise FormatError(f"not the path of a tile in its one form: {path[:80]!r}")
    return named


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile that a log of `size` entries has: full ones, and one partial a level."""
    return new_tiles(0, size)


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The tiles of a log of `new` entries that it did not have when it had `old` of them."""
    _check_sizes(old, new)
    level = 0
    while new:
        yield from (Tile(level, n, width) for n, width in _files(old, new))
        old, new, level = old >> HEIGHT, new >> HEIGHT, level + 1


def bundles_of(size: int) -> Iterator[tuple[int, int]]:
    """(n, width) of every bundle of a log of `size` entries."""
    return new_bundles(0, size)


def new_bundles(old: int, new: int) -> Iterator[tuple[int, int]]:
    """(n, width) of the bundles of `new` entries that were not there with `old` of them."""
    _check_sizes(old, new)
    return _files(old, new)


def tile_hashes(tile: Tile, read: merkle.Read) -> bytes:
    """The content of a tile."""
    first = tile.n * WIDTH
    return b"".join(read(tile.level * HEIGHT, first + place) for place in range(tile.width))


def read_tile(tile: Tile, content: bytes) -> tuple[merkle.Hash, ...]:
    """The hashes of a tile. Raises FormatError."""
    size = merkle.HASH_SIZE
    if len(content) != tile.width * size:
        raise FormatError(
            f"malformed tile {tile.path}: {len(content)} bytes, not {tile.width * size}"
        )
    return tuple(content[at : at + size] for at in range(0, len(content), size))


def check_full(tile: Tile, hashes: Sequence[merkle.Hash], whole: merkle.Hash) -> None:
    """Check a full tile against its hash in the tile above. Raises VerificationFailed.

    Partial tiles have none above: the root is made of their hashes.
    """
    row = list(hashes)
    while len(row) > 1 and len(hashes) == WIDTH:
        pairs = zip(row[::2], row[1::2], strict=True)
        row = [merkle.node_hash(left, right) for left, right in pairs]
    if row != [whole]:
        raise VerificationFailed(f"the hashes of {tile.path} do not make the one above them")


def write_entries(entries: Sequence[bytes]) -> bytes:
    """A bundle of entries. Raises FormatError for what could not be read back."""
    for entry in entries:
        if len(entry) > LONGEST_ENTRY:
            raise FormatError(f"an entry of {len(entry)} bytes, more than {LONGEST_ENTRY}")
    return _write(entries, 2)


def read_entries(content: bytes, width: int) -> tuple[bytes, ...]:
    """The entries of a bundle of `width` of them. Raises FormatError."""
    return _read(content, width, 2, LONGEST_ENTRY)


def write_documents(documents: Sequence[bytes | None]) -> bytes:
    """A bundle of documents, None for a sealed one. Raises FormatError."""
    for document in documents:
        if document is not None and not 0 < len(document) <= LONGEST_DOCUMENT:
            raise FormatError(f"a document of {len(document)} bytes: 1 to {LONGEST_DOCUMENT}")
    return _write([document or b"" for document in documents], 4)


def read_documents(content: bytes, width: int) -> tuple[bytes | None, ...]:
    """The documents of a bundle of `width` of them, None for a sealed one. Raises FormatError."""
    return tuple(document or None for document in _read(content, width, 4, LONGEST_DOCUMENT))


class TileReader:
    """The hashes of a log of `size` entries, made of its tiles: a `merkle.Read`.

    `fetch` gives the content of a path, and raises NotFound where there is none. What is
    read here is not verified: check a root, or a proof, made of it against a signed root.
    """

    def __init__(self, size: int, fetch: Callable[[str], bytes]) -> None:
        _check_sizes(0, size)
        self._size = size
        self._fetch = fetch
        self._rows: dict[tuple[int, int], list[list[merkle.Hash]]] = {}

    def __call__(self, level: int, n: int) -> merkle.Hash:
        """Raises FormatError for a tile of another length, and what `fetch` raises."""
        if level < 0 or n < 0 or (n + 1) << level > self._size:
            raise UsageError(f"no subtree {n} at level {level} in a log of {self._size} entries")
        floor, up = divmod(level, HEIGHT)
        tile, place = divmod(n, WIDTH >> up)
        return self._tile(floor, tile)[up][place]

    def _tile(self, level: int, n: int) -> list[list[merkle.Hash]]:
        """The tile's hashes, and above them row by row those of the subtrees they complete."""
        if (level, n) not in self._rows:
            if len(self._rows) >= _CACHED:
                del self._rows[next(iter(self._rows))]
            width = min(WIDTH, (self._size >> level * HEIGHT) - n * WIDTH)
            rows = [list(self._content(Tile(level, n, width)))]
            while len(rows) < HEIGHT:
                below = rows[-1]
                pairs = zip(below[::2], below[1::2], strict=False)  # a lone last one waits
                rows.append([merkle.node_hash(left, right) for left, right in pairs])
            self._rows[level, n] = rows
        return self._rows[level, n]

    def _content(self, tile: Tile) -> tuple[merkle.Hash, ...]:
        try:
            return read_tile(tile, self._fetch(tile.path))
        except NotFound:
            if tile.width == WIDTH:
                raise
            # The log has grown, and dropped the partial tile for the full one.
            full = Tile(tile.level, tile.n)
            return read_tile(full, self._fetch(full.path))[: tile.width]


def _files(old: int, new: int) -> Iterator[tuple[int, int]]:
    """(n, width) along one level that grows from `old` to `new` things."""
    if old < new:
        yield from ((n, WIDTH) for n in range(old // WIDTH, new // WIDTH))
        if new % WIDTH:
            yield new // WIDTH, new % WIDTH


def _place(n: int, width: int) -> str:
    """C2SP tlog-tiles: groups of three digits, all but the last with an x before them."""
    digits = str(n)
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return place if width == WIDTH else f"{place}.p/{width}"


def _check(level: int, n: int, width: int) -> None:
    if level < 0 or n < 0 or not 0 < width <= WIDTH:
        raise FormatError(f"no log has the tile {n} of width {width} at level {level}")
    # Its last hash covers entries that a log below 2**63 cannot have.
    if level > 7 or (n * WIDTH + width) << level * HEIGHT >= LIMIT:
        raise FormatError(f"no log of fewer than 2**63 entries has the tile {n} at level {level}")


def _check_sizes(old: int, new: int) -> None:
    if not 0 <= old <= new < LIMIT:
        raise UsageError(f"no log grows from {old} entries to {new}")


def _write(parts: Sequence[bytes], prefix: int) -> bytes:
    if not 0 < len(parts) <= WIDTH:
        raise FormatError(f"a bundle holds 1 to {WIDTH}, not {len(parts)}")
    return b"".join(len(part).to_bytes(prefix) + part for part in parts)


def _read(content: bytes, width: int, prefix: int, longest: int) -> tuple[bytes, ...]:
    if not 0 < width <= WIDTH:
        raise FormatError(f"a bundle holds 1 to {WIDTH}, not {width}")
    parts: list[bytes] = []
    at = 0
    for _ in range(width):
        start = at + prefix
        length = int.from_bytes(content[at:start])
        # A prefix that is cut short reads as a small number; the end tells.
        at = start + length
        if at > len(content) or length > longest:
            raise FormatError(
                f"malformed bundle: number {len(parts)} of {width} is cut or too long"
            )
        parts.append(content[start:at])
    if at != len(content):
        raise FormatError(f"malformed bundle: {len(content) - at} bytes after the last of {width}")
    return tuple(parts)
