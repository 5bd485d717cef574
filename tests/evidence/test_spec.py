"""The documents say what the programs do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from vidimus.core.evidence import bundle as bundles
from vidimus.core.evidence import pack as packs
from vidimus.core.log import claim as claims

SPEC = Path(__file__).parents[2] / "spec"


def blocks(name: str) -> list[str]:
    text = (SPEC / name).read_text(encoding="utf-8")
    return re.findall(r"^```(?:text)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_example_of_a_claim_is_the_vector() -> None:
    (example,) = (each for each in blocks("log.md") if each.startswith(claims.HEADER))
    vector = SPEC.parent / "vectors" / "v1" / "claim" / "claim.txt"
    assert example == vector.read_text(encoding="utf-8")


def test_the_example_of_a_bundle_has_its_fields(good: bytes) -> None:
    (example,) = blocks("bundle.md")
    value = json.loads(good)
    assert set(re.findall(r'^  "([a-z]+)"', example, re.MULTILINE)) == set(value)
    assert f'"{bundles.FORMAT}"' in example
    for each in (value["entries"][0], value["texts"][0]):
        for name in each:
            assert f'"{name}": ' in example
    rules = (SPEC / "bundle.md").read_text(encoding="utf-8")
    assert f"at most {bundles.LONGEST >> 20} MiB" in rules
    assert f"at most {bundles.MOST_ENTRIES:,}" in rules


def test_the_example_of_a_pack_has_the_lines_of_a_cover() -> None:
    (example,) = blocks("pack.md")
    first, _, rest = example.partition("\n")
    assert packs._FIRST.fullmatch(f"{first}\n".encode())
    cover = packs.parse(rest.partition("\n\n")[0] + "\n")
    assert cover.origin == "letters.example.org/log"
    rules = (SPEC / "pack.md").read_text(encoding="utf-8")
    assert f"more than {packs.LONGEST_BODY >> 30} GiB" in rules
    assert packs.MOST_INFLATED == 100
