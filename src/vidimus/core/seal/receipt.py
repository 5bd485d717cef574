"""Receipts: the log's signed word that an entry is in it, or that it only ever grew.

    18([ << { 1: -7, 4: kid, 15: {1: iss, 2: sub, 6: iat, -91620: size}, 395: 1 } >>,
         { 396: {-1: [ << [size, index, [hash, hash, …]] >> ]} },
         nil, signature ])

COSE receipts (RFC 9942) over the tree of RFC 9162, as RFC 9943 wants them. What is signed is
the root, which is not in the receipt: whoever checks it computes it from the entry and the
path. See spec/receipt.md. Receipts that others wrote are the business of `foreign.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vidimus.core.log import merkle
from vidimus.core.log.lines import LIMIT
from vidimus.core.seal import cbor, layout, sign1, statement
from vidimus.core.seal.keys import (
    EDDSA,
    ES256,
    PublicKey,
    Signer,
    one_form,
    require_signature_form,
)
from vidimus.core.seal.sign1 import ALG, CLAIMS, ISSUED_AT, ISSUER, KID, SUBJECT
from vidimus.errors import FormatError, VerificationFailed

# RFC 9942 section 2: header labels; section 5: the structure and its two kinds of proof.
RECEIPTS, STRUCTURE, PROOFS = 394, 395, 396
RFC9162_SHA256 = 1
INCLUSION, CONSISTENCY = -1, -2

# Our own claim, from the range for private use. RFC 9942 leaves the size of the tree unsigned,
# and one path often fits several sizes: a stranger could make a receipt say another one.
SIZE = -91620

LONGEST = 4_096  # 63 hashes and the longest names take less than 3,000 bytes

MOST_RECEIPTS = 100
LONGEST_RECEIPT = 65_535


@dataclass(frozen=True, slots=True)
class Receipt:
    """The log `issuer`, when it had `size` entries, held the entry as number `index`.

    `subject` is the entry's own; `issued_at` is the log's word, in seconds since 1970.
    """

    issuer: str
    subject: str
    issued_at: int
    alg: int
    kid: bytes
    size: int
    index: int
    path: tuple[bytes, ...]
    receipt: bytes

    def root(self, entry: bytes) -> bytes:
        """The root that the log signed if this receipt is good. Raises VerificationFailed."""
        return merkle.inclusion_root(self.index, self.size, merkle.leaf_hash(entry), self.path)


@dataclass(frozen=True, slots=True)
class Growth:
    """The log `issuer` with `new` entries begins with the `old` entries that it had before."""

    issuer: str
    issued_at: int
    alg: int
    kid: bytes
    old: int
    new: int
    path: tuple[bytes, ...]
    receipt: bytes

    def root(self, old_root: bytes) -> bytes:
        """The newer root, which the log signed if this is good. Raises VerificationFailed."""
        return merkle.consistency_root(self.old, self.new, old_root, self.path)


def write(
    *,
    index: int,
    size: int,
    path: Sequence[bytes],
    issuer: str,
    subject: str,
    issued_at: int,
    root: bytes,
    signer: Signer,
) -> bytes:
    """The receipt for entry `index` of a tree of `size` entries. Raises FormatError.

    Takes one signature. Nothing here can tell whether the path leads to the root.
    """
    claims = {ISSUER: issuer, SUBJECT: subject, ISSUED_AT: issued_at, SIZE: size}
    return _write(claims, INCLUSION, [size, index, list(path)], root, signer)


def write_consistency(
    *,
    old: int,
    new: int,
    path: Sequence[bytes],
    issuer: str,
    issued_at: int,
    root: bytes,
    signer: Signer,
) -> bytes:
    """The receipt that a tree grew from `old` to `new` entries; `root` is the newer one."""
    claims = {ISSUER: issuer, SUBJECT: issuer, ISSUED_AT: issued_at, SIZE: new}
    return _write(claims, CONSISTENCY, [old, new, list(path)], root, signer)


def parse(receipt: bytes) -> Receipt:
    """Read a receipt; only the exact bytes `write()` could have written. Raises FormatError.

    It is not checked against anything: that is `verify`.
    """
    return _inclusion(receipt)[0]


def parse_consistency(receipt: bytes) -> Growth:
    """Read a receipt of consistency, as `parse` does one of inclusion."""
    return _consistency(receipt)[0]


def verify(receipt: bytes, entry: bytes, key: PublicKey) -> Receipt:
    """Check that whoever holds `key` vouches that the entry, a statement, is in the log.

    Raises FormatError, VerificationFailed.
    """
    read, protected, signature = _inclusion(receipt)
    sign1.require_key(read.alg, read.kid, key)
    # One signature fits every entry of the tree: only the subject tells whose receipt it is.
    subject = statement.parse(entry).subject
    if subject != read.subject:
        raise VerificationFailed(f"a receipt for {read.subject!r}, shown with {subject!r}")
    key.verify(layout.to_be_signed(protected, read.root(entry)), signature)
    return read


def verify_consistency(receipt: bytes, old: int, old_root: bytes, key: PublicKey) -> Growth:
    """Check that whoever holds `key` vouches that the log grew from this size and root.

    The newer root is then `root(old_root)`. Raises FormatError, VerificationFailed.
    """
    read, protected, signature = _consistency(receipt)
    sign1.require_key(read.alg, read.kid, key)
    if read.old != old:
        raise VerificationFailed(f"a receipt for growth from {read.old} entries, not from {old}")
    key.verify(layout.to_be_signed(protected, read.root(old_root)), signature)
    return read


def transparent(entry: bytes, receipts: Sequence[bytes]) -> bytes:
    """The statement with receipts attached: RFC 9943 section 7. Raises FormatError.

    Nothing signs the attachment; whose receipts they are is told when they are checked.
    """
    statement.parse(entry)
    protected, _, payload, signature = cbor.decode(entry, tag=sign1.TAG)
    attached = list(receipts)
    _require_attachment(attached)
    return cbor.encode([protected, {RECEIPTS: attached}, payload, signature], tag=sign1.TAG)


def detach(transparent_statement: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """The entry and the receipts of a transparent statement. Raises FormatError.

    The receipts are not read: a stranger's broken one must not spoil a good one beside it.
    """
    if len(transparent_statement) > statement.LONGEST_ENTRY + MOST_RECEIPTS * LONGEST_RECEIPT:
        raise FormatError("malformed transparent statement: too long")
    parts = cbor.decode(transparent_statement, tag=sign1.TAG)
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise FormatError("malformed transparent statement: not the four parts of a COSE_Sign1")
    protected, unprotected, payload, signature = parts
    if not isinstance(unprotected, Mapping) or set(unprotected) != {RECEIPTS}:
        raise FormatError("malformed transparent statement: unprotected headers but the receipts")
    attached = unprotected[RECEIPTS]
    _require_attachment(attached)
    entry = cbor.encode([protected, {}, payload, signature], tag=sign1.TAG)
    statement.parse(entry)
    return entry, tuple(attached)


def _write(
    claims: dict[int, Any], kind: int, proof: list[Any], root: bytes, signer: Signer
) -> bytes:
    header = {ALG: signer.alg, KID: signer.kid, CLAIMS: claims, STRUCTURE: RFC9162_SHA256}
    _check(header, kind, proof)
    if not sign1.is_hash(root):
        raise FormatError("a root has 32 bytes")
    protected = _header_bytes(header, claims)
    signature = one_form(signer.alg, signer.sign(layout.to_be_signed(protected, root)))
    # The values were checked, so their one encoding is put together from what never changes
    # and what does, at a third of the price of `cbor.encode`.
    return b"".join(
        (
            b"\xd2\x84" + layout.octets(protected),
            _PROOF[kind] + layout.octets(_proof_bytes(*proof)),
            b"\xf6" + layout.octets(signature),
        )
    )


_ALG = {alg: cbor.encode(alg) for alg in (ES256, EDDSA)}
_PROOF = {
    kind: cbor.encode({PROOFS: {kind: [b""]}})[:-1] for kind in (INCLUSION, CONSISTENCY)
}  # all but the byte string itself
_SIZE, _STRUCTURE = cbor.encode(SIZE), cbor.encode({STRUCTURE: RFC9162_SHA256})[1:]


def _header_bytes(header: Mapping[int, Any], claims: Mapping[int, Any]) -> bytes:
    """What `cbor.encode` makes of this header."""
    return b"".join(
        (
            b"\xa4\x01" + _ALG[header[ALG]],
            b"\x04" + layout.octets(header[KID]),
            b"\x0f\xa4\x01" + layout.text(claims[ISSUER]),
            b"\x02" + layout.text(claims[SUBJECT]),
            b"\x06" + layout.number(claims[ISSUED_AT]),
            _SIZE + layout.number(claims[SIZE]),
            _STRUCTURE,
        )
    )


_HASH = layout.octets(bytes(32))[:2]


def _proof_bytes(first: int, second: int, path: Sequence[bytes]) -> bytes:
    head = (b"\x83", layout.number(first), layout.number(second), layout.array_head(len(path)))
    return b"".join((*head, *(_HASH + each for each in path)))


def _inclusion(receipt: bytes) -> tuple[Receipt, bytes, bytes]:
    header, (size, index, path), protected, signature = _parse(receipt, INCLUSION)
    claims = header[CLAIMS]
    read = Receipt(
        issuer=claims[ISSUER],
        subject=claims[SUBJECT],
        issued_at=claims[ISSUED_AT],
        alg=header[ALG],
        kid=header[KID],
        size=size,
        index=index,
        path=tuple(path),
        receipt=receipt,
    )
    return read, protected, signature


def _consistency(receipt: bytes) -> tuple[Growth, bytes, bytes]:
    header, (old, new, path), protected, signature = _parse(receipt, CONSISTENCY)
    claims = header[CLAIMS]
    read = Growth(
        issuer=claims[ISSUER],
        issued_at=claims[ISSUED_AT],
        alg=header[ALG],
        kid=header[KID],
        old=old,
        new=new,
        path=tuple(path),
        receipt=receipt,
    )
    return read, protected, signature


def _parse(receipt: bytes, kind: int) -> tuple[Mapping[int, Any], Sequence[Any], bytes, bytes]:
    """Header, proof, the signed bytes of the header, signature."""
    if len(receipt) > LONGEST:
        raise FormatError(f"malformed receipt: {len(receipt)} bytes, more than {LONGEST}")
    parts = cbor.decode(receipt, tag=sign1.TAG)
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise FormatError("malformed receipt: not the four parts of a COSE_Sign1")
    protected, unprotected, payload, signature = parts
    # An attached root is one that somebody might check the signature of, and no path to it.
    if payload is not None:
        raise FormatError("malformed receipt: a payload is attached")
    if not isinstance(protected, bytes) or not isinstance(signature, bytes):
        raise FormatError("malformed receipt: a header or signature that is no byte string")
    header = cbor.decode(protected)
    proof = cbor.decode(_only_proof(unprotected, kind))
    _check(header, kind, proof)
    require_signature_form(header[ALG], signature)
    return header, proof, protected, signature


def _only_proof(unprotected: object, kind: int) -> bytes:
    """The one proof of the one kind that the unprotected header holds, and nothing else."""
    held = unprotected
    for label in (PROOFS, kind):
        if not isinstance(held, Mapping) or set(held) != {label}:
            raise FormatError("malformed receipt: other unprotected headers than one proof")
        held = held[label]
    if not isinstance(held, list | tuple) or len(held) != 1 or not isinstance(held[0], bytes):
        raise FormatError("malformed receipt: not exactly one proof")
    return held[0]


def _check(header: Any, kind: int, proof: Any) -> None:
    """Refuse a header or proof that is not exactly ours: labels, types, ranges, lengths."""
    if not isinstance(header, Mapping) or set(header) != {ALG, KID, CLAIMS, STRUCTURE}:
        raise FormatError("malformed receipt: other protected headers than the four")
    claims = header[CLAIMS]
    if not isinstance(claims, Mapping) or set(claims) != {ISSUER, SUBJECT, ISSUED_AT, SIZE}:
        raise FormatError("malformed receipt: other claims than issuer, subject, time and size")
    if not isinstance(proof, list | tuple) or len(proof) != 3:
        raise FormatError("malformed receipt: a proof that is not two numbers and a path")
    first, second, path = proof
    size, place = (first, second) if kind == INCLUSION else (second, first)
    for name, holds in (
        ("algorithm", sign1.is_algorithm(header[ALG])),
        ("key id", sign1.is_hash(header[KID])),
        ("structure", sign1.is_int(header[STRUCTURE]) and header[STRUCTURE] == RFC9162_SHA256),
        ("issuer", sign1.is_identifier(claims[ISSUER])),
        ("subject", sign1.is_identifier(claims[SUBJECT])),
        ("time", sign1.is_time(claims[ISSUED_AT])),
        ("subject", kind == INCLUSION or claims[SUBJECT] == claims[ISSUER]),
        ("size", sign1.is_int(size) and 0 < size < LIMIT and sign1.is_int(claims[SIZE])),
        ("size", claims[SIZE] == size),
        ("index", sign1.is_int(place)),
        ("path", isinstance(path, list | tuple) and all(map(sign1.is_hash, path))),
    ):
        if not holds:
            raise FormatError(f"malformed receipt: the {name} is not one that we write")
    if kind == INCLUSION:
        if not 0 <= place < size or len(path) != merkle.inclusion_length(place, size):
            raise FormatError(f"malformed receipt: no path for entry {place} of {size} is so long")
    elif not 0 < place < size or len(path) != merkle.consistency_length(place, size):
        raise FormatError(f"malformed receipt: no path from {place} to {size} entries is so long")


def _require_attachment(receipts: object) -> None:
    if not isinstance(receipts, list | tuple) or not 0 < len(receipts) <= MOST_RECEIPTS:
        raise FormatError(f"a transparent statement holds 1 to {MOST_RECEIPTS} receipts")
    for one in receipts:
        if not isinstance(one, bytes) or len(one) > LONGEST_RECEIPT:
            raise FormatError(f"a receipt is a byte string of at most {LONGEST_RECEIPT} bytes")
