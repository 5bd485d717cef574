"""The witnesses that the founders named, with the log keys that count (spec/trust.md, 2.7)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.acts.world import log_key
from tests.trust.chains import changed

from vidimus.core.log.cosignature import Cosigner
from vidimus.core.trust.policy import policy_of, require_policy
from vidimus.errors import FormatError

NORTH = Cosigner.of("north.example", Ed25519PrivateKey.from_private_bytes(b"n" * 32))
POLICY = f"witness north {NORTH.verifier}\nquorum north\n"
TRUST = replace(changed().folding.authority.trust, witnesses=POLICY)


def test_the_policy_has_the_log_keys_of_the_size() -> None:
    old, new = policy_of(TRUST, 17), policy_of(TRUST, 18)
    assert old is not None and new is not None
    assert [str(each.key) for each in old.logs] == [log_key(), log_key("log-2")]
    assert [str(each.key) for each in new.logs] == [log_key("log-2")]
    assert [each.name for each in new.witnesses] == ["north"]
    assert policy_of(TRUST) == new


def test_no_witnesses_are_no_policy() -> None:
    assert policy_of(replace(TRUST, witnesses=None)) is None


@pytest.mark.parametrize("text", ["", "quorum north\n", "quorum none", "nonsense\n"])
def test_a_text_that_is_none_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(FormatError):
        policy_of(replace(TRUST, witnesses=text))
    with pytest.raises(FormatError):
        require_policy(text)


def test_the_founders_name_no_log() -> None:
    require_policy(POLICY)
    with pytest.raises(FormatError, match="names a log"):
        require_policy(f"log {log_key()}\n{POLICY}")
