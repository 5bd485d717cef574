"""Every parser that takes a stranger's bytes, with good bytes to begin from.

A parser added to `core` gets a line here; what is tried on all of them is in
`test_parsers_never_break.py`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.log.trees import Tree

from vidimus.core.acts import document
from vidimus.core.evidence import bundle, pack, proved
from vidimus.core.evidence.vouched import vouched
from vidimus.core.log import (
    checkpoint,
    claim,
    cosignature,
    evidence,
    false_claim,
    fork,
    lines,
    merkle,
    note,
    policy,
    proof,
    rollback,
    tiles,
    witness,
)
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.witnessed import witnessed
from vidimus.core.seal import (
    cbor,
    foreign,
    glance,
    key_set,
    layout,
    loose,
    problem,
    receipt,
    statement,
    submitted,
)
from vidimus.core.seal.keys import MemorySigner, PublicKey
from vidimus.core.trust import keys as trust_keys
from vidimus.core.trust import opening, root, spoken
from vidimus.errors import FormatError

VECTORS = Path(__file__).parents[2] / "vectors" / "v1"
ORIGIN = "letters.example.org/log"
LOG = note.Signer.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"L" * 32))
WITNESS = cosignature.Cosigner.of(
    "witness.example", Ed25519PrivateKey.from_private_bytes(b"W" * 32)
)
OFFICE = MemorySigner(ec.derive_private_key(77, ec.SECP256R1()))
REGISTRY = MemorySigner(Ed25519PrivateKey.from_private_bytes(b"R" * 32))
KEYS = [LOG.verifier]


def vectors(pattern: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(VECTORS.glob(pattern)))


ENTRIES = [
    statement.write(
        issuer=f"{ORIGIN}/o/ministry",
        subject=f"{ORIGIN}/c/{n}",
        issued_at=1_930_000_000 + n,
        digest=bytes([n]) * 32,
        content_type=document.ACT_TYPE,
        signer=OFFICE if n % 2 else REGISTRY,
    )
    for n in range(9)
]
TREE = Tree(ENTRIES)
OTHER = Tree([*ENTRIES[:4], b"another", *ENTRIES[5:]])


def head(size: int, tree: Tree = TREE) -> str:
    return checkpoint.sign_checkpoint(Checkpoint(ORIGIN, size, merkle.root(size, tree.read)), LOG)


def cosigned(size: int) -> str:
    text = note.parse(head(size)).text
    return head(size) + str(cosignature.cosign(text, 1_930_000_000, WITNESS))


CLAIM = claim.claim(
    checkpoint.parse(note.parse(head(9)).text), {"authority": (0, 1), "QF3MQF3MQF3MQF3M": (2, 7)}
)
POLICY = (
    f"log {LOG.verifier} https://{ORIGIN}\nwitness one {WITNESS.verifier} https://witness.example/\n"
    "# a comment\ngroup all any one\nquorum all\n"
)
READ_POLICY = policy.parse(POLICY)
PROOF = proof.Proof(5, merkle.inclusion(5, 9, TREE.read), cosigned(9), b"extra")
REQUEST = witness.write(7, merkle.consistency(7, 9, TREE.read), head(9))
SEEN = witness.Cosigned(7, merkle.root(7, TREE.read), 1_930_000_000, head(7))
FORK = fork.of(head(7), head(9, OTHER), OTHER.read)
FALSE = false_claim.of(claim.sign_claim(CLAIM, LOG), 0, ENTRIES[0], TREE.read)
RECEIPT = receipt.write(
    index=5,
    size=9,
    path=merkle.inclusion(5, 9, TREE.read),
    issuer=ORIGIN,
    subject=f"{ORIGIN}/c/5",
    issued_at=1_930_000_000,
    root=merkle.root(9, TREE.read),
    signer=REGISTRY,
)
GROWTH = receipt.write_consistency(
    old=4,
    new=9,
    path=merkle.consistency(4, 9, TREE.read),
    issuer=ORIGIN,
    issued_at=1_930_000_000,
    root=merkle.root(9, TREE.read),
    signer=OFFICE,
)
PUBLIC = (OFFICE.public, REGISTRY.public)
ACTS = tuple(
    link["document"].encode()
    for trusted in sorted(VECTORS.glob("trust*/trust.json"))[:3]
    for link in json.loads(trusted.read_text(encoding="utf-8"))["chain"]
)
TRUST = root.read(vectors("trusted-checkpoint/trust.json")[0]).trust
SEALED = document.Sealed(document.read(ACTS[0]), b"s" * 32, ENTRIES[1])


ROOT = root.read(vectors("trusted-checkpoint/trust.json")[0])
BUNDLES = vectors("bundle/bundle.json") + vectors("bundle-withdrawn/bundle.json")
# The key that everybody has (vectors/v1/README.md).
TEST_KEY = note.Signer.of(
    ORIGIN, Ed25519PrivateKey.from_private_bytes(sha256(b"vidimus test key: log-2").digest())
)
TRUSTED = vectors("trusted-checkpoint/checkpoint.txt")[0].decode()
TRUSTED_HEAD = checkpoint.parse(note.parse(TRUSTED).text)
COVER = pack.Cover(ORIGIN, TRUSTED_HEAD.size, TRUSTED_HEAD.root, 1_930_000_000, 700, b"d" * 32, 900)
FRONT = pack.Front(pack.sign(COVER, TEST_KEY), root.write(ROOT), TRUSTED)
VOUCHED = (vectors("receipt/receipt.cose")[0], vectors("receipt/entry.cose")[0])


def front(content: bytes) -> pack.Front:
    """What stands before the body, and nothing behind it."""
    rest = io.BytesIO(content)
    found = pack.read(rest.read)
    if rest.read(1):
        raise FormatError("that is the body already")
    return found


def unchanged(content: bytes) -> bytes:
    return content


def text(content: bytes) -> str:
    """As a caller may hand it in: half a surrogate pair is a character to Python."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("latin-1")


