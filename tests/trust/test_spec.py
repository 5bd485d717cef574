"""spec/trust.md says what the code does: its examples, its limits, its hashes."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

from vidimus.core.log import fork as forks
from vidimus.core.trust import root as roots

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "spec" / "trust.md").read_text()
VECTORS = ROOT / "vectors" / "v1"
FILE, FINGERPRINT, FORK = re.findall(r"^```text\n(.*?)\n```", SPEC, re.M | re.S)


def test_the_examples_are_the_vectors() -> None:
    assert (VECTORS / "trust" / "trust.json").read_text() == FILE
    assert (VECTORS / "fork-two-roots" / "fork.json").read_text() == FORK


def test_the_fingerprint_is_made_as_it_says() -> None:
    """Section 4.7, word for word."""
    root = roots.read(FILE.encode())
    content = b"vidimus/trust/v1\0"
    for link in root.links:
        content += link.index.to_bytes(8, "big") + sha256(link.entry).digest()
    half = sha256(content).hexdigest()[:32]
    assert f"{root.version} " + " ".join(re.findall("....", half)) == FINGERPRINT
    assert roots.fingerprint(root) == FINGERPRINT
    assert root.genesis == sha256(root.links[0].entry).hexdigest()


def test_the_limits_are_those_of_the_code() -> None:
    assert f"{roots.LONGEST:,} bytes" in SPEC and f"{roots.MOST_LINKS:,} links" in SPEC


def test_the_members_are_those_of_the_file() -> None:
    said = set(re.findall(r"`([a-z_]+)`", SPEC.split("It has exactly ")[1].split("\n")[0]))
    root = roots.read((VECTORS / "trust-four-versions" / "trust.json").read_bytes())
    assert set(json.loads(roots.write(root))) == said


def test_the_fork_has_the_members_that_it_says() -> None:
    said = set(re.findall(r"`([a-z]+)`", SPEC.split("with exactly ")[1].split(":\n")[0]))
    full = forks.read((VECTORS / "fork-same-entry_fail" / "fork.json").read_bytes())
    past = forks.read((VECTORS / "fork-another-past" / "fork.json").read_bytes())
    members = set(json.loads(forks.write(full))) | set(json.loads(forks.write(past)))
    assert members == said - {"fork"}
