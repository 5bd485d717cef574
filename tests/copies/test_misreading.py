"""How unlikely a reading is of a word, and which of two versions it speaks for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidimus.core.copies.misreading import ADDED, CONFUSED, LOST, MARKS, OTHER, WORD, unlikelihood


@pytest.mark.parametrize(
    ("registered", "read", "cost"),
    [
        ("2035", "2035", 0.0),
        ("16,433", "16.433", MARKS),
        ("May", "MAY", MARKS),
        ("2023", "2028", CONFUSED),
        ("2029", "2024", CONFUSED),
        ("2027", "7027", CONFUSED),
        ("return", "retum", CONFUSED),
        ("claim", "dairn", 2 * CONFUSED),
        ("with", "vvith", CONFUSED),
        ("121", "12", LOST),
        ("will", "willl", LOST),
        ("can", "canx", ADDED),
        ("2025", "2095", OTHER),
        ("not", "nel", 2 * CONFUSED),
        ("", "not", 3 * ADDED),
        ("not", "", 3 * LOST),
        ("", "withdrawn", WORD),
        ("extraordinary arrangements", "", 2 * WORD),
    ],
)
def test_a_slip_of_the_reader_is_likelier_than_another_word(
    registered: str, read: str, cost: float
) -> None:
    assert unlikelihood(registered, read) == cost


@given(st.text("0123456789abcxyz -,", max_size=30), st.text("0123456789abcxyz -,", max_size=30))
def test_nothing_costs_more_than_other_words_would(registered: str, read: str) -> None:
    most = WORD * max(1, len(registered.split()), len(read.split()))
    assert 0 <= unlikelihood(registered, read) <= most
    assert (unlikelihood(registered, read) == 0) == (registered == read)


def test_long_passages_cost_little_time() -> None:
    started = time.process_time()
    assert unlikelihood("word " * 50_000, "other " * 50_000) > 0
    assert time.process_time() - started < 5
