"""Every published vector gives the outcome that it says, for the log and for the seal."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.vector_readers import READERS as EVIDENCE
from tests.seal.vector_readers import READERS as SEAL
from tests.trust.vector_readers import READERS as TRUST
from tests.witness.vector_readers import READERS as WITNESS

from vidimus.core.log import checkpoint, merkle, note, proof, tiles
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import FormatError, VerificationFailed

VECTORS = Path(__file__).parents[2] / "vectors" / "v1"
CASES = sorted(path.parent.name for path in VECTORS.glob("*/case.json"))
REFUSALS: dict[str, type[Exception]] = {"malformed": FormatError, "false": VerificationFailed}


def text(folder: Path, name: str) -> str:
    # read_text() would turn CR LF into LF, and hide what some vectors are about.
    return (folder / name).read_bytes().decode()


def read_note(folder: Path, case: dict[str, Any]) -> None:
    opened = note.open(text(folder, "note.txt"), [*map(note.Verifier.parse, case["verifiers"])])
    assert [signature.name for signature in opened.signatures] == case["signers"]


def read_checkpoint(folder: Path, case: dict[str, Any]) -> None:
    verifier = note.Verifier.parse(case["verifier"])
    head = checkpoint.open_checkpoint(text(folder, "checkpoint.txt"), verifier, case["origin"])
    assert (head.size, head.root.hex()) == (case["size"], case["root"])


def read_proof(folder: Path, case: dict[str, Any]) -> None:
    verifier = note.Verifier.parse(case["verifier"])
    entry = (folder / "entry.cose").read_bytes()
    claimed = proof.parse(text(folder, "proof.tlog-proof"))
    head = proof.check_proof(claimed, entry, verifier, case["origin"])
    assert (claimed.index, head.size) == (case["index"], case["size"])


def read_consistency(_folder: Path, case: dict[str, Any]) -> None:
    merkle.check_consistency(
        case["old"],
        case["new"],
        bytes.fromhex(case["old_root"]),
        bytes.fromhex(case["new_root"]),
        [bytes.fromhex(sibling) for sibling in case["path"]],
    )


def read_key(folder: Path, case: dict[str, Any]) -> None:
    assert PublicKey.from_text(text(folder, "key.txt")).kid.hex() == case["kid"]


def read_statement(folder: Path, case: dict[str, Any]) -> None:
    entry = (folder / "entry.cose").read_bytes()
    read = statement.verify(entry, PublicKey.from_text(case["key"]))
    assert {
        "issuer": read.issuer,
        "subject": read.subject,
        "issued_at": read.issued_at,
        "digest": read.digest.hex(),
        "content_type": read.content_type,
        "leaf": merkle.leaf_hash(read.entry).hex(),
    } == case["says"]


def read_path(_folder: Path, case: dict[str, Any]) -> None:
    file = tiles.parse_path(case["path"])
    said = file.level if isinstance(file, tiles.Tile) else file.kind
    assert (said, file.n, file.width) == (case["holds"], case["n"], case["width"])


def read_entries(folder: Path, case: dict[str, Any]) -> None:
    found = tiles.read_entries((folder / "bundle.bin").read_bytes(), case["width"])
    assert [merkle.leaf_hash(entry).hex() for entry in found] == case["leaves"]


def read_documents(folder: Path, case: dict[str, Any]) -> None:
    found = tiles.read_documents((folder / "bundle.bin").read_bytes(), case["width"])
    digests = [None if each is None else sha256(each).hexdigest() for each in found]
    assert digests == case["digests"]


def read_tiles(folder: Path, case: dict[str, Any]) -> None:
    def fetch(path: str) -> bytes:
        return (folder / path).read_bytes()

    size = case["size"]
    reader = tiles.TileReader(size, fetch)
    if merkle.root(size, reader) != bytes.fromhex(case["root"]):
        raise VerificationFailed("the tiles do not lead to the root")
    for tile in tiles.tiles_of(size):
        if tile.width == tiles.WIDTH:
            hashes = tiles.read_tile(tile, fetch(tile.path))
            tiles.check_full(tile, hashes, reader(tiles.HEIGHT * (tile.level + 1), tile.n))


READERS = {
    "path": read_path,
    "entries": read_entries,
    "documents": read_documents,
    "tiles": read_tiles,
    "note": read_note,
    "checkpoint": read_checkpoint,
    "proof": read_proof,
    "consistency": read_consistency,
    "key": read_key,
    "statement": read_statement,
    **EVIDENCE,
    **SEAL,
    **TRUST,
    **WITNESS,
}


@pytest.mark.parametrize("name", CASES)
def test_a_vector_gives_its_outcome(name: str) -> None:
    """vectors/v1/README.md: accepted, malformed or false; a name in `_fail` is refused."""
    case = json.loads((VECTORS / name / "case.json").read_text())
    assert (VECTORS / name / "README.md").read_text().strip(), "a vector says why it is one"
    assert name.endswith("_fail") == (case["outcome"] != "accepted")
    read = READERS[case["kind"]]
    if case["outcome"] == "accepted":
        read(VECTORS / name, case)
    else:
        with pytest.raises(REFUSALS[case["outcome"]]):
            read(VECTORS / name, case)


def test_there_is_a_good_and_a_bad_vector_of_every_kind() -> None:
    kinds = {
        (json.loads((VECTORS / name / "case.json").read_text())["kind"], name.endswith("_fail"))
        for name in CASES
    }
    assert kinds == {(kind, fails) for kind in READERS for fails in (True, False)}
