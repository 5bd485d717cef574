"""Whose key signed is found by its name at once, and looked at again each time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.acts.world import ORIGIN, START, A, key, signer, world

from vidimus.core.acts import entries
from vidimus.core.acts.vocabulary import Act, Hold
from vidimus.errors import VerificationFailed


def test_what_was_found_in_one_log_says_nothing_of_another() -> None:
    """The guess is of this process; two logs in it may know one key as two people's."""
    authority = world().folding.authority
    act = Act(ORIGIN, "p-min", "ministry", START, Hold(A))
    kid = signer("p-min").public.kid
    assert entries.key_of(act, kid, authority) == key("p-min")
    others = {**authority.keys, key("p-min"): "p-other"}
    with pytest.raises(VerificationFailed, match="no key known as p-min's"):
        entries.key_of(act, kid, replace(authority, keys=others))
    assert entries.key_of(replace(act, person="p-other"), kid, replace(authority, keys=others))
    with pytest.raises(VerificationFailed):
        entries.key_of(act, kid, replace(authority, keys={}))
    assert entries.key_of(act, kid, authority) == key("p-min")


def test_a_person_with_two_keys_is_found_by_either() -> None:
    authority = world().folding.authority
    both = {**authority.keys, key("second"): "p-min"}
    act = Act(ORIGIN, "p-min", "ministry", START, Hold(A))
    for seed in ("p-min", "second", "p-min"):
        kid = signer(seed).public.kid
        assert entries.key_of(act, kid, replace(authority, keys=both)) == key(seed)
