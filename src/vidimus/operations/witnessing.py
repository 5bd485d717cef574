"""The log asks its witnesses: all at once, about its present head, and keeps what is enough.

A witness that is away, refuses or lies is named and passed over. Nothing waits for this: acts
are registered and answered without it, and answers say aloud since when nobody else looked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vidimus.core.log import merkle, note, witness
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.lines import from_decimal
from vidimus.core.log.policy import Policy, Witness
from vidimus.core.log.witnessed import Told, Witnessed, told, witnessed
from vidimus.errors import FormatError, NotFound, OutsideFailed, VerificationFailed, VidimusError
from vidimus.operations.ports import Clock, Courier, Head, LogStore, Opener, Reply

# A witness whose clock differs by more is not believed about the time, and so not at all.
CLOCKS_DIFFER = 300
# Asked with a size that is not its own, it says which is; meanwhile another may have asked.
MOST_ASKED = 3

Proof = Callable[[int, int], tuple[bytes, ...]]

REFUSALS = {
    403: "does not know the key by which this log signs",
    404: "does not watch this log",
    429: "is asked too often",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a witness's cosignature is missing. With `alarm`, it says that this log went back."""

    sentence: str
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What came of asking: the checkpoint with the cosignatures that hold under it.

    `failures` are of the other witnesses of the policy, by the policy's names.
    """

    size: int
    checkpoint: str
    witnessed: Witnessed
    failures: Mapping[str, Failure]


def ask(
    checkpoint: str,
    policy: Policy,
    consistency: Proof,
    courier: Courier,
    *,
    sizes: dict[str, int],
    now: Callable[[], int],
) -> Round:
    """Ask every witness of the policy that has an address about this signed checkpoint.

    `sizes` is what each witness has seen last, by its key; it is brought up to date. The
    courier is closed at the end.
    """
    claimed = note.parse(checkpoint)
    asking = _Asking(checkpoint, claimed.text, witness.read_head(claimed.text), consistency, now)
    try:
        asking.run(policy, courier, sizes)
    finally:
        courier.close()
    names = [each.name for each in policy.witnesses]
    lines = [asking.lines[name] for name in names if name in asking.lines]
    cosigned = checkpoint + "".join(map(str, lines))
    found = witnessed(cosigned, policy, now() + CLOCKS_DIFFER)
    failures = {name: asking.failures[name] for name in names if name in asking.failures}
    return Round(asking.head.size, cosigned, found, failures)


@dataclass(slots=True)
class _Asking:
    checkpoint: str
    text: str
    head: Checkpoint
    consistency: Proof
    now: Callable[[], int]
    lines: dict[str, note.Signature] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    asked: dict[str, list[int]] = field(default_factory=dict)  # with which old sizes

    def run(self, policy: Policy, courier: Courier, sizes: dict[str, int]) -> None:
        waiting: dict[str, Witness] = {}
        for each in policy.witnesses:
            if each.url:
                waiting[each.name] = each
                self._send(each, sizes.get(str(each.key), 0), courier)
            else:
                self.failures[each.name] = Failure("has no address in the policy")
        while waiting and (back := courier.receive()) is not None:
            name, reply = back
            one = waiting[name]
            try:
                old = self._taken(one, reply)
            except VidimusError as error:
                # An alarm is a witness that contradicts the log; all else is its own failing.
                self.failures[name] = Failure(error.fact, isinstance(error, VerificationFailed))
                del waiting[name]
                continue
            sizes[str(one.key)] = self.head.size if old is None else old
            if old is None:
                del waiting[name]
            else:
                self._send(one, old, courier)
        for name in waiting:
            self.failures[name] = Failure("did not answer in time")

    def _send(self, one: Witness, old: int, courier: Courier) -> None:
        old = min(old, self.head.size)
        self.asked.setdefault(one.name, []).append(old)
        proof = self.consistency(old, self.head.size)
        courier.send(one.name, one.url, witness.write(old, proof, self.checkpoint).encode())

    def _taken(self, one: Witness, reply: Reply | OutsideFailed) -> int | None:
        """None if it cosigned, or the old size with which it wants to be asked.

        Raises VerificationFailed if it says that the log went back, OutsideFailed for all else.
        """
        if isinstance(reply, OutsideFailed):
            raise reply
        if reply.status == 409:
            return self._size(one, reply)
        if reply.status == 422:
            raise VerificationFailed("says that this log does not extend the one that it has seen")
        if reply.status != 200:
            said = REFUSALS.get(reply.status, f"answers with the status {reply.status}")
            raise OutsideFailed(said)
        self.lines[one.name] = self._cosignature(one, reply)
        return None

    def _size(self, one: Witness, reply: Reply) -> int:
        try:
            if reply.content_type.partition(";")[0].strip() != witness.SIZE:
                raise FormatError("not a size")
            said = reply.body.decode("ascii")
            size = from_decimal(said.removesuffix("\n"))
            if not said.endswith("\n"):
                raise FormatError("not a size")
        except ValueError as error:  # FormatError is one
            raise OutsideFailed("answers what no witness answers") from error
        if size > self.head.size:
            raise VerificationFailed(
                f"has seen {size} entries of this log, and the log has {self.head.size} now"
            )
        asked = self.asked[one.name]
        if size == asked[-1] or len(asked) >= MOST_ASKED:
            raise OutsideFailed("contradicts itself about what it has seen")
        return size

    def _cosignature(self, one: Witness, reply: Reply) -> note.Signature:
        try:
            given = note.parse_signatures(reply.body.decode("utf-8"))
        except ValueError as error:
            raise OutsideFailed("answers what no witness answers") from error
        # Lines by keys that nobody named are nobody's word (C2SP tlog-witness).
        own = [each for each in given if one.key.wrote(each)]
        if not own:
            raise OutsideFailed("does not sign with the key that the policy names")
        try:
            times = [one.key.verify(self.text, each) for each in own]
        except VerificationFailed as error:
            raise OutsideFailed("gave a cosignature that does not hold") from error
        off = times[0] - self.now()
        if abs(off) > CLOCKS_DIFFER:
            raise OutsideFailed(f"has a clock that differs from ours by {abs(off)} seconds")
        return own[0]


class Witnessing:
    """The witnesses of one log, asked time and again. One thread at a time."""

    def __init__(
        self,
        log: LogStore,
        opener: Opener,
        policy: Callable[[], Policy | None],
        couriers: Callable[[], Courier],
        clock: Clock,
    ) -> None:
        self._log = log
        self._opener = opener
        self._policy = policy
        self._couriers = couriers
        self._clock = clock
        self._sizes: dict[str, int] = {}

    def round(self) -> Round | None:
        """Ask about the present head, and keep it if the quorum is met.

        None where there is nothing to ask, or nobody. Raises VerificationFailed for a log
        that is damaged.
        """
        policy, head = self._policy(), self._log.head()
        if policy is None or not policy.witnesses or not head.checkpoint:
            return None
        signed = self._opener(head.checkpoint)
        # After a start they have most likely seen what was enough for the last quorum.
        kept = self._log.witnessed()
        for each in policy.witnesses:
            self._sizes.setdefault(str(each.key), kept.size if kept is not None else 0)

        found = ask(
            head.checkpoint,
            policy,
            lambda old, new: _consistency(self._log, old, new, signed.root),
            self._couriers(),
            sizes=self._sizes,
            now=lambda: int(self._clock.now().timestamp()),
        )
        if found.witnessed.met and found.witnessed.time is not None:
            self._log.keep_witnessed(Head(found.size, found.checkpoint), found.witnessed.time)
        return found


def _consistency(log: LogStore, old: int, new: int, root: bytes) -> tuple[bytes, ...]:
    """The proof, checked: a witness must not hear that a log went back where a disk failed."""
    try:
        path = merkle.consistency(old, new, log.subtree)
        merkle.check_consistency(old, new, merkle.root(old, log.subtree), root, path)
    except (NotFound, VerificationFailed) as error:
        raise VerificationFailed(
            f"the stored hashes do not lead to the signed root: {error.fact}",
            hint="run “vidimus log verify” and restore from a backup",
        ) from error
    return path


def confirmed(log: LogStore, opener: Opener, policy: Policy | None, *, asked: int, at: int) -> Told:
    """What an answer about the log of `asked` entries at the time `at` says of witnesses.

    Raises VerificationFailed where the log is not, or not any more, the one that they saw.
    """
    kept = log.witnessed()
    if policy is None or kept is None:
        return told(policy, 0, None, asked, at)
    try:
        signed = opener(kept.checkpoint)
        # Read after it: whoever was witnessed was the head before.
        ahead = signed.size > log.head().size
        same = not ahead and merkle.root(signed.size, log.subtree) == signed.root
    except FormatError as error:
        raise VerificationFailed(
            f"what the witnesses saw last cannot be read: {error.fact}",
            hint="run “vidimus log verify” and restore from a backup",
        ) from error
    except NotFound:
        same = False
    if not same:
        raise VerificationFailed(
            f"this log is not the one of {signed.size} entries that the witnesses saw",
            hint="run “vidimus log verify”: the log is damaged, or an older or another one was"
            " put in its place",
        )
    return told(policy, signed.size, witnessed(kept.checkpoint, policy), asked, at)
