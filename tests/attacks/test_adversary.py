"""The short form of the adversary: nothing that it makes of the letters may stand.

The long form, tens of thousands of attempts with PDFs and pictures, is `python -m bench
adversary`.
"""

from __future__ import annotations

import pytest
from bench.copies import adversary, adversary_oracle
from bench.copies.adversary_town import Town, build

SEED = 2031
ATTEMPTS = 270


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build(tmp_path_factory.mktemp("adversary") / "registry")


def test_every_letter_that_stands_stands_and_no_other(town: Town) -> None:
    """Else the adversary would prove nothing."""
    standing = town.standing()
    for letter in town.letters:
        job = adversary.Job("nothing changed", 0, 0, letter.name)
        came = adversary.tried(town, adversary.Attempt(job, (letter.text.encode(),), letter.text))
        assert came.stands == (letter.text in standing), (letter.name, came)


def test_no_pasted_text_that_was_altered_stands(town: Town) -> None:
    """Single edits at any place, collages, holes, other orders, other times, several at once."""
    jobs = [
        job
        for job in adversary.jobs(town, SEED, ATTEMPTS)
        if job.kind not in (*adversary.PDFS, *adversary.PICTURES, *adversary.SHEETS)
    ]
    tried = 0
    for job in jobs:
        one = adversary.attempt(town, job)
        if one is not None:
            tried += 1
            came = adversary.tried(town, one)
            assert not came.stands, (came, job, [p.decode() for p in one.parts])
    assert tried >= 180


@pytest.mark.parametrize("trick", ["PDF: a picture over a word", "PDF: a false table of letters"])
def test_no_pdf_that_shows_another_word_stands(town: Town, trick: str) -> None:
    """Each trick, and the pictures, in the long form."""
    one = next(
        found
        for number in range(50)
        if (found := adversary.attempt(town, adversary.Job(trick, number, SEED))) is not None
    )
    came = adversary.tried(town, one)
    assert not came.stands, (came, one.job)


@pytest.mark.parametrize("kind", adversary.ARTICLES)
def test_no_article_with_a_false_quotation_stands(town: Town, kind: str) -> None:
    tried = 0
    for number in range(14):
        one = adversary.attempt(town, adversary.Job(kind, number, SEED))
        if one is not None:
            tried += 1
            came = adversary.tried(town, one)
            assert not came.stands, (came, [part.decode() for part in one.parts])
    assert tried >= 5


def test_no_sheets_with_false_numbers_stand(town: Town) -> None:
    one = next(
        found
        for number in range(50)
        if (found := adversary.attempt(town, adversary.Job(adversary.SHEETS[0], number, SEED)))
    )
    came = adversary.tried(town, one)
    assert not came.stands, (came, one.job)


def test_a_number_means_the_same_job_as_before_later_kinds_came(town: Town) -> None:
    """A job that got through once is named by its number for ever."""
    later = (*adversary.SHEETS, *adversary.ARTICLES)
    chosen = adversary.jobs(town, 1, 27_500)
    assert chosen[10266] == adversary.Job("PDF: struck through", 45, 1)
    assert {job.kind for job in chosen} >= set(later)
    replaced = [job for job in chosen if job.kind in later]
    assert all(job.number % adversary.LATER == 0 for job in replaced)


def test_the_oracle_knows_what_is_another_text() -> None:
    standing = ("It must not cost more than €1,250, Mr Barker; we will not re-sign it.",)
    same = ("it must not cost more", "It MUST not\ncost  more than €1,250", "will not resign it.")
    other = ("it must cost more", "than €1.250", "Mr Baker", "-€1,250", "not re sign it")
    assert all(adversary_oracle.harmless(each, standing) for each in same)
    assert not any(adversary_oracle.harmless(each, standing) for each in other)
