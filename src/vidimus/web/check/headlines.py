"""How a headline looks: its words, and its family, told by shape and frame and not by colour."""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.copies.answers import Headline


@dataclass(frozen=True, slots=True)
class Family:
    """What is said over the headline; the page gives each name a shape and a frame of its own."""

    name: str  # the class in the style sheet
    words: str


STANDS = Family("stands", "It stands")
# Half a sign for half an answer: nobody may take the part for the whole at a glance.
PART = Family("part", "The part that was seen stands")
FALLS = Family("falls", "It does not stand")
# Nothing was recognised, so nothing fell: an empty sign.
ABSENT = Family("absent", "Not released")
OPEN = Family("open", "We cannot say")
# An earlier, genuine draft differs from the registered words too: it is not called a fake.
DIFFERS = Family("other", "Not the registered words")
OTHER = Family("other", "These are not the office’s words")

FAMILIES: dict[Headline, Family] = {
    Headline.ALTERED: DIFFERS,
    Headline.DECLARED_FORGED: OTHER,
    Headline.DISOWNED: FALLS,
    Headline.DRAFT_NEVER_RELEASED: FALLS,
    Headline.SIGNER_WITHOUT_AUTHORITY: FALLS,
    Headline.WITHDRAWN: FALLS,
    Headline.SUPERSEDED: FALLS,
    Headline.CORRECTED: FALLS,
    Headline.ON_HOLD: FALLS,
    Headline.CANNOT_TELL: OPEN,
    Headline.RATIFIED: STANDS,
    Headline.STANDS: STANDS,
    Headline.PART_STANDS: PART,
    Headline.NOT_RELEASED: ABSENT,
    Headline.NO_RECORD: OPEN,
}
TITLES: dict[Headline, str] = {
    Headline.DRAFT_NEVER_RELEASED: "Draft, never released",
    Headline.PART_STANDS: "The part stands",
}


def title(headline: Headline) -> str:
    return TITLES.get(headline, headline.value.replace("_", " ").capitalize())


def anchor(headline: Headline) -> str:
    """Its place on the page of words."""
    return headline.value.lower().replace("_", "-")
