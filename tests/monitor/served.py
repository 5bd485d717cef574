"""A log as it is served: its files, made of a country's entries, and whoever changes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.acts.world import ORIGIN, START, World, log_signer
from tests.log.trees import Tree
from tests.trust.chains import root_of

from vidimus.core.log import claim as claims
from vidimus.core.log import merkle, note, tiles
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.monitor.mirror import Bundle
from vidimus.core.trust import root as roots
from vidimus.errors import NotFound, VidimusError

Pair = tuple[bytes, bytes | None]


def public(found: World) -> list[Pair]:
    """What anybody gets of each entry: sealed documents stay inside."""
    return [(each.raw, None if each.sealed else each.document) for each in found.log]


@dataclass
class Face:
    """The files of a log of these entries, signed with these keys of it."""

    pairs: list[Pair]
    signers: tuple[note.Signer, ...] = (log_signer(),)
    tree: Tree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = Tree([raw for raw, _ in self.pairs])

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, merkle.root(size, self.tree.read))

    def checkpoint(self, size: int | None = None) -> str:
        head = self.head(len(self.pairs) if size is None else size)
        first, *others = (sign_checkpoint(head, each) for each in self.signers)
        return first + "".join(other.rpartition("\n\n")[2] for other in others)

    def files(self, size: int | None = None) -> dict[str, bytes]:
        size = len(self.pairs) if size is None else size
        made = {each.path: tiles.tile_hashes(each, self.tree.read) for each in tiles.tiles_of(size)}
        for n, width in tiles.bundles_of(size):
            part = self.pairs[n * 256 : n * 256 + width]
            made[tiles.entries_path(n, width)] = tiles.write_entries([raw for raw, _ in part])
            made[tiles.acts_path(n, width)] = tiles.write_documents([doc for _, doc in part])
        made["checkpoint"] = self.checkpoint(size).encode()
        return made

    def claim(self, subjects: dict[str, list[int]], size: int | None = None) -> bytes:
        head = self.head(len(self.pairs) if size is None else size)
        return claims.sign_claim(claims.claim(head, subjects), self.signers[0]).encode()


def face(found: World, size: int | None = None) -> dict[str, bytes]:
    """The files of a country's log, with its trust root."""
    return Face(public(found)[:size]).files() | {"trust.json": roots.write(root_of(found))}


@dataclass
class Served:
    """A source that serves a dictionary; `answers` are those of a server that knows more."""

    files: dict[str, bytes]
    answers: bool = False
    address: str = "https://letters.example.org"
    asked: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes:
        self.asked.append(path)
        if path not in self.files:
            raise NotFound(f"{path} is not there")
        return self.files[path]

    def bundles(self, wanted: Iterable[tuple[int, int]]) -> Iterator[Bundle]:
        for n, width in wanted:
            try:
                yield self._pair(n, width)
            except NotFound:
                try:
                    yield self._pair(n, 256)
                except VidimusError as error:
                    yield Bundle(n, width, error=error)

    def _pair(self, n: int, width: int) -> Bundle:
        entries = self.read(tiles.entries_path(n, width))
        return Bundle(n, width, entries, self.read(tiles.acts_path(n, width)))


@dataclass
class Clock:
    """Stands still until it is moved."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time.astimezone(UTC)
