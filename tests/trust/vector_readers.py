"""How the published vectors of trust roots and forks are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from vidimus.core.log import fork as forks
from vidimus.core.log import note
from vidimus.core.trust import keys
from vidimus.core.trust import root as roots


def read_trust(folder: Path, case: dict[str, Any]) -> None:
    root = roots.read((folder / "trust.json").read_bytes())
    assert {
        "genesis": root.genesis,
        "version": root.version,
        "fingerprint": roots.fingerprint(root),
        "log_keys": [each.key for each in root.trust.log_keys],
        "founders": [each.person for each in root.trust.roots],
    } == case["says"]


def read_extension(folder: Path, _case: dict[str, Any]) -> None:
    pinned = roots.read((folder / "pinned.json").read_bytes())
    newer = roots.read((folder / "trust.json").read_bytes())
    assert roots.extend(pinned, newer) is newer


def read_trusted_checkpoint(folder: Path, case: dict[str, Any]) -> None:
    root = roots.read((folder / "trust.json").read_bytes())
    text = (folder / "checkpoint.txt").read_bytes().decode()
    head, key = keys.open_checkpoint(text, root.trust)
    assert (head.size, str(key)) == (case["size"], case["key"])


def read_fork(folder: Path, case: dict[str, Any]) -> None:
    verifier = note.Verifier.parse(case["verifier"])
    fork = forks.read((folder / "fork.json").read_bytes())
    proved = forks.check(fork, lambda _size: [verifier])
    assert [side.checkpoint.size for side in proved.sides] == case["sizes"]
    assert (fork.entries.index if fork.entries else None) == case.get("index")


READERS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    "trust": read_trust,
    "trust-extension": read_extension,
    "trusted-checkpoint": read_trusted_checkpoint,
    "fork": read_fork,
}
