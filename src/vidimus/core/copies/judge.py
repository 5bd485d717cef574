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
    FormFacts,
    Headline,
    ReleaseAnswer,
    StandingAnswer,
    TextAnswer,
)
from vidimus.core.copies.comparison import compare
from vidimus.core.copies.doubts import doubt
from vidimus.core.copies.form import another, form_of, own_reference
from vidimus.core.copies.legible import clear, legible, weighed
from vidimus.core.copies.missing import missing
from vidimus.core.copies.page import Copy
from vidimus.core.copies.promises import promised
from vidimus.core.copies.recognise import TOO_SHORT, Comparison
from vidimus.core.copies.sheets import in_order, reordered
from vidimus.core.copies.shown import Registered, Shown
from vidimus.core.copies.verdict import LogFacts, verdict
from vidimus.core.trust.keys import seal_keys

__all__ = ["LogFacts", "judge", "together", "unknown"]

MOST_NAMED = 5  # of the texts that fit equally well
# Among all letters, one that shares the part and has fallen would have been found beside it.
PART_ALONE = "only a part of it was seen, and which other letters share it is not known here"


def judge(
    copy: Copy,
    comparisons: Sequence[Comparison],
    facts: LogFacts,
    office: str | None = None,
    siblings: Sequence[Registered] = (),
) -> Answer:
    """The answer about this copy. `comparisons` are the nearest wordings, ties together.

    `siblings` are other wordings like the copy, which may be letters of the same form.
    """
    # 0. Sheets that bear their numbers are judged in that order, as they were compared.
    copy = told_of_seal(in_order(copy), facts)
    # 1. Is there anything to compare?
    words = [word for page in copy.pages for word in page.words]
    if len(words) < TOO_SHORT or not legible(copy):
        return _unreadable(copy, facts, len(words))
    # 2. Is it a text that we know? What was read badly may be one all the same.
    if not comparisons:
        if not clear(copy):
            return _unreadable(copy, facts, len(words))
        return unknown(copy, facts, office)
    # 3. What would each of the texts that fit it equally well come to?
    answers: Sequence[Answer] = [_compared(copy, each, facts) for each in comparisons]
    # 4. Where nothing but filled-in words differs, is it another letter of the same form?
    if all(each.headline is Headline.ALTERED for each in answers):
        answers, formed = _of_a_form(copy, comparisons, answers, facts, siblings)
        if formed is not None:
            return _another(copy, answers[0], formed, facts, office)
    # 5. Do they come to the same? Then the first speaks for all; else we cannot tell.
    return together(answers, facts)


def told_of_seal(copy: Copy, facts: LogFacts) -> Copy:
    """The same, with a word on whose electronic signature a PDF bears.

    It changes no answer: a seal is on what it was put on, and the words tell what that is.
    """
    if not copy.sealed_by:
        return copy
    ours = seal_keys(facts.authority.trust, facts.size)
    if any(key.to_text() == copy.sealed_by for key in ours):
        return replace(copy, checked=(*copy.checked, wording.SEALED_BY_US))
    return replace(copy, not_checked=(*copy.not_checked, wording.SEALED_BY_ANOTHER))


def together(answers: Sequence[Answer], facts: LogFacts) -> Answer:
    """One answer for all the texts that fit a copy equally well."""
    first = answers[0]
    letters = {a.letter.id for a in answers if a.letter is not None}
    crowded = facts.crowded and len(letters) > 1
    if crowded:
        said = wording.shared(len(letters), more=True)
        first = replace(first, reasons=(*first.reasons[:-1], said, *first.reasons[-1:]))
    if len(answers) == 1:
        return first
    named = tuple(
        f"{wording.letter_name(a.letter)}, version {a.version}: {a.headline.value}"
        for a in answers[:MOST_NAMED]
        if a.letter is not None
    )
    if len(answers) > MOST_NAMED or crowded:
        named = (*named, wording.shared(len(letters), more=crowded))
    if all(a.headline is first.headline for a in answers):
        if len(letters) > 1 and first.headline is Headline.PART_STANDS:
            said = f"{first.sentence} {wording.shared(len(letters), more=crowded)}."
            first = replace(first, sentence=said)
        return replace(first, alternatives=named)
    return replace(
        first,
        headline=Headline.CANNOT_TELL,
        sentence=wording.exercise(facts.exercise) + wording.TIE,
        alternatives=named,
        reasons=(*first.reasons, "several registered texts fit what can be read equally well"),
    )


