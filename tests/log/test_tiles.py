"""Tiles and bundles say what the tree says, under one name and in one form."""

from __future__ import annotations

import contextlib
import itertools
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.log import trees
from tests.log.trees import Tree

from vidimus.core.acts import document
from vidimus.core.log import merkle, tiles
from vidimus.core.log.tiles import Bundle, Tile, TileReader
from vidimus.core.seal import statement
from vidimus.errors import FormatError, NotFound, UsageError, VerificationFailed

MOST = 1100
ENTRIES = [b"entry %d" % n for n in range(MOST)]
TREE = Tree(ENTRIES)
LARGEST = 2**63 - 1

# Around the edges of tiles of both levels, and anywhere.
sizes = st.one_of(st.sampled_from([1, 2, 255, 256, 257, 511, 512, 513]), st.integers(1, MOST))
entries = st.lists(st.binary(max_size=40), min_size=1, max_size=256)


def folder(size: int, tree: Tree = TREE) -> dict[str, bytes]:
    """What a file server of a log of this size holds."""
    return {tile.path: tiles.tile_hashes(tile, tree.read) for tile in tiles.tiles_of(size)}


def reader(size: int, files: dict[str, bytes]) -> TileReader:
    def fetch(path: str) -> bytes:
        if path not in files:
            raise NotFound(f"no {path}")
        return files[path]

    return TileReader(size, fetch)


FOLDERS = {size: folder(size) for size in (1, 200, 256, 257, 600, MOST)}


