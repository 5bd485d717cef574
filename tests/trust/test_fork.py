"""Two histories with one log's signature: evidence that needs no server (spec/trust.md, 6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.acts.world import ORIGIN, log_signer
from tests.log.trees import Tree

from vidimus.core.log import evidence, merkle, note
from vidimus.core.log import fork as forks
from vidimus.core.log import policy as policies
from vidimus.core.log.checkpoint import Checkpoint, sign_checkpoint
from vidimus.core.log.cosignature import Cosigner, cosign
from vidimus.core.log.fork import Entries, Fork, Past
from vidimus.core.log.rollback import suspicions
from vidimus.errors import FormatError, UsageError, VerificationFailed, VidimusError

KEYS: forks.Keys = lambda _size: [log_signer().verifier]  # noqa: E731 - a table of one line
SIZES = st.integers(1, 40)


def leaves(count: int, changed: int | None = None) -> list[bytes]:
    return [b"other" if index == changed else b"entry %d" % index for index in range(count)]


def signed(tree: Tree, seed: str = "log", size: int | None = None) -> str:
    size = tree.size if size is None else size
    head = Checkpoint(ORIGIN, size, merkle.root(size, tree.read))
    return sign_checkpoint(head, log_signer(seed))


def entry_of(entries: list[bytes]) -> Callable[[int], bytes | None]:
    return lambda index: entries[index]


def witness(name: str) -> Cosigner:
    seed = name.encode().ljust(32, b".")
    return Cosigner.of(f"{name}.example", Ed25519PrivateKey.from_private_bytes(seed))


def under(text: str, name: str, time: int) -> str:
    """… with the line of a witness."""
    found = note.parse(text)
    return str(
        replace(found, signatures=(*found.signatures, cosign(found.text, time, witness(name))))
    )


def policy() -> policies.Policy:
    lines = "".join(f"witness {name} {witness(name).verifier}\n" for name in ("north", "south"))
    return policies.parse(f"{lines}quorum none\n")


def forked(small: int = 7, large: int = 9, changed: int = 3) -> Fork:
    one, other = leaves(small), leaves(large, changed)
    trees = Tree(one), Tree(other)
    return forks.of_entries(
        signed(trees[0]),
        signed(trees[1]),
        (trees[0].read, trees[1].read),
        (entry_of(one), entry_of(other)),
    )


def test_one_size_and_two_roots_is_evidence_by_itself() -> None:
    one, other = Tree(leaves(7)), Tree(leaves(7, 3))
    found = forks.of(signed(one), signed(other), other.read)
    assert found == Fork((signed(one), signed(other)))
    proved = forks.check(forks.read(forks.write(found)), KEYS)
    assert proved.origin == ORIGIN and "two roots" in proved.why
    assert [side.signers for side in proved.sides] == [(log_signer().verifier,)] * 2


@given(small=SIZES, more=st.integers(1, 20), changed=st.integers(0, 59))
def test_a_larger_tree_with_another_past_convicts_by_its_own_hashes(
    small: int, more: int, changed: int
) -> None:
    """The monitor kept nothing of the older tree but the checkpoint."""
    changed %= small
    one, other = Tree(leaves(small)), Tree(leaves(small + more, changed))
    for texts in ((signed(one), signed(other)), (signed(other), signed(one))):
        found = forks.of(*texts, other.read)
        proved = forks.check(forks.read(forks.write(found)), KEYS)
        assert [side.checkpoint.size for side in proved.sides] == [small, small + more]


@given(small=SIZES, more=st.integers(0, 20), changed=st.integers(0, 59))
def test_where_both_trees_are_at_hand_the_entries_are_shown(
    small: int, more: int, changed: int
) -> None:
    changed %= small
    found = forked(small, small + more, changed)
    assert found.entries is not None and found.entries.index == changed
    assert found.entries.sides[0].entry == b"entry %d" % changed
    assert found.entries.sides[1].entry == b"other"
    proved = forks.check(forks.read(forks.write(found)), KEYS)
    assert f"differ at entry {changed}" in proved.why
    # Either sort of proof will do alone, and a hash in place of the entry.
    if more:
        forks.check(replace(found, entries=None), KEYS)
    one, other = found.entries.sides
    hashes = Entries(changed, (replace(one, entry=None), replace(other, entry=None)))
    bare = replace(found, past=None, entries=hashes)
    forks.check(forks.read(forks.write(bare)), KEYS)


def test_the_order_in_which_they_were_met_does_not_matter() -> None:
    one, other = leaves(7), leaves(9, 3)
    trees = Tree(one), Tree(other)
    turned = forks.of_entries(
        signed(trees[1]),
        signed(trees[0]),
        (trees[1].read, trees[0].read),
        (entry_of(other), entry_of(one)),
    )
    assert turned == forked()


@given(small=SIZES, more=st.integers(0, 20))
def test_no_evidence_is_made_of_trees_that_agree(small: int, more: int) -> None:
    tree = Tree(leaves(small + more))
    texts = signed(tree, size=small), signed(tree)
    with pytest.raises(UsageError):
        forks.of(*texts, tree.read)
    reads, unknown = (tree.read, tree.read), (lambda _: None, lambda _: None)
    with pytest.raises(UsageError):
        forks.of_entries(*texts, reads, unknown)
    assert forks.first_difference(small, *reads) is None


@given(small=st.integers(1, 30), more=st.integers(0, 20), data=st.data())
def test_no_evidence_frames_an_honest_log(small: int, more: int, data: st.DataObject) -> None:
    """Whatever is claimed beside two checkpoints of one tree, it is refused."""
    tree = Tree(leaves(small + more))
    texts = signed(tree, size=small), signed(tree)
    hashes = st.sampled_from([*tree.hashes.values(), b"\0" * 32, merkle.EMPTY_ROOT])
    paths = st.lists(hashes, max_size=7).map(tuple)
    true_path = merkle.consistency(small, small + more, tree.read)
    past = data.draw(st.none() | st.builds(Past, hashes, paths | st.just(true_path)))
    seen = st.builds(forks.Seen, hashes, paths)
    entries = data.draw(
        st.none() | st.builds(Entries, st.integers(0, small), st.tuples(seen, seen))
    )
    with pytest.raises((VerificationFailed, FormatError)):
        forks.check(Fork(texts, past, entries), KEYS)


def test_a_true_proof_of_agreement_is_no_evidence() -> None:
    tree = Tree(leaves(9))
    texts = signed(tree, size=7), signed(tree)
    past = Past(merkle.root(7, tree.read), merkle.consistency(7, 9, tree.read))
    with pytest.raises(VerificationFailed, match="no fork"):
        forks.check(Fork(texts, past), KEYS)
    seen = tuple(
        forks.Seen(tree.read(0, 3), merkle.inclusion(3, size, tree.read)) for size in (7, 9)
    )
    with pytest.raises(VerificationFailed, match="no fork"):
        forks.check(Fork(texts, None, Entries(3, (seen[0], seen[1]))), KEYS)
    with pytest.raises(VerificationFailed, match="belong together"):
        forks.check(Fork(texts), KEYS)
    with pytest.raises(VerificationFailed, match="the same"):
        forks.check(Fork((texts[0], texts[0])), KEYS)


def test_both_must_bear_the_logs_signature() -> None:
    one, other = Tree(leaves(7)), Tree(leaves(7, 3))
    for texts in (
        (signed(one), signed(other, "evil")),
        (signed(one, "evil"), signed(other)),
        (signed(one), signed(one).replace("\n7\n", "\n8\n")),
    ):
        with pytest.raises(VerificationFailed):
            forks.check(Fork(texts), KEYS)


def test_two_keys_of_one_log_are_one_log() -> None:
    """A log does not get out of it by signing the other history with its next key."""
    one, other = Tree(leaves(7)), Tree(leaves(7, 3))
    keys: forks.Keys = lambda _: [log_signer().verifier, log_signer("log-2").verifier]  # noqa: E731
    proved = forks.check(Fork((signed(one), signed(other, "log-2"))), keys)
    assert [side.signers[0] for side in proved.sides] == list(keys(7))


def test_two_logs_are_no_fork() -> None:
    tree, other = Tree(leaves(7)), Tree(leaves(7, 3))
    private = Ed25519PrivateKey.from_private_bytes(b"9" * 32)
    stranger = note.Signer.of("other.example/log", private)
    head = Checkpoint("other.example/log", 7, merkle.root(7, other.read))
    texts = signed(tree), sign_checkpoint(head, stranger)
    with pytest.raises(VerificationFailed, match=r"other\.example"):
        forks.check(Fork(texts), lambda _: [log_signer().verifier, stranger.verifier])


def test_it_says_which_witness_confirmed_which() -> None:
    """Issue: say who signed what."""
    found = forked()
    first, second = found.checkpoints
    first = under(under(first, "north", 1000), "stranger", 1001)
    second = under(second, "south", 1002)
    found = replace(found, checkpoints=(first, second))
    proved = forks.check(forks.read(forks.write(found)), KEYS, policy())
    assert [side.witnesses for side in proved.sides] == [("north",), ("south",)]
    assert [side.others for side in proved.sides] == [("stranger.example",), ()]
    unknown = forks.check(found, KEYS)
    assert unknown.sides[0].others == ("north.example", "stranger.example")


# --- the file -------------------------------------------------------------------------------


def variants() -> list[bytes]:
    good = forks.write(forked())
    value: dict[str, Any] = json.loads(good)
    sides, path = value["entries"]["sides"], value["past"]["path"]
    changed: list[dict[str, Any]] = [
        value | {"v": 2},
        value | {"evidence": "claim"},
        value | {"evidence": ["fork"]},
        value | {"further": 1},
        value | {"checkpoints": value["checkpoints"] * 2},
        value | {"checkpoints": [1, 2]},
        value | {"checkpoints": "no"},
        value | {"past": {"root": "AA==", "path": path}},
        value | {"past": {"root": value["past"]["root"], "path": path * 50}},
        value | {"past": {"root": value["past"]["root"]}},
        value | {"past": None},
        value | {"entries": {"index": -1, "sides": sides}},
        value | {"entries": {"index": True, "sides": sides}},
        value | {"entries": {"index": 3.5, "sides": sides}},
        value | {"entries": {"index": 3, "sides": sides[:1]}},
        value | {"entries": {"index": 3, "sides": [sides[0], {"entry": 5, "path": []}]}},
        value | {"entries": {"index": 3, "sides": [sides[0] | {"leaf": "AA=="}, sides[1]]}},
    ]
    return [
        *map(rfc8785.dumps, changed),
        good + b"\n",
        json.dumps(value).encode(),
        b"[" * 100_000,
        b"\xff",
        b"[]",
        b"{}",
        b" " * (evidence.LONGEST + 1),
    ]


@pytest.mark.parametrize("bad", variants())
def test_only_the_canonical_text_is_evidence(bad: bytes) -> None:
    with pytest.raises(FormatError):
        forks.read(bad)


@given(place=st.integers(0, 100_000), bit=st.integers(0, 7))
def test_a_bit_turned_makes_it_no_evidence_or_changes_no_verdict(place: int, bit: int) -> None:
    """What a turned bit may reach is a line that nobody here can check, and no more."""
    good = forks.write(forked())
    bad = bytearray(good)
    bad[place % len(bad)] ^= 1 << bit
    try:
        proved = forks.check(forks.read(bytes(bad)), KEYS)
    except VidimusError:
        return
    assert proved == forks.check(forks.read(good), KEYS)


@given(st.binary(max_size=200))
def test_nothing_but_a_refusal_comes_of_noise(content: bytes) -> None:
    with pytest.raises(FormatError):
        forks.read(content)


# --- an older tree than before ---------------------------------------------------------------


def test_a_smaller_tree_confirmed_later_is_a_suspicion_and_no_proof() -> None:
    tree = Tree(leaves(9))
    large = under(signed(tree), "south", 1_800_000_000)
    small = under(signed(tree, size=7), "north", 1_800_000_300)
    for texts in ((large, small), (small, large)):
        (found,) = suspicions(*texts, policy())
        assert not found.broken
        assert "north confirmed the tree of 7 entries at 2027-01-15 08:05:00" in str(found)
    with pytest.raises(VerificationFailed):
        forks.check(Fork((small, large)), KEYS)


def test_one_witness_that_did_both_broke_its_promise() -> None:
    tree = Tree(leaves(9))
    large = under(signed(tree), "south", 1_800_000_000)
    small = under(signed(tree, size=7), "south", 1_800_000_300)
    (found,) = suspicions(large, small, policy())
    assert found.broken


def test_in_the_right_order_nothing_is_suspected() -> None:
    tree = Tree(leaves(9))
    small = under(signed(tree, size=7), "south", 1_800_000_000)
    large = under(signed(tree), "north", 1_800_000_300)
    assert suspicions(small, large, policy()) == ()
    assert suspicions(large, large, policy()) == ()
