"""The judge of a doubtful line: CTC, against its own definition."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vidimus.adapters.reading import ctc

ALPHABET = ctc.Alphabet.of(("", "a", "b", "'", "’", "-", " "))


def posteriors(steps: int, seed: int, classes: int = 3) -> np.ndarray:
    rows = np.random.default_rng(seed).random((steps, classes)) + 0.01
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(label for label, _ in groupby(path) if label != 0)


@given(
    steps=st.integers(1, 5), seed=st.integers(0, 99), labels=st.lists(st.integers(1, 2), max_size=4)
)
def test_the_score_is_the_sum_over_every_path_that_spells_the_text(
    steps: int, seed: int, labels: list[int]
) -> None:
    """Graves et al. 2006, equation 3: p(l|x) sums p(path|x) over all paths that collapse to l."""
    given_rows = posteriors(steps, seed)
    paths = (p for p in product(range(3), repeat=steps) if collapse(p) == tuple(labels))
    total = sum(np.prod([given_rows[t, k] for t, k in enumerate(path)]) for path in paths)
    score = ctc.forward(given_rows, labels)
    assert np.isclose(np.exp(score), total)


@given(steps=st.integers(1, 4), seed=st.integers(0, 99))
def test_the_scores_of_all_texts_sum_to_one(steps: int, seed: int) -> None:
    given_rows = posteriors(steps, seed)
    texts = {collapse(path) for path in product(range(3), repeat=steps)}
    assert np.isclose(sum(np.exp(ctc.forward(given_rows, list(text))) for text in texts), 1.0)


def test_a_text_too_long_for_the_picture_is_impossible_not_an_error() -> None:
    assert ctc.forward(posteriors(3, 1), [1, 1, 1]) == float("-inf")


def test_spaces_are_never_judged() -> None:
    """A recogniser writes spaces at will, so two texts that differ in them score the same."""
    assert ALPHABET.labels("a b a") == ALPHABET.labels("aba") == ALPHABET.labels(" a\u00a0ba\n")
    rows = posteriors(6, 3, classes=7)
    folded = ALPHABET.fold(rows)
    assert np.allclose(folded.sum(axis=1), 1.0)
    assert np.allclose(folded[:, 6], 0.0)


def test_straight_and_curly_quotes_are_one_and_the_dashes_too() -> None:
    assert ALPHABET.labels("a'b") == ALPHABET.labels("a’b") == ALPHABET.labels("a‘b")
    assert ALPHABET.labels("a-b") == ALPHABET.labels("a–b") == ALPHABET.labels("a—b")


def test_what_the_model_never_saw_is_a_wildcard_and_accents_are_dropped_first() -> None:
    assert ALPHABET.labels("á") == ALPHABET.labels("a")
    assert ALPHABET.labels("aقb") == [1, ctc.WILDCARD, 2]
    rows = posteriors(6, 4)
    assert np.isfinite(ctc.forward(rows, [1, ctc.WILDCARD, 2]))


@given(text=st.text(max_size=40), seed=st.integers(0, 9))
def test_any_candidate_gets_a_score(text: str, seed: int) -> None:
    folded = ALPHABET.fold(posteriors(30, seed, classes=7))
    assert ctc.forward(folded, ALPHABET.labels(text)) <= 1e-9


def test_reading_collapses_repeats_and_drops_blanks() -> None:
    rows = np.eye(3)[[0, 1, 1, 0, 1, 2, 0]]
    assert [(label, first, last) for label, _, first, last in ctc.greedy(rows)] == [
        (1, 1, 2),
        (1, 4, 4),
        (2, 5, 5),
    ]


def test_it_says_of_which_letters_it_can_speak() -> None:
    """A letter that it never saw is a wildcard: every other one would explain it as well."""
    assert ALPHABET.knows("ab a’b - 7!")
    assert ALPHABET.knows("á"), "without its accent it is known"
    assert not ALPHABET.knows("ab ж")
    assert not ALPHABET.knows("لا")