OPENING = opening.Opening(ENTRIES[5], "{}", OFFICE.public.to_text(), str(PROOF))


@dataclass(frozen=True)
class Parser:
    """`back` gives what was read from, where one thing has one form; `given` is bytes or text."""

    name: str
    read: Callable[[Any], Any]
    seeds: tuple[bytes, ...]
    back: Callable[[Any], Any] | None = None
    given: Callable[[bytes], Any] = unchanged


def of_text(
    name: str,
    read: Callable[[str], Any],
    *seeds: str | bytes,
    back: Callable[[Any], str] | None = str,
) -> Parser:
    written = tuple(seed.encode() if isinstance(seed, str) else seed for seed in seeds)
    return Parser(name, read, written, back, text)


def signed(content: str) -> str:
    """A log may sign what it likes, and then everybody has to read it."""
    return note.sign(content, LOG)


def open_proof(content: str) -> Any:
    return proof.check_proof(proof.parse(content), ENTRIES[5], LOG.verifier, ORIGIN)


def judged_fork(content: bytes) -> Any:
    return fork.check(fork.read(content), lambda _size: KEYS, READ_POLICY)


def judged_claim(content: bytes) -> Any:
    return false_claim.check(false_claim.read(content), lambda _size: KEYS)


def decided(content: bytes) -> Any:
    return witness.decide(witness.parse(content), KEYS, SEEN, WITNESS, 1_930_000_009)


LOG_PARSERS = (
    of_text("decimal", lines.from_decimal, "0", "9223372036854775807", back=lines.to_decimal),
    of_text("base64", lines.from_base64, "aGk=", "AAAA", "", back=lines.to_base64),
    of_text("note", note.parse, head(9), cosigned(9), *vectors("note*/note.txt")),
    of_text("signature-lines", note.parse_signatures, cosigned(9).partition("\n\n")[2],
            back=lambda found: "".join(map(str, found))),
    of_text("note-opened", lambda given: note.open(given, KEYS), head(9), cosigned(9), back=None),
    of_text("log-key", note.Verifier.parse, str(LOG.verifier)),
    of_text("witness-key", cosignature.CosignatureVerifier.parse, str(WITNESS.verifier)),
    of_text("checkpoint", checkpoint.parse, note.parse(head(9)).text, note.parse(head(0)).text),
    of_text("checkpoint-opened",
            lambda given: checkpoint.open_checkpoint(given, LOG.verifier, ORIGIN),
            cosigned(9), *vectors("checkpoint*/checkpoint.txt"), back=None),
    of_text("checkpoint-signed",
            lambda given: checkpoint.open_checkpoint(signed(given), LOG.verifier, ORIGIN),
            note.parse(head(9)).text),
    of_text("checkpoint-of-others", witness.read_head, note.parse(head(9)).text + "more\n",
            back=None),
    of_text("proof", proof.parse, str(PROOF), *vectors("proof*/proof.tlog-proof")),
    of_text("proof-checked", open_proof, str(PROOF), back=None),
    of_text("path", tiles.parse_path, "tile/0/x001/067.p/8", "tile/entries/000", "acts/x001/000",
            back=lambda found: found.path),
    Parser("entries", lambda given: tiles.read_entries(given, 3),
           (tiles.write_entries(ENTRIES[:3]), *vectors("entries*/bundle.bin")),
           tiles.write_entries),
    Parser("documents", lambda given: tiles.read_documents(given, 3),
           (tiles.write_documents([b"{}", None, b"x"]), *vectors("documents*/bundle.bin")),
           tiles.write_documents),
    Parser("tile", lambda given: tiles.read_tile(tiles.Tile(0, 0, 9), given),
           (tiles.tile_hashes(tiles.Tile(0, 0, 9), TREE.read),), b"".join),
    Parser("policy", policy.parse, (POLICY.encode(), b"quorum none\n")),
    of_text("policy-text", policy.parse, POLICY, back=None),
    of_text("witnessed", lambda given: witnessed(given, READ_POLICY), cosigned(9), back=None),
    of_text("rollback", lambda given: rollback.suspicions(given, cosigned(7), READ_POLICY),
            cosigned(9), back=None),
    Parser("witness-request", witness.parse, (REQUEST.encode(),),
           lambda found: str(found).encode()),
    Parser("witness-decision", decided, (REQUEST.encode(),)),
    of_text("claim", claim.parse, str(CLAIM)),
    of_text("claim-signed", lambda given: claim.open_claim(signed(given), KEYS, ORIGIN),
            str(CLAIM)),
    Parser("fork", fork.read, (fork.write(FORK), *vectors("fork*/*.json")), fork.write),
    Parser("fork-judged", judged_fork, (fork.write(FORK),)),
    Parser("false-claim", false_claim.read, (false_claim.write(FALSE),), false_claim.write),
    Parser("false-claim-judged", judged_claim, (false_claim.write(FALSE),)),
    Parser("evidence", evidence.sort_of, (fork.write(FORK), false_claim.write(FALSE))),
)  # fmt: skip

