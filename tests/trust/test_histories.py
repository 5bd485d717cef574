"""Whatever founders do, well or badly: the chain alone says what the whole log says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acts.world import World, key, log_key, world
from tests.trust.chains import following, root_of

from vidimus.core.acts import entries
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.standing import Folding
from vidimus.core.acts.vocabulary import Appoint, Body, Establish, LogKey, OwnKey, RevokeKey, Root
from vidimus.core.trust import keys
from vidimus.core.trust import root as roots

PEOPLE = ("p-root-a", "p-root-b", "p-root-c", "p-root-d", "p-min")
Move = Callable[[World, int, tuple[str, ...]], object]


def _do(w: World, body: Body, who: tuple[str, ...]) -> object:
    return w.do(who[0].removesuffix("-2"), ROOT, body, seed=who[0], cosign=who[1:])


def _founders(w: World, n: int, who: tuple[str, ...]) -> object:
    """Some of the people, one of them perhaps with a further key."""
    chosen = [each for place, each in enumerate(PEOPLE) if n >> place & 1]
    named = [
        Root(each, each, key(each + "-2" * (n % 7 == place))) for place, each in enumerate(chosen)
    ]
    body = following(w, roots=tuple(named), threshold=1 + n % 3)
    return _do(w, body, who)


def _log_keys(w: World, n: int, who: tuple[str, ...]) -> object:
    """A further key, or an end for one of them, or the end of one put off."""
    listed = list(w.folding.authority.trust.log_keys)
    if n % 2:
        listed.append(LogKey(log_key(f"log-{len(listed)}-{n % 3}")))
    else:
        place = n % len(listed)
        listed[place] = replace(listed[place], until=max(0, len(w.log) + 2 - n % 9))
    return _do(w, following(w, log_keys=tuple(listed)), who)


def _seal_keys(w: World, n: int, who: tuple[str, ...]) -> object:
    listed = (*w.folding.authority.trust.seal_keys, OwnKey(key(f"seal-{n}")))
    return _do(w, following(w, seal_keys=listed), who)


def _revoke(w: World, n: int, who: tuple[str, ...]) -> object:
    person = PEOPLE[n % len(PEOPLE)]
    body = RevokeKey(person, key(person + "-2" * (n % 3 == 0)), max(0, len(w.log) - 1 - n % 11))
    return _do(w, body, who)


def _establish(w: World, n: int, who: tuple[str, ...]) -> object:
    return _do(w, Establish(f"o-{len(w.log)}", "An office"), who)


def _appoint(w: World, n: int, who: tuple[str, ...]) -> object:
    person = PEOPLE[n % len(PEOPLE)]
    body = Appoint(person, person, "other", key(person + "-2" * (n % 2)), w.now)
    return _do(w, body, who)


MOVES: tuple[Move, ...] = (_founders, _log_keys, _seal_keys, _revoke, _establish, _appoint)
APPROVING = st.permutations([*PEOPLE[:4], "p-root-a-2", "p-root-d-2"]).map(tuple)
STEPS = st.lists(
    st.tuples(st.sampled_from(MOVES), st.integers(0, 31), APPROVING, st.integers(2, 6)), max_size=12
)


def chain_alone(root: roots.TrustRoot) -> Authority:
    """What whoever holds the file and nothing else knows of power."""
    folding = Folding()
    for link in root.links:
        document = link.document.encode()
        folding.add(entries.verified(link.index, link.entry, document, folding.authority))
    return folding.authority


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_the_chain_alone_says_what_the_whole_log_says(
    steps: list[tuple[Move, int, tuple[str, ...], int]],
) -> None:
    found = world()
    pinned = [root_of(found)]
    for move, n, who, many in steps:
        before = found.folding.authority
        move(found, n, who[:many])
        after = found.folding.authority
        root = root_of(found)
        assert root.trust == after.trust
        alone = chain_alone(root)
        size = len(found.log)
        now = after.trust.roots
        assert alone.founders(now, size) == after.founders(now, size)
        assert roots.extend(pinned[-1], root) is root
        assert root == roots.read(roots.write(root))
        pinned.append(root)
        # History stays, and nothing that counted for an earlier size or entry is put off.
        for older, newer in zip(before.trust.log_keys, after.trust.log_keys, strict=False):
            assert older.key == newer.key
            assert older.until is None or (newer.until is not None and newer.until <= older.until)
        assert keys.log_verifiers(after.trust, len(found.log))
        assert keys.seal_keys(after.trust, len(found.log))
    # Every file that was ever right still leads here, and none leads back.
    for each in pinned:
        assert roots.extend(each, pinned[-1]) is pinned[-1]


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_no_act_of_founders_takes_effect_without_their_threshold(
    steps: list[tuple[Move, int, tuple[str, ...], int]],
) -> None:
    """Counted here once more, by people and not by keys."""
    found = world()
    for move, n, who, many in steps:
        before = found.folding.authority
        index = len(found.log)
        move(found, n, who[:many])
        if not found.valid(index):
            continue
        counting = {
            each.person
            for each in before.trust.roots
            if index <= before.revoked.get(each.key, index)
            and before.counts(before.rooted.get(each.key, ()))
            and each.key in {key(one) for one in who[:many]}
        }
        assert len(counting) >= before.trust.threshold
        after = found.folding.authority.trust
        if after.version > before.trust.version:
            named = {each.person for each in after.roots if each.key in map(key, who[:many])}
            assert len(named) >= after.threshold
