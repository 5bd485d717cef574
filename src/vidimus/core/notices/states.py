"""One act on a public letter, as it is told to the world: in words, and in machines' words.

    told(letter, after, 1042)      what entry 1,042 says of this letter, or None for nothing

From what the log says in public after the entry, and from nothing else: no clock, no address, no
sealed act, no text. So whoever has the log can make every telling again, byte for byte. The
headline is that of `verdict.py`, so that no machine hears another word than a person reads.

    headline                            ninjs pubStatus
    STANDS, RATIFIED                    usable
    ON_HOLD, SIGNER_WITHOUT_AUTHORITY,
    CANNOT_TELL                         withheld
    every other                         canceled

See spec/notices.md, sections 1 to 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from vidimus.core.acts.kinds import Kind, Reason
from vidimus.core.acts.letter import Event, Letter
from vidimus.core.acts.lifecycle import State
from vidimus.core.copies import wording
from vidimus.core.copies.answers import Answer, Headline, rfc3339
from vidimus.core.copies.shown import Registered, Shown
from vidimus.core.copies.verdict import LogFacts, lost_ground, verdict

PubStatus = Literal["usable", "withheld", "canceled"]
MsgType = Literal["Alert", "Update", "Cancel", "Error"]

EXERCISE = "EXERCISE: "
POWER = "power"  # the telling of an act on authority by which a letter lost its ground
MOST_REFERENCES = 50  # earlier messages that one names; a letter that is held daily has no more

# Whatever is not in the table is canceled: a headline that is added one day must not let a
# fallen letter be printed.
PUB_STATUS: dict[Headline, PubStatus] = {
    Headline.STANDS: "usable",
    Headline.RATIFIED: "usable",
    Headline.ON_HOLD: "withheld",
    Headline.SIGNER_WITHOUT_AUTHORITY: "withheld",
    Headline.CANNOT_TELL: "withheld",
}
MSG_TYPE: dict[str, MsgType] = {
    Kind.RELEASE: "Alert",
    Kind.HOLD: "Update",
    Kind.CLEAR: "Update",
    Kind.CORRECT: "Update",
    Kind.SUPERSEDE: "Update",
    Kind.RATIFY: "Update",
    POWER: "Update",
    Kind.WITHDRAW: "Cancel",
    Kind.DISOWN: "Error",
    Kind.ACKNOWLEDGE_DRAFT: "Error",
    Kind.DECLARE_FORGED: "Error",
}
DONE: dict[str, str] = {
    Kind.RELEASE: "released",
    Kind.HOLD: "on hold",
    Kind.CLEAR: "cleared",
    Kind.CORRECT: "corrected",
    Kind.SUPERSEDE: "superseded",
    Kind.WITHDRAW: "withdrawn",
    Kind.DISOWN: "disowned",
    Kind.RATIFY: "ratified",
    Kind.ACKNOWLEDGE_DRAFT: "acknowledged as a draft",
    Kind.DECLARE_FORGED: "declared a forgery",
    POWER: "without ground",
}
TOLD = frozenset(DONE)


@dataclass(frozen=True, slots=True)
class Successor:
    """The letter that took the place of another one, as it stood at that entry."""

    id: str
    reference: str
    pub_status: PubStatus


@dataclass(frozen=True, slots=True)
class Telling:
    origin: str
    exercise: bool
    index: int  # the entry that says it
    time: datetime  # the log's, of that entry
    act: str  # a Kind, or POWER
    letter: str
    version: int  # the wording that it speaks of
    draft: bool  # … which is a draft, and not the letter
    reference: str
    title: str
    language: str
    office: str
    office_title: str
    headline: Headline
    sentence: str
    code: Reason | None
    reason: str
    successor: Successor | None
    earlier: tuple[tuple[int, datetime], ...]  # entries before it that spoke of the same

    @property
    def done(self) -> str:
        return DONE[self.act]

    @property
    def pub_status(self) -> PubStatus:
        return PUB_STATUS.get(self.headline, "canceled")

    @property
    def uri(self) -> str:
        """What it speaks of. A draft is another thing than the letter that came of it."""
        return uri(self.origin, self.letter) + (f"#draft-{self.version}" if self.draft else "")

    @property
    def id(self) -> str:
        """The name of this telling, for ever."""
        return identifier(self.origin, self.letter, self.index)

    @property
    def heading(self) -> str:
        """In one line: EXERCISE: HO/2031/2: On the pier – withdrawn."""
        mark = EXERCISE if self.exercise else ""
        name = self.reference or grouped(self.letter)
        return f"{mark}{name}: {self.title} – {self.done}"

    def ninjs(self) -> dict[str, Any]:
        """The state in the words of IPTC ninjs 3.1; `version` is the number of the entry."""
        found: dict[str, Any] = {
            "uri": self.uri,
            "standard": {"name": "ninjs", "version": "3.1"},
            "version": str(self.index),
            "versionCreated": rfc3339(self.time),
            "pubStatus": self.pub_status,
            "language": self.language,
            "headlines": [{"role": "main", "value": self.heading}],
            "edNote": self.sentence,
        }
        return found

    def replacement(self) -> dict[str, Any] | None:
        """The letter that takes its place, with where it comes from."""
        if self.successor is None:
            return None
        return {
            "uri": uri(self.origin, self.successor.id),
            "reference": self.successor.reference,
            "pubStatus": self.successor.pub_status,
            "evolvedFrom": self.uri,
        }

    def cap(self) -> dict[str, str]:
        """The words of OASIS CAP 1.2 that tell what a message does to earlier ones."""
        return {
            "identifier": self.id,
            "sender": self.origin,
            "sent": cap_time(self.time),
            "status": "Exercise" if self.exercise else "Actual",
            "msgType": MSG_TYPE[self.act],
            "references": " ".join(
                f"{self.origin},{identifier(self.origin, self.letter, index)},{cap_time(time)}"
                for index, time in self.earlier
            ),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything, as the body of a webhook and the address of a state have it."""
        return {
            "id": self.id,
            "exercise": self.exercise,
            "registry": self.origin,
            "entry": self.index,
            "time": rfc3339(self.time),
            "act": self.act,
            "headline": self.headline.value,
            "sentence": self.sentence,
            "reason": self.reason,
            "code": self.code.value if self.code is not None else None,
            "letter": {
                "id": self.letter,
                "reference": self.reference,
                "title": f"{EXERCISE if self.exercise else ''}{self.title}",
                "office": self.office,
                "office_title": self.office_title,
                "version": self.version,
                "draft": self.draft,
            },
            "replaced_by": self.replacement(),
            "ninjs": self.ninjs(),
            "cap": self.cap(),
        }


