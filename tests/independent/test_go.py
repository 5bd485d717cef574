"""What Vidimus publishes is read, and what is forged is refused, by Go's own packages.

`gocheck/main.go` uses golang.org/x/mod/sumdb/note and tlog, the code that verifies Go's
checksum database; Debian has it as golang-golang-x-mod-dev. It shares nothing with us.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.log.trees import Tree
from tests.operations.ministry import TEXT, build

from vidimus import wiring
from vidimus.core.log import cosignature, merkle, note, tiles
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vidimus.core.log.lines import from_base64, to_base64
from vidimus.core.log.proof import Proof, check_proof
from vidimus.core.log.proof import parse as parse_proof
from vidimus.errors import VerificationFailed

PROGRAM = Path(__file__).with_name("gocheck")
GOPATH = Path("/usr/share/gocode")
ORIGIN = "big.example.org/log"
SIGNER = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"g" * 32))
BIG = 70_000

Go = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Go:
    """Runs the program with these arguments."""
    if shutil.which("go") is None:
        pytest.skip("there is no Go here: apt-get install golang-go golang-golang-x-mod-dev")
    if not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("Go is here without x/mod: apt-get install golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
    }
    built = subprocess.run(
        ["go", "build", "-o", str(folder / "gocheck"), "."],
        cwd=PROGRAM,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(folder / "gocheck"), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def holds(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith("gocheck: ")
    return done.stderr


@dataclass(frozen=True)
class Face:
    """A published log, and what we say that it holds."""

    folder: Path
    vkey: str
    size: int
    entry: Callable[[int], bytes]
    read: merkle.Read

    def root(self, size: int) -> bytes:
        return merkle.root(size, self.read)

    def checkpoint(self) -> str:
        return (self.folder / "checkpoint").read_text(encoding="utf-8")

    def proof(self, index: int) -> str:
        return str(Proof(index, merkle.inclusion(index, self.size, self.read), self.checkpoint()))


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Face:
    """A ministry's log: public acts and sealed ones, published by the command's own code."""
    m = build(tmp_path_factory.mktemp("go") / "registry")
    for number in range(4):
        letter = m.released(f"Letter {number}. {TEXT}")
        m.draft(f"Draft {number}. {TEXT}")
    m.do("ben", "withdraw", letter=letter)
    size = wiring.publish(m.folder)
    raws = [each.raw for each in m.registry.log.entries(0, size)]
    return Face(
        wiring.public_face(m.folder),
        wiring.settings(m.folder).log_key,
        size,
        raws.__getitem__,
        m.registry.log.subtree,
    )


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Face:
    """Three levels of tiles, over entries that are cheap to make."""
    folder, tree = tmp_path_factory.mktemp("big"), Tree([])

    def entry(index: int) -> bytes:
        return b"entry %d of a log that is only long" % index

    def write(path: str, content: bytes) -> None:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    for index in range(BIG):
        tree.append(entry(index))
    for tile in tiles.tiles_of(BIG):
        write(tile.path, tiles.tile_hashes(tile, tree.read))
    for n, width in tiles.bundles_of(BIG):
        held = [entry(index) for index in range(n * 256, n * 256 + width)]
        write(tiles.entries_path(n, width), tiles.write_entries(held))
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, BIG, merkle.root(BIG, tree.read)), SIGNER)
    write("checkpoint", checkpoint.encode())
    return Face(folder, str(SIGNER.verifier), BIG, entry, tree.read)


@pytest.fixture(params=["registry", "big"])
def face(request: pytest.FixtureRequest) -> Face:
    found: Face = request.getfixturevalue(request.param)
    return found


def test_go_opens_our_checkpoint(go: Go, face: Face) -> None:
    shown = holds(go("checkpoint", face.vkey, face.folder / "checkpoint"))
    assert shown == [f"size {face.size}", f"root {to_base64(face.root(face.size))}"]


def test_go_finds_every_entry_of_every_bundle_in_the_tree(go: Go, face: Face) -> None:
    assert holds(go("log", face.vkey, face.folder, "all")) == [f"all {face.size} entries"]


def test_go_proves_entries_and_older_trees_from_our_tiles(go: Go, face: Face) -> None:
    """And finds the roots that we signed when the log was of those sizes."""
    last = face.size - 1
    entries = sorted({0, 1, last // 2, last} | {n for n in (255, 256, 65_535, 65_536) if n < last})
    sizes = sorted({1, 2, last, face.size} | {n for n in (255, 256, 257, 65_536) if n < last})
    wanted = [f"entry={n}" for n in entries] + [f"size={n}" for n in sizes]
    assert holds(go("log", face.vkey, face.folder, *wanted)) == [
        *(f"entry {n} {sha256(face.entry(n)).hexdigest()}" for n in entries),
        *(f"size {n} {to_base64(face.root(n))}" for n in sizes),
    ]


def test_go_verifies_our_proofs(go: Go, face: Face, tmp_path: Path) -> None:
    """A .tlog-proof beside its entry, and proofs of consistency, as we make them."""
    for index in {*range(min(face.size, 12)), face.size // 2, face.size - 1}:
        (tmp_path / "proof").write_text(face.proof(index), encoding="utf-8")
        (tmp_path / "entry").write_bytes(face.entry(index))
        shown = holds(go("proof", face.vkey, tmp_path / "proof", tmp_path / "entry"))
        assert shown == [f"entry {index} of {face.size}"]
        other = face.entry((index + 1) % face.size)
        (tmp_path / "entry").write_bytes(other)
        refused(go("proof", face.vkey, tmp_path / "proof", tmp_path / "entry"))
    for old, new in [(1, 2), (3, 7), (4, 8), (5, face.size), (face.size - 1, face.size)]:
        trees = [old, to_base64(face.root(old)), new, to_base64(face.root(new))]
        path = [*map(to_base64, merkle.consistency(old, new, face.read))]
        assert holds(go("consistency", *trees, *path)) == [f"{old} is the beginning of {new}"]
        refused(go("consistency", *trees, *path[1:]))
        refused(go("consistency", *trees, *path, path[0]))
        trees[1] = to_base64(sha256(b"another tree").digest())
        refused(go("consistency", *trees, *path))


def test_go_verifies_the_word_of_a_witness(go: Go, registry: Face, tmp_path: Path) -> None:
    """C2SP cosignature/v1 beside the log's signature, by a verifier written for this test."""
    key = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    witness = cosignature.Cosigner.of("witness.example.org", key)
    text = note.parse(registry.checkpoint()).text
    line = str(cosignature.cosign(text, 1_900_000_000, witness))
    place, vkey = tmp_path / "checkpoint", str(witness.verifier)

    def with_line(*lines: str) -> subprocess.CompletedProcess[str]:
        place.write_text(registry.checkpoint() + "".join(lines), encoding="utf-8")
        return go("checkpoint", registry.vkey, place, vkey)

    assert holds(with_line(line))[2:] == ["witness witness.example.org 1900000000"]
    assert holds(with_line())[2:] == []
    signature = note.parse_signatures(line)[0]
    for at in (0, 7, 8, 40, 71):
        blob = bytearray(signature.blob)
        blob[at] ^= 1
        forged = note.Signature(signature.name, signature.key_id, bytes(blob))
        assert "invalid signature" in refused(with_line(str(forged)))
    # The witness's word alone is not the log's.
    place.write_text(f"{text}\n{line}", encoding="utf-8")
    assert "did not sign" in refused(go("checkpoint", registry.vkey, place, vkey))


