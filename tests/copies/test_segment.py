"""Segments and the search in them, spec/words.md: what goes in comes out, and nothing else."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidimus.adapters.words.segment_files import SegmentFiles
from vidimus.core.copies import posting, search, segment
from vidimus.errors import FormatError, OutsideFailed

# Few grams and letters, so that many letters share a gram and many grams a list of letters.
GRAMS = st.integers(0, 12).map(lambda n: n * 0x1234567891 % (1 << 40)) | st.integers(0, 2**40 - 1)
LETTERS = st.integers(1, 30) | st.sampled_from((70_000, 140_001, 1_000_000))
PAIRS = st.sets(st.tuples(GRAMS, LETTERS), max_size=200)

Pairs = set[tuple[int, int]]


def written(files: SegmentFiles, pairs: Pairs) -> str:
    table = sorted({letter for _, letter in pairs})
    places = {letter: place for place, letter in enumerate(table)}
    grams = np.array([gram for gram, _ in pairs], dtype=np.uint64)
    letters = np.array([places[letter] for _, letter in pairs], dtype=np.uint64)
    return files.write(posting.pairs(grams, letters), table)


def held(pairs: Pairs) -> dict[int, set[int]]:
    by_gram: defaultdict[int, set[int]] = defaultdict(set)
    for gram, letter in pairs:
        by_gram[gram].add(letter)
    return by_gram


def asked(files: SegmentFiles, names: list[str], grams: list[int]) -> dict[int, float]:
    parts = [files.sections(name) for name in names]
    found = search.search(parts, np.array(sorted(grams), dtype=np.uint64), 50, 1000, 0.0)
    return dict(zip(found.letters, found.votes, strict=True))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.lists(PAIRS, min_size=1, max_size=4), st.sets(GRAMS, max_size=5))
def test_every_gram_leads_to_its_letters_and_to_no_other(
    tmp_path: Path, parts: list[Pairs], others: set[int]
) -> None:
    """One by one and all at once, in one segment, in several, and in several made one."""
    files = SegmentFiles(tmp_path)
    names = [written(files, pairs) for pairs in parts]
    merged = files.merge(names)
    whole: Pairs = set().union(*parts)
    for name, pairs in (*zip(names, parts, strict=True), (merged, whole)):
        found = files.segment(name)
        for gram, letters in held(pairs).items():
            assert set(found.letters(gram)) == letters
            assert all(found.holds(gram, letter) for letter in letters)
        for gram in others - held(pairs).keys():
            assert found.letters(gram) == ()
    grams = sorted(held(whole).keys() | others)
    counts = {gram: len(letters) for gram, letters in held(whole).items()}
    votes: defaultdict[int, float] = defaultdict(float)
    for gram, letter in whole:
        votes[letter] += float(np.log1p(50 / counts[gram]))
    assert asked(files, [merged], grams) == pytest.approx(votes)
    if not any(first & second for at, first in enumerate(parts) for second in parts[:at]):
        assert asked(files, names, grams) == pytest.approx(votes)


def test_the_letters_of_a_form_are_written_once(tmp_path: Path) -> None:
    """A thousand letters that share a hundred grams take no hundred thousand places."""
    files = SegmentFiles(tmp_path)
    form = {(gram << 30, letter) for gram in range(100) for letter in range(1, 1001)}
    name = written(files, form)
    assert files.segment(name).shape.lists == 1
    empty = written(files, {(1, 1)})
    assert files.path(name).stat().st_size - files.path(empty).stat().st_size < 10_000
    assert len(asked(files, [name], sorted(held(form)))) == 1000


def test_a_gram_of_nearly_all_letters_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    """Also where some of the segments that are made one had few letters with it."""
    files = SegmentFiles(tmp_path)
    common, rare = 77 << 20, 78 << 20
    crowd = {(common, letter) for letter in range(1, 6000)} | {(rare, 5)}
    few = {(common, 7_000), (rare, 7_000)}
    names = [written(files, crowd), written(files, few)]
    merged = files.merge(names)
    for name in (names[0], merged):
        found = files.segment(name)
        assert found.letters(common) == () and found.holds(common, 17)
        grams = np.array([common, rare], dtype=np.uint64)
        ranked = search.search([files.sections(name)], grams, 6000, 9, 0.0)
        assert ranked.unread
        assert set(ranked.letters) == {letter for gram, letter in crowd | few if gram == rare} & (
            {5, 7_000} if name == merged else {5}
        )
    assert int(files.segment(merged).counts[0]) == 5999


def test_small_and_large_segments_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many buckets or few, in one slice or in several."""
    files, chance = SegmentFiles(tmp_path), random.Random(3)
    pairs = {(chance.getrandbits(40), chance.randrange(1, 500)) for _ in range(3_000)}
    pairs |= {(gram, letter) for gram, _ in list(pairs)[:30] for letter in range(1, 40)}
    small = written(files, pairs)
    grams = sorted(chance.sample(sorted(held(pairs)), 200))
    before = asked(files, [small], grams)
    monkeypatch.setattr(posting, "LARGE", 100)
    monkeypatch.setattr("vidimus.adapters.words.segment_files.SLICE", 500)
    large = files.merge([small])
    assert files.segment(large).shape.bits == segment.MANY
    assert asked(files, [large], grams) == pytest.approx(before)
    assert files.merge([large]) == large


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.data())
def test_a_damaged_segment_ends_in_an_error_or_in_letters(
    tmp_path: Path, data: st.DataObject
) -> None:
    """Whatever its bytes are: nothing outside of them is read, and nothing takes for ever."""
    files = SegmentFiles(tmp_path)
    pairs = {(gram << 24, letter) for gram in range(60) for letter in range(1, 9)}
    content = bytearray(files.path(written(files, pairs)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        # The table of buckets is nearly all of it, so it is hit less often than the rest.
        last = data.draw(st.sampled_from((segment.HEADER + 400, len(content))))
        at = data.draw(
            st.integers(0, last - 1) | st.integers(len(content) - 6000, len(content) - 1)
        )
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.sampled_from((len(content), len(content) - 8, 70, 10)))]
    grams = np.array([gram << 24 for gram in range(60)], dtype=np.uint64)
    try:
        found = segment.Segment(memoryview(bytes(content)))
        for gram in grams.tolist():
            found.letters(gram)
        search.search([search.Sections(found)], grams, 9, 9, 0.0)
    except FormatError as error:
        assert "malformed index of words" in error.fact


def test_a_segment_that_is_gone_or_another_is_said_to_be(tmp_path: Path) -> None:
    files = SegmentFiles(tmp_path)
    name = written(files, {(1, 1)})
    files.require_sound(name)
    content = bytearray(files.path(name).read_bytes())
    content[-1] ^= 1
    files.path(name).write_bytes(content)
    with pytest.raises(OutsideFailed, match="damaged"):
        files.require_sound(name)
    files.path(name).unlink()
    for ask in (files.require_sound, SegmentFiles(tmp_path).segment):
        with pytest.raises(OutsideFailed, match="cannot be read"):
            ask(name)