def test_the_names_are_those_of_the_standard() -> None:
    """C2SP tlog-tiles: its own examples of paths, and what a log of 70,000 entries has."""
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert tiles.entries_path(1234067) == "tile/entries/x001/x234/067"
    assert tiles.acts_path(0, 1) == "acts/000.p/1"
    every = list(tiles.tiles_of(70_000))
    assert len(every) == 273 + 1 + 1 + 1 + 1
    assert [tile.path for tile in every if tile.width < 256] == [
        "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
    ]  # fmt: skip
    assert [tile.path for tile in tiles.tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert list(tiles.tiles_of(0)) == list(tiles.bundles_of(0)) == []


@given(size=sizes)
def test_the_root_read_from_tiles_is_the_root_of_the_entries(size: int) -> None:
    assert merkle.root(size, reader(size, folder(size))) == trees.mth(ENTRIES[:size])


@given(size=sizes, data=st.data())
def test_proofs_read_from_tiles_are_those_of_the_entries(size: int, data: st.DataObject) -> None:
    """RFC 9162: they are the same, hash by hash, and they hold."""
    read = reader(size, folder(size))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    root = merkle.root(size, read)
    path = merkle.inclusion(index, size, read)
    assert list(path) == trees.path(index, ENTRIES[:size])
    merkle.check_inclusion(index, size, merkle.leaf_hash(ENTRIES[index]), path, root)
    path = merkle.consistency(old, size, read)
    assert path == merkle.consistency(old, size, TREE.read)
    merkle.check_consistency(old, size, trees.mth(ENTRIES[:old]), root, path)


@given(size=sizes)
def test_every_hash_of_the_tree_can_be_read_from_its_tiles(size: int) -> None:
    read = reader(size, folder(size))
    for level in range(size.bit_length()):
        for n in range(size >> level):
            assert read(level, n) == TREE.hashes[level, n]
        with pytest.raises(UsageError):
            read(level, size >> level)


def test_a_log_of_three_levels_is_read_from_three_levels() -> None:
    """Made of hashes alone: 70,000 leaves, as many as reach the third level of tiles."""
    tree = Tree([])
    for n in range(70_000):
        for level, at, value in merkle.added(n, sha256(b"%d" % n).digest(), tree.read):
            tree.hashes[level, at] = value
    files = folder(70_000, tree)
    read = reader(70_000, files)
    root = merkle.root(70_000, tree.read)
    assert merkle.root(70_000, read) == root
    for index in (0, 255, 256, 65_535, 65_536, 69_999):
        path = merkle.inclusion(index, 70_000, read)
        merkle.check_inclusion(index, 70_000, sha256(b"%d" % index).digest(), path, root)


@given(size=sizes, data=st.data())
def test_a_flipped_bit_in_a_tile_breaks_what_rests_on_it(size: int, data: st.DataObject) -> None:
    """Nothing is believed for being in a file: the check against the root refuses it."""
    files = folder(size)
    index = data.draw(st.integers(0, size - 1))
    tile = next(t for t in tiles.tiles_of(size) if t.level == 0 and t.n == index // 256)
    if tile.width == 1:
        return  # this leaf is not on its own path; the root rests on it
    place = data.draw(st.integers(0, tile.width - 1).filter(lambda at: at != index % 256))
    bit = data.draw(st.integers(0, 255))
    content = bytearray(files[tile.path])
    content[place * 32 + bit // 8] ^= 1 << bit % 8
    path = merkle.inclusion(index, size, reader(size, files | {tile.path: bytes(content)}))
    root = merkle.root(size, TREE.read)
    with pytest.raises(VerificationFailed):
        merkle.check_inclusion(index, size, merkle.leaf_hash(ENTRIES[index]), path, root)


def test_a_full_tile_is_checked_against_the_one_above() -> None:
    """A reader that skips this believes any leaf that it is served (CVE-2026-56865)."""
    tile, whole = Tile(0, 2), TREE.hashes[8, 2]
    hashes = tiles.read_tile(tile, FOLDERS[MOST][tile.path])
    tiles.check_full(tile, hashes, whole)
    wrong = [hashes[:-1], hashes[::-1], (*hashes[:9], hashes[0], *hashes[10:]), ()]
    # The level above the hashes makes the same whole, and is not the tile.
    wrong.append(tuple(TREE.hashes[1, 256 + place] for place in range(128)))
    for other in wrong:
        with pytest.raises(VerificationFailed):
            tiles.check_full(tile, other, whole)
    with pytest.raises(VerificationFailed):
        tiles.check_full(tile, hashes, hashes[0])


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one() -> None:
    """C2SP tlog-tiles: partial tiles may be deleted once the full one is there."""
    # Of 300 entries the log has kept tile/1/000.p/1, which is not full yet.
    kept = {path: content for path, content in folder(300).items() if path.startswith("tile/1/")}
    read = reader(300, FOLDERS[MOST] | kept)
    assert merkle.root(300, read) == trees.mth(ENTRIES[:300])
    with pytest.raises(NotFound):
        reader(300, {})(0, 0)
    with pytest.raises(NotFound):
        merkle.root(1090, reader(1090, FOLDERS[MOST]))


def test_a_tile_of_another_length_is_malformed() -> None:
    good = FOLDERS[200]
    for path, content in good.items():
        for wrong in (b"", content[:-1], content + b"\0", content + content[:32]):
            with pytest.raises(FormatError):
                merkle.root(200, reader(200, good | {path: wrong}))


def test_a_reader_keeps_only_so_many_tiles() -> None:
    fetched: list[str] = []

    def fetch(path: str) -> bytes:
        fetched.append(path)
        return bytes(8192)

    read = TileReader(2**40, fetch)
    for n in itertools.chain(range(300), range(290, 300), [0]):
        read(0, n * 256)
    assert len(fetched) == 301
    assert len(read._rows) == 256


@given(old=st.integers(0, 70_000), more=st.integers(0, 70_000))
@example(old=255, more=1)
@example(old=256, more=0)
@example(old=65_535, more=1)
@example(old=5, more=2)
def test_a_grown_log_adds_exactly_the_tiles_that_it_lacked(old: int, more: int) -> None:
    new = old + more
    before, after = set(tiles.tiles_of(old)), list(tiles.tiles_of(new))
    assert len(set(after)) == len(after)
    assert list(tiles.new_tiles(old, new)) == [tile for tile in after if tile not in before]
    had, have = set(tiles.bundles_of(old)), list(tiles.bundles_of(new))
    assert list(tiles.new_bundles(old, new)) == [each for each in have if each not in had]
    assert [(tile.n, tile.width) for tile in after if tile.level == 0] == have
    assert sum(width for _, width in have) == new
    for tile in after:
        assert tile.n * 256 + tile.width <= new >> 8 * tile.level


def test_the_sizes_make_sense() -> None:
    for old, new in ((-1, 1), (2, 1), (0, 2**63)):
        with pytest.raises(UsageError):
            list(tiles.new_tiles(old, new))
        with pytest.raises(UsageError):
            list(tiles.new_bundles(old, new))
    assert next(tiles.new_tiles(LARGEST - 1, LARGEST)).width == 255


# --- paths -----------------------------------------------------------------------------------

files = st.one_of(
    st.builds(Tile, st.integers(0, 6), st.integers(0, 2**6), st.integers(1, 256)),
    st.builds(Tile, st.just(0), st.integers(0, 2**55 - 2), st.integers(1, 256)),
    st.builds(
        Bundle,
        st.sampled_from(["entries", "acts"]),
        st.integers(0, 2**55 - 2),
        st.integers(1, 256),
    ),
)


@given(files)
def test_a_path_names_one_file_and_a_file_has_one_path(file: Tile | Bundle) -> None:
    assert tiles.parse_path(file.path) == file


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000",
        "tile/00/000", "tile/+0/000", "tile/-1/000", "tile/0/x000/001", "tile/0/x001",
        "tile/0/001/002", "tile/0/X001/002", "tile/0/x01/002", "tile/0/x0001/002",
        "tile/0/000.p/0", "tile/0/000.p/00", "tile/0/000.p/01", "tile/0/000.p/256",
        "tile/0/000.p/999", "tile/0/000.p/1000", "tile/0/000.p", "tile/0/000.p/",
        "tile/0/000.p/1/", "tile/0/000/", "/tile/0/000", "tile//0/000", "tile/0/../000",
        "tile/0/000\n", " tile/0/000", "tile/8/0/000", "tile/8/000", "tile/63/000",
        "tile/7/127.p/255", "tile/7/128", "tile/7/000",  "tile/0/٠٠٠", "tile/entries",
        "tile/acts/000", "entries/000", "acts", "acts/0/000", "acts/000.q/1", "tile/data/000",
        "tile/0/x036/x028/x797/x018/x963/968", "acts/x999/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x999/" * 2000 + "999", "checkpoint", "trust.json",
    ],
)  # fmt: skip
def test_any_other_path_is_refused(path: str) -> None:
    """Spec 6: a second name of one file would be a second thing to cache and to poison."""
    if path == "tile/7/127.p/255":
        # 127 * 256 + 255 = 2**15 - 1 hashes over 2**56 entries each: below 2**63 just so.
        assert tiles.parse_path("tile/7/000.p/127") == Tile(7, 0, 127)
    with pytest.raises(FormatError):
        tiles.parse_path(path)


@given(st.text(alphabet="tile/entrisacx0123456789.p", max_size=40))
def test_what_is_no_path_is_a_format_error(path: str) -> None:
    with contextlib.suppress(FormatError):
        assert tiles.parse_path(path).path == path


@pytest.mark.parametrize(
    ("level", "n", "width"),
    [(-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257), (8, 0, 1), (7, 0, 128), (0, 2**55, 1)],
)
def test_no_file_is_named_that_no_log_can_have(level: int, n: int, width: int) -> None:
    with pytest.raises(FormatError):
        Tile(level, n, width)
    if level == 0:
        with pytest.raises(FormatError):
            Bundle("entries", n, width)
    with pytest.raises(FormatError):
        Bundle("other", 0, 1)


# --- bundles ---------------------------------------------------------------------------------


@given(entries)
def test_entries_come_out_of_a_bundle_as_they_went_in(parts: list[bytes]) -> None:
    content = tiles.write_entries(parts)
    assert tiles.read_entries(content, len(parts)) == tuple(parts)


@given(st.lists(st.none() | st.binary(min_size=1, max_size=40), min_size=1, max_size=256))
def test_documents_come_out_of_a_bundle_as_they_went_in(parts: list[bytes | None]) -> None:
    content = tiles.write_documents(parts)
    assert tiles.read_documents(content, len(parts)) == tuple(parts)


def test_the_bytes_of_a_bundle_are_those_of_the_standard() -> None:
    """C2SP tlog-tiles: big-endian uint16 length-prefixed log entries."""
    assert tiles.write_entries([b"ab", b"", b"c"]) == b"\0\2ab\0\0\0\1c"
    assert tiles.write_documents([b"ab", None]) == b"\0\0\0\2ab\0\0\0\0"


def test_the_longest_of_each_fits_and_no_longer_one() -> None:
    """Their limits are those of statements and of documents, which are made elsewhere."""
    assert tiles.LONGEST_ENTRY == statement.LONGEST_ENTRY
    assert tiles.LONGEST_DOCUMENT == document.MAX_DOCUMENT
    for longest, write, read in (
        (tiles.LONGEST_ENTRY, tiles.write_entries, tiles.read_entries),
        (tiles.LONGEST_DOCUMENT, tiles.write_documents, tiles.read_documents),
    ):
        assert read(write([bytes(longest)]), 1) == (bytes(longest),)
        with pytest.raises(FormatError):
            write([bytes(longest + 1)])
        with pytest.raises(FormatError):
            write([])
        with pytest.raises(FormatError):
            write([b"x"] * 257)
    over = tiles.LONGEST_DOCUMENT + 1
    with pytest.raises(FormatError):
        tiles.read_documents(over.to_bytes(4) + bytes(over), 1)
    assert len(tiles.write_documents([bytes(tiles.LONGEST_DOCUMENT)] * 256)) == tiles.LONGEST_FILE


def test_an_empty_document_is_not_taken_for_a_sealed_one() -> None:
    with pytest.raises(FormatError):
        tiles.write_documents([b""])


@given(entries, st.integers(0, 300))
def test_a_bundle_of_another_width_is_refused(parts: list[bytes], width: int) -> None:
    """As many as its name says: one more or one less would move every later entry."""
    if width != len(parts):
        with pytest.raises(FormatError):
            tiles.read_entries(tiles.write_entries(parts), width)


@given(st.data(), entries)
def test_a_changed_bundle_is_malformed_or_other_entries(
    data: st.DataObject, parts: list[bytes]
) -> None:
    """Never the same entries from other bytes: there is one form, and hashing tells the rest."""
    content = tiles.write_entries(parts)
    at = data.draw(st.integers(0, len(content)))
    junk = data.draw(st.binary(max_size=3))
    cut = data.draw(st.integers(0, 3))
    mutated = content[:at] + junk + content[at + cut :]
    for read, write in (
        (tiles.read_entries, tiles.write_entries),
        (tiles.read_documents, tiles.write_documents),
    ):
        with contextlib.suppress(FormatError):
            assert write(read(mutated, len(parts))) == mutated
