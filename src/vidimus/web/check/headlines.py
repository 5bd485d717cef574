"""How a headline looks: its words, and its family, told by shape and frame and not by colour."""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.copies.answers import Headline


@dataclass(frozen=True, slots=True)
class Family:
    """Four families; the page gives each a shape and a frame of its own."""

    name: str  # the class in the style sheet
    words: str


STANDS = Family("stands", "It stands")
FALLS = Family("falls", "It does not stand")
OPEN = Family("open", "We cannot say")
OTHER = Family("other", "These are not the office’s words")

FAMILIES: dict[Headline, Family] = {
    Headline.ALTERED: OTHER,
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
    Headline.PART_STANDS: STANDS,
    Headline.NOT_RELEASED: FALLS,
    Headline.NO_RECORD: OPEN,
}
TITLES: dict[Headline, str] = {
    Headline.DRAFT_NEVER_RELEASED: "Draft, never released",
    Headline.PART_STANDS: "The part stands",
}


def title(headline: Headline) -> str:
    return TITLES.get(headline, headline.value.replace("_", " ").capitalize())
