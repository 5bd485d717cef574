"""What the log signs: its checkpoints, held against all that were seen before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from vidimus.core.log import fork, merkle, note, tiles
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.merkle import Read
from vidimus.core.log.rollback import suspicions
from vidimus.core.log.tiles import WIDTH
from vidimus.core.log.witnessed import told, witnessed
from vidimus.core.monitor import ended, exhibits
from vidimus.core.monitor.finding import Finding, Kind
from vidimus.core.monitor.mirror import Seen
from vidimus.core.monitor.signed_tree import OtherTree, SignedTree
from vidimus.core.trust.keys import log_verifiers, open_checkpoint
from vidimus.core.trust.policy import policy_of
from vidimus.errors import FormatError, UsageError, VidimusError
from vidimus.operations.monitor.context import Watch, dark

CHECKPOINT = "checkpoint"
WITNESSED = "witnessed"  # under this name the state keeps the last head that was


@dataclass(frozen=True, slots=True)
class Looked:
    """A head that goes on from all that were seen before, and its tree where it is larger."""

    head: Checkpoint
    note: str
    tree: SignedTree | None


def look(watch: Watch) -> Looked | None:
    """Ask for the checkpoint; None, and a finding, if nothing can be read by it."""
    # Before it is asked for: at this moment the log had no entry that is not in it.
    now = watch.now()
    try:
        content = watch.source.read(CHECKPOINT)
    except VidimusError as error:
        watch.find(dark(CHECKPOINT, f"the checkpoint cannot be read: {error.fact}"))
        return None
    opened = _opened(watch, content)
    if opened is None:
        return None
    head, text = opened
    newest = watch.state.newest()
    if newest is not None and head.size <= newest.head.size:
        if not _known(watch, head, text, newest):
            return None
        watch.state.saw(Seen(newest.head, text, now, now))
        return Looked(head, text, None)
    tree = tree_of(watch, head)
    if tree is None:
        return None
    try:
        if newest is not None:
            tree.extends(newest.head)
    except OtherTree:
        assert newest is not None  # else there was nothing to go on from
        _forked(watch, newest, text, tree)
        return None
    except VidimusError as error:
        watch.find(_no_tree(head, error))
        return None
    watch.state.saw(Seen(head, text, now, now))
    return Looked(head, text, tree)


def tree_of(watch: Watch, head: Checkpoint) -> SignedTree | None:
    """The tree that this head signs; None, and a finding, if its tiles cannot be read."""
    try:
        return SignedTree(head, watch.source.read)
    except VidimusError as error:
        watch.find(_no_tree(head, error))
        return None


def _no_tree(head: Checkpoint, error: VidimusError) -> Finding:
    return dark("tree", f"the tree of {head.size} entries cannot be read: {error.fact}")


def _opened(watch: Watch, content: bytes) -> tuple[Checkpoint, str] | None:
    try:
        text = content.decode("utf-8")
        return open_checkpoint(text, watch.trust.trust)[0], text
    except UnicodeDecodeError:
        fact = "what is served as the checkpoint is not text"
    except VidimusError as error:
        fact = error.fact
        with suppress(VidimusError):
            found = ended.checkpoint(text, watch.trust)
            watch.find(ended_finding(found, "served.checkpoint", content))
            return None
    name, files = sha256(content).hexdigest()[:16], {"served.checkpoint": content}
    watch.find(Finding(Kind.UNSIGNED, name, fact, (), None, files))
    return None


def ended_finding(found: ended.Ended, file: str, content: bytes) -> Finding:
    """Something was signed with a key of the log that ended before."""
    fact = (
        f"{found.what} is served that is signed only with a key of the log that was retired at"
        f" size {found.until}"
    )
    by = tuple(exhibits.names((each,)) for each in found.signers)
    what = "claim" if file == "claim.note" else "checkpoint"
    name = f"{what}-{sha256(content).hexdigest()[:16]}"
    return Finding(Kind.REVOKED_KEY, name, fact, by, None, {file: content})


def signers(watch: Watch, text: str, size: int) -> tuple[str, ...]:
    """Who of the log's keys signed this checkpoint."""
    try:
        opened = note.open(text, log_verifiers(watch.trust.trust, size))
    except VidimusError:
        return ()
    return tuple(f"{each.name} (key {each.key_id.hex()})" for each in opened.signatures)


# --- heads that are not larger than one seen before ---------------------------------------------


