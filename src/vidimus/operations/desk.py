"""The desk that anybody may walk up to: check a copy, look at a letter, look at the log.

It has the log and nothing else. The office's own desk (`staff`) also looks at the drafts;
no public page or answer is made with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from vidimus.core.acts import document as documents
from vidimus.core.acts import entries
from vidimus.core.acts.authority import Promise
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.acts.standing import Entry, Folding, State
from vidimus.core.copies.answers import Answer
from vidimus.core.copies.canonical import digest
from vidimus.core.copies.fingerprints import fingerprints
from vidimus.core.copies.judge import LogFacts, judge
from vidimus.core.copies.page import Copy, Page, Source, Word
from vidimus.core.copies.recognise import (
    Comparison,
    Registered,
    nearest,
    questions,
    recognise,
    settle,
)
from vidimus.core.log import merkle
from vidimus.core.log.checkpoint import Checkpoint, open_checkpoint
from vidimus.core.log.note import Verifier
from vidimus.core.log.proof import Proof
from vidimus.core.seal import statement
from vidimus.errors import NotFound, UsageError, VerificationFailed
from vidimus.operations.own_index import OwnIndex
from vidimus.operations.ports import (
    CROWDED,
    Clock,
    IndexedText,
    LogStore,
    Progress,
    Reader,
    Stored,
    TextIndex,
    silent,
)
from vidimus.operations.registry import Settings, raw_at

MOST_LETTERS = 8  # how many letters are compared word by word (research: recall@8 is 100 %)
SHORT = 400  # characters; a shorter text asks with every gram it has, not with a sample


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer, and the copy as it was read, for showing where the words stand."""

    answer: Answer
    copy: Copy


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    id: str
    title: str
    parent: str | None
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """What the front page says of this registry."""

    origin: str
    exercise: bool
    size: int
    time: datetime
    log_key: str
    offices: tuple[OfficeFacts, ...]


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A public letter, all that anybody may know of it, and its texts."""

    letter: Letter
    office_title: str
    answer: Answer  # as if a whole copy of the released (or only public) text were checked
    texts: Mapping[int, IndexedText]  # public wordings by version
    size: int
    time: datetime


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry as the log page shows it. A sealed one shows nothing but that it is there."""

    index: int
    time: datetime
    sealed: bool
    kind: str = ""
    office: str = ""
    letter: str = ""
    digest: str = ""


