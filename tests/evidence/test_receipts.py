"""vidimus log check-receipt: somebody's entry and the log's word for it, offline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.evidence.cases import Cases, dumps, run
from tests.operations.ministry import THIRD, build, no_passphrase

from vidimus import wiring
from vidimus.core.acts.document import from_base64
from vidimus.core.seal import receipt


@dataclass
class Saved:
    folder: Path
    entry: bytes
    receipt: bytes

    def check(self, *files: bytes, trust: str = "trust.json") -> tuple[int, str, str]:
        names = []
        for number, content in enumerate(files):
            (self.folder / f"file-{number}").write_bytes(content)
            names.append(str(self.folder / f"file-{number}"))
        return run("log", "check-receipt", *names, "--trust", str(self.folder / trust))


@pytest.fixture
def saved(good: bytes, tmp_path: Path) -> Saved:
    value = json.loads(good)
    (tmp_path / "trust.json").write_bytes(dumps(value["trust"]))
    own = next(each for each in value["entries"] if each["receipts"])
    return Saved(tmp_path, from_base64(own["entry"]), from_base64(own["receipts"][0]))


def test_a_receipt_holds_with_its_entry(saved: Saved) -> None:
    status, said, noted = saved.check(saved.entry, saved.receipt)
    assert (status, noted) == (0, "")
    assert "it holds: this entry is number" in said
    assert said.startswith("*** EXERCISE")
    assert saved.check(receipt.transparent(saved.entry, [saved.receipt]))[:2] == (0, said)


def test_a_strangers_receipt_beside_it_changes_nothing(saved: Saved) -> None:
    both = receipt.transparent(saved.entry, [b"nothing", saved.receipt, saved.receipt[:-1] + b"x"])
    status, said, noted = saved.check(both)
    assert status == 0
    assert said.count("it holds") == 1
    assert noted.count("counts for nothing") == 2


def test_what_is_no_receipt_of_this_entry_is_refused(
    saved: Saved, good: bytes, cases: Cases, tmp_path: Path
) -> None:
    other = next(
        from_base64(each["entry"])
        for each in json.loads(good)["entries"]
        if from_base64(each["entry"]) != saved.entry
    )
    for files in (
        (other, saved.receipt),
        (saved.entry, saved.receipt[:-1] + bytes([saved.receipt[-1] ^ 1])),
        (saved.entry, b""),
        (saved.entry, saved.entry),
        (saved.receipt, saved.entry),
        (saved.entry,),
        (receipt.transparent(saved.entry, [b"nothing"]),),
    ):
        status, said, noted = saved.check(*files)
        assert status in (1, 2)
        assert said == ""
        assert noted


def test_a_receipt_of_another_registry_is_refused(saved: Saved, tmp_path: Path) -> None:
    other = build(tmp_path / "other")
    content = wiring.make_bundle(other.folder, other.released(THIRD), no_passphrase)[1]
    (saved.folder / "theirs.json").write_bytes(dumps(json.loads(content)["trust"]))
    status, said, noted = saved.check(saved.entry, saved.receipt, trust="theirs.json")
    assert (status, said) == (1, "")
    assert "none of the registry's" in noted
