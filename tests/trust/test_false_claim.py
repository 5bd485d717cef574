"""A false word of the log on a subject, refuted by its own tree (spec/trust.md, 6.6)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.acts.world import ORIGIN, A, B, log_signer, released_letter
from tests.log.trees import Tree

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.vocabulary import Withdraw
from vidimus.core.log import claim as claims
from vidimus.core.log import evidence, false_claim, merkle
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.fork import Keys
from vidimus.errors import FormatError, UsageError, VerificationFailed

KEYS: Keys = lambda _size: [log_signer().verifier]  # noqa: E731 - a table of one line
FOUND = released_letter()
FOUND.do("p-min", "ministry", Withdraw(A))
RAWS = [each.raw for each in FOUND.log]
TREE = Tree(RAWS)
HEAD = Checkpoint(ORIGIN, len(RAWS), merkle.root(len(RAWS), TREE.read))
SEALED = [index for index, each in enumerate(FOUND.log) if each.sealed]
WITHDRAWN = len(RAWS) - 1
ON_A = [WITHDRAWN - 1, WITHDRAWN]
ON_AUTHORITY = [i for i in range(len(RAWS)) if i not in (*ON_A, *SEALED)]


def said(subjects: dict[str, list[int]], seed: str = "log") -> str:
    return claims.sign_claim(claims.claim(HEAD, subjects), log_signer(seed))


def evidence_of(text: str, index: int) -> false_claim.FalseClaim:
    return false_claim.of(text, index, RAWS[index], TREE.read)


def test_a_withdrawal_that_was_kept_back_convicts_the_log() -> None:
    """Issue: a hidden withdrawal in the server's answer is reported with the evidence."""
    found = evidence_of(said({A: ON_A[:1]}), WITHDRAWN)
    refuted = false_claim.check(false_claim.read(false_claim.write(found)), KEYS)
    assert refuted.why == f"it does not name entry {WITHDRAWN}, which is on {A}"
    assert refuted.signers == (log_signer().verifier,)


@pytest.mark.parametrize(
    ("subjects", "index"),
    [
        ({A: [ON_AUTHORITY[-1], *ON_A]}, ON_AUTHORITY[-1]),
        ({B: ON_A}, WITHDRAWN),
        ({A: [SEALED[0], *ON_A]}, SEALED[0]),
        ({AUTHORITY: ON_AUTHORITY[1:]}, 0),
        ({A: ON_A, AUTHORITY: ON_AUTHORITY[:-1]}, ON_AUTHORITY[-1]),
    ],
)
def test_an_act_too_many_or_too_few_is_refuted(subjects: dict[str, list[int]], index: int) -> None:
    false_claim.check(evidence_of(said(subjects), index), KEYS)


@given(index=st.integers(0, len(RAWS) - 1))
def test_a_true_claim_is_refuted_by_no_entry(index: int) -> None:
    """Nor is one that is silent on a subject."""
    for subjects in ({A: ON_A, AUTHORITY: ON_AUTHORITY}, {B: []}, {A: ON_A}):
        text = said(subjects)
        with pytest.raises(UsageError):
            evidence_of(text, index)
        path = merkle.inclusion(index, HEAD.size, TREE.read)
        made_up = false_claim.FalseClaim(text, index, RAWS[index], path)
        with pytest.raises(VerificationFailed):
            false_claim.check(made_up, KEYS)


def test_nobody_frames_a_log_with_an_entry_of_another_tree() -> None:
    true = said({A: ON_A})
    path = merkle.inclusion(WITHDRAWN, HEAD.size, TREE.read)
    for index, entry in ((3, RAWS[WITHDRAWN]), (WITHDRAWN, RAWS[3]), (WITHDRAWN, b"made up")):
        with pytest.raises(VerificationFailed):
            false_claim.check(false_claim.FalseClaim(true, index, entry, path), KEYS)


def test_the_claim_must_bear_the_logs_signature() -> None:
    found = evidence_of(said({A: ON_A[:1]}, "evil"), WITHDRAWN)
    with pytest.raises(VerificationFailed, match="nobody whom we know"):
        false_claim.check(found, KEYS)


def test_a_claim_of_another_tree_is_evidence_of_nothing_here() -> None:
    other = Tree([*RAWS[:-1], b"other"])
    with pytest.raises(UsageError, match="another tree"):
        false_claim.of(said({A: ON_A[:1]}), WITHDRAWN, RAWS[-1], other.read)
    with pytest.raises(UsageError, match="another tree"):
        false_claim.of(said({A: ON_A[:1]}), len(RAWS), RAWS[-1], TREE.read)


def test_only_the_canonical_text_is_evidence() -> None:
    good = false_claim.write(evidence_of(said({A: ON_A[:1]}), WITHDRAWN))
    value = json.loads(good)
    assert evidence.sort_of(good) == "claim"
    for bad in (
        good + b"\n",
        json.dumps(value).encode(),
        *(
            rfc8785.dumps(value | each)
            for each in (
                {"v": 2},
                {"v": True},
                {"evidence": "fork"},
                {"claim": 1},
                {"index": -1},
                {"index": "3"},
                {"entry": "A"},
                {"entry": None},
                {"path": ["AA=="]},
                {"path": {}},
                {"further": 1},
            )
        ),
    ):
        with pytest.raises(FormatError):
            false_claim.read(bad)
    for bad in (b"1", b"{}", b"\xff", b"[" * 100_000, b'{"evidence":5}'):
        with pytest.raises(FormatError):
            evidence.sort_of(bad)


def test_what_is_read_is_what_was_written() -> None:
    found = evidence_of(said({A: ON_A[:1]}), WITHDRAWN)
    assert false_claim.read(false_claim.write(found)) == found
    changed = replace(found, index=found.index - 1)
    assert false_claim.read(false_claim.write(changed)) == changed
