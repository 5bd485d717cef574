"""One reading for all who ask about the same copy, and nobody learns of the others from it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.reading import pages as made

from vidimus.adapters.reading import gate, remembered
from vidimus.adapters.reading.gate import Gate
from vidimus.adapters.reading.reader import CellReader
from vidimus.adapters.reading.remembered import Remembering
from vidimus.core.copies.page import Box, Copy, Evidence, Page, Question, Source, Word
from vidimus.errors import Unreadable
from vidimus.operations.ports import Progress, silent

PNG = b"\x89PNG\r\n\x1a\n"
PAGE = Page(1, Source.PICTURE, (Word("word", 0, Box(1, 1, 9, 9), 0.9),), image=b"\xff\xd8\xff",
            width=10, height=10)  # fmt: skip
QUESTION = Question(1, Box(1, 1, 9, 9), ("word", "ward"))


@dataclass
class Counting:
    """Stands in for the reader of cells, and counts what it is asked."""

    asked: list[str] = field(default_factory=list)
    wait: threading.Event | None = None
    fails: int = 0
    made_with: str = "1"

    def edition(self) -> str:
        return self.made_with

    def look(self, parts: Sequence[bytes], progress: Progress = silent) -> tuple[Copy, Any]:
        self.asked.append("read")
        if self.wait is not None:
            self.wait.wait(10)
        if self.fails:
            self.fails -= 1
            raise Unreadable("this one broke down")
        return Copy("image", (PAGE,)), {"1": [0]}

    def read(self, parts: Sequence[bytes], *, progress: Progress = silent) -> Copy:
        self.asked.append("typed")
        return Copy("text", ())

    def again(self, _parts: object, questions: Sequence[Question], plans: Any) -> Any:
        assert plans == {"1": [0]}, "it was straightened before"
        self.asked.append("again")
        return tuple(Evidence("word", 0.9, (0.0, -9.0)) for _ in questions)

    reread = again

    def draw(self, _parts: object, copy: Copy, plans: Any, _progress: Progress) -> Copy:
        assert plans == {"1": [0]}
        self.asked.append("draw")
        return replace(copy, pages=(PAGE,))


class Hours:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def remembering(inner: Counting, hours: Hours | None = None) -> Remembering:
    # 0.5 is the middle: the gate opens with the arrival after the sixteenth.
    return Remembering(inner, monotonic=hours or Hours(), random=lambda: 0.5)  # type: ignore[arg-type]


def crowd(reader: Remembering, parts: Sequence[bytes], visitors: int) -> None:
    """So many visitors, one after the other."""
    for _ in range(visitors):
        with reader.awaited(reader.name(parts)):
            reader.read(parts)


def test_what_a_few_ask_about_is_forgotten_with_the_answer() -> None:
    inner = Counting()
    reader = remembering(inner)
    crowd(reader, [PNG], 10)
    assert inner.asked == ["read"] * 10
    assert not reader._held
    assert not reader._slots


def test_what_very_many_ask_about_is_read_no_more() -> None:
    inner = Counting()
    reader = remembering(inner)
    crowd(reader, [PNG], 100)
    assert inner.asked == ["read"] * 17
    assert reader.at_hand(reader.name([PNG]))
    assert not reader.at_hand(reader.name([PNG + b"another"]))


def test_no_picture_and_nobody_is_remembered() -> None:
    reader = remembering(Counting())
    crowd(reader, [PNG + b"a stranger's bytes"], 30)
    (known,) = reader._held.values()
    assert [page.image for page in known.copy.pages] == [None]
    assert "stranger" not in repr(reader._held)


def test_its_pictures_are_drawn_anew_from_the_visitors_own_file() -> None:
    inner = Counting()
    reader = remembering(inner)
    crowd(reader, [PNG], 30)
    with reader.awaited(reader.name([PNG])):
        copy = reader.read([PNG])
        assert copy.pages[0].image is None
        assert reader.pictured([PNG], copy).pages == (PAGE,)
    assert inner.asked.count("draw") == 1


def test_a_line_is_looked_at_again_once() -> None:
    inner = Counting()
    reader = remembering(inner)
    crowd(reader, [PNG], 30)
    for _ in range(5):
        (given,) = reader.reread([PNG], [QUESTION])
        assert given.read == "word"
    assert inner.asked.count("again") == 1
    reader.reread([PNG], [QUESTION, replace(QUESTION, page=2)])
    assert inner.asked.count("again") == 2, "the new one only"


def test_it_is_forgotten_when_nobody_asks_any_more_and_after_an_hour_at_the_latest() -> None:
    inner, hours = Counting(), Hours()
    reader = remembering(inner, hours)
    crowd(reader, [PNG], 30)
    hours.now += remembered.IDLE
    assert not reader.at_hand(reader.name([PNG]))
    inner.asked.clear()
    crowd(reader, [PNG], 30)
    for _ in range(60):
        hours.now += remembered.LONGEST / 60
        crowd(reader, [PNG], 20)
    assert inner.asked.count("read") > 17


def test_so_many_copies_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_HELD", 3)
    reader = remembering(Counting())
    for number in range(5):
        crowd(reader, [PNG + bytes([number])], 20)
    assert len(reader._held) == 3
    monkeypatch.setattr(remembered, "MOST_BYTES", 4 * 2_500)
    crowd(reader, [PNG + b"9"], 20)
    assert sum(known.weight() for known in reader._held.values()) <= 4 * 2_500
    monkeypatch.setattr(remembered, "MOST_BYTES", 4)
    crowd(reader, [PNG + b"too large"], 20)
    assert not reader.at_hand(reader.name([PNG + b"too large"]))


def test_another_order_another_reader_or_another_byte_is_another_copy() -> None:
    inner = Counting()
    reader = remembering(inner)
    names = {
        reader.name(parts) for parts in ([PNG], [PNG, PNG], [PNG, PNG + b"1"], [PNG + b"1", PNG])
    }
    assert len(names) == 4
    newer = remembering(replace(inner, made_with="2"))
    assert newer.name([PNG]) not in names


def test_typed_words_and_what_is_refused_have_no_name() -> None:
    reader = remembering(Counting())
    assert reader.name([b"some words"]) == b"" == reader.name([b"GIF89a"]) == reader.name([])


def together(reader: Remembering, visitors: int, inner: Counting) -> list[str]:
    """All ask while the first one's copy is being read."""
    inner.wait = threading.Event()
    said: list[str] = []

    def visit() -> None:
        with reader.awaited(reader.name([PNG])):
            try:
                said.append(reader.read([PNG]).kind)
            except Unreadable as error:
                said.append(error.fact)

    threads = [threading.Thread(target=visit) for _ in range(visitors)]
    for each in threads:
        each.start()
    while sum(slot.asking for slot in reader._slots.values()) < 2 * visitors:
        time.sleep(0.01)  # each is there, and asks
    inner.wait.set()
    for each in threads:
        each.join()
    return said


