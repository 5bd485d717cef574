"""What is said beside an answer that came from evidence, and not from the register itself.

How old it is, what therefore cannot be excluded, and whose keys were believed. The age is
counted from a moment that the log itself signed, never from one that stands in the file or
in a witness's line: an old bundle with a new date would hide whatever came in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vidimus.core.copies import wording
from vidimus.core.copies.answers import Answer, Headline, rfc3339
from vidimus.core.log.witnessed import Told
from vidimus.core.trust.root import TrustRoot, fingerprint

NO_COPY = (
    "Any copy: none was given. Whether the paper or file that you hold has the words of this"
    " letter, only a check of it can tell."
)
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def stood(answer: Answer, since: str) -> Answer:
    """The same answer, said as of its moment: whoever reads one sentence must read that too."""
    said = wording.stood(answer.headline, answer.sentence, answer.time, since)
    return replace(answer, sentence=said)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer comes from: `kind` is “bundle” or “pack”, `time` its signed moment."""

    kind: str
    time: datetime
    root: TrustRoot
    pinned: bool  # the keys are those of a trust root that the asker gave
    told: Told
    checked: Sequence[str] = ()
    not_checked: Sequence[str] = ()

    def beside(self, answer: Answer, now: datetime) -> Answer:
        """The same answer, and aloud what it rests on; the gravest first."""
        keys, believed = self._keys()
        others = [each for each in answer.not_checked if each != wording.UNWITNESSED]
        checked = [*answer.checked, *self.checked]
        not_checked = [self._since(now), *others, *self.not_checked]
        for sentence, good in ((keys, believed), (self.told.sentence, self.told.met)):
            (checked if good else not_checked).append(sentence)
        answer = replace(answer, checked=tuple(checked), not_checked=tuple(not_checked))
        return answer if self.pinned else self._doubted(answer)

    def _doubted(self, answer: Answer) -> Answer:
        """Anybody can make a register, and evidence of it, under any office's name."""
        exercise = wording.EXERCISE if self.root.mode == "exercise" else ""
        sentence = (
            f"{exercise}By the keys that came with the {self.kind} itself it would have been"
            f" {answer.headline.value} as of {wording.minute(answer.time)}; anybody could have"
            " made such keys. Get the office's fingerprint from a place that you believe, in print"
            " or on the telephone, and give it with --trust. That of these keys is"
            f" {fingerprint(self.root)}; one of the office's from before a change of keys will do,"
            " too."
        )
        reason = "headline: nobody has said whose keys these are"
        return replace(
            answer,
            headline=Headline.CANNOT_TELL,
            sentence=sentence,
            reasons=(*answer.reasons[:-1], reason),
            quotations=tuple(
                replace(each, headline=Headline.CANNOT_TELL) for each in answer.quotations
            ),
        )

    def alone(self, answer: Answer, now: datetime) -> dict[str, Any]:
        """The JSON document of an answer about the letter itself, which no copy was held against.

        Nothing in it may look as if words had been compared. “none given” is no answer of a
        check, and stands here alone.
        """
        others = tuple(each for each in answer.not_checked if each != wording.LOOKS)
        reasons = (
            "text: no copy was given, so no words were compared",
            *answer.reasons[1:-1],
            *(each.replace("the whole text, ", "", 1) for each in answer.reasons[-1:]),
        )
        answer = replace(
            answer,
            seen_words=0,
            of_words=0,
            reasons=reasons,
            not_checked=(NO_COPY, *others),
        )
        answer = self.beside(answer, now)
        document = replace(answer, sentence=wording.without_copy(answer.sentence)).to_json()
        document["text"]["answer"] = wording.NONE_GIVEN
        return document

    def to_json(self, now: datetime) -> dict[str, Any]:
        """The field `evidence` of an answer's JSON document."""
        return {
            "kind": self.kind,
            "time": rfc3339(self.time),
            "age_seconds": self._age(now),
            "trust_root": {
                "fingerprint": fingerprint(self.root),
                "version": self.root.version,
                "pinned": self.pinned,
            },
        }

    def _age(self, now: datetime) -> int | None:
        if self.root.mode == "exercise":
            return None  # a story's time is not that of this machine
        return int((now - self.time).total_seconds())

    def _since(self, now: datetime) -> str:
        age = self._age(now)
        if age is None:
            old = "is of a story's time, so its age cannot be told"
        elif age < 0:
            old = "is from the future by the clock of this machine, so one of the two is wrong"
        else:
            old = f"is {_words(age)} old"
        return (
            f"Anything since {rfc3339(self.time)}: this {self.kind} {old}. That a letter was"
            " taken back, corrected or put on hold since then, or a key revoked, cannot be"
            f" excluded. Ask the register itself: {self.root.origin}"
        )

    def _keys(self) -> tuple[str, bool]:
        spoken = fingerprint(self.root)
        if self.pinned:
            return f"Its keys are those that you named with --trust: {spoken}.", True
        return (
            f"Whose register it is: its keys came with the {self.kind} itself. Compare this"
            f" fingerprint with one that the office has published: {spoken}.",
            False,
        )


def _words(seconds: int) -> str:
    for unit, name in _UNITS:
        if seconds >= unit:
            count = seconds // unit
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than a minute"
