"""Letters of one form, and which of its words are filled in.

    Notice to Ann Elder      Ref. MC-7      your berth costs 40 crowns until 1 May.
    Notice to Bob Farrow     Ref. MC-8      your berth costs 65 crowns until 3 June.
              ^^^^^^^^^^          ^^^^                       ^^              ^^^^^^   slots

Two registered letters that agree in all but a few filled-in places are of one form. A copy
that differs from them in such places only may be one more letter of it, and need not be an
altered one: unless it shows the reference, or what else tells a letter from its siblings, of
the registered letter itself. See spec/matching.md, section 7.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from vidimus.core.copies.alignment import Cell, align_whole
from vidimus.core.copies.answers import Difference, Kind
from vidimus.core.copies.differences import kind_of, names_in
from vidimus.core.copies.shown import Registered
from vidimus.core.copies.tokens import Token, registered_tokens
from vidimus.core.copies.units import equal
from vidimus.core.copies.words import MONTHS_AND_DAYS, NUMBER_WORDS, UNITS

_FEWEST = 12  # words that two letters must share to be of one form
_SHARE = 0.6  # of the longer one's words, at least
_LONGEST = 12  # words filled in at one place, at most
_FILLED = frozenset({Kind.NUMBER, Kind.DATE, Kind.AMOUNT, Kind.NAME})
# What people write before a reference.
_LABELS = frozenset(
    {"reference", "ref", "no", "nr", "number", "referenz", "aktenzeichen", "az", "zeichen"}
    | {"référence", "referencia", "الرقم", "رقم", "العدد"}
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of the registered text, as tokens, that the other letters fill otherwise."""

    at: tuple[int, int]
    kind: Kind
    # What the others have there, as joined keys. Where a word is chosen and not filled in,
    # only their choices are of the form.
    others: frozenset[str]

    @property
    def open(self) -> bool:
        return self.kind in _FILLED


@dataclass(frozen=True, slots=True)
class Form:
    """A registered letter among the letters of its form."""

    registered: Registered
    tokens: tuple[Token, ...]
    siblings: tuple[Registered, ...]
    slots: tuple[Slot, ...]
    reference: tuple[int, int] | None  # where the text shows it
    references: dict[str, Registered] = field(default_factory=dict)  # what stands there in others


@dataclass(frozen=True, slots=True)
class Another:
    """The copy is, as far as can be seen, none of the letters that it was compared with."""

    told: bool  # it shows a reference of its own
    sibling: Registered | None = None  # whose reference it shows


def shown_reference(tokens: Sequence[Token], reference: str) -> tuple[int, int] | None:
    """Where the text shows this reference, as the register has it; else where it names one."""
    keys = [token.key for token in tokens]
    wanted = [token.key for token in registered_tokens(reference)]
    for at in range(len(keys) - len(wanted) + 1 if wanted else 0):
        if keys[at : at + len(wanted)] == wanted:
            return at, at + len(wanted)
    for at in range(len(keys) - 1):
        following = tokens[at + 1]
        if keys[at] in _LABELS and following.line == tokens[at].line and _digits(following):
            return at + 1, at + 2
    return None


def own_reference(
    registered: Registered, reference: str, seen: bytes, differences: Sequence[Difference]
) -> bool:
    """Whether a copy that shows these words shows the registered letter's own reference."""
    tokens = registered_tokens(registered.text)
    place = shown_reference(tokens, reference)
    if place is None or not all(seen[slice(*place)]):
        return False
    return not any(_overlaps(_tokens_at(tokens, each), place) for each in differences)


def form_of(registered: Registered, others: Sequence[Registered], reference: str) -> Form | None:
    """The form of a letter among these other letters; None where none of them is of one with it."""
    tokens = registered_tokens(registered.text)
    names = names_in(tokens)
    place = shown_reference(tokens, reference)
    siblings: list[Registered] = []
    slots: list[Slot] = []
    references: dict[str, Registered] = {}
    for other in others:
        theirs = registered_tokens(other.text)
        places = _places(tokens, theirs, names)
        if places is None:
            continue
        siblings.append(other)
        for slot, c0, c1 in places:
            slots.append(slot)
            if place is not None and _overlaps(slot.at, place):
                references["".join(t.key for t in theirs[c0:c1])] = other
    if not siblings:
        return None
    if place is not None:
        slots.append(Slot(place, Kind.NUMBER, frozenset()))
    grown = tuple(_grown(tokens, slot) if slot.open else slot for slot in slots)
    return Form(registered, tokens, tuple(siblings), grown, place, references)


def another(
    form: Form, seen: bytes, differences: Sequence[Difference], unread: Sequence[Difference] = ()
) -> Another | None:
    """What a copy with these differences is, if it may be one more letter of this form.

    None where a word of the form itself differs, or where the copy shows what makes it this
    very letter: then it is this letter, altered.
    """
    tokens = form.tokens
    if not differences or not all(_fills(form, each) for each in differences):
        return None
    touched = [_tokens_at(tokens, each) for each in (*differences, *unread)]
    if form.reference is not None:
        if any(_overlaps(_tokens_at(tokens, each), form.reference) for each in differences):
            return Another(True, form.references.get(_filling(form, differences)))
        if all(seen[slice(*form.reference)]):
            return None
    # No reference is seen. Who it is to, and of when, tells one letter from another as well.
    telling = [slot.at for slot in form.slots if slot.kind in (Kind.NAME, Kind.DATE)]
    shown = [at for at in telling if any(seen[slice(*at)])]
    own = shown and not any(_overlaps(one, at) for one in touched for at in shown)
    return None if own else Another(False)


