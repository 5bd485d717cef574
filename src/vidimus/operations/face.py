"""The log's public face, read from the database: the same bytes that `publish` writes to files.

    face.file("tile/0/x001/067.p/8")

Whatever is handed out was held against the signed root first: a bit that fell over, on
whatever page of the disk, is an error here, and never somebody else's evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.log import merkle, subtrees, tiles
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.proof import Proof
from vidimus.core.log.tiles import Bundle, Tile
from vidimus.core.seal import statement
from vidimus.errors import FormatError, NotFound, VerificationFailed
from vidimus.operations import heads
from vidimus.operations.ports import Head, LogStore, Opener, Stored

EMPTY = Head(0, "")


class Face:
    """One for each server; any thread may ask it."""

    def __init__(self, log: LogStore, opener: Opener, trim: heads.Trim = str) -> None:
        self._log = log
        self._opener = opener
        self._trim = trim

    def checkpoint(self) -> str:
        """The signed head, with the witnesses' cosignatures where they are of this very head."""
        return self.shown()[0]

    def shown(self) -> tuple[str, Checkpoint]:
        """The text of `checkpoint`, and what it says."""
        head = self._log.head()
        signed = self._signed(head)
        text = heads.shown(self._opener, head, signed, self._log.witnessed(), self._trim)
        return text, signed

    def file(self, path: str) -> bytes:
        """A tile or a bundle. Raises NotFound, or VerificationFailed for a damaged log."""
        try:
            named = tiles.parse_path(path)
        except FormatError as error:
            raise NotFound(error.fact) from error
        signed = self.head()
        level = named.level * tiles.HEIGHT if isinstance(named, Tile) else 0
        if (named.n * tiles.WIDTH + named.width) << level > signed.size:
            raise NotFound(
                f"the log has no {path} yet", hint=f"it has {signed.size} entries by now"
            )
        return self._tile(named, signed) if isinstance(named, Tile) else self._bundle(named, signed)

    def head(self) -> Checkpoint:
        return self._signed(self._log.head())

    def _signed(self, head: Head) -> Checkpoint:
        if head == EMPTY:
            raise NotFound("this log is empty", hint="found the registry first")
        return heads.signed(self._opener, head)

    def entry(self, index: int) -> Stored:
        """One entry, held against the signed root."""
        signed = self.head()
        if not 0 <= index < signed.size:
            raise _no_entry(index, signed.size)
        (stored,) = self._entries(index, 1, signed)
        return stored

    def entries(self, start: int, stop: int) -> Iterator[Stored]:
        """Those from `start` up to `stop` that are there by now; of an empty log, none."""
        head = self._log.head()
        if head == EMPTY:
            return
        signed = self._signed(head)
        for first in range(start, min(stop, signed.size), tiles.WIDTH):
            count = min(tiles.WIDTH, stop - first, signed.size - first)
            yield from self._entries(first, count, signed)

    def proof(self, index: int) -> Proof:
        """A C2SP tlog-proof that this entry is on the log."""
        text, signed = self.shown()
        if not 0 <= index < signed.size:
            raise _no_entry(index, signed.size)
        (stored,) = self._entries(index, 1, signed)
        path = merkle.inclusion(index, signed.size, self._log.subtree)
        leaf = merkle.leaf_hash(stored.raw)
        merkle.check_inclusion(index, signed.size, leaf, path, signed.root)
        return Proof(index=index, path=path, checkpoint=text)

    def _tile(self, tile: Tile, signed: Checkpoint) -> bytes:
        level, first = tile.level * tiles.HEIGHT, tile.n * tiles.WIDTH
        row = self._log.row(level, first, first + tile.width)
        self._check(level, first, row, signed)
        return b"".join(row)

    def _bundle(self, bundle: Bundle, signed: Checkpoint) -> bytes:
        start = bundle.n * tiles.WIDTH
        if bundle.kind == tiles.ENTRIES:
            return tiles.write_entries(
                [each.raw for each in self._logged(start, bundle.width, signed)]
            )
        return tiles.write_documents(
            [each.document for each in self._entries(start, bundle.width, signed)]
        )

    def _entries(self, start: int, count: int, signed: Checkpoint) -> list[Stored]:
        """With the documents that they name."""
        stored = self._logged(start, count, signed)
        for each in stored:
            require_document(each)
        return stored

    def _logged(self, start: int, count: int, signed: Checkpoint) -> list[Stored]:
        """Held against the signed root; their documents were not looked at."""
        stored = list(self._log.entries(start, start + count))
        if [each.index for each in stored] != list(range(start, start + count)):
            raise VerificationFailed(
                f"entries from {start} on are missing",
                hint="run “vidimus log verify” and restore from a backup",
            )
        self._check(0, start, [merkle.leaf_hash(each.raw) for each in stored], signed)
        return stored

    def _check(self, level: int, first: int, row: Sequence[bytes], signed: Checkpoint) -> None:
        subtrees.check_row(level, first, row, signed.size, signed.root, self._log.subtree)


def _no_entry(index: int, size: int) -> NotFound:
    return NotFound(f"the log has no entry {index}", hint=f"it has entries 0 to {size - 1}")


def require_document(stored: Stored) -> None:
    """The document is the one that the entry names; and sealed ones are not here."""
    found = statement.parse(stored.raw)
    if entries.is_sealed(found):
        if stored.document is not None:
            raise VerificationFailed(f"the sealed entry {stored.index} lies open")
    elif stored.document is None:
        raise VerificationFailed(f"the document of the public entry {stored.index} is missing")
    elif documents.digest(stored.document) != found.digest:
        raise VerificationFailed(f"entry {stored.index}: its document is not the one it names")
