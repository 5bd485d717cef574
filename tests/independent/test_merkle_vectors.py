"""Other people's proofs, good and forged, get the outcome that their authors give them.

The files are those of github.com/transparency-dev/merkle, in its folder `testdata`; they are
not ours to copy. VIDIMUS_VECTORS names a folder with a clone of it in transparency-dev/merkle.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from vidimus.core.log import merkle
from vidimus.errors import VerificationFailed

# Where we refuse what their checker takes: a root of twelve bytes, "don't care 1".
STRICTER = {"additional/sizes-are-equal-one-and-proof-is-empty.json"}


@pytest.fixture(scope="module")
def folder() -> Path:
    named = os.environ.get("VIDIMUS_VECTORS")
    if not named:
        pytest.skip("VIDIMUS_VECTORS names no folder with the vectors of transparency-dev/merkle")
    found = Path(named) / "transparency-dev" / "merkle" / "testdata"
    if not found.is_dir():
        pytest.skip(f"{found} is not there: clone github.com/transparency-dev/merkle into it")
    return found


def cases(folder: Path) -> dict[str, dict[str, Any]]:
    paths = sorted(folder.rglob("*.json"))
    return {path.relative_to(folder).as_posix(): json.loads(path.read_text()) for path in paths}


def hashes(case: dict[str, Any]) -> list[bytes]:
    return [b64decode(each or "") for each in case["proof"] or ()]


def holds(check: Any, *claim: Any) -> bool:
    try:
        check(*claim)
    except VerificationFailed:
        return False
    return True


def test_their_inclusion_proofs_get_their_outcome(folder: Path) -> None:
    outcomes = {}
    for name, case in cases(folder / "inclusion").items():
        leaf, root = b64decode(case["leafHash"] or ""), b64decode(case["root"] or "")
        claim = case["leafIdx"], case["treeSize"], leaf, hashes(case), root
        outcomes[name] = (holds(merkle.check_inclusion, *claim), not case["wantErr"])
    wrong = [name for name, (ours, theirs) in outcomes.items() if ours is not theirs]
    assert wrong == []
    assert sum(ours for ours, _ in outcomes.values()) >= 6
    assert sum(not ours for ours, _ in outcomes.values()) >= 90


def test_their_consistency_proofs_get_their_outcome(folder: Path) -> None:
    outcomes = {}
    for name, case in cases(folder / "consistency").items():
        roots = b64decode(case["root1"] or ""), b64decode(case["root2"] or "")
        claim = case["size1"], case["size2"], *roots, hashes(case)
        outcomes[name] = (holds(merkle.check_consistency, *claim), not case["wantErr"])
    wrong = {name for name, (ours, theirs) in outcomes.items() if ours is not theirs}
    assert wrong == STRICTER
    assert not any(outcomes[name][0] for name in wrong)
    assert sum(ours for ours, _ in outcomes.values()) >= 5
    assert sum(not ours for ours, _ in outcomes.values()) >= 85
