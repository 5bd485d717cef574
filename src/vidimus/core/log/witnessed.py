"""Who else has seen this checkpoint, since when that is enough, and how to say it to people.

Without witnesses a log could show one tree to you and another to somebody else, each signed
and each consistent. A quorum of cosignatures rules that out as far as the witnesses are
honest. Where it is missing, answers say so; nothing else changes. See spec/witness.md,
section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from vidimus.core.log import note
from vidimus.core.log.policy import Policy, Witness
from vidimus.errors import VerificationFailed

# Verifiers may refuse cosignatures from the future (C2SP tlog-cosignature). Without a clock,
# those of a time that has no date.
LAST_DATE = 253_402_300_799

# A quorum that is older says little about now: the log may have been held back since.
FRESH = 24 * 60 * 60

UNCONFIRMED = "nobody else confirms that the log shown to you is the one shown to others."


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The witnesses of a policy whose cosignatures hold on one checkpoint.

    `names` are the policy's, in its order, and `times` stand beside them: of a witness that
    signed more than once, its first. `time` is when the quorum was reached (Policy.reached),
    None where it is not met or none is demanded. `false` are witnesses under whose name and
    key id a line stands that does not hold.
    """

    names: tuple[str, ...] = ()
    times: tuple[int, ...] = ()
    met: bool = False
    time: int | None = None
    false: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence for people. It stands among what was checked if `met`, else what was not."""

    sentence: str
    met: bool


def witnessed(checkpoint: str, policy: Policy, latest: int = LAST_DATE) -> Witnessed:
    """Which witnesses confirm this signed checkpoint. Raises FormatError.

    Cosignatures later than `latest` count for nothing. The log's own signature is not looked
    at: that is `open_checkpoint`, and this text is believed only after it.

    The standard says that a reader should refuse a note with a false line by a known key. Here
    the line counts for nothing and is named in `false`: whoever can add a line can cut the
    good ones off too, so refusing would only let a stranger spoil what others signed.
    """
    claimed = note.parse(checkpoint)
    times: dict[str, int] = {}
    false: list[str] = []
    for witness in policy.witnesses:
        held = []
        for signature in filter(witness.key.wrote, claimed.signatures):
            try:
                held.append(_time(witness, claimed.text, signature, latest))
            except VerificationFailed:
                false.append(witness.name)
        if held:
            times[witness.name] = min(held)
    return Witnessed(
        tuple(times),
        tuple(times.values()),
        policy.met(times),
        policy.reached(times),
        tuple(dict.fromkeys(false)),
    )


def trimmed(checkpoint: str, policy: Policy | None) -> str:
    """The checkpoint with the log's own lines, and of all others with those that hold.

    What a witness said may be damaged where it is kept, and nobody is shown a false line for
    it. The log's own are not looked at. Raises FormatError.
    """
    claimed = note.parse(checkpoint)
    witnesses = policy.witnesses if policy is not None else ()
    origin = claimed.text.partition("\n")[0]
    lines = [
        each
        for each in claimed.signatures
        if each.name == origin or any(_holds(witness, claimed.text, each) for witness in witnesses)
    ]
    return str(note.Note(claimed.text, tuple(lines)))


def _holds(witness: Witness, text: str, signature: note.Signature) -> bool:
    if not witness.key.wrote(signature):
        return False
    try:
        witness.key.verify(text, signature)
    except VerificationFailed:
        return False
    return True


def _time(witness: Witness, text: str, signature: note.Signature, latest: int) -> int:
    time = witness.key.verify(text, signature)
    if time > latest:
        raise VerificationFailed(f"the cosignature by {witness.name} is from the future")
    return time


def told(policy: Policy | None, size: int, seen: Witnessed | None, asked: int, at: int) -> Told:
    """What an answer says of witnesses.

    `seen` is of the latest checkpoint whose quorum was met, of `size` leaves (`None` and 0:
    there was none); the answer is about the log of `asked` leaves at the time `at`.
    """
    if policy is None or not policy.witnesses:
        return Told(f"No witness is asked by this log: {UNCONFIRMED}", False)
    if not policy.demands:
        return Told(f"This log demands the word of no witness: {UNCONFIRMED}", False)
    if seen is None or seen.time is None or not seen.met:
        return Told(f"Not witnessed yet: {UNCONFIRMED}", False)
    since = f"{datetime.fromtimestamp(seen.time, UTC):%Y-%m-%d %H:%M} UTC"
    entry = f" (entry {size - 1:,})" if size else ""
    if size < asked or seen.time + FRESH < at:
        return Told(f"Not witnessed since {since}{entry}: {UNCONFIRMED}", False)
    of = f"{len(seen.names)} of {len(policy.witnesses)}"
    return Told(
        f"Witnessed by {of} at {since}{entry}: the log shown to you is the one that they saw.",
        True,
    )
