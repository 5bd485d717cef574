"""The examples in the documents are the vectors, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import cbor2

ROOT = Path(__file__).parents[2]


def blocks(name: str) -> list[str]:
    return re.findall(r"^```text\n(.*?)^```", (ROOT / "spec" / name).read_text(), re.M | re.S)


def test_the_example_of_the_log_is_the_vector() -> None:
    proof, key = blocks("log.md")
    vector = ROOT / "vectors" / "v1" / "proof"
    assert proof == (vector / "proof.tlog-proof").read_text()
    assert f'"{key.strip()}"' in (vector / "case.json").read_text()


def test_the_example_of_a_statement_is_the_vector() -> None:
    diagnostic, encoded, key = blocks("statement.md")
    vector = ROOT / "vectors" / "v1" / "statement-es256"
    entry = (vector / "entry.cose").read_bytes()
    assert bytes.fromhex(encoded) == entry
    assert f"in bytes, {len(entry)} of them" in (ROOT / "spec" / "statement.md").read_text()
    assert f'"{key.strip()}"' in (vector / "case.json").read_text()
    # Everything that the notation says stands in the bytes.
    protected, _, payload, signature = cbor2.loads(entry).value
    header = cbor2.loads(protected)
    written = re.findall(r"h'([0-9a-f\s]+)'", diagnostic)
    assert [bytes.fromhex(one) for one in written] == [header[4], payload, signature]
    texts = [header[15][1], header[15][2], header[16], header[259]]
    assert re.findall(r'"([^"]+)"', diagnostic) == texts
