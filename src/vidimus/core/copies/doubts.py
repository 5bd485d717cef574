"""Everything that keeps a copy from being told to stand, though its words seem the right ones.

The first doubt found is enough; each is a sentence for people. A copy that passes them all
shows one unbroken piece of the registered text, in order, with nothing beside it that was
not read, and it rests on keys that count.
"""

from __future__ import annotations

from itertools import pairwise

from vidimus.core.acts.authority import Authority
from vidimus.core.acts.letter import Letter
from vidimus.core.copies import wording
from vidimus.core.copies.answers import Difference
from vidimus.core.copies.compared import Comparison
from vidimus.core.copies.comparison import places
from vidimus.core.copies.hidden import hidden_says_otherwise, shown_turned
from vidimus.core.copies.missing import missing
from vidimus.core.copies.page import Copy, Page, Source
from vidimus.core.copies.reading import readings
from vidimus.core.copies.verdict import lost_ground

# A part of fewer words than this is said by too many letters to speak of one.
SMALLEST_PART = 8
# So many letter-like shapes that no word covers are writing, and not a signature or a stain.
UNEXPLAINED = 12
LEAVE_AWAY = "if it is empty, leave it away"


def doubt(
    copy: Copy,
    comparison: Comparison,
    unread: tuple[Difference, ...],
    letter: Letter,
    authority: Authority,
    crowded: bool,
) -> str | None:
    """Why it cannot be told that this copy stands; None when nothing speaks against it."""
    if unread or comparison.unread:
        return "a word could not be read with certainty"
    if comparison.unwitnessed:
        return "the picture of a page was not compared with the text under it"
    if comparison.seen_words < min(SMALLEST_PART, comparison.of_words):
        return "the part is too small"
    if crowded and not comparison.whole:
        return "more letters share this part than could be compared with it"
    if copy.unsure:
        return copy.unsure[0]
    for page in copy.pages:
        found = on_page(page)
        if found is not None:
            return found
    broken = _broken(copy, comparison)
    if broken is not None:
        return broken
    if shown_turned(copy, comparison.registered):
        return "the text holds signs that show its words in another order than they stand in"
    lost = lost_ground(letter, authority)
    if lost is not None:
        return lost
    hidden = hidden_says_otherwise(copy, comparison.seen, comparison.registered)
    if hidden is not None:
        said, wanted = hidden.copy or "nothing", hidden.registered or "nothing"
        return f"the hidden text under the picture says “{said}” for “{wanted}”"
    return None


def on_page(page: Page) -> str | None:
    if page.beside:
        words = " ".join(each.text for each in page.beside[:8])
        return (
            f"around page {page.number} stands “{words}”, as in a messenger's frame: cut the"
            " picture to the page and check it again"
        )
    if page.source is Source.PICTURE and not page.words:
        # A photo too poor for any word says no less than one that is half read.
        return f"nothing could be read on page {page.number}: {LEAVE_AWAY}"
    if page.faint:
        words = ", ".join(f"“{each.text}”" for each in page.faint[:3])
        return f"on page {page.number} {words} is so pale that people may not see it"
    if page.struck:
        words = ", ".join(f"“{each.text}”" for each in page.struck[:3])
        return f"on page {page.number} a line seems to be drawn through {words}"
    if page.written_in:
        words = ", ".join(f"“{each.text}”" for each in page.written_in[:3])
        return f"on page {page.number} {words} seems to be written beside the words or between them"
    if page.unexplained >= UNEXPLAINED:
        return f"page {page.number} bears writing that could not be read"
    if page.overdrawn:
        return f"on page {page.number} something is drawn over or beside the words that is none"
    if page.elsewhere:
        words = ", ".join(f"“{each.text}”" for each in page.elsewhere[:3])
        return f"on page {page.number} another PDF reader shows or reads {words} otherwise"
    if page.second_failed:
        return f"another PDF reader could not show page {page.number}: print the PDF to a new one"
    if page.prints_otherwise:
        return f"page {page.number} shows something else on paper than on a screen"
    return None


def _broken(copy: Copy, comparison: Comparison) -> str | None:
    """Pieces of a letter, put together otherwise, can say the opposite of it.

    Seen on one page or on several, what was seen must be one unbroken run of the registered
    words; and the pages must show it in its order, none of them again.
    """
    seen = [at for at, bits in enumerate(comparison.seen) if bits]
    if seen and seen[-1] - seen[0] + 1 != len(seen):
        found = missing(copy, comparison)
        inner = [each for each in found if each.after is not None and each.before is not None]
        if len(inner) == 1:
            return f"a piece in the middle of the letter was not seen: {wording.lacking(inner[0])}"
        return f"{len(inner) or 'several'} pieces in the middle of the letter were not seen"
    if len(copy.pages) == 1:
        return None
    shown: list[tuple[int, int, int]] = []
    ranges = places(copy, comparison.registered)
    for one, (start, stop) in zip(readings(copy)[0], ranges, strict=True):
        page = one.page
        if start < stop:
            shown.append((start, stop, page.number))
        elif _by_picture(page):
            # What was read of it is of no letter, as a page's number is. What was not read may
            # be the stretch on which all the rest hangs.
            return f"nothing of the letter could be read on page {page.number}: {LEAVE_AWAY}"
    for (_, stop, page_before), (start, _, page_behind) in pairwise(sorted(shown)):
        if start < stop:
            # From the end of the first, one reads on to another place of the second.
            return f"page {page_before} and page {page_behind} show words of one stretch of it"
    given = tuple(number for _, _, number in shown)
    order = tuple(number for _, _, number in sorted(shown))
    return wording.give_in_order(order) if order != given else None


def _by_picture(page: Page) -> bool:
    return page.source is Source.PICTURE or (page.source is Source.LAYER and not page.words)
