"""Proof that an entry is in the log, in one text that can be checked offline.

    c2sp.org/tlog-proof@v1
    index 5
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
    B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

    letters.example.org/log
    7
    kSCSOuTIjEn2ZnKSTv8VgqwrgVRsOoX9ZMC2bFlyGIU=

    — letters.example.org/log Zm9v...

C2SP tlog-proof. See spec/log.md, section 5. An `extra <base64>` line may stand before the
index; nothing vouches for it. The checkpoint is kept verbatim, so that witnesses' lines stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint
from vidimus.core.log.checkpoint import parse as parse_checkpoint
from vidimus.core.log.lines import from_base64, from_decimal, to_base64, to_decimal
from vidimus.errors import FormatError

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST_PATH = 63  # one sibling on each level of a tree below 2**63 leaves
LONGEST_EXTRA = 1_000_000


@dataclass(frozen=True, slots=True)
class Proof:
    """`checkpoint` is the text of the signed note; `extra` is empty when there is none."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __str__(self) -> str:
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {to_base64(self.extra)}")
        lines.append(f"index {to_decimal(self.index)}")
        lines += map(to_base64, self.path)
        return "\n".join(lines) + "\n\n" + self.checkpoint


def parse(text: str) -> Proof:
    """Read a proof; only the exact text `str()` would write is accepted.

    Raises FormatError. It is not checked against anything: that is `check_proof`.
    """
    # No line above the checkpoint is empty, so the first blank line divides.
    above, divider, checkpoint = text.partition("\n\n")
    header, *lines = above.split("\n")
    if header != HEADER or not divider:
        raise FormatError(f"malformed proof: does not begin with {HEADER!r} and hold a checkpoint")
    extra = b""
    if lines and lines[0].startswith("extra "):
        encoded = lines.pop(0).removeprefix("extra ")
        if len(encoded) > LONGEST_EXTRA:
            raise FormatError(f"malformed proof: {len(encoded)} characters of extra")
        extra = from_base64(encoded)
        if not extra:
            raise FormatError("malformed proof: an extra line with nothing on it")
    if not lines or not lines[0].startswith("index "):
        raise FormatError("malformed proof: no index line")
    index = from_decimal(lines.pop(0).removeprefix("index "))
    if len(lines) > LONGEST_PATH:
        raise FormatError(f"malformed proof: a path of {len(lines)} hashes")
    path = tuple(map(from_base64, lines))
    if any(len(sibling) != merkle.HASH_SIZE for sibling in path):
        raise FormatError("malformed proof: a hash that is not 32 bytes long")
    parse_checkpoint(note.parse(checkpoint).text)
    return Proof(index, path, checkpoint, extra)


def check_proof(proof: Proof, entry: bytes, verifier: note.Verifier, origin: str) -> Checkpoint:
    """Check that `entry` is number `proof.index` of the log, and return the head that says so.

    Raises VerificationFailed, or FormatError for a checkpoint that cannot be read.
    """
    checkpoint = open_checkpoint(proof.checkpoint, verifier, origin)
    merkle.check_inclusion(
        proof.index, checkpoint.size, merkle.leaf_hash(entry), proof.path, checkpoint.root
    )
    return checkpoint
