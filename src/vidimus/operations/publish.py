"""`vidimus log publish`: bring the log's public face, a folder of files, up to its head.

Tiles and bundles first, then the trust root, then the checkpoint: at every moment the folder
holds all that its checkpoint speaks of. What is there is not written again; how far it goes,
the published checkpoint says. See spec/log.md, section 6.

Nothing is believed for standing in the database. The hashes are followed from the signed
root down to the entries, each file is checked before it is written, and a bit that fell over
anywhere stops the publishing with the old checkpoint in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vidimus.core.log import merkle, tiles
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.tiles import HEIGHT, WIDTH, Tile
from vidimus.core.trust import root as roots
from vidimus.errors import FormatError, NotFound, VerificationFailed, VidimusError
from vidimus.operations import heads
from vidimus.operations.face import require_document
from vidimus.operations.ports import LogStore, Opener, Progress, PublicFiles, silent

CHECKPOINT = "checkpoint"
TRUST = "trust.json"


def publish(
    log: LogStore,
    files: PublicFiles,
    trust: bytes | None,
    opener: Opener,
    *,
    trim: heads.Trim = str,
    progress: Progress = silent,
) -> int:
    """Publish what is missing, and give the size that is published now.

    Raises VerificationFailed, and leaves the published checkpoint as it is, where that is
    not of this log or ahead of it, or where anything that the log stores does not hold.
    """
    with files.writing():
        old = _published(files, opener)
        # After the published one, which another process may have just written.
        head = log.head()
        if head.size == 0 and not head.checkpoint:
            if old.size:
                raise _ahead(old.size, 0)
            return 0
        new = heads.signed(opener, head)
        _require_prefix(log, old, new)
        checkpoint = heads.shown(opener, head, new, log.witnessed(), trim)
        if old.size < new.size:
            _Publishing(log, files, old.size, new, progress).run()
        if trust is not None:
            _require_newer(files, trust)
            _renew(files, TRUST, trust)
        files.sync()
        _renew(files, CHECKPOINT, checkpoint.encode())
        files.sync()
        # After the checkpoint, so that who reads by the old one misses nothing.
        for path in _superseded(old.size, new.size):
            files.drop_partials(path)
        files.sync()
    return new.size


def _published(files: PublicFiles, opener: Opener) -> Checkpoint:
    try:
        content = files.read(CHECKPOINT)
    except NotFound:
        return Checkpoint("", 0, merkle.EMPTY_ROOT)
    try:
        return opener(content.decode("utf-8"))
    except (UnicodeDecodeError, FormatError, VerificationFailed) as error:
        fact = error.fact if isinstance(error, VidimusError) else "it is not UTF-8"
        raise VerificationFailed(
            f"the published checkpoint is not one of this log: {fact}",
            hint="choose another folder, or find out who wrote there",
        ) from error


def _require_prefix(log: LogStore, old: Checkpoint, new: Checkpoint) -> None:
    """The published log is the beginning of this one, and the stored hashes lead to both roots."""
    if old.size > new.size:
        raise _ahead(old.size, new.size)
    try:
        if merkle.root(new.size, log.subtree) != new.root:
            raise VerificationFailed("the signed root is not that of the stored hashes")
        path = merkle.consistency(old.size, new.size, log.subtree)
        merkle.check_consistency(old.size, new.size, old.root, new.root, path)
    except (NotFound, VerificationFailed) as error:
        raise VerificationFailed(
            f"the log of {new.size} entries does not continue the published one"
            f" of {old.size}: {error.fact}",
            hint="run “vidimus log verify”: the log is damaged, or another one was put in its"
            " place; never delete the published checkpoint to get around this",
        ) from error


def _ahead(published: int, size: int) -> VerificationFailed:
    return VerificationFailed(
        f"{published} entries are published, and the log has {size}",
        hint="an older copy of the log was put in its place; put the newest one back",
    )


def _require_newer(files: PublicFiles, trust: bytes) -> None:
    """The published trust root is not ahead of this one; a damaged one is replaced."""
    try:
        known = roots.read(files.read(TRUST))
    except (NotFound, FormatError, VerificationFailed):
        return
    roots.extend(known, roots.read(trust))


def _renew(files: PublicFiles, path: str, content: bytes) -> None:
    try:
        if files.read(path) == content:
            return
    except NotFound:
        pass
    files.replace(path, content)


def _superseded(old: int, new: int) -> list[str]:
    """The full files whose partial ones are of no more use.

    One earlier than needed along each level: a crash may have left the last ones.
    """
    paths = []
    for level in range(0, 64, HEIGHT):
        for n in range(max(0, (old >> level) // WIDTH - 1), (new >> level) // WIDTH):
            paths.append(Tile(level // HEIGHT, n).path)
            if not level:
                paths += [tiles.entries_path(n), tiles.acts_path(n)]
    return paths


@dataclass(slots=True)
class _Publishing:
    """One walk over the tree, from the signed root down, that writes what is new."""

    log: LogStore
    files: PublicFiles
    old: int
    new: Checkpoint
    progress: Progress

    def run(self) -> None:
        # The partial tiles hold the hashes that the root is made of, and nothing else.
        size = self.new.size
        edge = [tile for tile in tiles.tiles_of(size) if tile.width < WIDTH]
        hashes = {tile.path: self._hashes(tile) for tile in edge}
        reader = tiles.TileReader(size, lambda path: b"".join(hashes[path]))
        if merkle.root(size, reader) != self.new.root:
            raise VerificationFailed("the signed root is not that of the stored hashes")
        # From the top, which covers the beginning of the log, to the entries at its end.
        for tile in reversed(edge):
            self._below(tile, hashes[tile.path])

    def _below(self, tile: Tile, hashes: Sequence[merkle.Hash]) -> None:
        """Write what is new under a tile whose hashes are known to be right, and then itself."""
        if tile.level == 0:
            self._bundles(tile, hashes)
        else:
            first = max(tile.n * WIDTH, self._before(tile.level))
            for n in range(first, tile.n * WIDTH + tile.width):
                child = Tile(tile.level - 1, n)
                below = self._hashes(child)
                tiles.check_full(child, below, hashes[n % WIDTH])
                self._below(child, below)
        if tile.n * WIDTH + tile.width > self._before(tile.level):
            self.files.create(tile.path, b"".join(hashes))

    def _before(self, level: int) -> int:
        """How many hashes the published tiles of this level hold."""
        return self.old >> level * HEIGHT

    def _hashes(self, tile: Tile) -> tuple[merkle.Hash, ...]:
        try:
            return tiles.read_tile(tile, tiles.tile_hashes(tile, self.log.subtree))
        except (NotFound, FormatError) as error:
            raise VerificationFailed(f"the log's own tree is damaged: {error.fact}") from error

    def _bundles(self, tile: Tile, leaves: Sequence[merkle.Hash]) -> None:
        start = tile.n * WIDTH
        if start + tile.width <= self.old:
            return
        stored = list(self.log.entries(start, start + tile.width))
        if [each.index for each in stored] != list(range(start, start + tile.width)):
            raise VerificationFailed(f"entries from {start} on are missing")
        for each, leaf in zip(stored, leaves, strict=True):
            if merkle.leaf_hash(each.raw) != leaf:
                raise VerificationFailed(f"entry {each.index} is not the one that was signed")
            require_document(each)
        raws, documents = [each.raw for each in stored], [each.document for each in stored]
        self.files.create(tiles.entries_path(tile.n, tile.width), tiles.write_entries(raws))
        self.files.create(tiles.acts_path(tile.n, tile.width), tiles.write_documents(documents))
        done = start + tile.width
        self.progress(f"publishing entry {done} of {self.new.size}", done / self.new.size)
