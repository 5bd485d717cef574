"""Receipts by others may be written otherwise, never mean two things."""

from __future__ import annotations

import cbor2
import pytest
from tests.seal.test_keys import other_s
from tests.seal.test_receipt import (
    ED25519_LOG,
    ENTRIES,
    GOOD,
    GROWN,
    LOG,
    OFFICE,
    ORIGIN,
    ROOT,
    TREE,
    grown,
    proof,
    written,
)

from vidimus.core.log import merkle
from vidimus.core.seal import loose
from vidimus.core.seal.foreign import verify_foreign, verify_foreign_consistency
from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import FormatError, VerificationFailed

PROOF = cbor2.dumps(proof())
KEYS = (OFFICE.public, ED25519_LOG.public, LOG.public)


def foreign(
    protected: object = None,
    unprotected: object = None,
    payload: object = None,
    signer: MemorySigner = LOG,
) -> bytes:
    """A receipt for entry 5 of 11 as little as RFC 9942 asks for, or spoiled."""
    protected = {1: signer.alg, 395: 1} if protected is None else protected
    encoded = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    unprotected = {396: {-1: [PROOF]}} if unprotected is None else unprotected
    signature = signer.sign(cbor2.dumps(["Signature1", encoded, b"", ROOT]))
    return cbor2.dumps(cbor2.CBORTag(18, [encoded, unprotected, payload, signature]))


def long_heads(signer: MemorySigner = LOG) -> bytes:
    """{395: 1, 1: -7} in the wrong order, with longer heads than needed."""
    return foreign(b"\xb8\x02" + b"\x1a\x00\x00\x01\x8b\x18\x01" + b"\x01\x26", signer=signer)


DATE = cbor2.CBORTag(0, "2031-04-02T00:00:00Z")
LISTED = [
    (foreign(), "no more than RFC 9942 asks for"),
    (foreign(signer=ED25519_LOG), "Ed25519"),
    (foreign({1: -9, 395: 1}), "the newer number of ES256"),
    (foreign({1: -19, 395: 1}, signer=ED25519_LOG), "the newer number of EdDSA"),
    (foreign({1: -7, 4: b"log-1", 395: 1}), "a key id of its own making"),
    (foreign({1: -7, 15: {1: ORIGIN}, 395: 1}), "no subject"),
    (foreign({1: -7, 15: {"scope": 1, 6: 1.5}, 395: 1}), "other claims"),
    (foreign({1: -7, 3: 50, 16: "application/cose", 395: 1, "x": DATE}), "more headers"),
    (foreign(unprotected={396: {-1: [PROOF]}, 4: b"log-1", 33: b"chain"}), "unsigned headers"),
    (foreign(unprotected={396: {-1: [PROOF], -2: [b"else"]}}), "another proof beside it"),
    (long_heads(), "keys in another order and long heads"),
    (foreign()[:-64] + other_s(foreign()[-64:]), "the higher s"),
    (GOOD, "one of ours"),
]


@pytest.mark.parametrize(("receipt", "why"), LISTED, ids=[why for _, why in LISTED])
def test_a_receipt_in_another_form_is_taken(receipt: bytes, why: str) -> None:
    read = verify_foreign(receipt, ENTRIES[5], KEYS)
    assert (read.root, read.first, read.second) == (ROOT, 11, 5), why
    for tampered in (receipt[:-1] + bytes([receipt[-1] ^ 1]), receipt[:-1], receipt + b"\x00"):
        with pytest.raises((FormatError, VerificationFailed)):
            verify_foreign(tampered, ENTRIES[5], KEYS)
    with pytest.raises(VerificationFailed):
        verify_foreign(receipt, ENTRIES[6], KEYS)
    with pytest.raises(VerificationFailed):
        verify_foreign(receipt, ENTRIES[5], [OFFICE.public])
    with pytest.raises(VerificationFailed):
        verify_foreign(receipt, ENTRIES[5], [])


def test_the_key_that_signed_is_told_and_so_are_its_claims() -> None:
    read = verify_foreign(foreign({1: -7, 15: {1: ORIGIN, 4: 9}, 395: 1}), ENTRIES[5], KEYS)
    assert read.key == LOG.public
    assert dict(read.claims) == {1: ORIGIN, 4: 9}


