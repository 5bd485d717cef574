"""Evidence that a log signed two histories: one file that convicts it before any third party.

    {"checkpoints":["letters.example.org/log\\n7\\nkSCS…\\n\\n— letters.example.org/log Zm9v…\\n",
                    "letters.example.org/log\\n9\\n1aQz…\\n\\n— letters.example.org/log QmFy…\\n"],
     "entries":{"index":3,"sides":[{"entry":"0oRY…","path":["B95l…"]},{"entry":"0oRY…","path":["…"]}]},
     "evidence":"fork","past":{"path":["gSKy…"],"root":"MB/r…"},"v":1}

Canonical JSON (RFC 8785). Each checkpoint is signed with a key of the log, and they cannot
both be true:

    one size        two roots for it. Nothing else is needed
    two sizes       `past`: the larger tree proves which root its first leaves have, and it is
                    not the one that was signed for them; or
                    `entries`: each tree proves another entry at one and the same index

Nobody can make such a file against an honest log, for that takes its key or two texts with
one SHA-256. A claim of the log on a subject (`claim.py`) that its entries refute is evidence
of another sort, with another word under "evidence". See spec/trust.md, section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vidimus.core.log import evidence, merkle, note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.checkpoint import parse as parse_checkpoint
from vidimus.core.log.lines import to_base64
from vidimus.core.log.merkle import Hash, Read
from vidimus.core.log.policy import Policy
from vidimus.core.log.witnessed import witnessed
from vidimus.errors import FormatError, UsageError, VerificationFailed

# The keys with which a log may sign a checkpoint of this size: of a pinned key, or of a
# trust root (core/trust/keys.py, `log_verifiers`).
Keys = Callable[[int], Sequence[note.Verifier]]


@dataclass(frozen=True, slots=True)
class Past:
    """The root of the first leaves of the larger tree, and the proof that it is."""

    root: Hash
    path: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one tree has at an index. `entry` is None where only the hash of it is at hand."""

    leaf: Hash
    path: tuple[Hash, ...]
    entry: bytes | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    """What each tree has at one index, in the order of the checkpoints."""

    index: int
    sides: tuple[Seen, Seen]


