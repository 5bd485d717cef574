"""The log's signed word on which entries speak of a subject: these, and no others.

    vidimus.org/subjects@v1
    letters.example.org/log
    7
    kSCSOuTIjEn2ZnKSTv8VgqwrgVRsOoX9ZMC2bFlyGIU=
    QF3MZJ2K7XW4TB5A 3 6
    authority 0 1 2

A proof shows that an entry is on the log; it cannot show that no later one took it back.
Whoever holds a few entries and this note knows that none was left out, or holds a false
word signed by the log, which any monitor's own index refutes. See spec/log.md, section 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.lines import from_base64, from_decimal, to_base64, to_decimal
from vidimus.errors import FormatError, TooLarge, UsageError, VerificationFailed

# No origin holds an “@”, so the first line tells a claim from a checkpoint for good: one key
# signs both, and neither note can be read as the other.
HEADER = "vidimus.org/subjects@v1"
MOST_SUBJECTS = 1_000


@dataclass(frozen=True, slots=True)
class Claim:
    """`subjects`: each with the indices of all entries on it below `size`, in order."""

    origin: str
    size: int
    root: bytes
    subjects: tuple[tuple[str, tuple[int, ...]], ...]

    def __str__(self) -> str:
        lines = [HEADER, self.origin, to_decimal(self.size), to_base64(self.root)]
        lines += [" ".join((name, *map(to_decimal, at))) for name, at in self.subjects]
        return "\n".join(lines) + "\n"

    def indices(self, subject: str) -> tuple[int, ...]:
        """The entries on this subject. Raises VerificationFailed if the claim is silent on it."""
        for name, indices in self.subjects:
            if name == subject:
                return indices
        raise VerificationFailed(
            f"the log's claim does not say which entries there are on {subject}",
            hint="ask the log for one that does",
        )


def claim(head: Checkpoint, subjects: Mapping[str, Sequence[int]]) -> Claim:
    """What the log of this head says of these subjects, in the one order of writing it."""
    lines = tuple((name, tuple(subjects[name])) for name in sorted(subjects))
    return Claim(head.origin, head.size, head.root, lines)


def parse(text: str) -> Claim:
    """Read a claim; only the exact text `str()` would write is accepted.

    Raises FormatError. Says nothing about who wrote it: that is `open_claim`.
    """
    lines = text.split("\n")
    if len(lines) < 6 or lines[0] != HEADER or lines[-1] != "":
        raise FormatError(
            f"malformed claim: not the line “{HEADER}”, then origin, size, root and subjects"
        )
    if len(lines) - 5 > MOST_SUBJECTS:
        raise FormatError(f"malformed claim: {len(lines) - 5} subjects, over {MOST_SUBJECTS}")
    _, origin, size, root = lines[:4]
    found = Claim(origin, from_decimal(size), from_base64(root), tuple(map(_subject, lines[4:-1])))
    _check(found)
    return found


def sign_claim(claim: Claim, signer: note.Signer) -> str:
    """The claim as a signed note. Raises FormatError, or TooLarge for one that no note holds.

    The caller must have looked at every entry up to the size: a word too few is a lie.
    """
    _check_pairing([signer.verifier], claim.origin)
    if len(claim.subjects) > MOST_SUBJECTS:
        raise TooLarge(f"a claim on {len(claim.subjects)} subjects; at most {MOST_SUBJECTS}")
    text = str(claim)
    parse(text)
    signed = note.sign(text, signer)
    if len(signed) > note.LONGEST:
        raise TooLarge(f"a claim of {len(signed)} characters; a note has at most {note.LONGEST}")
    return signed


def open_claim(text: str, verifiers: Sequence[note.Verifier], origin: str) -> Claim:
    """The claim of the log `origin`, with a signature by one of its keys verified.

    Raises FormatError or VerificationFailed. Which keys count for its size, and that its size
    and root are those of the checkpoint beside it, is for the caller to see to.
    """
    _check_pairing(verifiers, origin)
    found = parse(note.open(text, verifiers).text)
    if found.origin != origin:
        raise VerificationFailed(
            f"this claim is of the log {found.origin[:120]!r}, not of {origin!r}"
        )
    return found


def require_same_head(claim: Claim, head: Checkpoint) -> None:
    """The claim must speak of the very tree that the checkpoint speaks of."""
    if (claim.origin, claim.size, claim.root) != (head.origin, head.size, head.root):
        raise VerificationFailed(
            f"the claim is of another tree ({claim.size} entries) than the checkpoint"
            f" ({head.size} entries)"
        )


def _subject(line: str) -> tuple[str, tuple[int, ...]]:
    name, *indices = line.split(" ")
    if name != AUTHORITY and not LETTER_ID.fullmatch(name):
        raise FormatError(f"malformed claim: {name[:40]!r} is no subject")
    return name, tuple(map(from_decimal, indices))


def _check(found: Claim) -> None:
    if not found.origin or any(character < " " for character in found.origin):
        raise FormatError(f"malformed claim: {found.origin[:80]!r} is not an origin")
    if len(found.root) != merkle.HASH_SIZE:
        raise FormatError(f"malformed claim: a root of {len(found.root)} bytes")
    if found.size == 0 and found.root != merkle.EMPTY_ROOT:
        raise FormatError("malformed claim: a tree of no leaves with a root of its own")
    if not all(one < other for (one, _), (other, _) in pairwise(found.subjects)):
        raise FormatError("malformed claim: its subjects are not in order, each once")
    taken: set[int] = set()
    for name, indices in found.subjects:
        if not all(one < other for one, other in pairwise(indices)):
            raise FormatError(f"malformed claim: the entries on {name} are not in order")
        if indices and indices[-1] >= found.size:
            raise FormatError(
                f"malformed claim: entry {indices[-1]} in a log of {found.size} entries"
            )
        # An entry names one subject.
        if not taken.isdisjoint(indices):
            raise FormatError(f"malformed claim: an entry on {name} is on another subject too")
        taken.update(indices)


def _check_pairing(verifiers: Sequence[note.Verifier], origin: str) -> None:
    # As for checkpoints: a key bears the origin as its name, so it speaks for one log.
    for verifier in verifiers:
        if verifier.name != origin:
            raise UsageError(
                f"the key {verifier.name!r} cannot speak for the log {origin!r}",
                hint="a log's key bears the log's origin as its name",
            )
