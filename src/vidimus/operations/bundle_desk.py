"""A desk that has a bundle and nothing else: the same answers, as of the bundle's moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vidimus.core.copies.answers import Answer
from vidimus.core.copies.canonical import digest
from vidimus.core.copies.fingerprints import fingerprints as grams
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.verdict import LogFacts
from vidimus.core.evidence.bundle import Bundle
from vidimus.core.evidence.page import page
from vidimus.core.evidence.proved import Proved, prove
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.trust.root import TrustRoot
from vidimus.errors import VerificationFailed
from vidimus.operations.evidence import Evidence, stood
from vidimus.operations.letter_desk import LetterDesk, LetterFile, require_registered
from vidimus.operations.ports import IndexedText, Reader, Stored
from vidimus.operations.registry import Settings

EXERCISE = "exercise"  # the mode of a registry where nothing is real


@dataclass(frozen=True, slots=True)
class Moment:
    """A clock that stands: evidence speaks of its own time."""

    time: datetime

    def now(self) -> datetime:
        return self.time


class BundleActs:
    """An Acts. What the claim does not speak of, it does not know, and says so."""

    def __init__(self, proved: Proved) -> None:
        self._proved = proved

    def signed(self) -> Checkpoint | None:
        return self._proved.head

    def about(self, subjects: Sequence[str], stop: int, start: int = 0) -> tuple[Stored, ...]:
        wanted = {index for each in subjects for index in self._proved.claim.indices(each)}
        return tuple(self._stored(index) for index in sorted(wanted) if start <= index < stop)

    def raw_at(self, index: int) -> bytes:
        return self._stored(index).raw

    def _stored(self, index: int) -> Stored:
        piece = self._proved.pieces.get(index)
        if piece is None:
            raise VerificationFailed(f"entry {index} of the log is not in the bundle")
        document = None if piece.document is None else piece.document.encode()
        return Stored(index, piece.entry, document)


class BundleTexts:
    """A TextIndex of a handful of texts."""

    def __init__(self, bundle: Bundle) -> None:
        self._texts = bundle.texts

    def candidates(self, fingerprints: Sequence[int], limit: int) -> tuple[str, ...]:
        asked = set(fingerprints)
        votes: Counter[str] = Counter()
        for each in self._texts:
            votes[each.letter] += len(asked.intersection(grams(each.text, every=True)))
        return tuple(letter for letter, shared in votes.most_common(limit) if shared)

    def named(self, name: bytes) -> tuple[str, ...]:
        return tuple(each.letter for each in self._texts if digest(each.text) == name)

    def unindexed(self, letter: str, fingerprints: Sequence[int]) -> int:
        return 0

    def wordings(self, letters: Sequence[str]) -> tuple[IndexedText, ...]:
        return tuple(
            IndexedText(each.letter, each.version, each.language, each.text, (), 0)
            for each in self._texts
            if each.letter in letters
        )

    def latest(self, letters: Sequence[str]) -> tuple[IndexedText, ...]:
        by_letter = {each.letter: each for each in self.wordings(letters)}
        return tuple(by_letter.values())


def settings_of(root: TrustRoot) -> Settings:
    """The settings of the registry that this is the trust root of."""
    return Settings(root.origin, root.mode == EXERCISE, root.trust.log_keys)


class BundleDesk(LetterDesk):
    """Made by `opened`, which holds all of the bundle together first."""

    complete = False

    def __init__(self, bundle: Bundle, proved: Proved, reader: Reader) -> None:
        super().__init__(
            settings_of(proved.root),
            BundleActs(proved),
            BundleTexts(bundle),
            clock=Moment(proved.time),
            reader=reader,
        )
        self.bundle = bundle
        self.proved = proved

    def _beside(self, answer: Answer, facts: LogFacts) -> Answer:
        return stood(answer, "this bundle cannot know")

    def the_letter(self) -> LetterFile:
        """The one that the bundle is about."""
        return self.letter(self.bundle.letter)

    def page_is_ours(self) -> bool:
        """Whether the page for people is what this program would write for this answer."""
        return self.bundle.page == page(self.the_letter().answer)


def opened(bundle: Bundle, reader: Reader, pinned: TrustRoot | None = None) -> BundleDesk:
    """Raises FormatError or VerificationFailed unless everything in the bundle holds together."""
    proved = prove(bundle, pinned)
    desk = BundleDesk(bundle, proved, reader)
    letters = proved.letters
    facts = desk.facts(letters)
    chain = tuple(each.index for each in proved.root.links if each.index < proved.head.size)
    if facts.authority.chain != chain:
        raise VerificationFailed(
            "the log in it knows of other founders or keys than the trust root",
            hint="its trust root is too old; fetch the bundle again",
        )
    registered = {
        (name, number)
        for name in letters
        if (letter := facts.letters.get(name)) is not None
        for number in letter.public_versions
    }
    there = {(each.letter, each.version) for each in bundle.texts}
    if registered != there:
        name, number = min(registered ^ there)
        word = "is missing from it" if (name, number) in registered else "is none of its letters'"
        raise VerificationFailed(f"the text of version {number} of {name} {word}")
    for each in bundle.texts:
        wording = Registered(each.letter, each.version, each.language, each.text)
        try:
            require_registered(wording, facts)
        except VerificationFailed as error:
            raise VerificationFailed(
                f"the text of version {each.version} of {each.letter} is not the one that the log"
                " names",
                hint="somebody changed it; fetch the bundle again",
            ) from error
    for name in letters:
        successor = facts.letters[name].successor if name in facts.letters else None
        if successor is not None and successor not in letters:
            raise VerificationFailed(f"the letter {successor}, which replaces {name}, is missing")
    return desk


def evidence(desk: BundleDesk) -> Evidence:
    """What is to be said beside every answer of this desk."""
    proved = desk.proved
    checked = [
        f"Each of the {len(proved.pieces)} entries in the bundle was proved to be on the log,"
        " and the log's signed word was checked that these are all acts on the letters in it.",
    ]
    not_checked = []
    if proved.receipts:
        one = proved.receipts == 1
        said = "receipt in it was" if one else "receipts in it were"
        checked.append(f"{proved.receipts} {said} checked and {'holds' if one else 'hold'}.")
    if proved.spoilt:
        not_checked.append(
            f"{proved.spoilt} of what stands in the place of receipts, which is no receipt of this"
            " log at this size, or does not hold. Nothing rests on it."
        )
    if not desk.page_is_ours():
        not_checked.append(
            "The page for people inside the bundle, which this program would have written"
            " otherwise. Do not go by it."
        )
    return Evidence(
        "bundle", proved.time, proved.root, proved.pinned, proved.told, checked, not_checked
    )
