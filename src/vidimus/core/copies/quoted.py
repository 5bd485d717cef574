"""The answer about a text that quotes letters: one for each quotation, the weakest for all.

Nothing outside of the quotation marks is compared, so nothing there stands; but where the
letter's own words stand there too, and other ones among them, it cannot be told. See
spec/matching.md, section 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from vidimus.core.acts.letter import Letter
from vidimus.core.copies import passage as passages
from vidimus.core.copies import wording
from vidimus.core.copies.answers import Answer, Difference, Headline, Quotation
from vidimus.core.copies.context import context
from vidimus.core.copies.cut import beside, cut
from vidimus.core.copies.doubts import SMALLEST_PART, on_page
from vidimus.core.copies.heard import Heard, one_sentence
from vidimus.core.copies.hidden import shown_turned
from vidimus.core.copies.judge import PART_ALONE, judge, together, unknown
from vidimus.core.copies.page import Copy
from vidimus.core.copies.passage import Passage
from vidimus.core.copies.quotation import Quoted, serious
from vidimus.core.copies.shown import Shown
from vidimus.core.copies.verdict import LogFacts, lost_ground, verdict

# The first of these that any quotation comes to is the headline of all.
_STRONGEST = tuple(Headline)
WEAKEST = (
    *_STRONGEST[: _STRONGEST.index(Headline.CANNOT_TELL)],
    Headline.NOT_RELEASED,
    Headline.CANNOT_TELL,
    Headline.NO_RECORD,
    Headline.RATIFIED,
    Headline.PART_STANDS,
    Headline.STANDS,
)
_STRETCHES = 30  # between quotations, that are looked at one by one and not only together
RISING = frozenset({Headline.STANDS, Headline.PART_STANDS, Headline.RATIFIED})


def told(
    copy: Copy,
    found: Quoted,
    heard: Sequence[Heard],
    facts: LogFacts,
    office: str | None,
    unheard: bool = False,
) -> Answer:
    """The answer about the whole. `unheard`: there are more quotations than were looked for."""
    answers = [_answer(copy, each, facts, office) for each in heard]
    answers, small, doubts = _beside(heard, answers)
    doubts += [wording.LOOSE_MARK] if found.loose else []
    doubts += [wording.TOO_MANY] if unheard else []
    doubts += _turned_about(found, heard)
    doubts += _outside(copy, found, heard)
    spoken = [i for i, each in enumerate(answers) if each is not None]
    ranked = sorted(spoken, key=lambda i: WEAKEST.index(_of(answers[i]).headline))
    if not ranked:
        return unknown(copy, facts, office)
    first = ranked[0]
    base = _of(answers[first])
    many = len(heard) > 1
    sentence = wording.quoted(base.sentence)
    doubted = False
    if base.headline in RISING:
        base = replace(base, headline=_part(base.headline))
        letters = {a.letter.id for i in spoken if (a := _of(answers[i])).letter is not None}
        doubted = bool(doubts)
        if doubted:
            base = replace(base, headline=Headline.CANNOT_TELL)
            start = wording.exercise(facts.exercise)
            sentence = f"{start}{wording.CLOSE} {doubts[0]}."
        elif len(spoken) > 1:
            start = wording.exercise(facts.exercise)
            said = wording.all_stand(len(spoken), len(letters)) + sentence.removeprefix(start)
            sentence = start + said
        if small and not doubts:
            sentence = f"{sentence} {wording.NOT_ALL_COMPARED}"
    elif many:
        sentence = wording.quoting(first + 1, len(heard), sentence)
    quotations = tuple(
        _quotation(copy, each, answer) for each, answer in zip(heard, answers, strict=True)
    )
    lines = tuple(
        f"quotation {n}: {q.headline.value if q.headline else 'not compared'}; {q.said}"
        for n, q in enumerate(quotations, 1)
    )
    last = f"headline: {doubts[0]}" if doubted else base.reasons[-1]
    reasons = (*base.reasons[:-1], *(lines if many else ()), last)
    return replace(
        base,
        sentence=sentence,
        differences=tuple(
            d
            for i in spoken
            for d in _of(answers[i]).differences
            if i == first or _of(answers[i]).headline is Headline.ALTERED
        ),
        unread=tuple(d for i in spoken for d in _of(answers[i]).unread),
        missing=(),  # whoever quotes leaves the rest of the letter away, and may
        reasons=reasons,
        checked=tuple(dict.fromkeys((*copy.checked, *base.checked))),
        not_checked=tuple(
            dict.fromkeys((wording.QUOTES_MINE, *small, *copy.not_checked, *base.not_checked))
        ),
        quotations=quotations,
    )


def _of(answer: Answer | None) -> Answer:
    assert answer is not None
    return answer


def _part(headline: Headline) -> Headline:
    """Whoever quotes a whole letter shows its words, and not the letter."""
    return Headline.PART_STANDS if headline is Headline.STANDS else headline


def _answer(copy: Copy, heard: Heard, facts: LogFacts, office: str | None) -> Answer | None:
    """What this quotation comes to by itself; None for one too short to be looked for."""
    facts = replace(facts, crowded=heard.crowded)
    if heard.judged is not None:
        return _placed(heard.judged, heard)
    if heard.passages:
        answers = [_of_passage(copy, heard, each, facts) for each in heard.passages]
        return _placed(together(answers, facts), heard)
    if not any(quote.long for quote in heard.quotes):
        return None
    return judge(heard.stretch.copy, (), facts, office)


def _of_passage(copy: Copy, heard: Heard, found: Passage, facts: LogFacts) -> Answer:
    inside = [each for each in found.omissions if each.kind is not None and each.inside]
    differences = (*found.differences, *(passages.altered(found, each) for each in inside))

    def doubted(letter: Letter) -> str | None:
        return _doubt(copy, heard, found, letter, facts)

    shown = Shown(found.registered, found.shown, len(found.tokens), differences, found.unread)
    answer = verdict(shown, facts, doubted)
    return replace(
        answer,
        checked=(*copy.checked, *answer.checked),
        not_checked=(*copy.not_checked, *answer.not_checked),
    )


def _doubt(copy: Copy, heard: Heard, found: Passage, letter: Letter, facts: LogFacts) -> str | None:
    """Why it cannot be told that this quotation stands; None when nothing speaks against it."""
    if found.unread:
        return "a word could not be read with certainty"
    for page in copy.pages:
        spoilt = on_page(page)
        if spoilt is not None:
            return spoilt
    if facts.crowded and not found.whole:
        return "more letters share this part than could be compared with it"
    if not found.unbroken:
        return "a piece in the middle of the letter was not seen"
    for each in found.omissions:
        if each.kind is not None:
            return wording.left_out(passages.said(found, each.at))
    torn = cut(found, heard.before, heard.after)
    if torn is not None:
        return wording.cut_off(torn)
    if beside(found, heard.before, heard.after):
        return wording.BESIDE_IT
    if found.shown < min(SMALLEST_PART, len(found.tokens)):
        return "the part is too small"
    if shown_turned(copy, found.registered):
        return "the text holds signs that show its words in another order than they stand in"
    lost = lost_ground(letter, facts.authority)
    if lost is not None:
        return lost
    return None if facts.complete or found.whole else PART_ALONE


def _placed(answer: Answer, heard: Heard) -> Answer:
    """The same, with its differences at their places in the whole copy."""
    places = heard.stretch.places

    def moved(each: Difference) -> Difference:
        start, stop = each.copy_at
        if start < stop:
            return replace(each, copy_at=(places[start], places[stop - 1] + 1))
        at = places[start] if start < len(places) else places[-1] + 1
        return replace(each, copy_at=(at, at))

    return replace(
        answer,
        differences=tuple(map(moved, answer.differences)),
        unread=tuple(map(moved, answer.unread)),
    )


def _beside(
    heard: Sequence[Heard], answers: Sequence[Answer | None]
) -> tuple[list[Answer | None], list[str], list[str]]:
    """The answers, with small quotations taken as one with the letter that others quote.

    Besides: sentences on what was not compared, and doubts.
    """
    known = [
        (one.passages[0], answer)
        for one, answer in zip(heard, answers, strict=True)
        if answer is not None and one.long and one.exact and answer.letter is not None
    ]
    kept: list[Answer | None] = []
    small: list[str] = []
    doubts: list[str] = []
    for one, answer in zip(heard, answers, strict=True):
        told = answer is not None and answer.headline not in _UNTOLD
        if one.long or told:
            kept.append(answer)
            continue
        words = " … ".join(quote.text for quote in one.quotes)
        letter = next((a for p, a in known if _there(one, p)), None)
        if letter is not None:
            kept.append(letter)
        elif answer is not None:
            kept.append(answer)
        else:
            kept.append(None)
            small.append(wording.unquoted_small(words))
            if one.words > 2 or serious(one.stretch.tokens()):
                doubts.append(wording.unlocated(words))
    return kept, small, doubts


_UNTOLD = (Headline.CANNOT_TELL, Headline.NOT_RELEASED, Headline.NO_RECORD)


def _there(one: Heard, known: Passage) -> bool:
    """Whether all of a small quotation stands in this text, with its sentence not against it."""
    for quote in one.quotes:
        found = passages.find(quote, known.registered)
        if found is None or cut(found, one.before, one.after) is not None:
            return False
        if beside(found, one.before, one.after):
            return False
        if any(each.kind is not None for each in found.omissions):
            return False
    return True


def _turned_about(found: Quoted, heard: Sequence[Heard]) -> list[str]:
    """Two quotations in one sentence, of no passage that has them in this order."""
    for before, after in pairwise(heard):
        index = next(i for i, quote in enumerate(found.quotes) if quote is after.quotes[0])
        if not one_sentence(before.quotes[-1], found.around[index]):
            continue
        broken = [each for each in before.passages if not passages.boundary(each.tokens, each.stop)]
        begun = [each for each in after.passages if not passages.boundary(each.tokens, each.start)]
        if broken and begun and len(broken) == len(before.passages):
            return [wording.TURNED_ABOUT]
    return []


def _outside(copy: Copy, found: Quoted, heard: Sequence[Heard]) -> list[str]:
    """Words that are nearly the letter's, and stand outside of the quotation marks."""
    texts = {p.registered: p.tokens for each in heard for p in each.passages[:2]}
    words = copy.pages[0].words
    around = found.around if len(found.around) <= _STRETCHES else ()
    for tokens in list(texts.values())[:4]:
        for stretch in (*around, found.outside):
            for start, stop in passages.unquoted(tokens, stretch):
                near = stretch.places[start:stop]
                return [wording.near_outside(" ".join(words[i].text for i in near[:40]))]
    return []


