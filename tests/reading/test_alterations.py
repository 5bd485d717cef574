"""`python -m bench alterations` in short: three pages of it, and the truth that it rests on."""

from __future__ import annotations

import pytest
from bench.alterations import checked
from bench.copies import corpus
from bench.copies.alteration_score import score_diff
from bench.copies.altered_pages import COUNTS, sheet
from bench.copies.placed_edits import APART, altered


@pytest.mark.parametrize("condition", ["scan", "photo medium", "photo hard"])
def test_three_altered_words_are_seen_and_nothing_else_is_reported(condition: str) -> None:
    """Each with its kind, its words and its box on the page."""
    made = sheet(corpus.TUNING[1], 3, condition)
    assert len(made.changes) == COUNTS[3] == 3
    scored = checked(made)
    assert not scored.accused
    for each in scored.found:
        assert each.outcome == "flagged", each.said
        assert each.right_kind and each.right_words and each.right_box, each.said


@pytest.mark.parametrize("seed", range(60))
def test_the_bench_knows_which_words_it_altered(seed: int) -> None:
    text = corpus.text(corpus.TUNING[0], 3 * seed).text
    made = altered(text, 3, seed)
    ours, theirs = text.split(), made.text.split()
    assert made == altered(text, 3, seed)
    at = now = 0
    for change in made.changes:
        # Between two changes nothing differs, and they are places apart.
        assert ours[at : change.at[0]] == theirs[now : change.now_at[0]]
        assert at == 0 or change.at[0] - at >= APART
        here, there = ours[slice(*change.at)], theirs[slice(*change.now_at)]
        assert here != there
        assert all(a in b for a, b in zip(change.was.split(), here, strict=True))
        assert all(a in b for a, b in zip(change.now.split(), there, strict=True))
        at, now = change.at[1], change.now_at[1]
    assert ours[at:] == theirs[now:]


def test_the_peer_is_judged_by_the_same_truth() -> None:
    made = sheet(corpus.TUNING[1], 3, "scan")
    assert score_diff(made, made.text).right
    silent = score_diff(made, made.registered)
    assert {each.outcome for each in silent.found} == {"silent"} and silent.same
    assert len(score_diff(made, made.text + " and more").accused) == 1
