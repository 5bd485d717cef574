"""What a registry has answered, as the people at its doors keep it; and whether it stands by it.

kept.registered(raw, receipt)       201, and the receipt that came with it
kept.acted(index, document)         a person's act, and the place that was named
kept.shown(checkpoint)              what the log signed at that moment
kept.proved(proof, raw)             a tlog-proof
kept.require(folder)                nothing of it is missing, nothing contradicted
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.log.trees import Tree
from tests.operations.ministry import no_passphrase

from vidimus import wiring
from vidimus.core.acts import document as documents
from vidimus.core.log import merkle
from vidimus.core.log import proof as proofs
from vidimus.core.log.note import Verifier
from vidimus.core.seal import receipt
from vidimus.core.seal.keys import PublicKey
from vidimus.operations.ports import Stored
from vidimus.operations.registry import Registry


@dataclass
class Kept:
    receipts: list[tuple[bytes, bytes]] = field(default_factory=list)
    acts: dict[int, bytes] = field(default_factory=dict)
    checkpoints: set[str] = field(default_factory=set)
    proofs: list[tuple[str, bytes]] = field(default_factory=list)

    def registered(self, raw: bytes, written: bytes) -> int:
        self.receipts.append((raw, written))
        return receipt.parse(written).index

    def acted(self, index: int, document: bytes) -> None:
        assert self.acts.setdefault(index, document) == document

    def shown(self, checkpoint: str) -> None:
        self.checkpoints.add(checkpoint)

    def proved(self, proof: str, raw: bytes) -> None:
        self.proofs.append((proof, raw))

    def require(self, folder: Path) -> Registry:
        """Open it as on every day, and hold all that was answered against what it holds."""
        for outside in (False, True):
            assert not wiring.verify_log(folder, outside).refused
        registry = wiring.office(folder, no_passphrase)
        entries = list(registry.log.entries(0, registry.log.head().size))
        tree = Tree([each.raw for each in entries])
        roots: dict[int, bytes] = {}

        def root(size: int) -> bytes:
            assert size <= len(entries), f"answered of {size} entries, and {len(entries)} are here"
            if size not in roots:
                roots[size] = merkle.root(size, tree.read)
            return roots[size]

        (key,) = map(PublicKey.from_text, registry.receipt_keys())
        for raw, written in self.receipts:
            found = receipt.verify(written, raw, key)
            assert found.root(raw) == root(found.size)
            assert entries[found.index].raw == raw
        for index, document in self.acts.items():
            assert index < len(entries), f"entry {index} was answered and is lost"
            assert said(registry, entries[index]) == document
        for head in map(registry.settings.open, self.checkpoints):
            assert head.root == root(head.size)
            path = merkle.consistency(head.size, len(entries), registry.log.subtree)
            merkle.check_consistency(head.size, len(entries), head.root, root(len(entries)), path)
        verifier = Verifier.parse(registry.settings.log_key)
        for proof, raw in self.proofs:
            head = proofs.check_proof(proofs.parse(proof), raw, verifier, verifier.name)
            assert head.root == root(head.size)
        return registry


def said(registry: Registry, stored: Stored) -> bytes:
    """The act of an entry as the person approved it, also where it lies sealed."""
    document = registry.document(stored)
    assert document is not None
    if stored.document is not None:
        return document
    return documents.write(documents.read_sealed(document).act)
