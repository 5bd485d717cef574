"""A small country to try the acts in: fixed people, fixed keys, a list of entries, two views.

    ministry              p-min       signs letters; p-deputy by delegation
    ├── ministry/press    p-press     releases; signs and releases notes, which need no signature
    └── ministry/desk     p-desk      drafts; releases too
    other                 p-other     no business of the ministry's
    └── other/sub

Founded by p-root-a, p-root-b and p-root-c, two of whom must approve.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.asking import Answer, Ask, Comment, Coordinate, Override
from vidimus.core.acts.kinds import ROOT, SEALED, Method, Position, SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.standing import Entry, Folding, State
from vidimus.core.acts.vocabulary import (
    AcknowledgeDraft,
    Act,
    Appoint,
    Body,
    CoSignature,
    DefineClass,
    Delegate,
    Draft,
    Establish,
    Found,
    Opened,
    Release,
    Revise,
    Root,
    Sign,
)
from vidimus.core.log import note
from vidimus.core.seal import statement
from vidimus.core.seal.keys import MemorySigner
from vidimus.errors import FormatError, VerificationFailed

ORIGIN = "letters.example.org/log"
START = datetime(2031, 1, 1, 9, 0, 0, tzinfo=UTC)
FOUNDERS = ("p-root-a", "p-root-b", "p-root-c")
A, B, C = "AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCC"


@cache
def signer(seed: str) -> MemorySigner:
    """The key of this seed, the same in every run."""
    number = int.from_bytes(sha256(seed.encode()).digest(), "big") % (2**255) + 1
    return MemorySigner(ec.derive_private_key(number, ec.SECP256R1()))


@cache
def key(seed: str) -> str:
    return signer(seed).public.to_text()


@cache
def log_signer(seed: str = "log") -> note.Signer:
    """A key of the log's, the same in every run."""
    private = Ed25519PrivateKey.from_private_bytes(sha256(f"log key {seed}".encode()).digest())
    return note.Signer.of(ORIGIN, private)


def log_key(seed: str = "log") -> str:
    return str(log_signer(seed).verifier)


def text(words: str) -> str:
    return sha256(b"text " + words.encode()).hexdigest()


