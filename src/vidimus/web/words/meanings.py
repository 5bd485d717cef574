"""What each headline means, and what nobody may read into it.

The sentence of an answer (core/copies/wording.py) speaks of one copy; these speak of the
word. Three lines of a page each, at most.
"""

from __future__ import annotations

from dataclasses import dataclass

from vidimus.core.copies.answers import Headline


@dataclass(frozen=True, slots=True)
class Meaning:
    means: str
    not_means: str


MEANINGS: dict[Headline, Meaning] = {
    Headline.ALTERED: Meaning(
        "Close to a registered text, but some words differ. They are listed and marked.",
        "That somebody meant to deceive. An earlier draft, a slip or another edition differs too.",
    ),
    Headline.DECLARED_FORGED: Meaning(
        "The office has seen this very text and says that it is a forgery.",
        "Who made it, or that all that it says is wrong.",
    ),
    Headline.DISOWNED: Meaning(
        "The office says that this was never authorised. What the log shows stands beside it.",
        "That it was not theirs, or never went out: the log still shows who signed and released.",
    ),
    Headline.DRAFT_NEVER_RELEASED: Meaning(
        "A real working draft, which the office has acknowledged. It was never sent out.",
        "That the office says or decided this. A draft is not its word.",
    ),
    Headline.SIGNER_WITHOUT_AUTHORITY: Meaning(
        "It is their text, but whoever signed it did not hold this power on that day.",
        "That the signature was made up. Somebody signed, without the power to do so.",
    ),
    Headline.WITHDRAWN: Meaning(
        "Genuine and released. From the day named on, the office took it back.",
        "That it never counted, or that the contrary holds now.",
    ),
    Headline.SUPERSEDED: Meaning(
        "Genuine and released. Another letter has since come in its place.",
        "That it was wrong in its day. Read the letter that replaced it.",
    ),
    Headline.CORRECTED: Meaning(
        "Genuine and released. This is the older wording; a correction has been released.",
        "That nothing of it counts. Read the corrected letter.",
    ),
    Headline.ON_HOLD: Meaning(
        "Genuine and released. The office asks you not to use it while it checks.",
        "That it was taken back. It may be cleared again, or fall.",
    ),
    Headline.CANNOT_TELL: Meaning(
        "The picture is too poor, the part too small, or a word that matters could not be read.",
        "Anything about the letter, for or against it. Send a sharper or larger part.",
    ),
    Headline.RATIFIED: Meaning(
        "Nobody with the power to do so had decided it when it was sent; it was confirmed later.",
        "That it counted from the first day. Look at the day of the confirmation.",
    ),
    Headline.STANDS: Meaning(
        "Genuine, released as its kind requires, and not taken back, as of the time given.",
        "That what it says is right, or that it will still stand tomorrow.",
    ),
    Headline.PART_STANDS: Meaning(
        "The part that was seen is that of a letter which stands.",
        "Anything about the rest. Words that were not seen can change the sense of the others.",
    ),
    Headline.NOT_RELEASED: Meaning(
        "No text of theirs. The office registers every such letter, and released none like it.",
        "That it is made up. A secret draft and a fake get this same answer.",
    ),
    Headline.NO_RECORD: Meaning(
        "No text of theirs, and no promise to register every such letter. It cannot be said.",
        "That it is fake. What was never registered cannot be found.",
    ),
}
