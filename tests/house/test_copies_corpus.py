"""The made-up registry: the same for everybody, and of the shape that the figures are said for."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from bench.copies import corpus
from bench.copies.corpus_words import GENRES
from bench.copies.degrade import CONDITIONS, Condition, degrade, part

from vidimus.core.copies.canonical import digest

TEXTS = 2_500


@pytest.fixture(scope="module")
def made() -> list[corpus.Text]:
    return list(corpus.texts(1, TEXTS))


def test_each_text_is_a_function_of_its_seed_and_number(made: list[corpus.Text]) -> None:
    assert [corpus.text(1, number) for number in range(0, TEXTS, 97)] == made[::97]
    assert corpus.text(2, 7).text != made[7].text


def test_no_version_of_python_makes_another_corpus(made: list[corpus.Text]) -> None:
    """Figures of two years are of the same texts, or this digest says that they are not."""
    assert digest("\n".join(each.text for each in made[:100])).hex()[:16] == "869b8fc3ae83d6fe"


def test_two_letters_to_five_texts_and_a_third_of_forms(made: list[corpus.Text]) -> None:
    firsts = [each for each in made if each.version == 1]
    assert len(firsts) == 0.4 * TEXTS == corpus.letters(TEXTS)
    assert 0.28 < sum(each.form is not None for each in firsts) / len(firsts) < 0.38
    assert max(Counter(each.form for each in firsts if each.form).values()) > 100
    sizes = [len(each.text.split()) for each in made]
    assert min(sizes) >= 35
    assert max(sizes) <= 1_550
    assert {each.genre for each in made} == {*GENRES, "arabic"}


def test_versions_differ_and_most_of_them_in_a_word(made: list[corpus.Text]) -> None:
    changes = Counter(b.change for a, b in pairwise(made) if b.version == a.version + 1)
    assert set(changes) == set(corpus.KINDS)
    for before, after in pairwise(made):
        if after.version == before.version + 1:
            assert before.letter == after.letter
            assert before.text != after.text
            if after.change in {"word", "name", "number"}:
                words = zip(before.text.split(), after.text.split(), strict=True)
                assert sum(a != b for a, b in words) == 1


def test_letters_of_a_form_share_nearly_all_their_words(made: list[corpus.Text]) -> None:
    one = next(each for each in made if each.form is not None)
    others = list(corpus.siblings(1, one.letter, TEXTS))
    assert len(others) > 3
    for other in others:
        sibling = corpus.versions(1, other)[0]
        assert sibling.form == one.form
        mine, theirs = Counter(one.text.split()), Counter(sibling.text.split())
        assert 0 < (mine - theirs).total() <= 30


def test_strangers_are_not_registered(made: list[corpus.Text]) -> None:
    texts = {each.text for each in made}
    forms = {each.form for each in made}
    for number in range(40):
        assert corpus.versions(1, corpus.STRANGERS + number)[0].text not in texts
        sibling = corpus.versions(1, corpus.SIBLINGS + number)[0]
        assert sibling.text not in texts
        assert sibling.form is None or sibling.form in forms


@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_a_degraded_copy_is_repeatable_and_of_its_text(
    made: list[corpus.Text], condition: Condition
) -> None:
    for number in range(0, 200, 23):
        text = made[number].text
        copy = degrade(text, condition, number)
        assert copy == degrade(text, condition, number)
        assert " ".join(copy.shown.split()) in " ".join(text.split())
        if not condition.errors and not condition.edits:
            assert copy.read == copy.shown


def test_a_quarter_is_a_quarter(made: list[corpus.Text]) -> None:
    for number, each in enumerate(made[:100]):
        share = len(part(each.text, "quarter", number)) / len(each.text)
        assert 0.2 < share < 0.35
