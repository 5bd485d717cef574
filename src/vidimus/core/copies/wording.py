"""The sentences of an answer: what an ordinary person reads. Fixed here, and nowhere else.

Words that must not appear as a verdict: authentic, verified, official, true, false,
trusted, safe, any percentage (design, section 1); a test holds that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from vidimus.core.acts.kinds import Kind as Act
from vidimus.core.acts.kinds import SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import STANDING
from vidimus.core.copies.answers import (
    Difference,
    Headline,
    Kind,
    LetterFacts,
    Missing,
    rfc3339,
)
from vidimus.core.copies.shown import Shown

NOT_RELEASED = (
    "No text of ours that was released: every letter of these kinds is registered, and none"
    " that was released has this text. A secret draft and a fake get this same answer. For"
    " papers of other offices or kinds, this register cannot say."
)
NO_RECORD = (
    "No text of ours that was released: this register cannot say more. That does not mean that"
    " it is fake."
)
NOT_AMONG_THESE = (
    "None of the texts that are held here: this is evidence on one letter and on what took its"
    " place, and it says nothing of other papers. Ask the register itself."
)
TOO_SMALL = "Too few words to tell. Give the whole page if you can."
ILLEGIBLE = (
    "The picture is too poor to be read. Take it again: flat, in good light, the whole page."
)
TIE = (
    "What can be read fits several registered texts, and they do not have the same standing."
    " Give more of it, or a sharper picture."
)
AROUND = (
    " If these words stand around the letter, as a messenger's frame does, crop the picture to"
    " the paper and check it again."
)
UNWITNESSED = "Whether other people see the same log: it has no outside witnesses yet."
SEALED_BY_US = (
    "The electronic signature inside the PDF holds, and was made with a seal key of this register."
)
SEALED_BY_ANOTHER = (
    "The electronic signature inside the PDF holds, but whose key made it is not known here."
)
UNREADABLE_WITNESSES = (
    "Whether other people see the same log: the list of its witnesses cannot be read."
)
LOOKS = "Handwriting, stamps, letterhead and layout; only the words were compared."
EXERCISE = "EXERCISE, not real: "
STILL = " and still in force"
CLOSE = "It is close to a registered letter, but we cannot tell for certain:"
WITHOUT_COPY = "No copy was given: this is what stood of the letter itself."
NONE_GIVEN = "none given"

CHECKED = (
    "Its words were compared one by one with the registered text.",
    "The acts that release it, and whatever came later, were read from the log; each one's"
    " signature was checked, and the power of whoever signed it at its place on the log.",
)

_SENTENCES: dict[Headline, str] = {
    Headline.DECLARED_FORGED: "The office has seen this text and says that it is a forgery.",
    Headline.DRAFT_NEVER_RELEASED: "A real working draft. It is not the office's word.",
    Headline.SIGNER_WITHOUT_AUTHORITY: (
        "Its text, but the signer did not hold this power that day."
    ),
    Headline.CANNOT_TELL: CLOSE,
    Headline.STANDS: f"Genuine, signed, released{STILL}.",
    Headline.PART_STANDS: (
        f"The part that you have is genuine, signed, released{STILL}; the rest was not seen."
    ),
}


def exercise(is_exercise: bool) -> str:
    return EXERCISE if is_exercise else ""


def not_checked(size: int) -> tuple[str, ...]:
    """What no answer covers, said on success too."""
    return (
        "Whether what the letter says is right: this shows what was registered, no more.",
        f"Anything that the log may hold after entry {size - 1}."
        if size
        else "Anything that the log may hold later.",
        LOOKS,
        UNWITNESSED,
    )


def letter_name(letter: LetterFacts | None) -> str:
    if letter is None:
        return ""
    grouped = "-".join(letter.id[i : i + 4] for i in range(0, 16, 4))
    return f"{letter.reference} ({grouped})" if letter.reference else grouped


def minute(time: datetime) -> str:
    """2031-02-04 09:00 UTC; the seconds are left out, so it is never later than it was."""
    return f"{rfc3339(time)[:16].replace('T', ' ')} UTC"


def stood(headline: Headline, sentence: str, time: datetime, since: str) -> str:
    """The sentence of an answer that knows one moment alone: evidence cannot speak of now.

    `since` says what is to be said of whatever came after that.
    """
    if headline is Headline.CANNOT_TELL:
        return sentence
    as_of = f"as of {minute(time)}"
    if headline in (Headline.STANDS, Headline.PART_STANDS) and STILL in sentence:
        # Fixed sentences, with nothing of the letter's or the copy's own words in them.
        return f"{sentence.replace(STILL, f', and in force {as_of}', 1)} What came since, {since}."
    return f"{sentence} That is {as_of}; what came since, {since}."


def without_copy(sentence: str) -> str:
    """The same about a letter that nothing was compared with."""
    start = EXERCISE if sentence.startswith(EXERCISE) else ""
    said = sentence.removeprefix(EXERCISE).replace(CLOSE, "Whether it stands, cannot be told:", 1)
    return f"{start}{WITHOUT_COPY} {said}"


# --- quotations ---------------------------------------------------------------------------------

QUOTES_MINE = (
    "What stands outside the quotation marks, and in brackets inside them: it is taken for the"
    " words of whoever quotes."
)
LOOSE_MARK = "a quotation mark in it opens or closes nothing, so what is quoted is not clear"
TURNED_ABOUT = "quoted words are put together in one sentence as they are in no letter"
TOO_MANY = "it has more quotations than can be compared at once"
BESIDE_IT = "the words beside the quotation marks are nearly the letter's, and not quite"
SMALL_QUOTE = "too few words to be looked for by themselves"
NOT_ALL_COMPARED = "A word or two that are quoted besides were not compared."
NOT_BESIDE = f"{SMALL_QUOTE}, and not in the letter that the others quote"
AS_REGISTERED = "word for word as registered"


def quoted(sentence: str) -> str:
    """The same about what stands in quotation marks."""
    said = sentence.replace(AROUND, "")
    said = said.replace("The part that you have is genuine", "What is quoted is genuine", 1)
    said = said.replace("the rest was not seen", "the rest of the letter was not quoted", 1)
    return said.replace("Close to a registered text", "Quotes a registered text", 1)


def quoting(number: int, of: int, sentence: str) -> str:
    """Of which quotation the sentence speaks, where there are several."""
    start = EXERCISE if sentence.startswith(EXERCISE) else ""
    which = f"Quotation {number} of {of}: " if of > 1 else ""
    return f"{start}{which}{sentence.removeprefix(start)}"


def all_stand(count: int, letters: int) -> str:
    of = "one letter" if letters == 1 else f"{letters} letters"
    return f"{count} quotations, of {of}: "


def left_out(words: str) -> str:
    return f"what is left out may change what it says: “{_short(words)}”"


def gone(words: str, instead: str) -> str:
    return f"“[{instead}]” stands for “{words}”" if instead else f"left out: “{_short(words)}”"


def cut_off(words: str) -> str:
    return f"it is cut from its sentence, which hangs on “{_short(words)}”"


def _short(words: str, most: int = 30) -> str:
    some = words.split()
    return words if len(some) <= most else f"{' '.join(some[:20])} […] {' '.join(some[-10:])}"


def near_outside(words: str) -> str:
    return f"outside the quotation marks stand nearly the letter's words, and not quite: “{words}”"


def unlocated(words: str) -> str:
    return f"“{words}” is quoted, too: {NOT_BESIDE}"


def unquoted_small(words: str) -> str:
    return f"“{words}”: in quotation marks, and {SMALL_QUOTE}."


def put_in_order(pages: tuple[int, ...]) -> str:
    """`pages` are those of the copy as they were given, in the order of the letter."""
    return f"Its pages were put in the order of the numbers printed on them: {_listed(pages)}."


def give_in_order(pages: tuple[int, ...]) -> str:
    return f"the pages are in another order than in the letter: give them as {_listed(pages)}"


def _listed(pages: tuple[int, ...]) -> str:
    """Of a long copy the first will do: nobody reads the rest of such a sentence."""
    more = f" and so on, {len(pages)} in all" if len(pages) > 12 else ""
    return ", then ".join(f"page {each}" for each in pages[:12]) + more


def between(each: Missing) -> str:
    """Where a stretch that was not seen lies in the copy."""
    if each.after is None and each.before is None:
        return "in no place of the copy"
    if each.after is None:
        return f"before page {each.before} of the copy, where the letter begins"
    if each.before is None:
        return f"after page {each.after} of the copy, to the end of the letter"
    if each.after == each.before:
        return f"within page {each.after} of the copy"
    return f"between page {each.after} and page {each.before} of the copy"


def sheets(each: Missing) -> str:
    """The numbers of the sheets that are missing, where the pages that were seen tell them."""
    if not each.sheets:
        return ""
    first, last = each.sheets[0], each.sheets[-1]
    return f"page {first} of the letter" if first == last else f"pages {first} to {last} of it"


def lacking(each: Missing) -> str:
    """One stretch that was not seen, in one sentence."""
    count = "1 word" if each.words == 1 else f"{each.words} words"
    which = f"{sheets(each)}, " if each.sheets else ""
    ends = f" … “{each.ends}”" if each.ends else ""
    return f"{which}{count} {between(each)}: “{each.begins}”{ends}"


def changes(differences: tuple[Difference, ...], most: int = 5) -> str:
    """The altered words, as people say it: “is not” is here “is”; …"""
    said = []
    for each in differences[:most]:
        if not each.copy:
            said.append(f"“{each.registered}” is missing")
        elif each.copy == "…":
            said.append(f"“{each.registered}” is left out")
        elif not each.registered:
            said.append(f"“{each.copy}” was added")
        else:
            said.append(f"instead of “{each.registered}” it says “{each.copy}”")
    more = len(differences) - most
    return "; ".join(said) + (f"; and {more} more" if more > 0 else "")


def sentence(
    headline: Headline,
    letter: Letter,
    shown: Shown,
    is_exercise: bool,
    reason: str,
    title: Callable[[str], str],
) -> str:
    start = exercise(is_exercise)
    if headline is Headline.ALTERED:
        around = all(each.kind is Kind.ADDED for each in shown.differences)
        return (
            f"{start}Close to a registered text, but these words differ:"
            f" {changes(shown.differences)}." + (AROUND if around else "")
        )
    if headline is Headline.CANNOT_TELL:
        return f"{start}{_SENTENCES[headline]} {_unread(shown.unread, reason)}"
    if headline is Headline.RATIFIED:
        part = "" if shown.whole else " Only a part of it was seen."
        return f"{start}Not authorised when sent; confirmed later, on {_day(letter)}.{part}"
    if headline is Headline.DISOWNED:
        return f"{start}{_disowned(letter, title)}"
    if letter.rule is SignatureRule.NONE and headline in _UNSIGNED:
        return start + _UNSIGNED[headline]
    if headline in _DATED:
        return f"{start}{_DATED[headline].format(day=_day(letter))}"
    return start + _SENTENCES[headline]


_UNSIGNED: dict[Headline, str] = {
    Headline.STANDS: (f"Genuine, released{STILL}. Letters of this kind go out unsigned."),
    Headline.PART_STANDS: (
        f"The part that you have is genuine, released{STILL}; the rest was not seen. Letters of"
        " this kind go out unsigned."
    ),
}
_DATED: dict[Headline, str] = {
    Headline.WITHDRAWN: "Genuine and released; the office took it back on {day}.",
    Headline.SUPERSEDED: "Genuine and released; another letter replaced it on {day}.",
    Headline.CORRECTED: "Genuine and released; this is the older wording, corrected on {day}.",
    Headline.ON_HOLD: (
        "Genuine and released; since {day} the office asks you not to use it while it checks."
    ),
}
_ACTS = (Act.WITHDRAW, Act.SUPERSEDE, Act.CORRECT, Act.HOLD, Act.RATIFY)


def _day(letter: Letter) -> str:
    event = letter.last(*_ACTS)
    return f"{event.time:%Y-%m-%d}" if event is not None else "a day that the log does not name"


def shared(letters: int, *, more: bool) -> str:
    """How many letters have the words that were seen."""
    if more:
        return f"More letters have these words than could be compared; {letters} of them were"
    return f"{letters} released letters have these words"


def of_a_form(
    letter: LetterFacts, letters: int, differences: tuple[Difference, ...], told: bool
) -> str:
    """Of a copy that differs from released letters in nothing but what is filled in."""
    others = f" and at least {letters - 1} more" if letters > 1 else ""
    said = (
        f"Of the same form as the letter {letter_name(letter)}{others}, but none that was"
        f" released has these words: {changes(differences)}."
    )
    return said if told else f"{said} {NOT_TOLD}"


NOT_TOLD = (
    "It shows nothing that tells which letter of the form it is, so it may be one of these with"
    " other words as well as one more."
)
FORM_CROWDED = (
    "More letters of this form were released than could be compared with it. Give more of it, or"
    " ask for it by its reference."
)


def _unread(unread: tuple[Difference, ...], reason: str) -> str:
    if unread:
        places = ", ".join(f"“{each.registered or each.copy}”" for each in unread[:5])
        return f"these words could not be read with certainty: {places}."
    return f"{reason}."


def text_reason(shown: Shown) -> str:
    seen, of = shown.seen_words, shown.of_words
    if shown.differences:
        return f"{_places(shown.differences)} differ; {seen} of {of} words were seen"
    if shown.unread:
        return f"{_places(shown.unread)} could not be read; {seen} of {of} words were seen"
    if shown.whole:
        return f"all {of} words are the registered ones"
    return f"the {seen} words seen, of {of}, are the registered ones"


def _places(differences: tuple[Difference, ...]) -> str:
    count = len(differences)
    return "the words at one place" if count == 1 else f"{count} places"


def _disowned(letter: Letter, title: Callable[[str], str]) -> str:
    """Who says so, and what the log shows besides: disowning hides nothing."""
    event = letter.last(Act.DISOWN)
    who = f"{event.name}, {title(event.office)}," if event is not None else "The office"
    sentence = f"{who} says that this was never authorised."
    if letter.released is not None:
        return f"{sentence} The log shows that it was released."
    draft = letter.last(Act.ACKNOWLEDGE_DRAFT)
    if draft is not None:
        return f"{sentence} {draft.name}, {title(draft.office)}, had called it a real draft."
    return sentence


def successor(letter: Letter) -> str:
    """The letter that takes another one's place, and whether it has fallen itself."""
    name = letter.reference or letter.id
    stands = letter.state in STANDING
    return name if stands else f"{name}, which is itself {letter.state}"