@dataclass(frozen=True, slots=True)
class Fork:
    """Two signed checkpoints, the smaller tree first, and what shows that they exclude each other.

    The texts are the notes as they were met, with every line under them.
    """

    checkpoints: tuple[str, str]
    past: Past | None = None
    entries: Entries | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Who signed one of the two."""

    checkpoint: Checkpoint
    signers: tuple[note.Verifier, ...]
    witnesses: tuple[str, ...]  # of the policy, whose cosignature holds
    others: tuple[str, ...]  # names on lines that nobody here can check


@dataclass(frozen=True, slots=True)
class Proved:
    """The log signed both, and no log has both. `why` is for people."""

    origin: str
    sides: tuple[Side, Side]
    why: str


# --- making evidence --------------------------------------------------------------------------


def of(first: str, second: str, read: Read) -> Fork:
    """Evidence from two signed checkpoints; `read` gives hashes of the larger tree alone.

    What the larger tree holds up to the size of the smaller one is proved against it, so a
    monitor needs nothing of the tree that it saw before but the checkpoint. The signatures
    are not looked at: that is `check`. Raises UsageError where the two agree.
    """
    small, large = _in_order(first, second)
    one, other = _head(small), _head(large)
    if one.size == other.size:
        if one.root == other.root:
            raise UsageError("these two checkpoints say the same")
        return Fork((small, large))
    past = Past(merkle.root(one.size, read), merkle.consistency(one.size, other.size, read))
    if past.root == one.root:
        raise UsageError("the larger tree goes on where the smaller one ends")
    return Fork((small, large), past)


def of_entries(
    first: str,
    second: str,
    reads: tuple[Read, Read],
    entries: tuple[Callable[[int], bytes | None], Callable[[int], bytes | None]],
) -> Fork:
    """The same where both trees are at hand: with the first entry that differs.

    `reads` and `entries` are of the checkpoints in the order in which they are given; the
    bytes of an entry may be unknown (None). Raises UsageError where the two agree.
    """
    if (first, second) != _in_order(first, second):
        return of_entries(second, first, (reads[1], reads[0]), (entries[1], entries[0]))
    heads = _head(first), _head(second)
    index = first_difference(heads[0].size, *reads)
    if index is None:
        raise UsageError("the larger tree goes on where the smaller one ends")
    one, other = (
        Seen(read(0, index), merkle.inclusion(index, head.size, read), entry(index))
        for head, read, entry in zip(heads, reads, entries, strict=True)
    )
    past = of(first, second, reads[1]).past
    return Fork((first, second), past, Entries(index, (one, other)))


def first_difference(size: int, one: Read, other: Read) -> int | None:
    """The first of `size` leaves in which two trees differ; None if in none of them.

    Goes down from the complete subtrees that the tree is made of: 2 log(size) hashes.
    """
    begin = 0
    for level in reversed(range(size.bit_length())):
        if not size >> level & 1:
            continue
        n = begin >> level
        if one(level, n) != other(level, n):
            while level:
                level, n = level - 1, 2 * n
                n += one(level, n) == other(level, n)
            return n
        begin += 1 << level
    return None


# --- judging it -----------------------------------------------------------------------------------


def check(fork: Fork, keys: Keys, policy: Policy | None = None) -> Proved:
    """Who signed two histories. Raises VerificationFailed where this shows no such thing.

    FormatError for what cannot be read. Nothing is asked of anybody.
    """
    one, other = (_side(text, keys, policy) for text in fork.checkpoints)
    small, large = one.checkpoint, other.checkpoint
    if small.origin != large.origin:
        raise VerificationFailed(
            f"one checkpoint is of the log {small.origin!r}, the other of {large.origin!r}"
        )
    if small.size > large.size:
        raise FormatError("malformed evidence: the smaller tree comes first")
    if small.size == large.size:
        if small.root == large.root:
            raise VerificationFailed("the two checkpoints say the same; that is no fork")
        if fork.past is not None:
            raise FormatError("malformed evidence: two trees of one size have no past to compare")
        why = f"two roots were signed for one size, {small.size}"
    elif fork.past is None and fork.entries is None:
        raise VerificationFailed(
            f"a tree of {small.size} entries and one of {large.size} may well belong together",
            hint="evidence of a fork says what the larger one holds in place of the smaller",
        )
    else:
        why = f"the tree of {large.size} entries does not go on from the one of {small.size}"
    if fork.past is not None:
        _check_past(fork.past, small, large)
    if fork.entries is not None:
        _check_entries(fork.entries, small, large)
        why += f"; they differ at entry {fork.entries.index}"
    return Proved(small.origin, (one, other), why)


def _check_past(past: Past, small: Checkpoint, large: Checkpoint) -> None:
    # The path makes both roots. That of the larger tree was signed, so this one is the only
    # root that the log ever gave the first leaves of it.
    merkle.check_consistency(small.size, large.size, past.root, large.root, past.path)
    if past.root == small.root:
        raise VerificationFailed("the larger tree goes on where the smaller one ends; no fork")


def _check_entries(entries: Entries, small: Checkpoint, large: Checkpoint) -> None:
    for seen, head in zip(entries.sides, (small, large), strict=True):
        if seen.entry is not None and merkle.leaf_hash(seen.entry) != seen.leaf:
            raise VerificationFailed("an entry in the evidence is not the one that is proved")
        merkle.check_inclusion(entries.index, head.size, seen.leaf, seen.path, head.root)
    if entries.sides[0].leaf == entries.sides[1].leaf:
        raise VerificationFailed(f"both trees have the same entry {entries.index}; no fork")


def _side(text: str, keys: Keys, policy: Policy | None) -> Side:
    claimed = note.parse(text)
    head = parse_checkpoint(claimed.text)
    verifiers = keys(head.size)
    opened = note.open(text, verifiers)
    signed = {(each.name, each.key_id) for each in opened.signatures}
    signers = tuple(each for each in verifiers if (each.name, each.key_id) in signed)
    if any(each.name != head.origin for each in signers):
        raise VerificationFailed(f"this checkpoint is of another log: {head.origin[:120]!r}")
    confirmed = witnessed(text, policy).names if policy is not None else ()
    known = {(each.key.name, each.key.key_id) for each in policy.witnesses} if policy else set()
    others = (s.name for s in claimed.signatures if (s.name, s.key_id) not in signed | known)
    return Side(head, signers, confirmed, tuple(dict.fromkeys(others)))


# --- the file ----------------------------------------------------------------------------------


def write(fork: Fork) -> bytes:
    value: dict[str, Any] = {
        "v": 1,
        "evidence": "fork",
        "checkpoints": list(fork.checkpoints),
    }
    if fork.past is not None:
        value["past"] = {"root": to_base64(fork.past.root), "path": evidence.texts(fork.past.path)}
    if fork.entries is not None:
        sides = [_seen_json(each) for each in fork.entries.sides]
        value["entries"] = {"index": fork.entries.index, "sides": sides}
    return evidence.dumps(value)


def read(file: bytes) -> Fork:
    """Read evidence; only the exact bytes `write` would write. Raises FormatError.

    It is not judged: that is `check`.
    """
    value = evidence.parsed(file, "fork")
    optional = {"past", "entries"} & set(value)
    evidence.members(value, {"v", "evidence", "checkpoints"} | optional)
    first, second = map(evidence.text, _pair(value["checkpoints"]))
    past = entries = None
    if "past" in value:
        given = evidence.members(value["past"], {"root", "path"})
        past = Past(evidence.digest(given["root"]), evidence.path(given["path"]))
    if "entries" in value:
        given = evidence.members(value["entries"], {"index", "sides"})
        one, other = _pair(given["sides"])
        entries = Entries(evidence.number(given["index"]), (_seen(one), _seen(other)))
    fork = Fork((first, second), past, entries)
    evidence.require_form(file, write(fork))
    return fork


def _seen_json(seen: Seen) -> dict[str, Any]:
    path = evidence.texts(seen.path)
    if seen.entry is not None:
        return {"entry": to_base64(seen.entry), "path": path}
    return {"leaf": to_base64(seen.leaf), "path": path}


def _seen(value: Any) -> Seen:
    if isinstance(value, dict) and "entry" in value:
        value = evidence.members(value, {"entry", "path"})
        entry = evidence.content(value["entry"])
        return Seen(merkle.leaf_hash(entry), evidence.path(value["path"]), entry)
    value = evidence.members(value, {"leaf", "path"})
    return Seen(evidence.digest(value["leaf"]), evidence.path(value["path"]))


def _in_order(first: str, second: str) -> tuple[str, str]:
    return (second, first) if _head(first).size > _head(second).size else (first, second)


def _head(text: str) -> Checkpoint:
    return parse_checkpoint(note.parse(text).text)


def _pair(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise FormatError("malformed evidence: two sides were expected")
    return value[0], value[1]
