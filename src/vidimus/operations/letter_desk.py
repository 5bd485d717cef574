"""A desk that answers for letters: from a log, from a pack of one, or from a bundle.

It asks `Acts` for what happened, which never hides an act, and an index of texts for the
words, which it does not believe: a text must be the one that the acts name.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vidimus.core.acts import entries
from vidimus.core.acts.history import History, fold_letter
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.shapes import LETTER_ID
from vidimus.core.acts.standing import Entry, Folding, State
from vidimus.core.copies.answers import Answer
from vidimus.core.copies.page import Copy
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.verdict import LogFacts, of_letter
from vidimus.errors import FormatError, NotFound, UsageError, VerificationFailed
from vidimus.operations.ports import (
    Acts,
    Clock,
    IndexedText,
    Progress,
    Reader,
    Stored,
    TextIndex,
    silent,
)
from vidimus.operations.registry import RESTORE, Settings

if TYPE_CHECKING:
    from vidimus.core.copies.quotation import Quoted
    from vidimus.core.copies.recognise import Comparison
    from vidimus.operations.quoting import Hold


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer, and the copy as it was read, for showing where the words stand."""

    answer: Answer
    copy: Copy


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A public letter, all that anybody may know of it, and its texts."""

    letter: Letter
    office_title: str
    answer: Answer  # as if a whole copy of the released (or only public) text were checked
    texts: Mapping[int, IndexedText]  # public wordings by version
    size: int
    time: datetime


class LetterDesk:
    """`complete`: every public letter of the registry is among `texts`, so that what is not
    found there is not public."""

    complete = True

    def __init__(
        self, settings: Settings, acts: Acts, texts: TextIndex, *, clock: Clock, reader: Reader
    ) -> None:
        self.settings = settings
        self.acts = acts
        self.texts = texts
        self.clock = clock
        self.reader = reader
        self._lock = threading.Lock()
        self._history = History()
        self._size_known = 0  # of the log, up to which the acts on authority are in the history

    def check(
        self,
        parts: Sequence[bytes],
        *,
        office: str | None = None,
        at: datetime | None = None,
        progress: Progress = silent,
    ) -> Checked:
        """The four answers about one copy, given as one or several files."""
        try:
            return self._checked(parts, office, at, progress)
        finally:
            self.reader.done(parts)

    def _checked(
        self,
        parts: Sequence[bytes],
        office: str | None,
        at: datetime | None,
        progress: Progress,
    ) -> Checked:
        # Comparing takes libraries that the bare install has not; the rest of a desk does not.
        from vidimus.core.copies.judge import judge
        from vidimus.core.copies.legible import legible
        from vidimus.core.copies.quotation import quoted
        from vidimus.operations.comparing import compared
        from vidimus.operations.siblings import siblings

        copy = self.reader.read(parts, progress=progress)
        progress("looking for the text", None)
        size, time = self._as_of(at)
        found, crowded = self._wordings(copy, size)
        progress("comparing word by word", None)
        comparisons = compared(parts, copy, found, self.reader, progress, self.settings.origin)
        quotations = quoted(copy)
        if quotations is not None and legible(copy):

            def hold(part: Copy, texts: Sequence[IndexedText]) -> tuple[Comparison, ...]:
                return compared(parts, part, texts, self.reader, progress, self.settings.origin)

            answer = self._quoting(copy, quotations, comparisons, hold, size, time, office)
            if answer is not None:
                return Checked(answer, copy)
        others = siblings(comparisons, found)
        looked = [*(each.registered for each in comparisons), *others]
        letters = sorted({each.letter for each in looked})
        facts = replace(self._facts(letters, size, time), crowded=crowded)
        for each in looked:
            require_registered(each, facts)
        answer = judge(copy, comparisons, facts, office, others)
        return Checked(self._beside(answer, facts), copy)

    def _quoting(
        self,
        copy: Copy,
        found: Quoted,
        comparisons: Sequence[Comparison],
        hold: Hold,
        size: int,
        time: datetime,
        office: str | None,
    ) -> Answer | None:
        """The answer about a text that quotes letters; None for one that is a letter itself."""
        from vidimus.core.copies.heard import merged
        from vidimus.core.copies.judge import judge
        from vidimus.core.copies.quoted import told
        from vidimus.operations.quoting import MOST, is_the_letter, looked
        from vidimus.operations.siblings import siblings

        def lookup(part: Copy) -> tuple[Sequence[IndexedText], bool]:
            return self._wordings(part, size)

        if is_the_letter(found, comparisons, lookup):
            return None
        heard = [looked(each, lookup, hold) for each in found.quotes[:MOST]]
        others = [siblings(each.comparisons, each.found) for each in heard]
        texts = dict.fromkeys(
            text
            for each, beside in zip(heard, others, strict=True)
            for text in (*each.registered, *beside)
        )
        facts = self._facts(sorted({each.letter for each in texts}), size, time)
        for text in texts:
            require_registered(text, facts)
        judged = []
        for each, beside in zip(heard, others, strict=True):
            answer = None
            if each.comparisons:
                asked = replace(facts, crowded=each.crowded)
                answer = judge(each.quote.body.copy, each.comparisons, asked, office, beside)
            judged.append(replace(each.heard, judged=answer))
        together = merged(found, judged)
        unheard = len(found.quotes) > MOST
        return self._beside(told(copy, found, together, facts, office, unheard), facts)

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
            each.version: each for each in self.texts.wordings((letter_id,)) if each.since < size
        }
        for version, each in texts.items():
            require_registered(Registered(letter_id, version, each.language, each.text), facts)
        shown = letter.released if letter.released is not None else max(letter.public_versions)
        if shown not in texts:
            raise VerificationFailed(f"the text of version {shown} of {letter_id} is missing")
        wording = texts[shown]
        answer = of_letter(Registered(letter_id, shown, wording.language, wording.text), facts)
        answer = self._beside(answer, facts)
        title = facts.authority.title(letter.office)
        return LetterFile(letter, title, answer, texts, size, time)

    def authority(self) -> tuple[State, datetime]:
        """What the log says of power by now."""
        size, time = self._as_of(None)
        return self._fold((), size).state(), time

    def facts(self, letters: Sequence[str]) -> LogFacts:
        """What the log says of these letters by now, and of those that replaced them."""
        size, time = self._as_of(None)
        return self._facts(letters, size, time)

    def facts_at(self, letters: Sequence[str], size: int, time: datetime) -> LogFacts:
        """What the log said of these letters when it had so many entries, at this time."""
        return self._facts(letters, size, time)

    def revoking(self, stop: int) -> tuple[int, ...]:
        """The entries before this one by which keys were revoked."""
        with self._lock:
            self._learn_authority()
            return self._history.revoking(stop)

    def _beside(self, answer: Answer, facts: LogFacts) -> Answer:
        """The same answer, with what else was checked, or was not."""
        return answer

    # --- what the log says ------------------------------------------------------------------

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
        return min(size, self._size_at(at)), at.astimezone(UTC)

    def _size(self) -> int:
        """How large the log is, by its own signature and not by what a store says."""
        signed = self.acts.signed()
        return signed.size if signed is not None else 0

    def _size_at(self, at: datetime) -> int:
        raise UsageError(
            "this evidence speaks of its own moment and of none before it",
            hint="leave --at away, or ask the register itself",
        )

    def _wordings(self, copy: Copy, size: int) -> tuple[tuple[IndexedText, ...], bool]:
        from vidimus.operations.comparing import wordings

        return wordings(copy, self._indexes(), size)

    def _indexes(self) -> tuple[TextIndex, ...]:
        return (self.texts,)

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
            complete=self.complete,
        )

    def _fold(self, letters: Sequence[str], size: int) -> Folding:
        """The standing of these letters: the acts on them, and those on authority."""
        with self._lock:
            self._learn_authority()
            folding = Folding()
            folding.size = size
            folding.authority = self._history.at(size)
            for name in letters:
                acts = [self._entry(each) for each in self.acts.about((name,), size)]
                letter = fold_letter(self._history, acts).letters.get(name)
                if letter is not None:
                    folding.letters[name] = letter
        return folding

    def _learn_authority(self) -> None:
        """Take in the acts on authority that are new. They are verified once, and kept."""
        size = self._size()
        for stored in self.acts.about((AUTHORITY,), size, self._size_known):
            self._history.add(self._entry(stored))
            # One by one: whatever fails, nothing is taken in twice.
            self._size_known = stored.index + 1
        self._size_known = max(size, self._size_known)

    def _entry(self, stored: Stored) -> Entry:
        if stored.document is None:
            raise VerificationFailed(f"entry {stored.index} is sealed and filed as public")
        authority = self._history.at(stored.index)
        try:
            return entries.verified(
                stored.index, stored.raw, stored.document, authority, self.acts.raw_at
            )
        except FormatError as error:
            # Nobody who asks has sent it.
            raise VerificationFailed(f"entry {stored.index}: {error.fact}", hint=RESTORE) from error


def require_registered(registered: Registered, facts: LogFacts) -> None:
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
