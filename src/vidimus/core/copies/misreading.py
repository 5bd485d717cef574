"""How unlikely it is that a word was misread as what was read: the noisy channel.

    2035 -> 2085     8 is read for 3                   4
    2015 -> 2085     8 is hardly read for 1            9
    not  -> nel      o and t, both confused            8
         -> nel      where no word stands             24

Natural logarithms, of the likelihood of a letter read right against that of the mistake
(Kernighan, Church and Gale 1990; one letter for two as in Brill and Moore 2000), as in print
of which a letter in twenty is misread. So the difference of two costs is a likelihood ratio
of the two registered words. It tells which version a copy is of; no alteration is ever
dismissed by it.
"""

from __future__ import annotations

from functools import lru_cache

MARKS = 1.0  # only marks, spaces or capitals differ
CONFUSED = 4.0  # one letter for another of its shape: 2 % of them
LOST = 5.5  # a letter lost or doubled: 0.4 %
ADDED = 8.0  # a letter where none stands
OTHER = 9.0  # a letter for one of another shape: 1 in 8,000
WORD = 30.0  # for a word; beyond that, somebody put another in its place

_HUGE = 2_500  # letters times letters; longer passages cost what their words may cost

# Each with each of its class, in either direction.
_SHAPES = (
    *("0oqdc", "068", "1iljtı", "17l", "27z", "38b", "49", "56", "5s", "68b", "9gq"),
    *("aeo", "as", "ceo", "fl", "fr", "ft", "hbn", "hnmu", "nr", "rt", "uvy"),
)
_ALIKE = frozenset((a, b) for shape in _SHAPES for a in shape for b in shape if a != b)
# Two letters that look like one.
_JOINED = frozenset(
    (("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"), ("ri", "n"), ("ii", "u"), ("li", "h"))
)


@lru_cache(maxsize=4096)
def unlikelihood(registered: str, read: str) -> float:
    """What it costs to take `registered` for `read`; 0 only when they are the same."""
    if registered == read:
        return 0.0
    ours, theirs = _letters(registered), _letters(read)
    if ours == theirs:
        return MARKS
    most = WORD * max(len(registered.split()), len(read.split()))
    if len(ours) * len(theirs) > _HUGE:
        return most
    return min(most, _distance(ours, theirs))


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _distance(ours: str, theirs: str) -> float:
    """The edit distance with these costs (Wagner and Fischer 1974), two letters back."""
    width = len(theirs)
    before = [0.0] * (width + 1)
    row = [ADDED * j for j in range(width + 1)]
    for i, a in enumerate(ours, 1):
        two, before, row = before, row, [LOST * i]
        for j, b in enumerate(theirs, 1):
            doubled = LOST if j > 1 and theirs[j - 2] == b else ADDED
            least = min(before[j - 1] + _letter(a, b), before[j] + LOST, row[j - 1] + doubled)
            if j > 1 and (theirs[j - 2 : j], a) in _JOINED:
                least = min(least, before[j - 2] + CONFUSED)
            if i > 1 and (ours[i - 2 : i], b) in _JOINED:
                least = min(least, two[j - 1] + CONFUSED)
            row.append(least)
    return row[-1]


def _letter(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return CONFUSED if (a, b) in _ALIKE else OTHER
