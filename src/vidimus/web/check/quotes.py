"""The quotations of an answer, ready to be shown, with the words of each headline."""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.copies.answers import Answer, Headline, LetterFacts, Run
from vidimus.web.check import headlines


@dataclass(frozen=True, slots=True)
class Shown:
    text: str
    said: str
    headline: Headline | None
    title: str
    family: str  # the class in the style sheet
    letter: LetterFacts | None
    at: tuple[int, int] | None
    paragraph: int | None
    context: tuple[Run, ...]


def quotations(answer: Answer) -> tuple[Shown, ...]:
    return tuple(
        Shown(
            text=each.text,
            said=each.said,
            headline=each.headline,
            title=headlines.title(each.headline) if each.headline is not None else "",
            family=headlines.FAMILIES[each.headline].name if each.headline is not None else "open",
            letter=each.letter,
            at=each.at,
            paragraph=each.paragraph,
            context=each.context,
        )
        for each in answer.quotations
    )
