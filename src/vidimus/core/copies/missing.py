"""The stretches of a registered wording that a copy does not show, one by one, in its order.

    registered   a b c d e f g h i j k l
    page 1       a b c
    page 2                 g h i
    missing      d e f, between page 1 and page 2 · j k l, after page 2

Of a registered letter the text alone is known and not its sheets. So what is missing is named
by its first words and its last, by how many it has, and by the pages of the copy beside it.
Words that were read and differ, or are in doubt, are told as such and are not named again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from vidimus.core.copies.answers import Difference, Missing
from vidimus.core.copies.compared import SEEN, WITNESSED, Comparison
from vidimus.core.copies.comparison import places_read
from vidimus.core.copies.page import Copy
from vidimus.core.copies.reading import readings
from vidimus.core.copies.sheets import numbering
from vidimus.core.copies.tokens import Token
from vidimus.core.copies.units import Text, text_of

NAMED = 8  # words by which each end of a stretch is named


def missing(
    copy: Copy, comparison: Comparison, told: Sequence[Difference] = ()
) -> tuple[Missing, ...]:
    """What was not seen, but for the words of `told`, which are said elsewhere."""
    if comparison.whole:
        return ()
    text = text_of(comparison.registered)
    tokens = text.tokens
    shown = [bits == SEEN | WITNESSED for bits in comparison.seen]
    starts = [token.at for token in tokens]
    for each in told:
        for i in range(bisect_left(starts, each.at[0]), bisect_left(starts, each.at[1])):
            shown[i] = True
    stretches = _runs(shown)
    if not stretches:
        return ()
    ranges = _ranges(copy, text)
    printed = numbering(copy, text)
    return tuple(_missing(tokens, a, b, ranges, printed) for a, b in stretches)


def _runs(shown: Sequence[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for i, seen in enumerate(shown):
        if seen:
            continue
        if runs and runs[-1][1] == i:
            runs[-1] = (runs[-1][0], i + 1)
        else:
            runs.append((i, i + 1))
    return runs


def _ranges(copy: Copy, text: Text) -> list[tuple[int, int, int]]:
    """Of each page that shows some of it: from which word to which, and its number."""
    if len(copy.pages) == 1:
        return [(0, len(text.tokens), copy.pages[0].number)]
    read = readings(copy)[0]
    found = zip(read, places_read(text, read, len(copy.pages)), strict=True)
    return [(start, stop, one.page.number) for one, (start, stop) in found if start < stop]


def _missing(
    tokens: Sequence[Token],
    a: int,
    b: int,
    ranges: Sequence[tuple[int, int, int]],
    printed: tuple[dict[int, int], int] | None,
) -> Missing:
    # A page that ends nearest before it, and one that begins nearest behind.
    above = [(min(stop, a), stop - start, page) for start, stop, page in ranges if start < a]
    below = [(-max(start, b), stop - start, page) for start, stop, page in ranges if stop > b]
    after = max(above)[2] if a > 0 and above else None
    before = max(below)[2] if b < len(tokens) and below else None
    few = b - a <= 2 * NAMED
    return Missing(
        words=b - a,
        begins=_said(tokens[a:b] if few else tokens[a : a + NAMED]),
        ends="" if few else _said(tokens[b - NAMED : b]),
        at=(tokens[a].at, tokens[b - 1].to),
        after=after,
        before=before,
        sheets=_between(after, before, printed),
    )


def _between(
    after: int | None, before: int | None, printed: tuple[dict[int, int], int] | None
) -> tuple[int, ...]:
    """The numbers of the sheets between these two pages, by the numbers printed on those."""
    if printed is None:
        return ()
    on, of = printed
    first = 1 if after is None else on[after] + 1
    last = of + 1 if before is None else on[before]
    return tuple(range(first, last))


def _said(tokens: Sequence[Token]) -> str:
    """The words as they stand in the text; in scripts without spaces, a word is many tokens."""
    text = ""
    for i, token in enumerate(tokens):
        apart = i and token.at >= tokens[i - 1].to
        text += f" {token.text}" if apart else token.text
    return text
