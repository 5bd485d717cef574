"""A log in memory with real statements on it, and a monitor who reads its public face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.log.trees import Tree

from vidimus.adapters.tile_files import TileFiles
from vidimus.core.acts.document import ACT_TYPE, SEALED_TYPE
from vidimus.core.log import merkle, note, tiles
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vidimus.core.seal import statement
from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import NotFound
from vidimus.operations.ports import Head, Stored
from vidimus.operations.publish import Opener, publish

ORIGIN = "letters.example.org/exercise"
SIGNER = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"l" * 32))
OFFICE = MemorySigner(Ed25519PrivateKey.from_private_bytes(b"o" * 32))


def opener(text: str) -> Checkpoint:
    return open_checkpoint(text, SIGNER.verifier, ORIGIN)


@cache
def entry(index: int, salt: str = "") -> Stored:
    """A statement over made-up bytes; every third one is sealed."""
    document = f"document {index} {salt}".encode()
    sealed = index % 3 == 2
    raw = statement.write(
        issuer=ORIGIN,
        subject=f"{ORIGIN}/c/{index}",
        issued_at=1_900_000_000 + index,
        digest=sha256(document).digest(),
        content_type=SEALED_TYPE if sealed else ACT_TYPE,
        signer=OFFICE,
    )
    return Stored(index, raw, None if sealed else document)


class MemoryLog:
    """As much of a LogStore as publishing needs; a test may spoil what it holds."""

    def __init__(self, size: int, salt: str = "") -> None:
        self.stored: list[Stored] = []
        self.tree = Tree([])
        self.checkpoint = ""
        self.cosigned: Head | None = None
        self._salt = salt
        self.grow(size)

    def grow(self, count: int) -> None:
        for index in range(len(self.stored), len(self.stored) + count):
            self.stored.append(entry(index, self._salt))
            self.tree.append(self.stored[-1].raw)
        if self.tree.size:
            root = merkle.root(self.tree.size, self.tree.read)
            self.checkpoint = sign_checkpoint(Checkpoint(ORIGIN, self.tree.size, root), SIGNER)

    def head(self) -> Head:
        return Head(len(self.stored), self.checkpoint)

    def witnessed(self) -> Head | None:
        return self.cosigned

    def entries(self, start: int, stop: int) -> Iterator[Stored]:
        return iter(self.stored[start:stop])

    def subtree(self, level: int, n: int) -> bytes:
        if (level, n) not in self.tree.hashes:
            raise NotFound(f"no {level} {n}")
        return self.tree.read(level, n)

    def spoil(self, index: int, **changes: bytes | None) -> None:
        self.stored[index] = replace(self.stored[index], **changes)


@cache
def log_of(size: int, salt: str = "") -> MemoryLog:
    """One that nobody may spoil."""
    return MemoryLog(size, salt)


def face(log: MemoryLog, size: int) -> dict[str, bytes]:
    """What the files of a log of this size hold, said a second time and without a folder."""
    held = {tile.path: tiles.tile_hashes(tile, log.tree.read) for tile in tiles.tiles_of(size)}
    for n, width in tiles.bundles_of(size):
        part = log.stored[n * 256 : n * 256 + width]
        held[tiles.entries_path(n, width)] = tiles.write_entries([each.raw for each in part])
        held[tiles.acts_path(n, width)] = tiles.write_documents([each.document for each in part])
    return held


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def monitor(files: dict[str, bytes], opener: Opener = opener) -> int:
    """Read a public face as a stranger does who knows the log's key; gives its size.

    He asks for the files of the checkpoint's size and nothing else: a file that is missing
    is a KeyError, and what does not hold an AssertionError.
    """
    if "checkpoint" not in files:
        return 0
    head = opener(files["checkpoint"].decode())
    reader = tiles.TileReader(head.size, lambda path: files[path])
    assert merkle.root(head.size, reader) == head.root
    for tile in tiles.tiles_of(head.size):
        hashes = tiles.read_tile(tile, files[tile.path])
        if tile.level:
            below = [
                tiles.read_tile(child, files[child.path])
                for child in tiles.tiles_of(head.size)
                if child.level == tile.level - 1 and child.n // 256 == tile.n and child.width == 256
            ]
            assert hashes == tuple(merkle.root(256, Rows(row)) for row in below)
    for n, width in tiles.bundles_of(head.size):
        raws = tiles.read_entries(files[tiles.entries_path(n, width)], width)
        documents = tiles.read_documents(files[tiles.acts_path(n, width)], width)
        for place, (raw, document) in enumerate(zip(raws, documents, strict=True)):
            assert merkle.leaf_hash(raw) == reader(0, n * 256 + place)
            said = statement.parse(raw)
            assert (document is None) == (said.content_type == SEALED_TYPE)
            assert document is None or sha256(document).digest() == said.digest
    return head.size


class Rows:
    """The subtrees over a row of hashes."""

    def __init__(self, row: tuple[bytes, ...]) -> None:
        self._row = row

    def __call__(self, level: int, n: int) -> bytes:
        if level == 0:
            return self._row[n]
        return merkle.node_hash(self(level - 1, 2 * n), self(level - 1, 2 * n + 1))


def publish_for_ever(folder: Path, size: int, said: Connection) -> None:
    """As a server would, after each few acts; until killed."""
    log = MemoryLog(size)
    while True:
        said.send(publish(log, TileFiles(folder), b"trust", opener))
        log.grow(7)