def _places(
    ours: Sequence[Token], theirs: Sequence[Token], names: frozenset[str]
) -> list[tuple[Slot, int, int]] | None:
    """Where two letters of one form differ; None for letters of no common form."""
    a, b = [t.key for t in ours], [t.key for t in theirs]
    need = max(_FEWEST, int(_SHARE * max(len(a), len(b)) + 0.999))
    if sum((Counter(a) & Counter(b)).values()) < need:
        return None  # no alignment can find more
    shared, cells, merged = 0, list[Cell](), list[list[int]]()
    for cell in align_whole(a, b).cells:
        r0, r1, c0, c1 = cell
        if equal(ours, theirs, cell):
            shared += r1 - r0
            continue
        cells.append(cell)
        last = merged[-1] if merged else None
        if last and last[1] == r0 and last[3] == c0 and _one_line(ours, last[0], r1):
            last[1], last[3] = r1, c1
        else:
            merged.append([r0, r1, c0, c1])
    if shared < need:
        return None
    found: list[tuple[Slot, int, int]] = []
    for r0, r1, c0, c1 in merged:
        if max(r1 - r0, c1 - c0) > _LONGEST:
            return None
        kind = kind_of(ours, theirs, r0, r1, c0, c1, names)
        if kind is Kind.WORD and _caseless(ours[r0:r1]) and _caseless(theirs[c0:c1]):
            kind = Kind.NAME  # a script without capitals tells no name from another word
        value = frozenset({"".join(b[c0:c1])})
        found.append((Slot((r0, r1), kind, value), c0, c1))
    filled = sum(slot.open for slot, _, _ in found)
    if not found or 2 * filled < len(found):
        return None
    # Two words in a row that are chosen otherwise differ one by one in a copy, too.
    chosen = [slot.at for slot, _, _ in found if not slot.open]
    for r0, r1, c0, c1 in cells:
        if any(_within((r0, r1), at) for at in chosen):
            value = frozenset({"".join(b[c0:c1])})
            found.append((Slot((r0, r1), Kind.WORD, value), c0, c1))
    return found


def _fills(form: Form, difference: Difference) -> bool:
    """Whether a difference lies within a slot and is something that fills one."""
    at = _tokens_at(form.tokens, difference)
    filling = "".join(t.key for t in registered_tokens(difference.copy))
    for slot in form.slots:
        if not _within(at, slot.at):
            continue
        if filling in slot.others and at == slot.at:
            return True
        if not slot.open or not filling or len(difference.copy.split()) > _LONGEST:
            continue
        # A word like "not", "shall" or "unless" is typed into no blank.
        if difference.kind in _FILLED or (
            difference.kind in (Kind.WORD, Kind.ADDED) and slot.kind is Kind.NAME
        ):
            return True
    return False


def _filling(form: Form, differences: Sequence[Difference]) -> str:
    """What a copy has in the place of the reference, as joined keys."""
    assert form.reference is not None
    start, stop = form.reference
    keys = {at: form.tokens[at].key for at in range(start, stop)}
    for each in differences:
        lo, hi = _tokens_at(form.tokens, each)
        if _overlaps((lo, hi), form.reference):
            for at in range(lo, hi):
                keys[at] = ""
            keys[lo] = "".join(t.key for t in registered_tokens(each.copy))
    return "".join(keys[at] for at in sorted(keys))


def _grown(tokens: Sequence[Token], slot: Slot) -> Slot:
    """The slot with the words beside it that are filled in with it: a first name, a year."""
    lo, hi = slot.at
    while lo > 0 and _one_line(tokens, lo - 1, hi) and _alike(tokens[lo - 1], slot.kind):
        lo -= 1
    while hi < len(tokens) and _one_line(tokens, lo, hi + 1) and _alike(tokens[hi], slot.kind):
        hi += 1
    return Slot((lo, hi), slot.kind, slot.others)


def _alike(token: Token, kind: Kind) -> bool:
    if kind is Kind.NAME:
        return token.capital
    if kind is Kind.DATE:
        return _digits(token) or token.key in MONTHS_AND_DAYS
    if kind is Kind.AMOUNT:
        return _digits(token) or token.key in UNITS or token.key in NUMBER_WORDS
    return False


def _tokens_at(tokens: Sequence[Token], difference: Difference) -> tuple[int, int]:
    """The tokens that a difference's words are; where words were added, the place between."""
    start, stop = difference.at
    inside = [i for i, token in enumerate(tokens) if token.at < stop and token.to > start]
    if start < stop and inside:
        return inside[0], inside[-1] + 1
    place = next((i for i, token in enumerate(tokens) if token.at >= start), len(tokens))
    return place, place


def _within(at: tuple[int, int], slot: tuple[int, int]) -> bool:
    return slot[0] <= at[0] and at[1] <= slot[1]


def _overlaps(at: tuple[int, int], place: tuple[int, int]) -> bool:
    if at[0] == at[1]:
        return place[0] <= at[0] <= place[1]
    return at[0] < place[1] and place[0] < at[1]


def _one_line(tokens: Sequence[Token], start: int, stop: int) -> bool:
    return len({token.line for token in tokens[start:stop]}) <= 1


def _digits(token: Token) -> bool:
    return any(char.isdigit() for char in token.key)


def _caseless(tokens: Sequence[Token]) -> bool:
    letters = [char for token in tokens for char in token.key if char.isalpha()]
    return bool(letters) and all(char.lower() == char.upper() for char in letters)
