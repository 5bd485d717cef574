"""A pack: a whole register, as of one moment, in one file that its log signed.

    vidimus pack 1 412 2177 260
    vidimus.org/pack@v1
    letters.example.org/log
    43
    kSCSOuTIjEn2ZnKSTv8VgqwrgVRsOoX9ZMC2bFlyGIU=
    1933495200
    81920
    8Nh0hY0k…
    264192

    — letters.example.org/log Zm9v…
    {"chain":[…],…}letters.example.org/log
    43
    …

The first line says how long the cover, the trust root and the checkpoint are that follow it;
then comes the body, which is compressed. The cover is a signed note: origin, size, root, the
moment in seconds since 1970, how long the body is, its SHA-256, and how long it becomes. So
the body is known to be the log's own before anything looks into it. See spec/pack.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vidimus.core.log import merkle, note
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.lines import from_base64, from_decimal, to_base64, to_decimal
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import log_verifiers, open_checkpoint
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, TooLarge, VerificationFailed

HEADER = "vidimus.org/pack@v1"
LONGEST_COVER = 4_096
LONGEST_BODY = 64 * 1024**3  # bytes, compressed or not
# A register's file becomes three to ten times smaller. What becomes a hundred times longer
# is a bomb, whoever signed it.
MOST_INFLATED = 100
SMALL = 1024 * 1024
LATEST = 253_402_300_799  # the last second of the year 9999

_FIRST = re.compile(rb"vidimus pack 1 ([1-9][0-9]{0,7}) ([1-9][0-9]{0,7}) ([1-9][0-9]{0,7})\n")
LONGEST_FIRST = 64


@dataclass(frozen=True, slots=True)
class Cover:
    origin: str
    size: int
    root: bytes
    time: int  # when the log signed it, in seconds since 1970
    length: int  # of the body
    digest: bytes  # SHA-256 of the body
    unpacked: int  # length of what it holds

    def __str__(self) -> str:
        return "\n".join(
            (
                *(HEADER, self.origin, to_decimal(self.size), to_base64(self.root)),
                *(to_decimal(self.time), to_decimal(self.length), to_base64(self.digest)),
                *(to_decimal(self.unpacked), ""),
            )
        )


@dataclass(frozen=True, slots=True)
class Front:
    """All that stands before the body, unverified. `cover` and `checkpoint` are signed notes."""

    cover: str
    trust: bytes
    checkpoint: str

    def __bytes__(self) -> bytes:
        cover, checkpoint = self.cover.encode(), self.checkpoint.encode()
        first = f"vidimus pack 1 {len(cover)} {len(self.trust)} {len(checkpoint)}\n"
        return first.encode() + cover + self.trust + checkpoint


@dataclass(frozen=True, slots=True)
class Signed:
    """A front that holds together; the body is still to be held against `cover`."""

    cover: Cover
    head: Checkpoint
    checkpoint: str
    root: TrustRoot
    pinned: bool

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.cover.time, UTC)


def parse(text: str) -> Cover:
    """Read a cover; only the exact text `str()` would write. Raises FormatError or TooLarge."""
    lines = text.split("\n")
    if len(lines) != 9 or lines[0] != HEADER or lines[8] != "":
        raise FormatError("malformed pack: its cover has other lines than it should")
    _, origin, size, root, time, length, digest, unpacked, _ = lines
    cover = Cover(
        origin,
        from_decimal(size),
        from_base64(root),
        from_decimal(time),
        from_decimal(length),
        from_base64(digest),
        from_decimal(unpacked),
    )
    if len(cover.root) != merkle.HASH_SIZE or len(cover.digest) != merkle.HASH_SIZE:
        raise FormatError("malformed pack: a hash on its cover that is not 32 bytes long")
    if not cover.size or cover.time > LATEST:
        raise FormatError("malformed pack: it is of an empty log, or of no time that has a date")
    if max(cover.length, cover.unpacked) > LONGEST_BODY:
        raise TooLarge(f"a pack of {cover.unpacked} bytes; at most {LONGEST_BODY} are read")
    if cover.unpacked > MOST_INFLATED * cover.length + SMALL:
        raise TooLarge(
            f"a pack of {cover.length} bytes that would become {cover.unpacked}",
            hint="no register is like that; whoever signed it means to fill your disk",
        )
    return cover


def sign(cover: Cover, signer: note.Signer) -> str:
    """The cover as a signed note. Raises FormatError or TooLarge."""
    text = str(cover)
    parse(text)
    return note.sign(text, signer)


def read(take: Callable[[int], bytes]) -> Front:
    """Read what stands before the body; `take(n)` gives up to n bytes more of the file.

    Raises FormatError.
    """
    first = b""
    while not first.endswith(b"\n"):
        one = take(1)
        if not one or len(first) >= LONGEST_FIRST:
            raise FormatError(
                "this is no pack that can be read here", hint="one begins with “vidimus pack 1”"
            )
        first += one
    found = _FIRST.fullmatch(first)
    if found is None:
        raise FormatError(
            "this is no pack that can be read here", hint="one begins with “vidimus pack 1”"
        )
    cover, trust, checkpoint = (int(each) for each in found.groups())
    for what, length, most in (
        ("cover", cover, LONGEST_COVER),
        ("trust root", trust, roots.LONGEST),
        ("checkpoint", checkpoint, note.LONGEST),
    ):
        if length > most:
            raise FormatError(f"malformed pack: a {what} of {length} bytes")
    return Front(_text(take, cover), _exactly(take, trust), _text(take, checkpoint))


def prove(front: Front, pinned: TrustRoot | None = None) -> Signed:
    """Hold the front together. Raises FormatError, VerificationFailed or TooLarge."""
    root = roots.read(front.trust)
    if pinned is not None:
        # A pack holds the whole log: what it does not know of keys yet, nobody else's file
        # may add; but the pinned root may be the newer one.
        older, newer = (root, pinned) if len(root.links) < len(pinned.links) else (pinned, root)
        root = roots.extend(older, newer)
    head, _ = open_checkpoint(front.checkpoint, root.trust)
    verifiers = log_verifiers(root.trust, head.size)
    cover = parse(_opened(front.cover, verifiers))
    if (cover.origin, cover.size, cover.root) != (head.origin, head.size, head.root):
        raise VerificationFailed("the pack's cover is of another log or size than its checkpoint")
    return Signed(cover, head, front.checkpoint, root, pinned is not None)


def _opened(cover: str, verifiers: Sequence[note.Verifier]) -> str:
    try:
        return note.open(cover, verifiers).text
    except VerificationFailed as error:
        raise VerificationFailed(
            f"the pack's cover is not signed by the log: {error.fact}", hint="fetch it again"
        ) from error


def _text(take: Callable[[int], bytes], length: int) -> str:
    try:
        return _exactly(take, length).decode()
    except UnicodeDecodeError as error:
        raise FormatError("malformed pack: a note in it is not text") from error


def _exactly(take: Callable[[int], bytes], length: int) -> bytes:
    parts, missing = [], length
    while missing:
        part = take(missing)
        if not part:
            raise FormatError("malformed pack: it ends too early", hint="fetch it again")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
