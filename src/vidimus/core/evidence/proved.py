"""What a bundle proves: held together from the trust root down to the last entry.

    trust root ─ keys ─ checkpoint ─ claim ─ every entry that it names ─ by its path ─ there?

Nothing is believed because it is in the file. What was left out would be missing from the
claim, which the log signed; so the log cannot leave out an act without signing a lie that
every monitor's index refutes. What is proved here are entries; what they amount to is the
fold's business, as everywhere (`operations/bundle_desk.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.document import from_base64
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.vocabulary import Release, Trust
from vidimus.core.evidence.bundle import Bundle, Piece
from vidimus.core.evidence.seen import seen
from vidimus.core.evidence.vouched import ended, vouched
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.claim import Claim, open_claim, require_same_head
from vidimus.core.log.witnessed import Told, witnessed
from vidimus.core.seal import statement
from vidimus.core.seal.statement import Statement
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import log_verifiers, open_checkpoint
from vidimus.core.trust.policy import policy_of
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import FormatError, VerificationFailed, VidimusError

LOOKED_AT = 16  # receipts of one entry; whoever adds more adds nothing

# The act that ends a key may bear a time up to 300 seconds before the log's; until it was on
# the log the key signed in good faith.
UNDER_WAY = 300


@dataclass(frozen=True, slots=True)
class Proved:
    """Entries that are on the log of this head, and all of them on these subjects."""

    root: TrustRoot  # the one to go by: what came with the bundle, or what was pinned
    pinned: bool
    head: Checkpoint
    claim: Claim
    pieces: Mapping[int, Piece]
    time: datetime  # the last moment at which the log itself shows that it had this size
    told: Told  # what witnesses say of this head
    receipts: int  # good ones
    spoilt: int  # things in the place of receipts that are none, or do not hold

    @property
    def letters(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.claim.subjects if name != AUTHORITY)


def prove(bundle: Bundle, pinned: TrustRoot | None = None) -> Proved:
    """Raises FormatError or VerificationFailed, with the first thing that does not hold."""
    found = roots.read(bundle.trust)
    root = _trusted(found, pinned)
    head, _ = open_checkpoint(bundle.checkpoint, root.trust)
    if head.size == 0:
        raise VerificationFailed("it is of a log that held nothing yet")
    claim = open_claim(bundle.claim, log_verifiers(root.trust, head.size), root.origin)
    require_same_head(claim, head)
    pieces = {each.index: each for each in bundle.pieces}
    said = {index: _on_the_log(each, head) for index, each in pieces.items()}
    _same_chain(found, root, pieces, head)
    needed = _claimed(claim, pieces, said, root.origin) | {head.size - 1}
    if set(pieces) != needed:
        odd = sorted(set(pieces) ^ needed)[0]
        word = "is in it and belongs to nothing" if odd in pieces else "is missing from it"
        raise VerificationFailed(f"entry {odd} of the log {word}", hint="fetch the bundle again")
    if bundle.letter not in dict(claim.subjects):
        raise VerificationFailed(
            f"the claim in it says nothing of the letter {bundle.letter}",
            hint="it is a claim on other letters; fetch the bundle again",
        )
    times, spoilt = _receipts(pieces, head, root)
    # The log had this size when its last entry was made, and whenever the log itself said so.
    # Nobody else can: a witness signs an old tree again, with the time of the day.
    latest = max([said[head.size - 1].issued_at, *times])
    return Proved(
        root=root,
        pinned=pinned is not None,
        head=head,
        claim=claim,
        pieces=pieces,
        time=datetime.fromtimestamp(latest, UTC),
        told=_witnesses(bundle.checkpoint, root.trust, head.size),
        receipts=len(times),
        spoilt=spoilt,
    )


def _witnesses(checkpoint: str, trust: Trust, size: int) -> Told:
    try:
        policy = policy_of(trust, size)
    except FormatError:
        policy = None
    found = None if policy is None else witnessed(checkpoint, policy)
    return seen(policy, found, size, size)


def _trusted(found: TrustRoot, pinned: TrustRoot | None) -> TrustRoot:
    """The longer of the two histories of keys; they must be one history."""
    if pinned is None:
        return found
    if len(found.links) < len(pinned.links):
        # Made before a key was changed that is known here: the older must begin the newer.
        return roots.extend(found, pinned)
    return roots.extend(pinned, found)


def _on_the_log(piece: Piece, head: Checkpoint) -> Statement:
    try:
        leaf = merkle.leaf_hash(piece.entry)
        merkle.check_inclusion(piece.index, head.size, leaf, piece.path, head.root)
        said = statement.parse(piece.entry)
    except VidimusError as error:
        raise VerificationFailed(f"entry {piece.index}: {error.fact}") from error
    if entries.is_sealed(said):
        if piece.document is not None:
            raise VerificationFailed(f"the sealed entry {piece.index} comes with a document")
    elif piece.document is None:
        raise VerificationFailed(f"the document of entry {piece.index} is missing")
    elif documents.digest(piece.document.encode("utf-8", "replace")) != said.digest:
        raise VerificationFailed(f"the document of entry {piece.index} is not the one it names")
    return said


def _same_chain(
    found: TrustRoot, root: TrustRoot, pieces: Mapping[int, Piece], head: Checkpoint
) -> None:
    """What the trust root rests on must be on this very log, as far as it had come."""
    if 0 not in pieces or sha256(pieces[0].entry).hexdigest() != root.genesis:
        raise VerificationFailed(
            "the first entry of the log is not the founding that the trust root has"
        )
    for link in root.links:
        if link.index < head.size and (
            link.index not in pieces or pieces[link.index].entry != link.entry
        ):
            raise VerificationFailed(
                f"entry {link.index} of the log is not the one that the trust root has there",
                hint="keep the bundle and the trust root: they show two logs under one name",
            )
    if any(link.index >= head.size for link in found.links):
        raise VerificationFailed("the trust root in it is newer than the log in it")


def _claimed(
    claim: Claim, pieces: Mapping[int, Piece], said: Mapping[int, Statement], origin: str
) -> set[int]:
    """The entries that the claim names, and those that they open; each must be as it says."""
    wanted = {index: name for name, indices in claim.subjects for index in indices}
    if AUTHORITY not in dict(claim.subjects):
        raise VerificationFailed("the claim in it says nothing of the acts on authority")
    needed = set(wanted)
    for index, name in wanted.items():
        if index not in pieces:
            raise VerificationFailed(
                f"entry {index} of the log is missing from it: an act on {name}",
                hint="somebody took it out; fetch the bundle again",
            )
        of = f"{origin}/{AUTHORITY}" if name == AUTHORITY else f"{origin}/c/{name}"
        if entries.is_sealed(said[index]) or said[index].subject != of:
            raise VerificationFailed(
                f"the log claims that entry {index} is an act on {name}, and it is not",
                hint="keep the bundle: the log signed a false claim",
            )
        needed.update(_opens(pieces[index]))
    for index, each in said.items():
        name = each.subject.removeprefix(f"{origin}/").removeprefix("c/")
        public = not entries.is_sealed(each)
        if public and name in dict(claim.subjects) and wanted.get(index) != name:
            raise VerificationFailed(
                f"entry {index} is an act on {name}, and the log claims that it is none",
                hint="keep the bundle: the log signed a false claim",
            )
    return needed


def _opens(piece: Piece) -> Sequence[int]:
    body = documents.read((piece.document or "").encode()).body
    return [each.index for each in body.opens] if isinstance(body, Release) else []


def _receipts(
    pieces: Mapping[int, Piece], head: Checkpoint, root: TrustRoot
) -> tuple[list[int], int]:
    """When good receipts of this very head were given; and how many things are no such receipt.

    A receipt of another size says nothing of this one's age: a smaller tree was signed before
    it, and at a larger one it was over. A key that has ended dates nothing after its end:
    whoever finds it in a drawer could make an old bundle look new.
    """
    times: list[int] = []
    ends: dict[bytes, int | None] = {}
    spoilt = 0
    for piece in pieces.values():
        for each in piece.receipts[:LOOKED_AT]:
            try:
                found = vouched(from_base64(each), piece.entry, root)
                at = (found.index, found.size, found.root(piece.entry))
                if found.kid not in ends:
                    ends[found.kid] = ended(root, found.kid)
                end = ends[found.kid]
                late = end is not None and found.issued_at > end + UNDER_WAY
                good = at == (piece.index, head.size, head.root) and not late
            except (FormatError, VerificationFailed):
                good = False
            if good:
                times.append(found.issued_at)
            spoilt += not good
        spoilt += max(0, len(piece.receipts) - LOOKED_AT)
    return times, spoilt
