"""How the published vectors of witnesses are read."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vidimus.core.log import policy, witness
from vidimus.core.log.cosignature import Cosigner
from vidimus.core.log.note import Verifier
from vidimus.core.log.witnessed import witnessed
from vidimus.errors import VerificationFailed

WITNESS = "witness.example.org/w1"


def text(folder: Path, name: str) -> str:
    return (folder / name).read_bytes().decode()


def read_policy(folder: Path, case: dict[str, Any]) -> None:
    read = policy.parse((folder / "policy.txt").read_bytes())
    assert [each.name for each in read.witnesses] == case["witnesses"]
    assert all(read.met(names) for names in case["enough"])
    assert not any(read.met(names) for names in case["too_few"])


def read_cosigned(folder: Path, case: dict[str, Any]) -> None:
    read = policy.parse((folder / "policy.txt").read_bytes())
    seen = witnessed(text(folder, "checkpoint.txt"), read)
    says = {"names": list(seen.names), "times": list(seen.times), "false": list(seen.false)}
    assert says == {name: case[name] for name in says}
    if not seen.met:
        raise VerificationFailed("the quorum is missed")
    assert seen.time == case["time"]


def read_request(folder: Path, case: dict[str, Any]) -> None:
    request = witness.parse((folder / "request.txt").read_bytes())
    latest = None
    if case["latest"] is not None:
        size, root, time = (case["latest"][name] for name in ("size", "root", "time"))
        latest = witness.Cosigned(size, bytes.fromhex(root), time, "")
    verifiers = [Verifier.parse(vkey) for vkey in case["verifiers"]]
    seed = sha256(b"vidimus test key: witness-1").digest()
    cosigner = Cosigner.of(WITNESS, Ed25519PrivateKey.from_private_bytes(seed))
    answer = witness.decide(request, verifiers, latest, cosigner, case["now"])
    assert answer.status == case["status"]
    if answer.status in (200, 409):
        assert answer.body == text(folder, "answer.txt")
    if answer.status != 200:
        raise VerificationFailed(f"answered with {answer.status}")


READERS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    "policy": read_policy,
    "cosigned": read_cosigned,
    "add-checkpoint": read_request,
}
