"""spec/witness.md says what the code does: its examples, its limits, its statuses."""

from __future__ import annotations

import re
from pathlib import Path

from vidimus.adapters import witness_client
from vidimus.adapters.sqlite.witness_store import MOST_EVIDENCE
from vidimus.core.log import policy, witness, witnessed
from vidimus.operations import witnessing
from vidimus.web.witness.app import LIMITS

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "spec" / "witness.md").read_text()
VECTORS = ROOT / "vectors" / "v1"


def test_the_examples_are_the_vectors() -> None:
    assert re.findall(r"^```text\n(.*?)^```", SPEC, re.M | re.S) == [
        (VECTORS / folder / name).read_text()
        for folder, name in (
            ("cosigned", "checkpoint.txt"),
            ("cosigned", "policy.txt"),
            ("add-checkpoint", "request.txt"),
            ("add-checkpoint", "answer.txt"),
        )
    ]


def test_the_limits_are_those_of_the_code() -> None:
    for said in (
        f"{policy.LONGEST:,} bytes, and {policy.MOST} each",
        f"at most {witness.LONGEST_REQUEST:,} bytes",
        f"up to {witness.LONGEST_PROOF} hashes",
        f"does not arrive in {LIMITS.body_seconds:.0f} seconds",
        f"more than {LIMITS.refill / LIMITS.check_cost:.0f} times a second",
        f"stands more than {witness.SET_BACK} seconds before",
        f"Up to {MOST_EVIDENCE} files against one log",
        f"within {witnessing.CLOCKS_DIFFER} seconds of the log's clock",
    ):
        assert said in SPEC, said
    assert witness_client.SECONDS == 5 and "ends after five seconds" in SPEC
    assert witnessing.MOST_ASKED == 3 and "at most twice" in SPEC
    assert witnessed.FRESH == 86_400 and "at most a day before" in SPEC