class Desk:
    """The public face of one registry."""

    def __init__(self, settings: Settings, log: LogStore, *, clock: Clock, reader: Reader) -> None:
        self.settings = settings
        self.log = log
        self.clock = clock
        self.reader = reader
        self._own = OwnIndex(log, settings.origin)

    # --- checking a copy ------------------------------------------------------------------

    def check(
        self,
        parts: Sequence[bytes],
        *,
        office: str | None = None,
        at: datetime | None = None,
        progress: Progress = silent,
    ) -> Checked:
        """The four answers about one copy, given as one or several files."""
        copy = self.reader.read(parts, progress=progress)
        progress("looking for the text", None)
        size, time = self._as_of(at)
        found, crowded = self._wordings(copy, size)
        progress("comparing word by word", None)
        comparisons = self._compared(parts, copy, found, progress)
        letters = sorted({each.registered.letter for each in comparisons})
        facts = replace(self._facts(letters, size, time), crowded=crowded)
        for each in comparisons:
            _require_registered(each.registered, facts)
        return Checked(judge(copy, comparisons, facts, office), copy)

    def _as_of(self, at: datetime | None) -> tuple[int, datetime]:
        now = self.clock.now().astimezone(UTC)
        size = self._size()
        if at is None:
            return size, now
        if at > now:
            raise UsageError(
                f"{at:%Y-%m-%d %H:%M} UTC lies in the future",
                hint="nobody can say what will stand then; ask without a time for the present",
            )
        return min(size, self.log.size_at(int(at.timestamp()))), at.astimezone(UTC)

    def _size(self) -> int:
        """How large the log is, by its own signature and not by what the store says."""
        signed = self._signed()
        return signed.size if signed is not None else 0

    def _signed(self) -> Checkpoint | None:
        head = self.log.head()
        if head.size == 0 and not head.checkpoint:
            return None
        verifier = Verifier.parse(self.settings.log_key)
        signed = open_checkpoint(head.checkpoint, verifier, self.settings.origin)
        if signed.size != head.size:
            raise VerificationFailed(
                f"the log claims {head.size} entries, and its checkpoint says {signed.size}",
                hint="run “vidimus log verify” and restore from a backup",
            )
        return signed

    def _indexes(self) -> tuple[TextIndex, ...]:
        return (self.log,)

    def _wordings(self, copy: Copy, size: int) -> tuple[tuple[IndexedText, ...], bool]:
        """The wordings to compare with, and whether there are more than can be compared."""
        found: dict[tuple[str, int], IndexedText] = {}
        crowded = False
        for text in _readings(copy):
            grams = fingerprints(text, every=len(text) < SHORT)
            for index in self._indexes():
                voted = index.candidates(grams, MOST_LETTERS)
                crowded = crowded or len(voted) >= CROWDED
                # What is word for word a registered text is compared with that one first.
                for each in index.wordings((*index.named(digest(text)), *voted)):
                    # A wording is known from the entry on that made it known.
                    if each.since < size:
                        found.setdefault((each.letter, each.version), each)
        return tuple(found.values()), crowded

    def _compared(
        self,
        parts: Sequence[bytes],
        copy: Copy,
        found: Sequence[IndexedText],
        progress: Progress,
    ) -> tuple[Comparison, ...]:
        candidates = [Registered(w.letter, w.version, w.language, w.text) for w in found]
        comparisons = recognise(copy, candidates)
        if not any(questions(copy, each) for each in comparisons):
            return comparisons
        progress("looking again at the words that differ", None)
        settled = []
        for each in comparisons:
            asked = questions(copy, each)
            evidence = self.reader.reread(parts, asked) if asked else ()
            settled.append(settle(copy, each, evidence))
        return nearest(settled)

    def _facts(self, letters: Sequence[str], size: int, time: datetime) -> LogFacts:
        folding = self._fold(letters, size)
        # Whoever is sent on to a successor must learn whether that one stands.
        further = {each.successor for each in folding.letters.values() if each.successor}
        if further - set(letters):
            folding = self._fold(sorted({*letters, *further}), size)
        founded = folding.authority.founded
        mode = self.settings.exercise if founded is None else founded.mode == "exercise"
        return LogFacts(
            registry=self.settings.origin,
            exercise=mode,
            size=size,
            time=time,
            authority=folding.authority,
            letters=folding.letters,
        )

    def _fold(self, letters: Sequence[str], size: int) -> Folding:
        """The standing of these letters: the acts on them, and those on authority."""
        folding = Folding()
        signed = self._signed()
        if signed is not None:
            for stored in self._own.about((AUTHORITY, *letters), size, signed):
                folding.add(self._entry(stored, folding))
        return folding

    def _entry(self, stored: Stored, folding: Folding) -> Entry:
        if stored.document is None:
            raise VerificationFailed(f"entry {stored.index} is sealed and filed as public")
        return entries.verified(
            stored.index, stored.raw, stored.document, folding.authority, raw_at(self.log)
        )

    # --- looking at what is there -----------------------------------------------------------

    def registry(self) -> RegistryFacts:
        size, time = self._as_of(None)
        facts = self._facts((), size, time)
        offices = tuple(
            OfficeFacts(o.id, o.title, o.parent, facts.authority.covered(o.id, time))
            for o in facts.authority.offices.values()
        )
        return RegistryFacts(
            facts.registry, facts.exercise, size, time, self.settings.log_key, offices
        )

    def authority(self) -> tuple[State, datetime]:
        """What the log says of power by now."""
        size, time = self._as_of(None)
        return self._fold((), size).state(), time

    def letter(self, name: str) -> LetterFile:
        """A public letter by its id, in any spelling. Raises NotFound, for a draft as for none."""
        letter_id = name.upper().replace("-", "").strip()
        size, time = self._as_of(None)
        missing = NotFound(
            f"no public letter has the number {name[:40]}",
            hint="compare it with the paper, sign by sign; or check the paper's text instead",
        )
        if not LETTER_ID.fullmatch(letter_id):
            raise missing
        facts = self._facts((letter_id,), size, time)
        letter = facts.letters.get(letter_id)
        if letter is None or not letter.public_versions:
            raise missing
        texts = {
            each.version: each for each in self.log.wordings((letter_id,)) if each.since < size
        }
        for version, each in texts.items():
            _require_registered(Registered(letter_id, version, each.language, each.text), facts)
        shown = letter.released if letter.released is not None else max(letter.public_versions)
        if shown not in texts:
            raise VerificationFailed(f"the text of version {shown} of {letter_id} is missing")
        wording = texts[shown]
        whole = _typed(wording.text)
        registered = Registered(letter_id, shown, wording.language, wording.text)
        comparison = recognise(whole, (registered,))
        answer = judge(whole, comparison, facts)
        # This page answers for the letter, not for a copy: nothing was compared.
        answer = replace(answer, checked=answer.checked[-1:])
        title = facts.authority.title(letter.office)
        return LetterFile(letter, title, answer, texts, size, time)

    def log_lines(self, start: int, stop: int) -> tuple[LogLine, ...]:
        return tuple(_line(each) for each in self.log.entries(start, stop))

    def entry(self, index: int) -> Stored:
        """One entry, with its document where that is public and the one that the entry names."""
        size = self._size()
        if not 0 <= index < size:
            raise NotFound(f"the log has no entry {index}", hint=f"it has entries 0 to {size - 1}")
        (stored,) = self.log.entries(index, index + 1)
        named = statement.parse(stored.raw).digest
        if stored.document is not None and documents.digest(stored.document) != named:
            raise VerificationFailed(
                f"entry {index}: its document is not the one it names",
                hint="run “vidimus log verify” and restore from a backup",
            )
        return stored

    def checkpoint(self) -> str:
        """The signed statement of the log's size and root."""
        head = self.log.head()
        if head.size == 0:
            raise _empty()
        return head.checkpoint

    def proof(self, index: int) -> str:
        """A C2SP tlog-proof that this entry is on the log."""
        head = self.log.head()
        if not 0 <= index < head.size:
            raise NotFound(
                f"the log has no entry {index}", hint=f"it has entries 0 to {head.size - 1}"
            )
        path = merkle.inclusion(index, head.size, self.log.subtree)
        return str(Proof(index=index, path=path, checkpoint=head.checkpoint))

    def head(self) -> Checkpoint:
        """The checkpoint, with its signature checked."""
        signed = self._signed()
        if signed is None:
            raise _empty()
        return signed


