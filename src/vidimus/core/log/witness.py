"""The decision of a witness: may it cosign this checkpoint, after all that it cosigned before?

    old 5
    MB/rQ5yfXlYzzBSh6urvy4i4nRKUeRu8TbnYlq+DXJE=
    EEk/Ba4BCPbcv5siUD6LU0QiuZhPi/7+bZ4bo9FUNB0=

    letters.example.org/log
    7
    XbC1TJfjzNTCrGdbv7szIUso59eFpD4EzaDn+kVKvLs=

    — letters.example.org/log AV1jilVOU2Xd22xAOBt7/gfC+DLEkAnQSlF9k44V…

A request of C2SP tlog-witness v1.0.0, add-checkpoint: the size that the witness has seen last,
the proof that this tree extends that one, and the signed checkpoint. See spec/witness.md,
section 3. Whoever calls `decide` must read what was seen last, decide, and keep what it gives
in one transaction, and answer afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.cosignature import Cosigner, cosign
from vidimus.core.log.fork import Fork, Past, check
from vidimus.core.log.lines import from_base64, from_decimal, to_base64, to_decimal
from vidimus.errors import FormatError, VerificationFailed

LONGEST_PROOF = 63
# A note may bear 16 signatures of up to 5 kB, in base64 (C2SP signed-note).
LONGEST_REQUEST = 256 * 1024

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"

# So far a clock may be set back (by NTP, say) before the witness falls silent.
SET_BACK = 300


@dataclass(frozen=True, slots=True)
class Request:
    """`checkpoint` is the signed note, verbatim; `head` is what its text says, unverified."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str
    head: Checkpoint

    def __str__(self) -> str:
        return write(self.old, self.proof, self.checkpoint)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The latest tree of a log that this witness cosigned; `checkpoint` bears its signature."""

    size: int
    root: bytes
    time: int
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, as HTTP says it; `keep` must be on the disk before a cosignature is given.

    `fork` is evidence against the log, where the request was one (C2SP: a witness MAY keep a
    request that it refuses, “as it might be proof of log misbehavior”).
    """

    status: int
    body: str
    content_type: str = TEXT
    keep: Cosigned | None = None
    fork: Fork | None = None


def write(old: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """What a log sends, with the proof from the size `old` to this signed checkpoint."""
    return "\n".join([f"old {to_decimal(old)}", *map(to_base64, proof)]) + "\n\n" + checkpoint


def parse(body: bytes) -> Request:
    """Read a request; only the exact text `str()` would write is accepted. Raises FormatError."""
    if len(body) > LONGEST_REQUEST:
        raise FormatError(f"malformed request: longer than {LONGEST_REQUEST:,} bytes")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("malformed request: not UTF-8") from error
    # No line above the checkpoint is empty, so the first blank line divides.
    above, divider, checkpoint = text.partition("\n\n")
    first, *lines = above.split("\n")
    if not divider or not first.startswith("old "):
        raise FormatError("malformed request: an “old” line, a proof, a blank line, a checkpoint")
    if len(lines) > LONGEST_PROOF:
        raise FormatError(f"malformed request: {len(lines)} lines of proof, over {LONGEST_PROOF}")
    proof = tuple(map(from_base64, lines))
    if any(len(sibling) != merkle.HASH_SIZE for sibling in proof):
        raise FormatError("malformed request: a hash that is not 32 bytes long")
    head = read_head(note.parse(checkpoint).text)
    return Request(from_decimal(first.removeprefix("old ")), proof, checkpoint, head)


def read_head(text: str) -> Checkpoint:
    """The first three lines of a checkpoint of any log. Raises FormatError.

    Other logs than ours may add lines of their own (C2SP tlog-checkpoint, extension lines): a
    witness signs them with the rest and says nothing about them. And whether a tree of no
    leaves has the root of one, `decide` says with a status of its own.
    """
    lines = text.split("\n")
    if lines.pop() != "" or len(lines) < 3 or "" in lines:
        raise FormatError("malformed checkpoint: not three lines or more, none of them empty")
    origin, size, root = lines[:3]
    head = Checkpoint(origin, from_decimal(size), from_base64(root))
    if len(head.root) != merkle.HASH_SIZE:
        raise FormatError(f"malformed checkpoint: a root of {len(head.root)} bytes")
    return head


def decide(
    request: Request,
    verifiers: Sequence[note.Verifier],
    latest: Cosigned | None,
    cosigner: Cosigner,
    now: int,
) -> Answer:
    """The answer to a request about a log with these keys, of which `latest` was cosigned last.

    The checks stand in the order of the standard, so that each case has the one status that
    the standard gives it.
    """
    head = request.head
    if not verifiers:
        return _no(404, f"this witness does not watch the log {head.origin}")
    try:
        signed = note.open(request.checkpoint, verifiers)
    except VerificationFailed as error:
        return _no(403, error.fact)
    fork = _fork(request, verifiers, latest)
    if request.old > head.size:
        fact = f"the old size is {request.old}, and the checkpoint has {head.size} leaves"
        return _no(400, fact, fork)
    known = latest.size if latest is not None else 0
    if request.old != known:
        return Answer(409, f"{to_decimal(known)}\n", SIZE, fork=fork)
    if head.size == 0 and head.root != merkle.EMPTY_ROOT:
        return _no(422, "a tree of no leaves with a root of its own")
    before = latest.root if latest is not None else merkle.EMPTY_ROOT
    try:
        merkle.check_consistency(known, head.size, before, head.root, request.proof)
    except VerificationFailed as error:
        return _no(422, error.fact, fork)
    # A cosignature says what is the largest tree at its time, so its times never fall.
    time = max(now, latest.time if latest is not None else 1)
    if time - now > SET_BACK:
        return _no(503, f"the clock of this witness is {time - now} seconds behind what it signed")
    line = cosign(signed.text, time, cosigner)
    kept = str(note.Note(signed.text, (*signed.signatures, line)))
    return Answer(200, str(line), TEXT, Cosigned(head.size, head.root, time, kept))


def _fork(
    request: Request, verifiers: Sequence[note.Verifier], latest: Cosigned | None
) -> Fork | None:
    """Evidence that the log signed two histories, if this request is some.

    Two roots of one size are; and so is a proof that is right, but for another old tree than
    the one that was cosigned: then the new tree itself says what the old one should have been.
    """
    head = request.head
    if latest is None:
        return None
    past, root = None, head.root
    if head.size != latest.size:
        try:
            root, _new = merkle.consistency_roots(latest.size, head.size, request.proof)
        except VerificationFailed:
            return None
        past = Past(root, request.proof)
    if root == latest.root:
        return None
    found = Fork((latest.checkpoint, request.checkpoint), past)
    try:
        check(found, lambda _size: verifiers)
    except (FormatError, VerificationFailed):
        return None
    return found


def _no(status: int, fact: str, fork: Fork | None = None) -> Answer:
    return Answer(status, f"{fact}\n", fork=fork)
