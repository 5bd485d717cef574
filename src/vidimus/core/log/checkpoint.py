"""The log's signed word on how long it is and what it holds.

    letters.example.org/log
    7
    kSCSOuTIjEn2ZnKSTv8VgqwrgVRsOoX9ZMC2bFlyGIU=

C2SP tlog-checkpoint v1.0.0: origin, size, root hash; no extension lines, since nobody who
replays the log could check them. See spec/log.md, section 4. Signatures are the business of
`note.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.log import merkle, note
from vidimus.core.log.lines import from_base64, from_decimal, to_base64, to_decimal
from vidimus.errors import FormatError, UsageError, VerificationFailed


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{to_decimal(self.size)}\n{to_base64(self.root)}\n"


def parse(text: str) -> Checkpoint:
    """Read a checkpoint; only the exact text `str()` would write is accepted.

    Raises FormatError. Says nothing about who wrote it: that is `open_checkpoint`.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] != "":
        raise FormatError("malformed checkpoint: not three lines: origin, size, root")
    origin, size, root, _ = lines
    checkpoint = Checkpoint(origin, from_decimal(size), from_base64(root))
    if not origin or any(character < " " for character in origin):
        raise FormatError(f"malformed checkpoint: {origin[:80]!r} is not an origin")
    if len(checkpoint.root) != merkle.HASH_SIZE:
        raise FormatError(f"malformed checkpoint: a root of {len(checkpoint.root)} bytes")
    if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
        raise FormatError("malformed checkpoint: a tree of no leaves with a root of its own")
    return checkpoint


def sign_checkpoint(checkpoint: Checkpoint, *signers: note.Signer) -> str:
    """The checkpoint as a note that each of these signed, one at least. Raises FormatError.

    Several where a log's keys overlap. The caller must know that it extends every checkpoint
    that these keys ever signed.
    """
    text = str(checkpoint)
    parse(text)
    if not signers:
        raise UsageError("nobody is here to sign the checkpoint")
    notes = []
    for signer in signers:
        _check_pairing(signer.verifier, checkpoint.origin)
        notes.append(note.parse(note.sign(text, signer)))
    return str(note.Note(text, tuple(each.signatures[0] for each in notes)))


def open_checkpoint(text: str, verifier: note.Verifier, origin: str) -> Checkpoint:
    """The checkpoint of the log `origin`, with its signature verified.

    Raises FormatError or VerificationFailed. Other people's signatures may stand beside the
    log's; they are not looked at.
    """
    _check_pairing(verifier, origin)
    checkpoint = parse(note.open(text, [verifier]).text)
    if checkpoint.origin != origin:
        raise VerificationFailed(
            f"this checkpoint is of the log {checkpoint.origin!r}, not of {origin!r}"
        )
    return checkpoint


def _check_pairing(verifier: note.Verifier, origin: str) -> None:
    # One name for the log and its key, so that a key can never speak for two logs.
    if verifier.name != origin:
        raise UsageError(
            f"the key {verifier.name!r} cannot speak for the log {origin!r}",
            hint="a log's key bears the log's origin as its name",
        )
