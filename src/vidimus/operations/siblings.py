"""Which other wordings to look at, where a copy may be one more letter of a form."""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.copies.canonical import canonical
from vidimus.core.copies.recognise import Comparison
from vidimus.core.copies.shown import Registered
from vidimus.operations.ports import IndexedText

MOST = 12  # letters looked at; two make a form, and a few more show what is filled in
_LOOKED = 64  # letters whose words are searched for what the copy has


def siblings(
    comparisons: Sequence[Comparison], found: Sequence[IndexedText]
) -> tuple[Registered, ...]:
    """Wordings of other letters that a differing copy may be of one form with.

    Those that have the copy's own words where it differs come first: one of them may be the
    letter whose reference it bears. A whole letter has all its wordings looked at, or none.
    """
    if not comparisons or not any(each.differences for each in comparisons):
        return ()
    compared = {each.registered.letter for each in comparisons}
    told = [
        canonical(each.copy)
        for each in comparisons[0].differences
        if any(char.isdigit() for char in each.copy)
    ]
    ranked: dict[str, tuple[int, int]] = {}
    for place, each in enumerate(found):
        if each.letter in compared:
            continue
        if len(ranked) >= _LOOKED and each.letter not in ranked:
            break
        text = canonical(each.text)
        shared = sum(words in text for words in told)
        best = ranked.get(each.letter, (0, place))
        ranked[each.letter] = min(best, (-shared, place))
    kept = set(sorted(ranked, key=lambda letter: ranked[letter])[:MOST])
    return tuple(
        Registered(each.letter, each.version, each.language, each.text)
        for each in found
        if each.letter in kept
    )
