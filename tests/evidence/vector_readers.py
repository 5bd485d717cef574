"""How the published vectors of claims and bundles are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.core.evidence import bundle as bundles
from vidimus.core.log import claim as claims
from vidimus.core.log import note
from vidimus.core.trust import root as roots
from vidimus.operations import bundle_desk


def read_claim(folder: Path, case: dict[str, Any]) -> None:
    verifier = note.Verifier.parse(case["verifier"])
    text = (folder / "claim.txt").read_bytes().decode()
    found = claims.open_claim(text, [verifier], case["origin"])
    assert (found.size, found.root.hex()) == (case["size"], case["root"])
    assert {name: list(indices) for name, indices in found.subjects} == case["subjects"]


def read_bundle(folder: Path, case: dict[str, Any]) -> None:
    pinned = folder / "pinned.json"
    root = roots.read(pinned.read_bytes()) if pinned.exists() else None
    bundle = bundles.read((folder / "bundle.json").read_bytes())
    answer = bundle_desk.opened(bundle, wiring.reader(), root).the_letter().answer
    assert answer.letter is not None
    assert {
        "letter": answer.letter.id,
        "headline": answer.headline.value,
        "size": answer.tree_size,
    } == case["says"]


READERS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    "claim": read_claim,
    "bundle": read_bundle,
}
