"""The acts: everything that ever happens to a letter or to the power over letters.

An act is a small document with a fixed set of fields; spec/acts.md lists them all. The
classes below are its body, one for each kind. Reading and writing the JSON is the
business of `document.py`; what an act *does* is the business of `standing.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vidimus.core.acts.asking import Answer, Coordinate, Override
from vidimus.core.acts.body import Body as Body
from vidimus.core.acts.kinds import AUTHORITY, Kind, Method, Reason, SignatureRule
from vidimus.core.acts.shapes import (
    Base64Signature,
    Document,
    Hex32,
    Key,
    Language,
    LetterId,
    Line,
    Mode,
    Prose,
    Slug,
    Vkey,
)


@dataclass(frozen=True, slots=True)
class Root:
    person: Slug
    name: Line
    key: Key


@dataclass(frozen=True, slots=True)
class Found(Body):
    kind = Kind.FOUND
    mode: Mode
    roots: tuple[Root, ...]
    threshold: int
    log_key: Vkey
    seal_key: Key
    receipt_key: Key | None = None


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of the checkpoints. It counts for trees of up to `until` leaves; None: for all."""

    key: Vkey
    until: int | None = None


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of the registry itself. `until`: the last tree size (receipts) or entry (seals)."""

    key: Key
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Trust(Body):
    """Who the founders are and which keys the registry has, from this entry on.

    The founding is version 1. Every key that ever was stays listed (spec/trust.md).
    """

    kind = Kind.TRUST
    version: int
    roots: tuple[Root, ...]
    threshold: int
    log_keys: tuple[LogKey, ...]
    receipt_keys: tuple[OwnKey, ...]
    seal_keys: tuple[OwnKey, ...]
    witnesses: Prose | None = None  # C2SP tlog-policy without its log lines; None for none


@dataclass(frozen=True, slots=True)
class Establish(Body):
    kind = Kind.ESTABLISH
    office: Slug
    title: Line
    parent: Slug | None = None


@dataclass(frozen=True, slots=True)
class Appoint(Body):
    kind = Kind.APPOINT
    person: Slug
    name: Line
    office: Slug
    key: Key
    effective: datetime
    until: datetime | None = None
    acting: bool = False
    basis: Line | None = None


@dataclass(frozen=True, slots=True)
class End(Body):
    kind = Kind.END
    person: Slug
    office: Slug
    effective: datetime


@dataclass(frozen=True, slots=True)
class Delegate(Body):
    kind = Kind.DELEGATE
    person: Slug
    name: Line
    key: Key
    office: Slug  # whose power is lent
    cls: Slug
    effective: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revoke(Body):
    kind = Kind.REVOKE
    person: Slug
    office: Slug
    cls: Slug


@dataclass(frozen=True, slots=True)
class RevokeKey(Body):
    """The key counts up to and including entry `last_index`, and not after."""

    kind = Kind.REVOKE_KEY
    person: Slug
    key: Key
    last_index: int


@dataclass(frozen=True, slots=True)
class DefineClass(Body):
    kind = Kind.DEFINE_CLASS
    cls: Slug
    title: Line
    office: Slug  # the office in whose name such letters go out
    rule: SignatureRule
    signers: tuple[Slug, ...]
    releasers: tuple[Slug, ...]
    second_person: bool = True


@dataclass(frozen=True, slots=True)
class Cover(Body):
    kind = Kind.COVER
    office: Slug
    cls: Slug
    since: datetime


@dataclass(frozen=True, slots=True)
class Draft(Body):
    kind = Kind.DRAFT
    letter: LetterId
    version: int
    office: Slug
    cls: Slug
    reference: Line
    title: Line
    language: Language
    text: Hex32  # SHA-256 of the text as registered, UTF-8
    canonical: Hex32  # SHA-256 of its canonical text: the text's name


@dataclass(frozen=True, slots=True)
class Revise(Body):
    kind = Kind.REVISE
    letter: LetterId
    version: int
    language: Language
    text: Hex32
    canonical: Hex32


@dataclass(frozen=True, slots=True)
class Share(Body):
    """A coordination copy: copy `number` of `of_total`, to a named receiver. Not a release."""

    kind = Kind.SHARE
    letter: LetterId
    version: int
    number: int
    of_total: int
    receiver: Line


@dataclass(frozen=True, slots=True)
class Sign(Body):
    """`signer` signs in `signer_office`. By hand, somebody else attests it: the act's `by`."""

    kind = Kind.SIGN
    letter: LetterId
    version: int
    canonical: Hex32
    office: Slug  # the letter's office and class, so that a signature explains itself
    cls: Slug
    signer: Slug
    signer_office: Slug
    method: Method
    scan: Hex32 | None = None  # SHA-256 of the scanned page, for ink


@dataclass(frozen=True, slots=True)
class Abandon(Body):
    kind = Kind.ABANDON
    letter: LetterId
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A sealed document that is public from now on, and the entry that committed to it."""

    index: int
    document: Document


@dataclass(frozen=True, slots=True)
class Release(Body):
    kind = Kind.RELEASE
    letter: LetterId
    version: int
    office: Slug
    cls: Slug
    reference: Line
    title: Line
    language: Language
    text: Hex32
    canonical: Hex32
    opens: tuple[Opened, ...]  # the signatures it rests on
    rests_on: tuple[int, ...]  # entries of the drafts it rests on, still sealed


@dataclass(frozen=True, slots=True)
class Hold(Body):
    kind = Kind.HOLD
    letter: LetterId
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class Clear(Body):
    kind = Kind.CLEAR
    letter: LetterId
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class Correct(Body):
    kind = Kind.CORRECT
    letter: LetterId
    successor: LetterId
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class Supersede(Body):
    kind = Kind.SUPERSEDE
    letter: LetterId
    successor: LetterId
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class Withdraw(Body):
    kind = Kind.WITHDRAW
    letter: LetterId
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class Disown(Body):
    kind = Kind.DISOWN
    letter: LetterId
    code: Reason
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class Ratify(Body):
    kind = Kind.RATIFY
    letter: LetterId
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgeDraft(Body):
    kind = Kind.ACKNOWLEDGE_DRAFT
    letter: LetterId
    version: int
    office: Slug
    cls: Slug
    reference: Line
    title: Line
    language: Language
    text: Hex32
    canonical: Hex32
    reason: Prose | None = None


@dataclass(frozen=True, slots=True)
class DeclareForged(Body):
    """A text that bears the office's name and is not its own. `letter` names the declaration."""

    kind = Kind.DECLARE_FORGED
    letter: LetterId
    office: Slug
    title: Line
    language: Language
    text: Hex32
    canonical: Hex32
    reason: Prose | None = None


COORDINATION = (Coordinate, Answer, Override)  # which have a file of their own
BODIES: dict[Kind, type[Body]] = {cls.kind: cls for cls in Body.__subclasses__()}


@dataclass(frozen=True, slots=True)
class CoSignature:
    """A further root's approval: its signature over the act without its co-signatures."""

    key: Key
    signature: Base64Signature


@dataclass(frozen=True, slots=True)
class Act:
    """One act, as its document says it: who, in which office, when, and what."""

    registry: str
    person: str
    office: str
    at: datetime
    body: Body
    cosigned: tuple[CoSignature, ...] = ()

    @property
    def kind(self) -> Kind:
        return self.body.kind

    @property
    def subject(self) -> str:
        """The letter that it speaks of, or `authority`."""
        letter = getattr(self.body, "letter", None)
        return letter if isinstance(letter, str) else AUTHORITY
