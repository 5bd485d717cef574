"""What the log says of one registered wording: the four answers, and the headline of them.

It needs to know what is shown of the wording (`Shown`), and not how that was found out; so
it answers for a copy that was compared, and for the letter itself where there is no copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import Kind, SignatureRule
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.lifecycle import State
from vidimus.core.copies import wording
from vidimus.core.copies.answers import (
    Answer,
    AuthorityAnswer,
    Headline,
    LetterFacts,
    ReleaseAnswer,
    StandingAnswer,
    TextAnswer,
)
from vidimus.core.copies.shown import Registered, Shown
from vidimus.core.copies.tokens import registered_tokens


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What the log said up to `size`; `letters` holds at least those that were compared."""

    registry: str
    exercise: bool
    size: int
    time: datetime
    authority: Authority
    letters: Mapping[str, Letter]
    crowded: bool = False  # more letters are like the copy than could be compared with it
    complete: bool = True  # all public letters were there to be compared with, not some of them


def verdict(shown: Shown, facts: LogFacts, doubted: Callable[[Letter], str | None]) -> Answer:
    """The four answers about one registered wording, and their headline.

    `doubted` is asked last: why, though all else is well, it cannot be told that it stands.
    """
    letter = facts.letters[shown.registered.letter]
    number = shown.registered.version
    text = _text(shown, letter)
    authority, authority_detail = _authority(letter, number, facts.authority)
    release, release_detail = _release(letter, number)
    standing, standing_detail = _standing(letter, number)
    successor = facts.letters.get(letter.successor or "")
    if successor is not None:
        standing_detail += f"; in its place: {wording.successor(successor)}"
    headline, reason = _headline(shown, letter, facts, doubted)
    known = LetterFacts(
        id=letter.id,
        reference=letter.reference,
        office=letter.office,
        office_title=facts.authority.title(letter.office),
        cls=letter.cls,
        date=_date(letter, number),
        title=letter.title,
    )
    return Answer(
        headline=headline,
        sentence=wording.sentence(
            headline, letter, shown, facts.exercise, reason, facts.authority.title
        ),
        letter=known,
        text=text,
        authority=authority,
        release=release,
        standing=standing,
        tree_size=facts.size,
        time=facts.time,
        registry=facts.registry,
        exercise=facts.exercise,
        version=number,
        language=shown.registered.language,
        seen_words=shown.seen_words,
        of_words=shown.of_words,
        differences=shown.differences,
        unread=shown.unread,
        authority_detail=authority_detail,
        release_detail=release_detail,
        standing_detail=standing_detail,
        successor=letter.successor,
        reasons=(
            f"text: {wording.text_reason(shown)}",
            f"authority: {authority_detail}",
            f"release: {release_detail}",
            f"standing: {standing_detail}",
            f"headline: {reason}",
        ),
        checked=wording.CHECKED,
        not_checked=wording.not_checked(facts.size),
    )


def of_letter(registered: Registered, facts: LogFacts) -> Answer:
    """What stands of a letter, for whoever asks for it by its number and shows no copy.

    As if a whole copy of this wording had been compared; and nothing was.
    """
    words = len(registered_tokens(registered.text))
    shown = Shown(registered, words, words)
    answer = verdict(shown, facts, lambda letter: lost_ground(letter, facts.authority))
    return replace(answer, checked=wording.CHECKED[-1:])


def lost_ground(letter: Letter, authority: Authority) -> str | None:
    """What raised the letter and rests on a key that was revoked since, in words."""
    raised = letter.raised_in_doubt(authority)
    if raised is None:
        return None
    return f"its {raised.kind} (entry {raised.index}) rests on a key that was revoked"


