"""Statements, receipts and keys of ours, for verifiers that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.log.trees import Tree

from vidimus.core.log import merkle
from vidimus.core.seal import receipt, statement
from vidimus.core.seal.keys import MemorySigner

HOME = Path(__file__).parents[2] / "build" / "independent"

ORIGIN = "letters.example.org/log"
OFFICE = MemorySigner(ec.derive_private_key(31, ec.SECP256R1()))
REGISTRY = MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x31" * 32))
RECEIPTS = MemorySigner(ec.derive_private_key(32, ec.SECP256R1()))
OLD_RECEIPTS = MemorySigner(Ed25519PrivateKey.from_private_bytes(b"\x32" * 32))
SIZE = 21


def subject(number: int) -> str:
    return f"letter:2031-{number:04}"


def entry(number: int) -> bytes:
    """Every third entry by the registry's Ed25519 key, the others by an office's P-256 key."""
    return statement.write(
        issuer="office:treasury",
        subject=subject(number),
        issued_at=1_933_000_000 + number,
        digest=sha256(f"act {number}".encode()).digest(),
        content_type="application/vnd.vidimus.act+json",
        signer=signer_of(number),
    )


def signer_of(number: int) -> MemorySigner:
    return OFFICE if number % 3 else REGISTRY


ENTRIES = [entry(number) for number in range(SIZE)]
TREE = Tree(ENTRIES)


def root(size: int) -> bytes:
    return merkle.root(size, TREE.read)


def inclusion(index: int, size: int, signer: MemorySigner = RECEIPTS) -> bytes:
    return receipt.write(
        index=index,
        size=size,
        path=merkle.inclusion(index, size, TREE.read),
        issuer=ORIGIN,
        subject=subject(index),
        issued_at=1_933_000_100,
        root=root(size),
        signer=signer,
    )


def consistency(old: int, new: int, signer: MemorySigner = RECEIPTS) -> bytes:
    return receipt.write_consistency(
        old=old,
        new=new,
        path=merkle.consistency(old, new, TREE.read),
        issuer=ORIGIN,
        issued_at=1_933_000_100,
        root=root(new),
        signer=signer,
    )


def tampered(made: bytes, *spared: bytes) -> Iterator[bytes]:
    """The bytes with one bit changed, in each of them but those of the spared parts."""
    kept = {at for part in spared for at in range(made.index(part), made.index(part) + len(part))}
    for at, byte in enumerate(made):
        if at not in kept:
            yield made[:at] + bytes([byte ^ 1 << at % 8]) + made[at + 1 :]