def _quotation(copy: Copy, heard: Heard, answer: Answer | None) -> Quotation:
    places = heard.stretch.places
    words = copy.pages[0].words[places[0] : places[-1] + 1]
    text = " ".join(word.text for word in words)
    if len(heard.quotes) == 1:
        text = heard.quotes[0].text
    span = (places[0], places[-1] + 1)
    if answer is None:
        return Quotation(text, span, None, wording.SMALL_QUOTE)
    headline = _part(answer.headline)
    same = [
        each
        for each in heard.passages
        if answer.letter is not None
        and (each.registered.letter, each.registered.version) == (answer.letter.id, answer.version)
    ]
    if not same:
        return Quotation(text, span, headline, _said(answer, None), answer.letter, answer.version)
    shown = same[0]
    at = passages.word_range(shown, (shown.start, shown.stop))
    return Quotation(
        text,
        span,
        headline,
        _said(answer, shown),
        answer.letter,
        answer.version,
        at,
        passages.paragraph(shown),
        context(shown, answer.differences),
    )


def _said(answer: Answer, shown: Passage | None) -> str:
    """Of its words alone."""
    if answer.differences:
        return wording.changes(answer.differences)
    if answer.letter is None:
        return "no public text of this register has these words"
    if answer.headline is Headline.CANNOT_TELL:
        return answer.reasons[-1].removeprefix("headline: ")
    omissions = shown.omissions if shown is not None else ()
    gone = [
        wording.gone(passages.said(shown, each.at), each.instead)
        for each in omissions
        if shown is not None
    ]
    return "; ".join((wording.AS_REGISTERED, *gone))
