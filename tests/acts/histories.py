"""Random histories: what people with power might do, in any order, well or badly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from hypothesis import strategies as st
from tests.acts.world import (
    CROWN,
    A,
    B,
    C,
    World,
    canonical,
    key,
    letter_class,
    released_letter,
    text,
    world,
)

from vidimus.core.acts.kinds import Position, Reason, SignatureRule
from vidimus.core.acts.vocabulary import (
    Abandon,
    Appoint,
    Clear,
    Correct,
    DeclareForged,
    Delegate,
    Disown,
    End,
    Hold,
    Ratify,
    Revoke,
    RevokeKey,
    Share,
    Supersede,
    Withdraw,
)

Move = Callable[[World, int, int], object]

MIN = ("p-min", "ministry")
PRESS = ("p-press", "ministry/press")
DESK = ("p-desk", "ministry/desk")
DEPUTY = ("p-deputy", "ministry")
OTHER = ("p-other", "other")
INSIDERS = (MIN, PRESS, DESK, DEPUTY)
CLASSES = ("letter", "note", "ink")
ASKED = ("ministry", "other", "other/sub")
ANSWERING = (MIN, DEPUTY, OTHER, ("p-sub", "other/sub"))
HOURS = (timedelta(minutes=2), timedelta(minutes=8), timedelta(days=3))


def _who(n: int) -> tuple[str, str]:
    return INSIDERS[n % len(INSIDERS)]


def _id(n: int) -> str:
    return (A, B)[n % 2]


def _known(world: World, n: int) -> bool:
    return _id(n) in world.folding.letters


def _draft(w: World, a: int, b: int) -> object:
    return w.draft(_id(a), cls=CLASSES[b % 3], by=_who(b))


def _revise(w: World, a: int, b: int) -> object:
    return _known(w, a) and w.revise(_id(a), f"words {b}", by=_who(b))


def _sign(w: World, a: int, b: int) -> object:
    if not _known(w, a):
        return None
    if w.letter(_id(a)).cls == "ink":
        return w.sign(_id(a), attested=_who(b))
    return w.sign(_id(a), _who(b))


def _release(w: World, a: int, b: int) -> object:
    if not _known(w, a):
        return None
    signatures = w.letter(_id(a)).signatures
    opens = [each.index for each in signatures[: 2 - b % 2] if w.log[each.index].sealed]
    return w.release(opens, _id(a), by=(PRESS, DESK, MIN)[b % 3])


def _acknowledge(w: World, a: int, b: int) -> object:
    if not _known(w, a):
        return None
    versions = w.letter(_id(a)).versions
    return w.acknowledge(_id(a), versions[b % len(versions)].number, by=_who(b // 2))


def _share(w: World, a: int, b: int) -> object:
    if not _known(w, a):
        return None
    version = w.letter(_id(a)).latest.number
    return w.do(*DESK, Share(_id(a), version, 1 + b % 3, 3, "Somebody"))


def _forged(w: World, a: int, b: int) -> object:
    words = f"forged {b}"
    body = DeclareForged(_id(a), "ministry", "A fake", "en", text(words), canonical(words))
    return w.do(*_who(b), body)


def _revoke_key(w: World, a: int, b: int) -> object:
    person = _who(a)[0]
    last = max(0, len(w.log) - 1 - 3 * b)
    return w.root(RevokeKey(person, key(person), last))


def _new_key(w: World, a: int, b: int) -> object:
    """The founders give a new key to somebody; the old one may be revoked or not."""
    person, office = (MIN, PRESS, DESK)[a % 3]
    return w.root(Appoint(person, person, office, key(person), w.now))


def _end(w: World, a: int, b: int) -> object:
    return w.root(End(*(MIN, PRESS, DESK)[a % 3], w.now + timedelta(minutes=b)))


def _delegate(w: World, a: int, b: int) -> object:
    until = w.now + timedelta(minutes=10 * b) if b else None
    name = "p-deputy"
    return w.do(*MIN, Delegate(name, name, key(name), "ministry", CLASSES[a % 3], w.now, until))


def _define(w: World, a: int, b: int) -> object:
    rule = (SignatureRule.DIGITAL, SignatureRule.INK, SignatureRule.INITIALS)[b % 3]
    return w.do(*CROWN, letter_class(cls=CLASSES[a % 3], rule=rule, second_person=b != 5))


AFTERLIFE: tuple[Move, ...] = (
    lambda w, a, b: w.do(*_who(b), Hold(_id(a))),
    lambda w, a, b: w.do(*_who(b), Clear(_id(a))),
    lambda w, a, b: w.do(*_who(b), Correct(_id(a), C)),
    lambda w, a, b: w.do(*_who(b), Supersede(_id(a), (A, B, C)[b % 3])),
    lambda w, a, b: w.do(*_who(b), Withdraw(_id(a))),
    lambda w, a, b: w.do(*_who(b), Disown(_id(a), Reason.NOT_AUTHORISED)),
    lambda w, a, b: w.do(*_who(b), Ratify(_id(a))),
    _acknowledge,
)
PREPARATION: tuple[Move, ...] = (
    _draft,
    _revise,
    _sign,
    _sign,
    _release,
    _release,
    _share,
    lambda w, a, b: w.do(*DESK, Abandon(_id(a))),
)
COORDINATION: tuple[Move, ...] = (
    lambda w, a, b: (
        _known(w, a) and w.ask(*ASKED[b % 3 :], letter=_id(a), required=b > 2, within=HOURS[b % 3])
    ),
    lambda w, a, b: (
        _known(w, a) and w.answer(ANSWERING[a % 4], tuple(Position)[b % 3], _id(b // 3))
        if _known(w, b // 3)
        else None
    ),
    lambda w, a, b: _known(w, b) and w.override(ASKED[a % 3], _id(b), by=_who(b // 2)),
)
# One letter in the hands of people who want to get it out; it was drafted before.
CARRYING: tuple[Move, ...] = (
    lambda w, a, b: w.ask(ASKED[a % 2], required=b % 2 == 0, within=HOURS[b % 3]),
    lambda w, a, b: w.answer((MIN, OTHER)[a % 2], tuple(Position)[b % 3]),
    lambda w, a, b: w.answer((MIN, OTHER)[a % 2]),
    lambda w, a, b: w.override(ASKED[a % 2], by=(MIN, DEPUTY)[b % 2]),
    lambda w, a, b: w.sign(by=(MIN, DEPUTY)[b % 2]),
    lambda w, a, b: w.sign(by=(MIN, DEPUTY)[b % 2]),
    lambda w, a, b: b == 0 and w.revise(words=f"words {a}", by=(DESK, MIN)[a % 2]),
    lambda w, a, b: b == 0 and _release(w, 0, a),
)
POWER: tuple[Move, ...] = (
    _revoke_key,
    _new_key,
    _end,
    _delegate,
    lambda w, a, b: w.do(*MIN, Revoke("p-deputy", "ministry", CLASSES[a % 3])),
    _define,
    _forged,
)


@cache
def _begun(n: int) -> World:
    """A country in which something went on already, so that histories get somewhere."""
    found = world() if n < 2 else released_letter()
    if n > 0:
        found.draft(B, cls="note")
    if n > 2:
        found.release([], B)
    if n > 3:
        found.do(*MIN, (Hold(A), Disown(A, Reason.SENT_IN_ERROR))[n % 2])
    return found


def begun() -> st.SearchStrategy[World]:
    return st.integers(0, 5).map(lambda n: _begun(n).copy())


MOVES = (*PREPARATION, *COORDINATION, *AFTERLIFE, *POWER)


def moves(of: tuple[Move, ...] = MOVES, most: int = 20) -> st.SearchStrategy[list[Step]]:
    step = st.tuples(st.sampled_from(of), st.integers(0, 5), st.integers(0, 5))
    return st.lists(step, max_size=most)


Step = tuple[Move, int, int]


def play(world: World, steps: list[Step]) -> World:
    for move, a, b in steps:
        move(world, a, b)
    return world