def _headline(
    shown: Shown, letter: Letter, facts: LogFacts, doubted: Callable[[Letter], str | None]
) -> tuple[Headline, str]:
    """The first that applies, strongest first (design, section 1), and why."""
    number = shown.registered.version
    authority = facts.authority
    # 5. Other words than the registered ones: whatever else is true, this is not the text.
    if shown.differences:
        return Headline.ALTERED, "words differ from the registered text"
    # 6. A text that the office called a forgery.
    if letter.state is State.DECLARED_FORGED:
        return Headline.DECLARED_FORGED, "the office declared this text forged"
    # 7. Disowned: from the start, whatever the log shows besides.
    if letter.state in (State.DISOWNED, State.REPUDIATED):
        return Headline.DISOWNED, "the office disowned it"
    # 8. A wording that never was the released one.
    if letter.released != number:
        return Headline.DRAFT_NEVER_RELEASED, "this wording was never released"
    # 9. Released, by a signature that does not count.
    ratified = letter.state in (State.RATIFIED, State.RATIFIED_ON_HOLD)
    unsigned = letter.rule is not SignatureRule.NONE and not letter.signed_with_power(authority)
    if unsigned and not ratified:
        return Headline.SIGNER_WITHOUT_AUTHORITY, "no signature on it counts"
    # 10. Fallen, or on hold.
    if letter.state in FALLEN_HEADLINES:
        return FALLEN_HEADLINES[letter.state], f"the log has it {letter.state}"
    # 11. From here on it could stand; so every doubt ends here.
    found = doubted(letter)
    if found is not None:
        return Headline.CANNOT_TELL, found
    # 12. It stands, or the part that was seen does.
    if ratified:
        return Headline.RATIFIED, "confirmed after it was sent"
    if letter.state is not State.RELEASED:
        return Headline.CANNOT_TELL, f"the state “{letter.state}” has no headline"
    if shown.whole:
        return Headline.STANDS, "the whole text, signed, released, and nothing took it back"
    return Headline.PART_STANDS, "a part of the text, signed, released, and nothing took it back"


FALLEN_HEADLINES = {
    State.WITHDRAWN: Headline.WITHDRAWN,
    State.SUPERSEDED: Headline.SUPERSEDED,
    State.CORRECTED: Headline.CORRECTED,
    State.ON_HOLD: Headline.ON_HOLD,
    State.RATIFIED_ON_HOLD: Headline.ON_HOLD,
}


def _text(shown: Shown, letter: Letter) -> TextAnswer:
    if letter.state is State.DECLARED_FORGED:
        # Word for word it may be; but it is the text that the office calls not its own.
        return TextAnswer.NONE
    if shown.differences:
        return TextAnswer.ALTERED
    if shown.unread:
        return TextAnswer.UNREADABLE
    return TextAnswer.SAME if shown.whole else TextAnswer.PART


def _authority(letter: Letter, number: int, authority: Authority) -> tuple[AuthorityAnswer, str]:
    if letter.state is State.DECLARED_FORGED:
        return AuthorityAnswer.UNKNOWN, "a forged text has no signatory"
    ratified = letter.last(Kind.RATIFY)
    if letter.released != number:
        # Outside, where the acts of preparation are sealed, there is never one to see.
        names = "; ".join(each.name for each in letter.signatures if each.version == number)
        if names:
            return AuthorityAnswer.SIGNED, f"signed by {names}, and not released"
        return AuthorityAnswer.UNSIGNED, "no signature on this wording is public"
    if letter.rule is SignatureRule.NONE:
        return AuthorityAnswer.NOT_NEEDED, "letters of this class go out unsigned"
    valid = [each for each in letter.signatures if authority.counts(each.grounds)]
    if not letter.signed_with_power(authority):
        valid = []
    if valid:
        names = "; ".join(f"{each.name}, {each.because}" for each in valid)
        return AuthorityAnswer.SIGNED, f"signed by {names}"
    names = "; ".join(f"{each.name}, {each.because}" for each in letter.signatures)
    detail = f"signed by {names}, with a key that no longer counts at that entry"
    if ratified is not None and authority.counts(ratified.grounds):
        detail += f"; ratified by {ratified.name}, {ratified.because}"
    return AuthorityAnswer.WITHOUT_AUTHORITY, detail


