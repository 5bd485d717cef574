"""The long log of the benchmarks is what it says: real bytes, a real tree, a signed head."""

from __future__ import annotations

from pathlib import Path

from bench.long_log import LongLog

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.log import merkle
from vidimus.core.seal import statement
from vidimus.operations.face import Face


def test_simulated_entries_are_statements_under_a_signed_head(tmp_path: Path) -> None:
    """All but their signatures: they parse, name their documents, and lie in the tree."""
    log = LongLog(tmp_path / "registry")
    before = log.town.registry.log.head().size
    assert log.grow(1_000)[0] == 1_000 - before
    assert log.grow(1_001)[0] == 1
    face = Face(log.town.registry.log, wiring.settings(log.folder).open)
    signed = face.head()
    sizes = {True: set[int](), False: set[int]()}
    tree: dict[tuple[int, int], bytes] = {}
    for stored in face.entries(0, 1_001):
        said = statement.parse(stored.raw)
        if stored.document is not None:
            assert said.digest == documents.digest(stored.document)
        if stored.index >= before:
            sizes[entries.is_sealed(said)].add(len(stored.raw))
        assert (
            stored.index < before
            or said.issued_at == log.town.registry.log.filed(stored.index, stored.index + 1)[0].time
        )
        leaf = merkle.leaf_hash(stored.raw)
        for level, n, value in merkle.added(stored.index, leaf, lambda *at: tree[at]):
            tree[level, n] = value
    assert (signed.size, signed.root) == (1_001, merkle.root(1_001, lambda *at: tree[at]))
    # As long as the real ones: of one sort they only differ in what is random.
    assert all(len(each) == 1 for each in sizes.values())


def test_real_acts_go_on_between_them(tmp_path: Path) -> None:
    log = LongLog(tmp_path / "registry")
    log.grow(700)
    for kind in ("hold", "clear"):
        log.real(kind)
    assert log.town.registry.log.head().size == 700 + 2 * len(log.town.letters)
