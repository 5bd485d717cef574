"""Appointments, ends and delegations are found by whom they concern, and none is lost there."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.acts import histories
from tests.acts.histories import Step
from tests.acts.world import World


def by_place(found: tuple[Any, ...]) -> dict[tuple[str, str], tuple[Any, ...]]:
    places = defaultdict(list)
    for each in found:
        places[each.person, each.office].append(each)
    return {place: tuple(all_of) for place, all_of in places.items()}


@settings(max_examples=60)
@given(histories.begun(), st.one_of(histories.moves(), histories.moves(histories.POWER)))
def test_what_is_found_by_person_and_office_is_all_that_there_is(
    found: World, steps: list[Step]
) -> None:
    """Authority is the one judge of power: a place left out would be power lost or kept."""
    authority = histories.play(found, steps).folding.authority
    assert authority.tenures == by_place(authority.appointments)
    assert authority.ends == by_place(authority.endings)
    assert authority.lent == by_place(authority.delegations)