def canonical(words: str) -> str:
    return sha256(b"canonical " + words.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Logged:
    raw: bytes
    document: bytes
    sealed: bool


class World:
    """A log under construction. Acts are appended whether they are allowed or not."""

    def __init__(self) -> None:
        self.log: list[Logged] = []
        self.now = START
        self.folding = Folding()
        self.unverified: list[int] = []
        self.strict = False  # as a registry: what would have no effect is not put on the log

    def copy(self) -> World:
        twin = copy.copy(self)
        twin.log = list(self.log)
        twin.folding = Folding(self.folding.state())
        twin.unverified = list(self.unverified)
        return twin

    # --- writing ---------------------------------------------------------------------------

    def do(
        self,
        person: str,
        office: str,
        body: Body,
        *,
        seed: str | None = None,
        cosign: Sequence[str] = (),
        later: timedelta = timedelta(minutes=1),
        **changes: Any,
    ) -> int:
        """Append the act; `seed` is the key, the person's own by default. Gives its index."""
        self.now += later
        act = Act(ORIGIN, person, office, self.now, body)
        act = replace(act, **changes)
        if cosign:
            message = documents.approved_part(act)
            further = (
                CoSignature(key(each), documents.to_base64(signer(each).sign(message)))
                for each in cosign
            )
            act = replace(act, cosigned=tuple(further))
        return self.append(*written(act, seed or person))

    def root(self, body: Body, by: str = "p-root-a", cosign: Sequence[str] = ("p-root-b",)) -> int:
        return self.do(by, ROOT, body, cosign=cosign)

    def append(self, raw: bytes, document: bytes) -> int:
        index = len(self.log)
        self.log.append(Logged(raw, document, entries.is_sealed(statement.parse(raw))))
        before = len(self.folding.refused), len(self.unverified)
        self._take(self.folding, index)
        if self.strict and before != (len(self.folding.refused), len(self.unverified)):
            self.log.pop()
            del self.folding.refused[before[0] :], self.unverified[before[1] :]
            self.folding.size = min(self.folding.size, index)
            return -1
        return index

    # --- reading ---------------------------------------------------------------------------

    def entry(self, index: int, authority: Any = None) -> Entry:
        logged = self.log[index]
        authority = authority or self.folding.authority
        return entries.verified(index, logged.raw, logged.document, authority, self.raw)

    def raw(self, index: int) -> bytes:
        return self.log[index].raw

    def _take(self, folding: Folding, index: int) -> None:
        try:
            entry = self.entry(index, folding.authority)
        except (VerificationFailed, FormatError):
            # No registry would accept it, and no monitor believe it.
            if folding is self.folding:
                self.unverified.append(index)
            return
        folding.add(entry)

    def replay(self, wanted: Callable[[int, Logged], bool] | None = None) -> State:
        folding = Folding()
        for index, logged in enumerate(self.log):
            if wanted is None or wanted(index, logged):
                self._take(folding, index)
        return folding.state()

    def office(self) -> State:
        """All documents."""
        return self.replay()

    def public(self) -> State:
        """What anybody can fold: sealed entries are skipped."""
        return self.replay(lambda _, logged: not logged.sealed)

    def letter(self, letter: str = A) -> Letter:
        return self.folding.letters[letter]

    def refusal(self, index: int) -> str | None:
        """Why this entry had no effect; None if it had."""
        if index < 0 or index in self.unverified:
            return "unverified"
        return next((each.fact for each in self.folding.refused if each.index == index), None)

    def valid(self, index: int) -> bool:
        return self.refusal(index) is None

    # --- the life of a letter, in the usual hands ---------------------------------------------

    def draft(
        self,
        letter: str = A,
        words: str = "one",
        cls: str = "letter",
        by: tuple[str, str] = ("p-desk", "ministry/desk"),
    ) -> int:
        body = Draft(
            letter, 1, "ministry", cls, "REF 1", "A letter", "en", text(words), canonical(words)
        )
        return self.do(*by, body)

    def revise(
        self,
        letter: str = A,
        words: str = "two",
        by: tuple[str, str] = ("p-desk", "ministry/desk"),
    ) -> int:
        number = self.letter(letter).latest.number + 1
        return self.do(*by, Revise(letter, number, "en", text(words), canonical(words)))

    def sign(
        self,
        letter: str = A,
        by: tuple[str, str] = ("p-min", "ministry"),
        *,
        seed: str | None = None,
        attested: tuple[str, str] | None = None,
        **changes: Any,
    ) -> int:
        """Signed with the key; `attested` by somebody, it was signed by hand."""
        known = self.letter(letter)
        body = Sign(
            letter,
            known.latest.number,
            known.latest.canonical,
            known.office,
            known.cls,
            *by,
            Method.INK if attested else Method.KEY,
            "ab" * 32 if attested else None,
        )
        return self.do(*(attested or by), replace(body, **changes), seed=seed)

    def ask(
        self,
        *offices: str,
        letter: str = A,
        by: tuple[str, str] = ("p-desk", "ministry/desk"),
        required: bool = True,
        within: timedelta = timedelta(days=1),
    ) -> int:
        asked = tuple(Ask(each, self.now + within, required) for each in offices)
        return self.do(*by, Coordinate(letter, self.letter(letter).latest.number, asked))

    def answer(
        self,
        by: tuple[str, str],
        position: Position = Position.CONCUR,
        letter: str = A,
        *,
        seed: str | None = None,
        later: timedelta = timedelta(minutes=1),
        **changes: Any,
    ) -> int:
        comments = () if position is Position.CONCUR else (Comment("The date is wrong."),)
        version = self.letter(letter).latest.number
        body = Answer(letter, version, position, comments)
        return self.do(*by, replace(body, **changes), seed=seed, later=later)

    def override(
        self,
        office: str,
        letter: str = A,
        by: tuple[str, str] = ("p-min", "ministry"),
        *,
        later: timedelta = timedelta(minutes=1),
        **changes: Any,
    ) -> int:
        version = self.letter(letter).latest.number
        body = Override(letter, version, office, "It cannot wait.")
        return self.do(*by, replace(body, **changes), later=later)

    def released(
        self, opens: Iterable[int], letter: str = A, version: int | None = None
    ) -> Release:
        known, opens = self.letter(letter), tuple(opens)
        chosen = known.latest if version is None else known.version(version)
        return Release(
            letter,
            chosen.number,
            known.office,
            known.cls,
            known.reference,
            known.title,
            chosen.language,
            chosen.text,
            chosen.canonical,
            tuple(Opened(each, self.log[each].document.decode()) for each in opens),
            tuple(index for index in known.sealed if index not in opens),
        )

    def release(
        self,
        opens: Iterable[int],
        letter: str = A,
        by: tuple[str, str] = ("p-press", "ministry/press"),
        *,
        version: int | None = None,
        seed: str | None = None,
        **changes: Any,
    ) -> int:
        body = replace(self.released(opens, letter, version), **changes)
        return self.do(*by, body, seed=seed)

    def acknowledge(
        self,
        letter: str = A,
        version: int = 1,
        by: tuple[str, str] = ("p-press", "ministry/press"),
        **changes: Any,
    ) -> int:
        known = self.letter(letter)
        chosen = known.version(version)
        body = AcknowledgeDraft(
            letter,
            version,
            known.office,
            known.cls,
            known.reference,
            known.title,
            chosen.language,
            chosen.text,
            chosen.canonical,
        )
        return self.do(*by, replace(body, **changes))

    def appoint(
        self,
        person: str,
        office: str,
        *,
        by: tuple[str, str] | None = None,
        seed: str | None = None,
        effective: datetime | None = None,
        until: datetime | None = None,
    ) -> int:
        body = Appoint(
            person,
            person.title(),
            office,
            key(seed or person),
            effective or self.now,
            until,
        )
        return self.root(body) if by is None else self.do(*by, body)


def written(act: Act, seed: str, salt: bytes = b"salt") -> tuple[bytes, bytes]:
    """The entry for the log and the document that it names, signed with the key of the seed."""
    document = documents.write(act)
    at = int(act.at.timestamp())
    raw = statement.write(
        issuer=entries.issuer_of(act),
        subject=entries.subject_of(act),
        issued_at=at,
        digest=documents.digest(document),
        content_type=documents.ACT_TYPE,
        signer=signer(seed),
    )
    if act.kind not in SEALED:
        return raw, document
    sealed = documents.Sealed(act, sha256(salt + raw).digest(), raw)
    return sealed_over(documents.write_sealed(sealed), at)


def sealed_over(document: bytes, at: int, seed: str = "seal") -> tuple[bytes, bytes]:
    outer = statement.write(
        issuer=ORIGIN,
        subject=statement.sealed_subject(sha256(b"subject" + document).digest()[:16]),
        issued_at=at,
        digest=documents.digest(document),
        content_type=documents.SEALED_TYPE,
        signer=signer(seed),
    )
    return outer, document


CROWN = ("p-crown", "crown")  # above the ministry: it defines the ministry's classes


def founding(threshold: int = 2) -> Found:
    roots = tuple(Root(each, each.title(), key(each)) for each in FOUNDERS)
    return Found("exercise", roots, threshold, log_key(), key("seal"), key("receipt"))


def letter_class(**changes: Any) -> DefineClass:
    usual = DefineClass(
        "letter",
        "Letters",
        "ministry",
        SignatureRule.DIGITAL,
        ("ministry",),
        ("ministry/press", "ministry/desk", "ministry"),
    )
    return replace(usual, **changes)


@cache
def _world(mode: str) -> World:
    world = World()
    world.root(replace(founding(), mode=mode))
    for office, parent in (
        ("crown", None),
        ("ministry", "crown"),
        ("ministry/press", "ministry"),
        ("ministry/desk", "ministry"),
        ("other", None),
        ("other/sub", "other"),
    ):
        world.root(Establish(office, office.title(), parent))
    world.appoint("p-crown", "crown")
    world.appoint("p-min", "ministry")
    world.appoint("p-other", "other")
    world.appoint("p-press", "ministry/press", by=("p-min", "ministry"))
    world.appoint("p-desk", "ministry/desk", by=("p-min", "ministry"))
    world.do(*CROWN, letter_class())
    notes = ("ministry/press", "ministry/desk")
    note = letter_class(cls="note", rule=SignatureRule.NONE, signers=notes, releasers=notes)
    world.do(*CROWN, note)
    world.do(*CROWN, letter_class(cls="ink", rule=SignatureRule.INK))
    delegation = Delegate("p-deputy", "P-Deputy", key("p-deputy"), "ministry", "letter", world.now)
    world.do("p-min", "ministry", delegation)
    assert not world.folding.refused and not world.unverified
    return world


def world(mode: str = "exercise") -> World:
    """The country, founded and staffed, with nothing written yet."""
    return _world(mode).copy()


def released_letter(letter: str = A) -> World:
    """… and with one letter that stands."""
    found = world()
    found.draft(letter)
    signed = found.sign(letter)
    assert found.valid(found.release([signed], letter))
    return found
