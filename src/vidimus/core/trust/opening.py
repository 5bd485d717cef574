"""A sealed act shown later to somebody entitled: what was committed to, and that it was there.

    {"document":"{\\"act\\":{…},\\"salt\\":…}","entry":"0oRY…","key":"es256:A2dx…",
     "proof":"c2sp.org/tlog-proof@v1\\nindex 8\\n…","v":1}

Canonical JSON (RFC 8785). The entry is the commitment that everybody sees; the document is
what the office kept. Its salt was random, so nobody could have guessed the document from
the commitment, and nobody can find another document for it now. See spec/trust.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import rfc8785

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.vocabulary import Act
from vidimus.core.log import merkle
from vidimus.core.log import proof as proofs
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.seal import statement
from vidimus.core.seal.keys import PublicKey
from vidimus.core.trust.keys import open_checkpoint, seal_keys
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, VerificationFailed

LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Opening:
    """`key` is the one by which the person signed; `proof` the text of a tlog-proof."""

    entry: bytes
    document: str
    key: str
    proof: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What an opening proves."""

    act: Act
    index: int
    head: Checkpoint


def write(opening: Opening) -> bytes:
    return rfc8785.dumps(
        {
            "v": 1,
            "entry": documents.to_base64(opening.entry),
            "document": opening.document,
            "key": opening.key,
            "proof": opening.proof,
        }
    )


def read(content: bytes) -> Opening:
    """Only the exact bytes that `write` writes; nothing is checked yet. Raises FormatError."""
    if len(content) > LONGEST:
        raise FormatError(f"malformed opening: {len(content)} bytes, at most {LONGEST}")
    try:
        value: Any = json.loads(content.decode("utf-8"))
        canonical = rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise FormatError("malformed opening: this is not JSON") from error
    fields = {"v", "entry", "document", "key", "proof"}
    if not isinstance(value, dict) or set(value) != fields or canonical != content:
        raise FormatError("malformed opening: not as “vidimus log open” writes it")
    if value["v"] != 1 or type(value["v"]) is not int:
        raise FormatError("malformed opening: another version than 1")
    if not all(isinstance(value[name], str) for name in fields - {"v"}):
        raise FormatError("malformed opening: what is no text")
    return Opening(
        documents.from_base64(value["entry"]), value["document"], value["key"], value["proof"]
    )


def check(opening: Opening, root: TrustRoot) -> Shown:
    """That the log of this trust root held it, sealed, at its index. Raises VerificationFailed.

    Whose key it was that day, and whether the act was allowed, the log's acts on authority say.
    """
    proof = proofs.parse(opening.proof)
    head, _ = open_checkpoint(proof.checkpoint, root.trust)
    leaf = merkle.leaf_hash(opening.entry)
    merkle.check_inclusion(proof.index, head.size, leaf, proof.path, head.root)
    outer = statement.parse(opening.entry)
    if not entries.is_sealed(outer) or outer.issuer != root.origin:
        raise VerificationFailed("this entry is no sealed act of this registry")
    seal = next((key for key in seal_keys(root.trust, proof.index) if key.kid == outer.kid), None)
    if seal is None:
        raise VerificationFailed("this entry bears a seal that is none of the registry's")
    statement.verify(opening.entry, seal)
    document = _encoded(opening.document)
    if documents.digest(document) != outer.digest:
        raise VerificationFailed(
            f"the document is not the one to which entry {proof.index} committed"
        )
    sealed = documents.read_sealed(document)
    inner = statement.verify(sealed.statement, PublicKey.from_text(opening.key))
    if inner.digest != documents.digest(documents.write(sealed.act)):
        raise VerificationFailed("the person signed another act than the one that is shown")
    return Shown(sealed.act, proof.index, head)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise FormatError("malformed opening: a document that is not Unicode text") from error