def _release(letter: Letter, number: int) -> tuple[ReleaseAnswer, str]:
    if letter.state is State.DECLARED_FORGED:
        return ReleaseAnswer.NOT_RELEASED, "the office never released this text"
    event = letter.last(Kind.RELEASE)
    if letter.released == number and event is not None:
        day = f"{event.time:%Y-%m-%d %H:%M} UTC"
        return ReleaseAnswer.RELEASED, f"released {day} by {event.name}, {event.because}"
    if letter.released is not None:
        return (
            ReleaseAnswer.NOT_RELEASED,
            "this wording was not; the letter was released in other words",
        )
    draft = letter.last(Kind.ACKNOWLEDGE_DRAFT)
    if draft is not None:
        said = f"; acknowledged as a draft on {draft.time:%Y-%m-%d %H:%M} UTC by {draft.name},"
        said += f" {draft.because}"
        return ReleaseAnswer.NOT_RELEASED, f"no release of it is on the log{said}"
    return ReleaseAnswer.NOT_RELEASED, "no release of it is on the log"


_STANDING: dict[State, tuple[StandingAnswer, tuple[Kind, ...]]] = {
    State.RELEASED: (StandingAnswer.STANDS, ()),
    State.RATIFIED: (StandingAnswer.RATIFIED, (Kind.RATIFY,)),
    State.ON_HOLD: (StandingAnswer.ON_HOLD, (Kind.HOLD,)),
    State.RATIFIED_ON_HOLD: (StandingAnswer.ON_HOLD, (Kind.HOLD,)),
    State.CORRECTED: (StandingAnswer.CORRECTED, (Kind.CORRECT,)),
    State.SUPERSEDED: (StandingAnswer.SUPERSEDED, (Kind.SUPERSEDE,)),
    State.WITHDRAWN: (StandingAnswer.WITHDRAWN, (Kind.WITHDRAW,)),
    State.DISOWNED: (StandingAnswer.DISOWNED, (Kind.DISOWN,)),
    State.REPUDIATED: (StandingAnswer.DISOWNED, (Kind.DISOWN,)),
    State.DECLARED_FORGED: (StandingAnswer.DECLARED_FORGED, (Kind.DECLARE_FORGED,)),
    # A letter in preparation stands for nothing, whatever the office may still do with it.
    State.DRAFT: (StandingAnswer.NONE, (Kind.ACKNOWLEDGE_DRAFT,)),
    State.SIGNED: (StandingAnswer.NONE, (Kind.ACKNOWLEDGE_DRAFT,)),
    State.ABANDONED: (StandingAnswer.NONE, (Kind.ACKNOWLEDGE_DRAFT,)),
}


_DONE: dict[Kind, str] = {
    Kind.RATIFY: "ratified",
    Kind.HOLD: "put on hold",
    Kind.CORRECT: "corrected",
    Kind.SUPERSEDE: "superseded",
    Kind.WITHDRAW: "withdrawn",
    Kind.DISOWN: "disowned",
    Kind.DECLARE_FORGED: "declared forged",
    Kind.ACKNOWLEDGE_DRAFT: "acknowledged as a draft",
}


def _standing(letter: Letter, number: int) -> tuple[StandingAnswer, str]:
    answer, kinds = _STANDING[letter.state]
    if letter.released != number and answer in (StandingAnswer.STANDS, StandingAnswer.RATIFIED):
        return StandingAnswer.NONE, "this wording never stood; the released one does"
    event = letter.last(*kinds) if kinds else None
    if event is None:
        return answer, "nothing on the log took it back" if kinds == () else answer.value
    detail = f"{_DONE[event.kind]} on {event.time:%Y-%m-%d %H:%M} UTC by {event.name},"
    detail += f" {event.because}; this is entry {event.index}"
    if event.code is not None:
        detail += f"; reason: {event.code}"
    if event.reason:
        detail += f"; “{event.reason}”"
    return answer, detail


def _date(letter: Letter, number: int) -> str:
    if letter.released == number:
        event = letter.last(Kind.RELEASE)
    else:
        event = letter.last(Kind.ACKNOWLEDGE_DRAFT, Kind.DECLARE_FORGED)
    return f"{event.time:%Y-%m-%d}" if event is not None else ""