def told(name: str, after: LogFacts, index: int, before: LogFacts | None = None) -> Telling | None:
    """What the entry of this index says of the letter; None where it says nothing in public.

    `after` is what the log said once it had that entry, `before` what it said without it: an
    act on authority speaks of no letter, and may take the ground from under one. `after.time` is
    the time of the entry.
    """
    letter = after.letters.get(name)
    if letter is None or not letter.public_versions:
        return None
    event = letter.events[-1] if letter.events else None
    if event is not None and event.index == index and event.kind in TOLD:
        return _telling(letter, after, event.kind, event, index)
    if before is None or (event is not None and event.index == index):
        return None
    earlier = before.letters.get(name)
    if earlier is None or not earlier.public_versions:
        return None
    if _headline(earlier, before, _number(earlier)) is _headline(letter, after, _number(letter)):
        return None
    return _telling(letter, after, POWER, None, index)


def _telling(letter: Letter, facts: LogFacts, act: str, event: Event | None, index: int) -> Telling:
    number = _number(letter)
    if act == Kind.ACKNOWLEDGE_DRAFT and event is not None and event.version is not None:
        number = event.version
    draft = letter.state is not State.DECLARED_FORGED and letter.released != number
    answer = verdict(_shown(letter, number), facts, _doubted(facts))
    followed = facts.letters.get(letter.successor or "")
    names_successor = act in (Kind.CORRECT, Kind.SUPERSEDE)
    return Telling(
        origin=facts.registry,
        exercise=facts.exercise,
        index=index,
        time=(event.time if event is not None else facts.time).astimezone(UTC),
        act=act,
        letter=letter.id,
        version=number,
        draft=draft,
        reference=letter.reference,
        title=letter.title,
        language=letter.version(number).language,
        office=letter.office,
        office_title=facts.authority.title(letter.office),
        headline=answer.headline,
        sentence=_then(answer, facts),
        code=event.code if event is not None else None,
        reason=(event.reason or "") if event is not None else "",
        successor=_successor(followed, facts) if followed is not None and names_successor else None,
        earlier=tuple(
            (each.index, each.time.astimezone(UTC))
            for each in letter.events
            if each.index < index and _same(each, letter, number, draft)
        )[-MOST_REFERENCES:],
    )


def _then(answer: Answer, facts: LogFacts) -> str:
    """The sentence, as of its entry: whoever reads it years later must not take it for now."""
    said = answer.sentence.replace(wording.CLOSE, "Whether it stands, cannot be told:", 1)
    return wording.stood(answer.headline, said, facts.time, "the letter's page tells")


def _same(event: Event, letter: Letter, number: int, draft: bool) -> bool:
    """Did this event speak of the same wording: of the letter, or of this very draft?"""
    if event.kind not in TOLD:
        return False
    if event.kind is Kind.ACKNOWLEDGE_DRAFT:
        return draft and event.version == number
    return not draft or letter.released is None


def _successor(letter: Letter, facts: LogFacts) -> Successor:
    if not letter.public_versions:
        return Successor(letter.id, "", "canceled")
    headline = _headline(letter, facts, _number(letter))
    return Successor(letter.id, letter.reference, PUB_STATUS.get(headline, "canceled"))


def _number(letter: Letter) -> int:
    """The wording that a telling speaks of: the released one, else the latest public draft."""
    return letter.released if letter.released is not None else max(letter.public_versions)


def _headline(letter: Letter, facts: LogFacts, number: int) -> Headline:
    return verdict(_shown(letter, number), facts, _doubted(facts)).headline


def _shown(letter: Letter, number: int) -> Shown:
    """As if a whole copy had been seen; the words themselves are not needed, and not here."""
    return Shown(Registered(letter.id, number, letter.version(number).language, ""), 1, 1)


def _doubted(facts: LogFacts) -> Any:
    return lambda letter: lost_ground(letter, facts.authority)


def uri(origin: str, letter: str) -> str:
    return f"https://{origin}/c/{letter}"


def identifier(origin: str, letter: str, index: int) -> str:
    return f"{uri(origin, letter)}#entry-{index}"


def cap_time(time: datetime) -> str:
    """CAP 1.2 section 3.3.2: no “Z”; UTC is written as -00:00."""
    return rfc3339(time)[:-1] + "-00:00"


def grouped(letter: str) -> str:
    """A letter's number as it is printed: ABCD-EFGH-IJKL-MNOP."""
    return "-".join(letter[start : start + 4] for start in range(0, len(letter), 4))
