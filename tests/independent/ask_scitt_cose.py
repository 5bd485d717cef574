"""Runs in the environment of scitt-cose, without anything of ours: questions in, verdicts out.

Reads a JSON list from standard input, writes one from standard output. Bytes are in hex. The
keys come as a COSE_KeySet, taken apart here with cbor2.
"""

from __future__ import annotations

import json
import sys

import cbor2
import scitt_cose
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def pem(key: dict) -> bytes:
    if key[1] == 1:
        public = ed25519.Ed25519PublicKey.from_public_bytes(key[-2])
    else:
        x, y = (int.from_bytes(key[label], "big") for label in (-2, -3))
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def named_key(message: bytes, keys: bytes) -> bytes:
    """The key of the set that the message's protected header names."""
    kid = cbor2.loads(cbor2.loads(message).value[0])[4]
    return next(pem(key) for key in cbor2.loads(keys) if key[2] == kid)


def statement(entry: bytes, keys: bytes) -> dict:
    read = scitt_cose.parse_signed_statement(entry, public_key_pem=named_key(entry, keys))
    return {
        "holds": read["signature_verified"] is True,
        "says": [read["issuer"], read["subject"], (read["claims"] or {}).get(6)],
        "payload": (read["payload"] or b"").hex(),
    }


def receipt(receipt: bytes, entry: bytes, keys: bytes) -> dict:
    read = scitt_cose.verify_receipt(
        receipt, leaf_entry_hex=entry.hex(), log_public_key_pem=named_key(receipt, keys)
    )
    return {
        "holds": read.ok,
        "says": [read.issuer, read.subject, read.iat, read.tree_size, read.leaf_index, read.root],
        "why": read.errors,
    }


def growth(receipt: bytes, old_root: bytes, new_root: bytes, keys: bytes) -> dict:
    read = scitt_cose.verify_sign1(
        receipt, public_key_pem=named_key(receipt, keys), detached_payload=new_root
    )
    old, new, path = cbor2.loads(read.unprotected[396][-2][0])
    holds = scitt_cose.verify_consistency(
        old_root.hex(), new_root.hex(), old, new, [one.hex() for one in path]
    )
    return {"holds": holds, "says": [old, new]}


def transparent(copy: bytes, entry: bytes, receipts: list[bytes], keys: bytes) -> dict:
    attached = scitt_cose.attach_receipts(entry, receipts)
    return {"holds": attached == copy and scitt_cose.extract_receipts(copy) == receipts}


def unhex(value: object) -> object:
    return (
        [bytes.fromhex(one) for one in value] if isinstance(value, list) else bytes.fromhex(value)
    )


def answer(question: dict) -> dict:
    ask = {"statement": statement, "receipt": receipt, "growth": growth, "copy": transparent}
    try:
        about = ask[question.pop("ask")]
        return about(**{name: unhex(value) for name, value in question.items()})
    except Exception as error:  # a question that its own libraries choke on is refused
        return {"holds": False, "why": [f"{type(error).__name__}: {error}"]}


if __name__ == "__main__":
    json.dump([answer(question) for question in json.load(sys.stdin)], sys.stdout)
