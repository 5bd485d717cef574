"""How the vectors of receipts and key sets are read."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from vidimus.core.acts.vocabulary import OwnKey, Trust
from vidimus.core.log import merkle
from vidimus.core.seal import key_set, paper, receipt
from vidimus.core.seal.keys import PublicKey
from vidimus.core.trust.keys import seal_keys


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


def read_paper_seal(folder: Path, case: dict[str, Any]) -> None:
    keys = [OwnKey(each["key"], each.get("until")) for each in case["keys"]]
    trust = Trust(1, (), 1, (), (), tuple(keys))
    # Bytes, because read_text() would forgive an end of line.
    text = (folder / "seal.txt").read_bytes().decode()
    read = paper.verify(text, case["host"], lambda index: seal_keys(trust, index))
    assert {
        "letter": read.letter,
        "copy": read.copy,
        "day": read.day,
        "kind": read.kind,
        "digest": read.digest.hex(),
        "index": read.index,
    } == case["says"]


READERS = {
    "paper-seal": read_paper_seal,
    "receipt": read_receipt,
    "growth": read_growth,
    "transparent": read_transparent,
    "key-set": read_key_set,
}