def test_one_of_several_proofs_is_enough() -> None:
    """RFC 9942 section 5.2: a list of proofs; others in it may be for other entries."""
    other = cbor2.dumps([11, 6, list(merkle.inclusion(6, 11, TREE.read))])
    receipt = foreign(unprotected={396: {-1: [other, PROOF]}})
    assert verify_foreign(receipt, ENTRIES[5], KEYS).second == 5
    assert verify_foreign(receipt, ENTRIES[6], KEYS).second == 6
    with pytest.raises(VerificationFailed):
        verify_foreign(receipt, ENTRIES[7], KEYS)


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        (foreign({1: -7, 2: [395], 395: 1}), "a critical header, though we know it"),
        (foreign({1: -7, 2: [999], 999: 1, 395: 1}), "a critical header that we do not know"),
        (foreign(unprotected={2: [396], 396: {-1: [PROOF]}}), "critical, and unsigned"),
        (foreign({1: -7}), "no structure"),
        (foreign({1: -7}, {395: 1, 396: {-1: [PROOF]}}), "an unsigned structure"),
        (foreign({1: -7, 395: 2}), "another structure"),
        (foreign({1: -7, 395: 1.0}), "a structure that is a float"),
        (foreign({1: -7, 395: True}), "a structure that is true"),
        (foreign({1: -7, 395: 1}, {1: -7, 396: {-1: [PROOF]}}), "a label in both headers"),
        (foreign({1.0: -7, 395: 1}), "a label that is a float"),
        (foreign({True: -7, 395: 1}), "a label that is true"),
        (foreign(unprotected={396: {-1.0: [PROOF]}}), "a kind that is a float"),
        (foreign(b"\xa3\x01\x26\x19\x01\x8b\x01\x01\x27"), "the algorithm twice"),
        (foreign(b"\xbf\x01\x26\x19\x01\x8b\x01\xff"), "a map without length"),
        (foreign(b"\xa2\x01\x26\x19\x01\x8b\x01\x00"), "a byte after the header"),
        (foreign({1: -7, 15: {1.5: "x"}, 395: 1}), "a claim under a float"),
        (foreign({1: -7, 15: [], 395: 1}), "claims that are a list"),
        (foreign(payload=ROOT), "the root attached"),
        (foreign(payload=cbor2.CBORTag(2, b"\x01")), "something attached that we do not read"),
        (foreign(b""), "no header"),
        (foreign(unprotected={}), "no proof"),
        (foreign(unprotected={396: {-1: [PROOF] * 17}}), "padding"),
        (foreign(unprotected={396: {-1: [2**32]}}), "a number for a proof"),
        (foreign(unprotected={396: {-1: [PROOF + b"\x00"]}}), "a byte after the proof"),
        (foreign(unprotected={396: {-1: [cbor2.dumps([11, True, []])]}}), "a truth for an index"),
        (foreign(unprotected={396: {-1: [cbor2.dumps([11, 5, [bytes(32)] * 64])]}}), "a long path"),
        (foreign()[1:], "no tag"),
        (b"\xd8\x12" + foreign()[1:], "a long tag"),
        (b"\xd2" + foreign(), "two tags"),
        (b"\xd2\x84" + b"\x81" * 50_000 + b"\x00", "deep nesting"),
        (b"\xd2" + b"\x00" * 1_100_000, "too long"),
        (GROWN, "a receipt of growth"),
    ],
)
def test_what_could_be_taken_for_two_things_is_refused(receipt: bytes, why: str) -> None:
    with pytest.raises(FormatError):
        verify_foreign(receipt, ENTRIES[5], KEYS)
        pytest.fail(f"accepted {why}")


@pytest.mark.parametrize("alg", [-35, -65535, "ES256", None, 1.5])
def test_another_algorithm_cannot_be_checked(alg: object) -> None:
    with pytest.raises(VerificationFailed):
        verify_foreign(foreign({1: alg, 395: 1}), ENTRIES[5], KEYS)


def test_shared_references_are_not_followed() -> None:
    """Tags 28 and 29 let 200 bytes stand for 2**40 items."""
    bomb = "d81c8101" + "".join(f"d81c82d81d18{n:02x}d81d18{n:02x}" for n in range(40))
    header = bytes.fromhex("a3012619018b01190200" + "9829" + bomb)
    assert verify_foreign(foreign(header), ENTRIES[5], KEYS).root == ROOT
    assert loose.decode(bytes.fromhex("d81c00")) is loose.UNREAD


def test_growth_is_checked_from_the_root_that_the_caller_knows() -> None:
    old_root = merkle.root(6, TREE.read)
    for receipt in (GROWN, grown(6, 11, ED25519_LOG)):
        read = verify_foreign_consistency(receipt, 6, old_root, KEYS)
        assert (read.root, read.first, read.second) == (ROOT, 6, 11)
        for old, known in ((5, old_root), (6, merkle.root(5, TREE.read)), (6, b"short")):
            with pytest.raises(VerificationFailed):
                verify_foreign_consistency(receipt, old, known, KEYS)
    with pytest.raises(FormatError):
        verify_foreign_consistency(written(5, 11), 6, old_root, KEYS)
