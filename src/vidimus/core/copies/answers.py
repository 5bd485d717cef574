"""The four answers about a copy, and the one headline computed from them.

The words and their order are section 1 of the design; the JSON document is its section 9
and spec/check.md. What computes an `Answer` is `judge.py`; this file is what it may say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from vidimus.core.copies.page import Box


class Headline(StrEnum):
    """Strongest first: the first that applies wins."""

    ALTERED = "ALTERED"
    DECLARED_FORGED = "DECLARED_FORGED"
    DISOWNED = "DISOWNED"
    DRAFT_NEVER_RELEASED = "DRAFT_NEVER_RELEASED"
    SIGNER_WITHOUT_AUTHORITY = "SIGNER_WITHOUT_AUTHORITY"
    WITHDRAWN = "WITHDRAWN"
    SUPERSEDED = "SUPERSEDED"
    CORRECTED = "CORRECTED"
    ON_HOLD = "ON_HOLD"
    CANNOT_TELL = "CANNOT_TELL"
    RATIFIED = "RATIFIED"
    STANDS = "STANDS"
    PART_STANDS = "PART_STANDS"
    NOT_RELEASED = "NOT_RELEASED"
    NO_RECORD = "NO_RECORD"


# Exit statuses of `vidimus check` (design, section 9); everything not named here is 1.
EXIT_STATUS: dict[Headline, int] = {
    Headline.STANDS: 0,
    Headline.PART_STANDS: 0,
    Headline.RATIFIED: 0,
    Headline.NO_RECORD: 3,
    Headline.CANNOT_TELL: 3,
}


class TextAnswer(StrEnum):
    SAME = "same"
    ALTERED = "altered"
    PART = "part of it"
    UNREADABLE = "unreadable"
    NONE = "none we know"


class AuthorityAnswer(StrEnum):
    SIGNED = "signed"
    UNSIGNED = "unsigned"
    WITHOUT_AUTHORITY = "without authority"
    NOT_NEEDED = "the class needs no signature"
    UNKNOWN = "not known"  # no letter was recognised, so there is nobody to speak of


class ReleaseAnswer(StrEnum):
    RELEASED = "released"
    NOT_RELEASED = "not released"
    UNKNOWN = "not known"


class StandingAnswer(StrEnum):
    STANDS = "stands"
    ON_HOLD = "on hold"
    CORRECTED = "corrected"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    DISOWNED = "disowned"
    RATIFIED = "ratified"
    DECLARED_FORGED = "declared forged"
    NONE = "never released"
    UNKNOWN = "not known"


class Kind(StrEnum):
    """What sort of word differs. The first six are never dismissed as reading noise."""

    NUMBER = "number"
    NEGATION = "negation"
    NAME = "name"
    DATE = "date"
    AMOUNT = "amount"
    MODAL = "modal verb"
    WORD = "word"
    MISSING = "missing"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Difference:
    """These words stand in the registered text, those in the copy, at this place.

    `at` and `copy_at` are half-open word ranges in the registered text and in the copy,
    for showing the words in their sentence. `unread` says that the copy's words could not
    be read with certainty, so this is a doubt and not an alteration.
    """

    kind: Kind
    registered: str
    copy: str
    at: tuple[int, int]
    copy_at: tuple[int, int]
    page: int = 1
    box: Box | None = None

    def to_json(self) -> dict[str, Any]:
        box = self.box
        return {
            "kind": self.kind.value,
            "registered": self.registered,
            "copy": self.copy,
            "page": self.page,
            "box": [box.left, box.top, box.right, box.bottom] if box else None,
            "at": list(self.at),
        }


@dataclass(frozen=True, slots=True)
class Missing:
    """Registered words in a row that the copy does not show, and the pages of it beside them."""

    words: int  # counted as `Answer.seen_words` are
    begins: str  # its first words; all of them where they are few
    ends: str  # its last; empty where `begins` has all
    at: tuple[int, int]  # half-open, of the registered text's words
    after: int | None  # the page of the copy that shows what stands before; None: the beginning
    before: int | None  # … and what stands behind; None: the end
    sheets: tuple[int, ...] = ()  # their numbers, by those printed on the pages that were seen

    def to_json(self) -> dict[str, Any]:
        return {
            "words": self.words,
            "begins": self.begins,
            "ends": self.ends,
            "at": list(self.at),
            "after_page": self.after,
            "before_page": self.before,
            "sheets": list(self.sheets),
        }


def missing_of(document: Mapping[str, Any]) -> Missing:
    """What `Missing.to_json` wrote; a stranger's may give no range, and gets an empty one."""
    begin, end = (*document["at"], 0, 0)[:2]
    return Missing(
        document["words"],
        document["begins"],
        document["ends"],
        (begin, end),
        document["after_page"],
        document["before_page"],
        tuple(document["sheets"]),
    )


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What anybody may know of a letter that is public. Never receivers, drafters or drafts."""

    id: str
    reference: str
    office: str
    office_title: str
    cls: str
    date: str  # YYYY-MM-DD, the day of its release, or of its acknowledgement
    title: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "reference": self.reference,
            "office": self.office,
            "office_title": self.office_title,
            "class": self.cls,
            "date": self.date,
        }


@dataclass(frozen=True, slots=True)
class FormFacts:
    """The form that a copy is of, though it is none of the released letters of it."""

    letter: LetterFacts  # the nearest of them; the differences are against its words
    letters: int  # how many released letters of this form were compared
    told: bool  # the copy shows a reference of its own, so it is none of them

    def to_json(self) -> dict[str, Any]:
        return {
            "letter": self.letter.to_json(),
            "letters": self.letters,
            "own_reference": self.told,
        }


class Part(StrEnum):
    """What a run of registered words is to a quotation of them."""

    BESIDE = "beside"  # of the same sentence, and not quoted
    QUOTED = "quoted"
    OMITTED = "left out"  # in the quotation stand dots or a word in brackets
    DIFFERS = "differs"  # in the quotation stand other words
    SKIPPED = "skipped"  # quoted, and too long to be shown here


@dataclass(frozen=True, slots=True)
class Run:
    """Registered words in a row, and what the quotation has for them where it has others."""

    part: Part
    text: str
    copy: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"part": self.part.value, "text": self.text, "copy": self.copy}


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quotation in a copy that is somebody else's text, and where its words are registered."""

    text: str  # as it was pasted
    copy_at: tuple[int, int]  # half-open, of the copy's words
    headline: Headline | None  # what it would be by itself; None: too short to be compared
    said: str  # of its words alone
    letter: LetterFacts | None = None
    version: int | None = None
    at: tuple[int, int] | None = None  # half-open, of the registered text's words
    paragraph: int | None = None  # of the registered text, from 1
    context: tuple[Run, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "copy_at": list(self.copy_at),
            "headline": self.headline.value if self.headline is not None else None,
            "said": self.said,
            "letter": self.letter and self.letter.to_json(),
            "version": self.version,
            "at": list(self.at) if self.at is not None else None,
            "paragraph": self.paragraph,
            "context": [each.to_json() for each in self.context],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    headline: Headline
    sentence: str
    letter: LetterFacts | None
    text: TextAnswer
    authority: AuthorityAnswer
    release: ReleaseAnswer
    standing: StandingAnswer
    tree_size: int
    time: datetime
    registry: str  # origin of the log
    exercise: bool
    version: int | None = None
    language: str | None = None
    seen_words: int = 0
    of_words: int = 0
    differences: tuple[Difference, ...] = ()
    unread: tuple[Difference, ...] = ()
    missing: tuple[Missing, ...] = ()  # what the copy does not show, in the letter's order
    authority_detail: str = ""  # "Ann Example, as Director, appointed 2031-01-01 (entry 3)"
    release_detail: str = ""
    standing_detail: str = ""
    successor: str | None = None  # letter id
    reasons: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()  # "ABCD-…: version 2", when several texts fit equally
    form: FormFacts | None = None
    quotations: tuple[Quotation, ...] = ()

    @property
    def exit_status(self) -> int:
        return EXIT_STATUS.get(self.headline, 1)

    def to_json(self) -> dict[str, Any]:
        """The contract of design section 9; fields may be added, none renamed."""
        return {
            "headline": self.headline.value,
            "sentence": self.sentence,
            "exercise": self.exercise,
            "registry": self.registry,
            "letter": self.letter and self.letter.to_json(),
            "text": {
                "answer": self.text.value,
                "version": self.version,
                "language": self.language,
                "seen": {"words": self.seen_words, "of": self.of_words},
                "differences": [d.to_json() for d in self.differences],
                "unread": [d.to_json() for d in self.unread],
                "missing": [each.to_json() for each in self.missing],
            },
            "authority": {"answer": self.authority.value, "detail": self.authority_detail},
            "release": {"answer": self.release.value, "detail": self.release_detail},
            "standing": {
                "answer": self.standing.value,
                "detail": self.standing_detail,
                "successor": self.successor,
            },
            "as_of": {"tree_size": self.tree_size, "time": rfc3339(self.time)},
            "reasons": list(self.reasons),
            "checked": list(self.checked),
            "not_checked": list(self.not_checked),
            "alternatives": list(self.alternatives),
            "form": self.form and self.form.to_json(),
            "quotations": [each.to_json() for each in self.quotations],
        }


def rfc3339(time: datetime) -> str:
    """UTC, whole seconds, with a Z: the one way Vidimus writes a time."""
    # Not strftime: it writes the year 999 with three digits.
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