def _of_a_form(
    copy: Copy,
    comparisons: Sequence[Comparison],
    answers: Sequence[Answer],
    facts: LogFacts,
    siblings: Sequence[Registered],
) -> tuple[Sequence[Answer], FormFacts | None]:
    """The answers, that of the very letter first; and the form, if it is another letter of one."""
    related = [*(each.registered for each in comparisons), *siblings]
    released = {each.letter: each for each in related if _released(each, facts)}
    ranked = list(zip(comparisons, answers, strict=True))
    for comparison, answer in ranked:
        registered = comparison.registered
        reference = facts.letters[registered.letter].reference
        if own_reference(registered, reference, comparison.seen, answer.differences):
            # Whose reference it shows, that letter it says it is.
            return [answer], None
    comparison, answer = ranked[0]
    registered = comparison.registered
    letter = facts.letters[registered.letter]
    if not _released(registered, facts) or answer.letter is None:
        return answers, None
    others = [
        each
        for name, each in released.items()
        # A letter and the one that took its place are one matter, and no form.
        if name != letter.id
        and letter.successor != name
        and facts.letters[name].successor != letter.id
    ]
    form = form_of(registered, others, letter.reference)
    if form is None:
        return answers, None
    found = another(form, comparison.seen, answer.differences, answer.unread)
    if found is None:
        return answers, None
    if found.sibling is not None:
        theirs = _compared(copy, compare(copy, found.sibling), facts)
        if theirs.headline in (Headline.ALTERED, Headline.CANNOT_TELL):
            return [theirs], None
        return answers, None
    return answers, FormFacts(answer.letter, 1 + len(form.siblings), found.told)


def _released(registered: Registered, facts: LogFacts) -> bool:
    letter = facts.letters.get(registered.letter)
    return letter is not None and letter.released == registered.version


def _another(
    copy: Copy, nearest: Answer, form: FormFacts, facts: LogFacts, office: str | None
) -> Answer:
    """It is no text that was released, and looks like one more letter of a form: no accusation."""
    answer = unknown(copy, facts, office)
    said = wording.of_a_form(form.letter, form.letters, nearest.differences, form.told)
    start = wording.exercise(facts.exercise)
    rest = answer.sentence.removeprefix(start)
    reason = "text: it differs from released letters of its form in filled-in words alone"
    if facts.crowded:
        answer = replace(answer, headline=Headline.CANNOT_TELL)
        answer = replace(answer, release=ReleaseAnswer.UNKNOWN, standing=StandingAnswer.UNKNOWN)
        rest = wording.FORM_CROWDED
    return replace(
        answer,
        sentence=f"{start}{said} {rest}",
        differences=nearest.differences,
        unread=nearest.unread,
        reasons=(reason, *answer.reasons[1:]),
        form=form,
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
    moved = reordered(copy)
    told = [wording.put_in_order(moved)] if moved else []
    if answer.headline in (Headline.STANDS, Headline.PART_STANDS, Headline.RATIFIED):
        answer = replace(answer, sentence=" ".join((answer.sentence, *told)))
    return replace(
        answer,
        missing=missing(copy, comparison, (*altered, *unread)),
        checked=(*copy.checked, *told, *answer.checked),
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


def unknown(copy: Copy, facts: LogFacts, office: str | None) -> Answer:
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
