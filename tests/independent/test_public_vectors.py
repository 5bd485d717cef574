"""What others published for others to check, we check: the good holds, the forged does not.

The vectors are not ours to copy. Set VIDIMUS_VECTORS to a folder that holds clones of their
repositories, each named owner+name (or owner+name/repo), bare or not; without it, or without
one of them, its tests are skipped.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tests.independent import made
from tests.log import trees

from vidimus.core.seal import loose, receipt, statement
from vidimus.core.seal.foreign import verify_foreign, verify_foreign_consistency
from vidimus.core.seal.keys import MemorySigner, PublicKey
from vidimus.errors import FormatError, VerificationFailed, VidimusError

REFUSED = (FormatError, VerificationFailed)


class Clone:
    """The newest commit of a repository, read without a work tree."""

    def __init__(self, name: str) -> None:
        folder = os.environ.get("VIDIMUS_VECTORS")
        if not folder:
            pytest.skip("VIDIMUS_VECTORS names no folder with public test vectors")
        places = [Path(folder) / name / "repo", Path(folder) / name]
        self.place = next((place for place in places if place.is_dir()), places[1])
        if not self.place.is_dir():
            pytest.skip(f"no clone of {name.replace('+', '/')} in VIDIMUS_VECTORS")

    def git(self, *arguments: str) -> bytes:
        command = ["git", "-C", str(self.place), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def read(self, path: str) -> bytes:
        return self.git("show", f"HEAD:{path}")

    def json(self, path: str) -> Any:
        return json.loads(self.read(path))

    def paths(self, *, under: str = "", ending: str) -> list[str]:
        listed = self.git("ls-tree", "-r", "-z", "--name-only", "HEAD").decode().split("\0")
        return [path for path in listed if path.startswith(under) and path.endswith(ending)]


def mutants(good: bytes, spared: range) -> Iterator[bytes]:
    for at in range(len(good)):
        if at not in spared:
            yield good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1 :]


def key_of(pem: bytes) -> list[PublicKey]:
    try:
        return [PublicKey.of(load_pem_public_key(pem))]  # type: ignore[arg-type]
    except FormatError:
        return []  # a curve that no key of ours has


def signed(encoded: bytes, keys: list[PublicKey]) -> bool:
    """Whether a COSE_Sign1 holds its payload and is signed by one of the keys."""
    try:
        read = loose.read_sign1(encoded)
        if read.payload is None:
            return False
        read.verify(read.payload, keys)
    except REFUSED:
        return False
    return True


def test_scitt_cose_publishes_receipts_that_hold_and_some_that_do_not() -> None:
    """test-vectors/v1: an entry there is the SHA-256 of the statement.

    The one receipt over the other structure (2, of CCF) cannot be checked here, and is refused.
    """
    clone = Clone("action-state-group+scitt-cose")
    folders = [path.rpartition("/")[0] for path in clone.paths(ending="/expected.json")]
    folders = [path for path in folders if path.startswith("test-vectors/v1/")]
    accepted = refused = 0
    for folder in folders:
        expected = clone.json(f"{folder}/expected.json")
        made_by_them = clone.read(f"{folder}/receipt.cose")
        entry = bytes.fromhex(expected["leaf_entry"])
        keys = key_of(clone.read(f"{folder}/log-key.pub"))
        issuer = key_of(clone.read(f"{folder}/issuer-key.pub"))
        about = clone.read(f"{folder}/statement.cose")
        assert sha256(about).digest() == entry
        assert signed(about, issuer) == expected["statement_signature_valid"], folder
        if expected["receipt_valid"] and expected["protected_header"]["receipt"]["vds"] == 1:
            read = verify_foreign(made_by_them, entry, keys)
            assert read.root.hex() == expected["reconstructed_root"]
            assert (read.first, read.second) == (expected["tree_size"], expected["leaf_index"])
            numbers = made_by_them.index(bytes([0x83, read.first, read.second])) + 1
            for bad in mutants(made_by_them, range(numbers, numbers + 2)):
                with pytest.raises(REFUSED):
                    verify_foreign(bad, entry, keys)
            with pytest.raises(REFUSED):
                verify_foreign(made_by_them, sha256(entry).digest(), keys)
            accepted += 1
        else:
            with pytest.raises(REFUSED):
                verify_foreign(made_by_them, entry, keys)
            refused += 1
    assert accepted >= 3
    assert refused >= 3


# Curve parameters of P-256 (SEC 2, section 2.4.2); its a is -3.
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
Point = tuple[int, int] | None


def add(one: Point, two: Point) -> Point:
    if one is None or two is None:
        return one or two
    if one[0] == two[0] and (one[1] + two[1]) % P == 0:
        return None
    if one == two:
        slope = (3 * one[0] ** 2 - 3) * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(number: int, point: Point) -> Point:
    total: Point = None
    while number:
        total = add(total, point) if number & 1 else total
        point, number = add(point, point), number >> 1
    return total


def keys_that_could_have_signed(message: bytes, signature: bytes) -> list[PublicKey]:
    """SEC 1 section 4.1.6: from one ECDSA signature, the keys under which it holds."""
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    digest = int.from_bytes(sha256(message).digest())
    numbers = ec.derive_private_key(1, ec.SECP256R1()).public_key().public_numbers()
    found = []
    y = pow(r**3 - 3 * r + B, (P + 1) // 4, P)
    for point in ((r, y), (r, P - y)):
        key = times(pow(r, -1, N), add(times(s, point), times(-digest % N, (numbers.x, numbers.y))))
        assert key is not None
        found.append(PublicKey(-7, bytes([2 + (key[1] & 1)]) + key[0].to_bytes(32)))
    return found


def test_the_examples_of_the_cose_working_group_hold() -> None:
    """examples/: entry 3 of 5, and the growth from 3 to 5 entries, to one root.

    Their keys are not published. From a signature follow the two keys under which it would
    hold: that says nothing of who signed, but lets everything else be checked to the end.
    """
    clone = Clone("cose-wg+draft-ietf-cose-merkle-tree-proofs")
    entries = [sha256(f"statement-{n}".encode()).digest() for n in range(5)]
    old_root, root = trees.mth(entries[:3]), trees.mth(entries)

    def keys(one: bytes) -> list[PublicKey]:
        read = loose.read_sign1(one)
        message = cbor2.dumps(["Signature1", read.protected, b"", root])
        return keys_that_could_have_signed(message, read.signature)

    inclusion = clone.read("examples/inclusion-receipt.cbor")
    consistency = clone.read("examples/consistency-receipt.cbor")
    by, grown_by = keys(inclusion), keys(consistency)
    found = verify_foreign(inclusion, entries[3], by)
    grown = verify_foreign_consistency(consistency, 3, old_root, grown_by)
    for read, numbers in ((found, (5, 3)), (grown, (3, 5))):
        assert (read.root, read.first, read.second) == (root, *numbers)
        assert dict(read.claims) == {1: "https://transparency-service.example.com"}
    for good, numbers in ((inclusion, b"\x83\x05\x03"), (consistency, b"\x83\x03\x05")):
        at = good.index(numbers) + 1
        for bad in mutants(good, range(at, at + 2)):
            with pytest.raises(REFUSED):
                verify_foreign(bad, entries[3], by)
            with pytest.raises(REFUSED):
                verify_foreign_consistency(bad, 3, old_root, grown_by)
    with pytest.raises(VerificationFailed):
        verify_foreign(inclusion, entries[2], by)
    with pytest.raises(VerificationFailed):
        verify_foreign_consistency(consistency, 3, root, grown_by)


def coordinate(key: dict[str, str], name: str) -> bytes:
    if f"{name}_hex" in key:
        return bytes.fromhex(key[f"{name}_hex"])
    return base64.urlsafe_b64decode(key[name] + "=" * (-len(key[name]) % 4))


def test_the_signatures_that_the_cose_working_group_published_hold() -> None:
    """RFC 9052 appendix C.2.1, ES256 and EdDSA; and six that must fail."""
    clone = Clone("cose-wg+Examples")
    good = [
        "RFC8152/Appendix_C_2_1.json",
        "ecdsa-examples/ecdsa-sig-01.json",
        "eddsa-examples/eddsa-sig-01.json",
    ]
    bad = clone.paths(under="sign1-tests/sign-fail-", ending=".json")
    assert len(bad) >= 6
    for path in (*good, *bad):
        case = clone.json(path)
        key = case["input"]["sign0"]["key"]
        if key["kty"] == "OKP":
            public = PublicKey.of(Ed25519PublicKey.from_public_bytes(coordinate(key, "x")))
        else:
            y = coordinate(key, "y")
            public = PublicKey(-7, bytes([2 + (y[-1] & 1)]) + coordinate(key, "x"))
        encoded = bytes.fromhex(case["output"]["cbor"])
        assert signed(encoded, [public]) == (path in good), path


@pytest.mark.parametrize("name", ["microsoft+scitt-verifier", "microsoft+scitt-ccf-ledger"])
def test_receipts_that_cannot_be_checked_here_are_refused_and_break_nothing(name: str) -> None:
    """Genuine and mutated statements with receipts over another structure, of many sizes."""
    clone = Clone(name)
    paths = clone.paths(ending=".cose")
    assert paths
    anybody = [made.OFFICE.public, made.REGISTRY.public]
    for path in paths:
        encoded = clone.read(path)
        attached: list[Any] = []
        with suppress(FormatError, TypeError):
            attached = list(loose.read_sign1(encoded).unprotected.get(394, []))
        pieces = [encoded, *(one for one in attached if isinstance(one, bytes))]
        for piece in pieces:
            step = max(1, len(piece) // 300)
            for one in (piece, piece[: len(piece) // 2], *list(mutants(piece, range(0)))[::step]):
                for read in (statement.parse, receipt.parse, receipt.detach):
                    with pytest.raises(VidimusError):
                        read(one)
                with pytest.raises(VidimusError):
                    verify_foreign(one, encoded, anybody)


def test_a_key_that_could_have_signed_is_found() -> None:
    """The arithmetic above, held against a key that is known."""
    signer = MemorySigner(ec.derive_private_key(77, ec.SECP256R1()))
    assert signer.public in keys_that_could_have_signed(b"said", signer.sign(b"said"))
