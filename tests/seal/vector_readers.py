"""How the vectors of receipts and key sets are read."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from vidimus.core.log import merkle
from vidimus.core.seal import key_set, receipt
from vidimus.core.seal.keys import PublicKey


def read_receipt(folder: Path, case: dict[str, Any]) -> None:
    made = (folder / "receipt.cose").read_bytes()
    entry = (folder / "entry.cose").read_bytes()
    read = receipt.verify(made, entry, PublicKey.from_text(case["key"]))
    assert {
        "issuer": read.issuer,
        "subject": read.subject,
        "issued_at": read.issued_at,
        "size": read.size,
        "index": read.index,
        "root": read.root(entry).hex(),
    } == case["says"]


def read_growth(folder: Path, case: dict[str, Any]) -> None:
    made = (folder / "receipt.cose").read_bytes()
    old_root = bytes.fromhex(case["old_root"])
    key = PublicKey.from_text(case["key"])
    read = receipt.verify_consistency(made, case["old"], old_root, key)
    assert {
        "issuer": read.issuer,
        "issued_at": read.issued_at,
        "new": read.new,
        "new_root": read.root(old_root).hex(),
    } == case["says"]


def read_transparent(folder: Path, case: dict[str, Any]) -> None:
    entry, receipts = receipt.detach((folder / "transparent.cose").read_bytes())
    assert {
        "leaf": merkle.leaf_hash(entry).hex(),
        "receipts": [sha256(one).hexdigest() for one in receipts],
    } == case["says"]


def read_key_set(folder: Path, case: dict[str, Any]) -> None:
    keys = key_set.parse((folder / "keys.cbor").read_bytes())
    assert [key.to_text() for key in keys] == case["keys"]


READERS = {
    "receipt": read_receipt,
    "growth": read_growth,
    "transparent": read_transparent,
    "key-set": read_key_set,
}