OTHER_PARSERS = (
    Parser("trust-root", root.read, vectors("trust*/trust.json"), root.write),
    of_text("checkpoint-trusted",
            lambda given: trust_keys.open_checkpoint(given, TRUST),
            *vectors("trusted-checkpoint*/checkpoint.txt"), back=None),
    Parser("act", document.read, ACTS, document.write),
    Parser("sealed-act", document.read_sealed, (document.write_sealed(SEALED),),
           document.write_sealed),
    of_text("public-key", PublicKey.from_text, OFFICE.public.to_text(), *vectors("key*/key.txt"),
            back=PublicKey.to_text),
    Parser("cbor", cbor.decode, (ENTRIES[0][1:], RECEIPT[1:]), cbor.encode),
    Parser("loose-cbor", loose.decode, (ENTRIES[0], RECEIPT)),
    Parser("loose-sign1", loose.read_sign1, (ENTRIES[0], RECEIPT)),
    Parser("statement", statement.parse, (*ENTRIES[:2], *vectors("statement*/entry.cose")),
           lambda found: found.entry),
    Parser("statement-read", statement.read, (*ENTRIES[:2], *vectors("statement*/entry.cose")),
           lambda found: found.statement.entry),
    Parser("statement-verified", lambda given: statement.verify(given, OFFICE.public),
           (ENTRIES[1],)),
    Parser("glance", glance.glance, tuple(ENTRIES[:2])),
    Parser("layout", lambda given: layout.take_apart(given, statement.TYP), tuple(ENTRIES[:2])),
    Parser("receipt", receipt.parse, (RECEIPT, GROWTH), lambda found: found.receipt),
    Parser("growth", receipt.parse_consistency, (GROWTH, RECEIPT), lambda found: found.receipt),
    Parser("receipt-verified", lambda given: receipt.verify(given, ENTRIES[5], REGISTRY.public),
           (RECEIPT,)),
    Parser("foreign-receipt", lambda given: foreign.verify_foreign(given, ENTRIES[5], PUBLIC),
           (RECEIPT, GROWTH)),
    Parser("foreign-growth",
           lambda given: foreign.verify_foreign_consistency(
               given, 4, merkle.root(4, TREE.read), PUBLIC),
           (GROWTH, RECEIPT)),
    Parser("transparent", receipt.detach, (receipt.transparent(ENTRIES[5], [RECEIPT, b"junk"]),),
           lambda found: receipt.transparent(*found)),
    Parser("key", key_set.parse_key, tuple(map(key_set.write_key, PUBLIC)), key_set.write_key),
    Parser("key-set", key_set.parse, (key_set.write(PUBLIC),), key_set.write),
    Parser("problem", problem.read, (problem.problem("Rejected", "no such office"),)),
    of_text("spoken", spoken.parse, "1 ac85 c90e 96f9 422e e7d8 9644 4d80 9279",
            "AC85-C90E-96F9-422E-E7D8-9644-4D80-9279", back=None),
    Parser("text-named", submitted.text_named, ACTS),
    of_text("checkpoint-with-keys",
            lambda given: trust_keys.open_with(given, TRUST.log_keys),
            *vectors("trusted-checkpoint*/checkpoint.txt"), back=None),
    Parser("bundle", bundle.read, (BUNDLES[0], *vectors("bundle-strangers*/bundle.json")),
           bundle.write),
    Parser("bundle-proved", lambda given: proved.prove(bundle.read(given)), BUNDLES),
    of_text("pack-cover", pack.parse, str(COVER)),
    Parser("pack", front, (bytes(FRONT),), bytes),
    Parser("pack-proved", lambda given: pack.prove(front(given)), (bytes(FRONT),)),
    Parser("receipt-vouched", lambda given: vouched(given, VOUCHED[1], ROOT), VOUCHED[:1]),
    Parser("opening", opening.read, (opening.write(OPENING),), opening.write),
    Parser("submitted", submitted.read, (submitted.write(ENTRIES[5], b"{}", b"text"),)),
)  # fmt: skip

PARSERS = {each.name: each for each in (*LOG_PARSERS, *OTHER_PARSERS)}