def _known(watch: Watch, head: Checkpoint, text: str, newest: Seen) -> bool:
    """Is it the newest head again? Else it is a fork, or the log is shown as it was."""
    if head.size == newest.head.size:
        if head.root != newest.head.root:
            _convict(watch, lambda: fork.of(newest.note, text, _no_hash), head.size)
        return head.root == newest.head.root
    # One's own tree knows the root of every earlier size.
    read = watch.state.newest(watch.frontier.size)
    if (
        read is not None
        and head.size <= read.head.size
        and watch.frontier.root(head.size) != head.root
    ):
        _convict(watch, lambda: fork.of(text, read.note, watch.frontier.read), head.size)
        return False
    fact = f"a tree of {head.size} entries is served, and one of {newest.head.size} was before"
    with suppress(FormatError):
        policy = policy_of(watch.trust.trust, newest.head.size)
        if policy is not None:
            fact = "; ".join((fact, *map(str, suspicions(newest.note, text, policy))))
    watch.find(
        Finding(
            Kind.ROLLED_BACK,
            f"{newest.head.size}-to-{head.size}",
            fact,
            signers(watch, text, head.size),
            None,
            {"seen.checkpoint": newest.note.encode(), "served.checkpoint": text.encode()},
        )
    )
    return False


def _no_hash(level: int, n: int) -> bytes:
    raise UsageError(f"no hash at level {level}, place {n} is needed for this")


# --- a larger one that does not go on -----------------------------------------------------------


def _forked(watch: Watch, seen: Seen, served: str, tree: SignedTree) -> None:
    found = fork.of(seen.note, served, tree.read)
    if seen.head.size <= watch.frontier.size:
        # Both trees are at hand up to there, so the first entry that differs can be shown.
        reads = (watch.frontier.read, tree.read)
        entries = (lambda at: watch.row(at).raw, lambda at: _served(watch, tree, at))
        with suppress(VidimusError):
            found = fork.of_entries(seen.note, served, reads, entries)
    _convict(watch, lambda: found, tree.head.size)


def _served(watch: Watch, tree: SignedTree, index: int) -> bytes | None:
    """The entry as it is served now, if it is the one in this tree."""
    n, at = divmod(index, WIDTH)
    width = min(WIDTH, tree.head.size - n * WIDTH)
    for bundle in watch.source.bundles([(n, width)]):
        with suppress(VidimusError):
            raw = tiles.read_entries(bundle.entries, bundle.width)[at]
            return raw if merkle.leaf_hash(raw) == tree.read(0, index) else None
    return None


def _convict(watch: Watch, make: Callable[[], fork.Fork], size: int) -> None:
    """The evidence is checked as a stranger would check it, before it is called evidence."""
    found = make()
    proved = fork.check(found, lambda at: log_verifiers(watch.trust.trust, at))
    by = {f"{key.name} (key {key.key_id.hex()})" for side in proved.sides for key in side.signers}
    content = fork.write(found)
    sizes = " and ".join(str(side.checkpoint.size) for side in proved.sides)
    watch.find(
        Finding(
            Kind.FORKED,
            f"{size}-{sha256(content).hexdigest()[:16]}",
            f"the log signed two trees, of {sizes} entries, that cannot both be: {proved.why}",
            tuple(sorted(by)),
            found.entries.index if found.entries is not None else None,
            {"fork.json": content},
        )
    )


# --- witnesses ----------------------------------------------------------------------------------


def ask_witnesses(watch: Watch, looked: Looked) -> None:
    """Has a quorum of those whom the founders named seen this very tree?"""
    now = int(watch.now().timestamp())
    try:
        policy = policy_of(watch.trust.trust, looked.head.size)
    except FormatError as error:
        watch.notes.append(f"the founders' policy of witnesses cannot be read: {error.fact}")
        return
    seen = witnessed(looked.note, policy, now) if policy is not None else None
    size = looked.head.size
    if seen is not None and seen.met and seen.time is not None:
        watch.state.put(WITNESSED, looked.note.encode())
    elif policy is not None and (last := watch.state.get(WITNESSED)) is not None:
        text = last.decode()
        seen = witnessed(text, policy, now)
        size = open_checkpoint(text, watch.trust.trust)[0].size
    said = told(policy, size if seen is not None else 0, seen, looked.head.size, now)
    if policy is None or not policy.demands:
        watch.notes.append(said.sentence)
    elif not said.met:
        signed = signers(watch, looked.note, looked.head.size)
        files = {"served.checkpoint": looked.note.encode()}
        watch.find(Finding(Kind.UNWITNESSED, "quorum", said.sentence, signed, None, files))


def overlaid(own: Read, size: int, other: Read) -> Read:
    """One's own hashes where one has read the entries under them, and else the other's."""

    def read(level: int, n: int) -> bytes:
        return own(level, n) if (n + 1) << level <= size else other(level, n)

    return read