def changes(content: bytes, count: int, chance: random.Random) -> Iterator[bytes]:
    """The content with one byte that is another: the first, the last, and some between."""
    places = {0, len(content) - 1, *(chance.randrange(len(content)) for _ in range(count))}
    for at in sorted(places):
        changed = bytearray(content)
        changed[at] ^= 1 << chance.randrange(8)
        yield bytes(changed)


def test_go_refuses_a_changed_byte_in_any_file(go: Go, face: Face, tmp_path: Path) -> None:
    """In a tile of each level and in bundles, full and partial: the harness can say no."""
    chance = random.Random(7)
    paths = {tile.path for tile in tiles.tiles_of(face.size) if tile.level or tile.n in (0, 273)}
    paths |= {tiles.entries_path(n, width) for n, width in tiles.bundles_of(face.size)
              if n in (0, 100, face.size // 256)}  # fmt: skip
    assert len(paths) == (2 if face.size < 256 else 8)
    for path in sorted(paths):
        place = face.folder / path
        kept = place.read_bytes()
        try:
            for changed in changes(kept, 2, chance):
                place.write_bytes(changed)
                refused(go("log", face.vkey, face.folder, "all"))
            place.write_bytes(kept[:-1])
            refused(go("log", face.vkey, face.folder, "all"))
            place.unlink()
            refused(go("log", face.vkey, face.folder, "all"))
        finally:
            place.write_bytes(kept)
    holds(go("log", face.vkey, face.folder, "all"))


def test_go_refuses_a_changed_sibling_when_it_proves_an_entry(go: Go, big: Face) -> None:
    """From tiles alone: each hash on the way from entry 300 to the root, changed in its tile."""
    for path, place in [("tile/0/001", 45), ("tile/1/000", 3), ("tile/1/001.p/17", 5)]:
        kept = (big.folder / path).read_bytes()
        changed = bytearray(kept)
        changed[place * 32] ^= 1
        try:
            (big.folder / path).write_bytes(changed)
            refused(go("log", big.vkey, big.folder, "entry=300"))
        finally:
            (big.folder / path).write_bytes(kept)
    holds(go("log", big.vkey, big.folder, "entry=300"))


def test_go_refuses_a_changed_checkpoint(go: Go, registry: Face, tmp_path: Path) -> None:
    chance, place = random.Random(8), tmp_path / "checkpoint"
    # Go's reader overlooks the bits that base64 drops, in the last digit; ours does not.
    good = registry.checkpoint().encode()
    for changed in changes(good[:-4], 30, chance):
        place.write_bytes(changed + good[-4:])
        refused(go("checkpoint", registry.vkey, place))
    place.write_bytes(good)
    holds(go("checkpoint", registry.vkey, place))
    refused(go("checkpoint", str(SIGNER.verifier), place))


def test_go_refuses_a_changed_proof(go: Go, registry: Face, tmp_path: Path) -> None:
    """In any hash of the path, in the index, and in the checkpoint below."""
    chance, place, entry = random.Random(9), tmp_path / "proof", tmp_path / "entry"
    entry.write_bytes(registry.entry(5))
    good = registry.proof(5)
    path = merkle.inclusion(5, registry.size, registry.read)
    forged = [good.replace("index 5", f"index {n}") for n in (4, 6, 13, 10**6)]
    for at, sibling in enumerate(path):
        for changed in changes(sibling, 3, chance):
            proof = Proof(5, (*path[:at], changed, *path[at + 1 :]), registry.checkpoint())
            forged.append(str(proof))
    forged.append(good.replace(f"\n{registry.size}\n", f"\n{registry.size + 1}\n"))
    assert len(set(forged)) == len(forged)
    for each in forged:
        place.write_text(each, encoding="utf-8")
        refused(go("proof", registry.vkey, place, entry))
    place.write_text(good, encoding="utf-8")
    holds(go("proof", registry.vkey, place, entry))
    for changed in changes(registry.entry(5), 6, chance):
        entry.write_bytes(changed)
        refused(go("proof", registry.vkey, place, entry))


# --- the other way round ---------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000, 66_000])
def test_we_read_a_log_that_go_made(go: Go, tmp_path: Path, size: int) -> None:
    """Its checkpoint, tiles, bundles, proofs of entries and of consistency; nothing is ours."""
    vkey, *older = holds(go("make", "go.example.org/log", tmp_path, size))
    verifier = note.Verifier.parse(vkey)
    head = open_checkpoint((tmp_path / "checkpoint").read_text(), verifier, verifier.name)
    assert head.size == size

    def fetch(path: str) -> bytes:
        return (tmp_path / path).read_bytes()

    reader = tiles.TileReader(size, fetch)
    assert merkle.root(size, reader) == head.root
    for tile in tiles.tiles_of(size):
        if tile.width == tiles.WIDTH:
            hashes = tiles.read_tile(tile, fetch(tile.path))
            tiles.check_full(tile, hashes, reader(8 * (tile.level + 1), tile.n))
    found: list[bytes] = []
    for n, width in tiles.bundles_of(size):
        found += tiles.read_entries(fetch(tiles.entries_path(n, width)), width)
    assert found == [b"entry %d, made by Go" % n for n in range(size)]
    assert all(merkle.leaf_hash(entry) == reader(0, n) for n, entry in enumerate(found))
    for line in older:
        number, old, *path = line.split(" ")
        claim = int(number), size, from_base64(old), head.root
        merkle.check_consistency(*claim, tuple(map(from_base64, path)))
        assert merkle.root(int(number), reader) == from_base64(old)
    proofs = sorted(tmp_path.glob("*.tlog-proof"))
    assert len(proofs) == len(older) == size.bit_length()
    for each in proofs:
        claimed = parse_proof(each.read_text(encoding="utf-8"))
        assert each.stem == str(claimed.index)
        assert check_proof(claimed, found[claimed.index], verifier, verifier.name) == head
        with pytest.raises(VerificationFailed):
            check_proof(claimed, b"another entry", verifier, verifier.name)