def test_who_asks_at_the_same_time_shares_one_reading() -> None:
    inner = Counting()
    reader = remembering(inner)
    assert together(reader, 8, inner) == ["image"] * 8
    assert inner.asked == ["read"]
    assert not reader._held and not reader._slots, "and then it is forgotten"


def test_a_reading_that_breaks_down_is_lost_for_one_visitor_only() -> None:
    inner = Counting(fails=1)
    said = together(remembering(inner), 6, inner)
    assert sorted(said) == ["image"] * 5 + ["this one broke down"]
    assert inner.asked == ["read"] * 2


def test_one_visitor_more_changes_the_odds_of_what_another_sees_but_little() -> None:
    """Decision 15: that a copy is remembered never shows that one other person asked."""

    def opened_at(u: float) -> int:
        opening = Gate(Hours(), lambda: u)
        for arrival in range(1, 100):
            opening.arrived(b"copy")
            if opening.is_open(b"copy"):
                return arrival
        raise AssertionError

    draws = [opened_at((n + 0.5) / 20_000) for n in range(20_000)]
    # Of a visitor who is the first to ask, and sees that his copy is not read: hardly ever.
    assert sum(at <= 2 for at in draws) / len(draws) < 0.006
    most = math.exp(1 / gate.SPREAD)
    for arrival in range(3, 40):
        now = sum(at <= arrival for at in draws)
        with_another = sum(at <= arrival + 1 for at in draws)
        assert with_another <= now * most * 1.02 + 2


def test_the_counts_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST_COUNTED", 10)
    hours = Hours()
    counting = Gate(hours, lambda: 0.5)
    for number in range(100):
        counting.arrived(bytes([number]))
    assert len(counting._counts) == 10
    hours.now += gate.WINDOW
    assert not counting.is_open(b"x")
    assert not counting._counts


def test_the_real_reader_reads_draws_and_remembers_the_same() -> None:
    photo = made.encode(made.photograph(made.draw(made.set_page("Quay 7 is closed."), 150)), "JPEG")
    inner = CellReader()
    reader = Remembering(inner, monotonic=Hours(), random=lambda: 0.5)
    first = inner.read([photo])
    crowd(reader, [photo], 0)
    with reader.awaited(reader.name([photo])):
        for _ in range(20):
            reader._gate.arrived(reader.name([photo]))
        assert reader.read([photo]) == first
    held = reader.read([photo])
    assert held.pages[0].words == first.pages[0].words
    assert reader.pictured([photo], held) == first
