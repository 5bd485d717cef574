"""Evidence that a log's word on a subject is false: its own tree says otherwise.

    {"claim":"vidimus.org/subjects@v1\\nletters.example.org/log\\n9\\n…","entry":"0oRY…",
     "evidence":"claim","index":7,"path":["B95l…"],"v":1}

The claim (`claim.py`) names size, root and all entries on a subject; the path shows one
entry of that very tree. Either the entry is on a subject of the claim and not among those
that it names, as when a withdrawal is kept from somebody; or it is among them, and on another
subject. See spec/trust.md, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.log import claim as claims
from vidimus.core.log import evidence, merkle, note
from vidimus.core.log.claim import Claim
from vidimus.core.log.fork import Keys
from vidimus.core.log.lines import to_base64
from vidimus.core.log.merkle import Hash, Read
from vidimus.core.seal import statement
from vidimus.errors import FormatError, UsageError, VerificationFailed

SORT = "claim"


@dataclass(frozen=True, slots=True)
class FalseClaim:
    """`claim` is the signed note as it was met; `entry` the bytes of one entry of that tree."""

    claim: str
    index: int
    entry: bytes
    path: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class Refuted:
    """The log signed this claim, and its entry refutes it. `why` is for people."""

    claim: Claim
    signers: tuple[note.Verifier, ...]
    why: str


def of(claim: str, index: int, entry: bytes, read: Read) -> FalseClaim:
    """Evidence from a signed claim and the entry of its tree that refutes it.

    `read` gives hashes of a tree that was followed at least to the size of the claim. The
    signature is not looked at: that is `check`. Raises UsageError where nothing is refuted,
    and for a claim of another tree.
    """
    found = claims.parse(note.parse(claim).text)
    if not index < found.size or merkle.root(found.size, read) != found.root:
        raise UsageError("this claim is of another tree", hint="that is a fork, if it was signed")
    if _refuted(found, index, entry) is None:
        raise UsageError(f"entry {index} does not refute this claim")
    return FalseClaim(claim, index, entry, merkle.inclusion(index, found.size, read))


def check(false: FalseClaim, keys: Keys) -> Refuted:
    """Who signed a false claim. Raises VerificationFailed where the entry does not refute it.

    FormatError for what cannot be read. Nothing is asked of anybody.
    """
    claimed = claims.parse(note.parse(false.claim).text)
    verifiers = keys(claimed.size)
    claim = claims.open_claim(false.claim, verifiers, claimed.origin)
    leaf = merkle.leaf_hash(false.entry)
    merkle.check_inclusion(false.index, claim.size, leaf, false.path, claim.root)
    why = _refuted(claim, false.index, false.entry)
    if why is None:
        raise VerificationFailed(f"entry {false.index} does not refute this claim")
    return Refuted(claim, _signers(false.claim, verifiers), why)


def write(false: FalseClaim) -> bytes:
    return evidence.dumps(
        {
            "v": 1,
            "evidence": SORT,
            "claim": false.claim,
            "index": false.index,
            "entry": to_base64(false.entry),
            "path": evidence.texts(false.path),
        }
    )


def read(file: bytes) -> FalseClaim:
    """Read evidence; only the exact bytes `write` would write. Raises FormatError.

    It is not judged: that is `check`.
    """
    value = evidence.parsed(file, SORT)
    evidence.members(value, {"v", "evidence", "claim", "index", "entry", "path"})
    found = FalseClaim(
        evidence.text(value["claim"]),
        evidence.number(value["index"]),
        evidence.content(value["entry"]),
        evidence.path(value["path"]),
    )
    evidence.require_form(file, write(found))
    return found


def _refuted(claim: Claim, index: int, entry: bytes) -> str | None:
    """Why this entry of its tree refutes the claim; None where it does not."""
    subject = _subject(claim.origin, entry)
    for name, indices in claim.subjects:
        if name == subject and index not in indices:
            return f"it does not name entry {index}, which is on {name}"
        if name != subject and index in indices:
            return f"it names entry {index} as one on {name}, and that is on {subject or 'nothing'}"
    return None


def _subject(origin: str, entry: bytes) -> str:
    """What an entry speaks of, as a claim writes it; empty for sealed and for foreign ones."""
    try:
        subject = statement.parse(entry).subject
    except FormatError:
        return ""
    if subject == f"{origin}/{AUTHORITY}":
        return AUTHORITY
    prefix = f"{origin}/c/"
    return subject.removeprefix(prefix) if subject.startswith(prefix) else ""


def _signers(text: str, verifiers: Sequence[note.Verifier]) -> tuple[note.Verifier, ...]:
    signed = {(each.name, each.key_id) for each in note.open(text, verifiers).signatures}
    return tuple(each for each in verifiers if (each.name, each.key_id) in signed)