def _empty() -> NotFound:
    return NotFound("this log is empty", hint="found the registry first")


def _require_registered(registered: Registered, facts: LogFacts) -> None:
    """The text that was compared must be the one that the log names.

    The index of texts only finds. Believed, whoever can change it could let any words stand.
    """
    letter = facts.letters.get(registered.letter)
    versions = letter.versions if letter is not None else ()
    known = {each.number: (each.language, each.text) for each in versions}
    digest = hashlib.sha256(registered.text.encode()).hexdigest()
    if known.get(registered.version) != (registered.language, digest):
        raise VerificationFailed(
            f"version {registered.version} of the letter {registered.letter}, as it is kept here,"
            " is not the text that the log names",
            hint="run “vidimus log verify” and restore from a backup",
        )


def _typed(text: str) -> Copy:
    lines = enumerate(text.splitlines())
    words = tuple(Word(word, number) for number, line in lines for word in line.split())
    return Copy("text", (Page(1, Source.TYPED, words),))


def _readings(copy: Copy) -> list[str]:
    """What to look for: the text of the whole copy, and what its pictures say instead."""
    words = " ".join(word.text for page in copy.pages for word in page.words)
    witness = " ".join(word.text for page in copy.pages for word in page.witness)
    return [each for each in (words, witness) if each]


def _line(stored: Stored) -> LogLine:
    found = statement.parse(stored.raw)
    time = datetime.fromtimestamp(found.issued_at, UTC)
    if stored.document is None:
        return LogLine(stored.index, time, sealed=True, digest=found.digest.hex())
    act = documents.read(stored.document)
    letter = "" if act.subject == AUTHORITY else act.subject
    return LogLine(
        stored.index, time, False, act.kind.value, act.office, letter, found.digest.hex()
    )
