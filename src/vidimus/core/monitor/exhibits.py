"""The single pieces of evidence: entries with their proofs, places in a tree, signed heads.

Writer and reader stand side by side. What a reader gives was checked with the keys of a trust
root: that an entry is in a tree, and who signed that tree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from vidimus.core.acts import document as documents
from vidimus.core.log import claim as claims
from vidimus.core.log import fork, merkle, note, proof
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.lines import from_base64, to_base64
from vidimus.core.log.merkle import Hash
from vidimus.core.seal import statement
from vidimus.core.seal.statement import Statement
from vidimus.core.trust.keys import log_verifiers, open_checkpoint
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, VerificationFailed

Files = Mapping[str, bytes]


def entry_files(
    name: str, index: int, raw: bytes, document: bytes | None, path: tuple[Hash, ...], signed: str
) -> dict[str, bytes]:
    """An entry, its document, and the proof that it is on the log."""
    text = str(proof.Proof(index=index, path=path, checkpoint=signed))
    files = {f"{name}.cose": raw, f"{name}.tlog-proof": text.encode()}
    if document is not None:
        files[f"{name}.json"] = document
    return files


def place_file(index: int, leaf: Hash, path: tuple[Hash, ...]) -> bytes:
    """Which leaf a tree has at an index; the tree is named by another file."""
    value = {"index": index, "leaf": to_base64(leaf), "path": [to_base64(each) for each in path]}
    return json.dumps(value, indent=1).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry that the log holds, and a sentence: who signed that it does."""

    index: int
    said: Statement
    who: str


@dataclass(frozen=True, slots=True)
class Exhibits:
    """The files of one folder, read with the keys of a trust root.

    Raises FormatError or VerificationFailed, also for a file that is not there.
    """

    files: Files
    trust: TrustRoot

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def file(self, name: str) -> bytes:
        if name not in self.files:
            raise VerificationFailed(f"the evidence lacks the file {name}")
        return self.files[name]

    def text(self, name: str) -> str:
        try:
            return self.file(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(f"{name} is not UTF-8") from error

    def keys(self, size: int) -> list[note.Verifier]:
        return log_verifiers(self.trust.trust, size)

    def head(self, name: str) -> tuple[Checkpoint, str]:
        """A signed head, and who signed it."""
        head, signer = open_checkpoint(self.text(name), self.trust.trust)
        return head, names((signer,))

    def claim(self) -> claims.Claim:
        text = self.text("claim.note")
        size = claims.parse(note.parse(text).text).size
        return claims.open_claim(text, self.keys(size), self.trust.origin)

    def fork(self) -> fork.Proved:
        return fork.check(fork.read(self.file("fork.json")), self.keys)

    def entry(self, name: str) -> Logged:
        raw = self.file(f"{name}.cose")
        index, signers = self.on_the_log(name, raw)
        said = statement.parse(raw)
        if f"{name}.json" in self and documents.digest(self.file(f"{name}.json")) != said.digest:
            raise VerificationFailed(f"{name}.json is not the document that {name}.cose names")
        digest = sha256(raw).hexdigest()[:16]
        return Logged(
            index,
            said,
            f"{signers} signed a tree that has entry {index} ({name}.cose, {digest}…), which"
            f" names {said.issuer} as its issuer.",
        )

    def on_the_log(self, name: str, raw: bytes) -> tuple[int, str]:
        """At which index the log holds these bytes, and who signed that."""
        found = proof.parse(self.text(f"{name}.tlog-proof"))
        head, signer = open_checkpoint(found.checkpoint, self.trust.trust)
        merkle.check_inclusion(found.index, head.size, merkle.leaf_hash(raw), found.path, head.root)
        return found.index, names((signer,))

    def place(self, name: str) -> tuple[int, Hash, tuple[Hash, ...]]:
        try:
            value = json.loads(self.text(name))
            index, leaf, path = value["index"], value["leaf"], value["path"]
            if type(index) is not int or not isinstance(path, list) or len(path) > 64:
                raise ValueError("an index and a path were expected")
            return index, from_base64(leaf), tuple(map(from_base64, path))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FormatError(f"malformed evidence: {name}: {error}") from error


def names(signers: tuple[note.Verifier, ...]) -> str:
    return " and ".join(f"{each.name} (key {each.key_id.hex()})" for each in signers)


def moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
