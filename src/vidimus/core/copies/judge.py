"""The four answers about a copy as one function with numbered steps.

In goes what was read and compared, and what the log says; out comes an `Answer`. The one
error that must never happen is an altered, unreleased, unsigned or fallen letter shown as
standing; so every step that is in doubt answers CANNOT_TELL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vidimus.core.acts.letter import Letter
from vidimus.core.copies import wording
from vidimus.core.copies.answers import (
    Answer,
    AuthorityAnswer,
    Headline,
    ReleaseAnswer,
    StandingAnswer,
    TextAnswer,
)
from vidimus.core.copies.doubts import doubt
from vidimus.core.copies.legible import clear, legible, weighed
from vidimus.core.copies.page import Copy
from vidimus.core.copies.promises import promised
from vidimus.core.copies.recognise import TOO_SHORT, Comparison
from vidimus.core.copies.shown import Shown
from vidimus.core.copies.verdict import LogFacts, verdict

__all__ = ["LogFacts", "judge"]

# Among all letters, one that shares the part and has fallen would have been found beside it.
PART_ALONE = "only a part of it was seen, and which other letters share it is not known here"


def judge(
    copy: Copy, comparisons: Sequence[Comparison], facts: LogFacts, office: str | None = None
) -> Answer:
    """The answer about this copy. `comparisons` are the nearest wordings, ties together."""
    # 1. Is there anything to compare?
    words = [word for page in copy.pages for word in page.words]
    if len(words) < TOO_SHORT or not legible(copy):
        return _unreadable(copy, facts, len(words))
    # 2. Is it a text that we know? What was read badly may be one all the same.
    if not comparisons:
        if not clear(copy):
            return _unreadable(copy, facts, len(words))
        return _unknown(copy, facts, office)
    # 3. What would each of the texts that fit it equally well come to?
    answers = [_compared(copy, each, facts) for each in comparisons]
    # 4. Do they come to the same? Then the first speaks for all; else we cannot tell.
    first = answers[0]
    if len(answers) == 1:
        return first
    named = tuple(
        f"{wording.letter_name(a.letter)}, version {a.version}: {a.headline.value}"
        for a in answers
        if a.letter is not None
    )
    if all(a.headline is first.headline for a in answers):
        return replace(first, alternatives=named)
    return replace(
        first,
        headline=Headline.CANNOT_TELL,
        sentence=wording.exercise(facts.exercise) + wording.TIE,
        alternatives=named,
        reasons=(*first.reasons, "several registered texts fit what can be read equally well"),
    )


def _compared(copy: Copy, comparison: Comparison, facts: LogFacts) -> Answer:
    """The answers about the registered wording that this copy was compared with."""
    altered, unread = weighed(copy, comparison)
    comparison = replace(comparison, differences=altered)

    def doubted(letter: Letter) -> str | None:
        found = doubt(copy, comparison, unread, letter, facts.authority, facts.crowded)
        if found is None and not facts.complete and not comparison.whole:
            return PART_ALONE
        return found

    shown = Shown(
        comparison.registered, comparison.seen_words, comparison.of_words, altered, unread
    )
    answer = verdict(shown, facts, doubted)
    return replace(
        answer,
        checked=(*copy.checked, *answer.checked),
        not_checked=(*copy.not_checked, *answer.not_checked),
    )


def _nothing_known(copy: Copy, facts: LogFacts, headline: Headline, sentence: str) -> Answer:
    return Answer(
        headline=headline,
        sentence=sentence,
        letter=None,
        text=TextAnswer.NONE,
        authority=AuthorityAnswer.UNKNOWN,
        release=ReleaseAnswer.UNKNOWN,
        standing=StandingAnswer.UNKNOWN,
        tree_size=facts.size,
        time=facts.time,
        registry=facts.registry,
        exercise=facts.exercise,
        checked=copy.checked,
        not_checked=(*copy.not_checked, *wording.not_checked(facts.size)),
    )


def _unreadable(copy: Copy, facts: LogFacts, words: int) -> Answer:
    sentence = wording.exercise(facts.exercise) + (
        wording.TOO_SMALL if words and legible(copy) else wording.ILLEGIBLE
    )
    answer = _nothing_known(copy, facts, Headline.CANNOT_TELL, sentence)
    return replace(
        answer,
        text=TextAnswer.UNREADABLE,
        reasons=(f"text: {words} words could be read, at least {TOO_SHORT} are needed",)
        if words < TOO_SHORT
        else ("text: the picture is too poor to be read",),
    )


def _unknown(copy: Copy, facts: LogFacts, office: str | None) -> Answer:
    """No text of ours. Whether that says something depends on what the office promised.

    Nothing here looks at the copy: a secret draft and a fake get the same bytes.
    """
    if not facts.complete:
        said = wording.exercise(facts.exercise) + wording.NOT_AMONG_THESE
        answer = _nothing_known(copy, facts, Headline.NO_RECORD, said)
        return replace(answer, reasons=("text: no text that is held here is like it",))
    covered, reason = promised(facts.authority, facts.time, office)
    headline = Headline.NOT_RELEASED if covered else Headline.NO_RECORD
    sentence = wording.NOT_RELEASED if covered else wording.NO_RECORD
    answer = _nothing_known(
        copy, facts, headline, wording.exercise(facts.exercise) + sentence + " " + reason
    )
    if covered:
        answer = replace(answer, release=ReleaseAnswer.NOT_RELEASED, standing=StandingAnswer.NONE)
    return replace(answer, reasons=("text: no public text of this register is like it", reason))
