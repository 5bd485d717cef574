"""The example in the document of receipts is the vector, byte for byte."""

from __future__ import annotations

import re

import cbor2
from tests.log.test_spec import ROOT, blocks

from vidimus.core.seal.problem import KINDS


def test_the_example_of_a_receipt_is_the_vector() -> None:
    diagnostic, encoded, key = blocks("receipt.md")
    vector = ROOT / "vectors" / "v1" / "receipt"
    receipt = (vector / "receipt.cose").read_bytes()
    assert bytes.fromhex(encoded) == receipt
    assert f"in bytes, {len(receipt)} of them" in (ROOT / "spec" / "receipt.md").read_text()
    assert f'"{key.strip()}"' in (vector / "case.json").read_text()
    # Everything that the notation says stands in the bytes.
    protected, unprotected, payload, signature = cbor2.loads(receipt).value
    header = cbor2.loads(protected)
    size, index, path = cbor2.loads(unprotected[396][-1][0])
    written = re.findall(r"h'([0-9a-f\s]+)'", diagnostic)
    assert [bytes.fromhex(one) for one in written] == [header[4], *path, signature]
    assert re.findall(r'"([^"]+)"', diagnostic) == [header[15][1], header[15][2]]
    assert f"[{size}, {index}, [" in diagnostic
    assert f"6: {header[15][6]}, -91620: {header[15][-91620]}}}" in diagnostic
    assert f"1: {header[1]}," in diagnostic
    assert f"395: {header[395]}" in diagnostic
    assert payload is None
    assert set(header) == {1, 4, 15, 395}


def test_the_document_names_every_title_of_scrapi_with_its_status() -> None:
    text = (ROOT / "spec" / "receipt.md").read_text()
    titles = re.findall(r"\*([A-Z][A-Za-z ]+)\* (\d{3})", text)
    assert len(titles) == 10
    assert {title: int(status) for title, status in titles}.items() <= {
        title: kind.status for title, kind in KINDS.items()
    }.items()
