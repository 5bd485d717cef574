"""What was read of a copy is remembered; what the log says of it never is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.operations.ministry import TEXT, Ministry

from vidimus import wiring
from vidimus.adapters.reading.remembered import Remembering
from vidimus.core.copies.answers import Headline
from vidimus.core.copies.page import Box, Copy, Evidence, Page, Question, Source, Word
from vidimus.operations.ports import Progress, silent

PHOTO = b"\x89PNG\r\n\x1a\n"


class Seeing:
    """Reads the letter from any picture, and counts how often."""

    looked = 0

    def edition(self) -> str:
        return "1"

    def look(self, _parts: Sequence[bytes], _progress: Progress = silent) -> tuple[Copy, Any]:
        self.looked += 1
        words = [
            Word(word, line, Box(20 * at, 20 * line, 20 * at + 15, 20 * line + 15), 0.97)
            for line, printed in enumerate(TEXT.splitlines())
            for at, word in enumerate(printed.split())
        ]
        page = Page(1, Source.PICTURE, tuple(words), "eye", 800, 600, b"\xff\xd8\xff")
        return Copy("image", (page,)), {"1": [0]}

    def again(self, _parts: object, questions: Sequence[Question], _plans: Any) -> Any:
        return tuple(Evidence("", 0.0) for _ in questions)

    def done(self, _parts: object) -> None:
        pass


def test_a_letter_that_was_withdrawn_a_second_ago_stands_out_of_no_memory(m: Ministry) -> None:
    letter = m.released()
    eye = Seeing()
    reader = Remembering(eye, monotonic=lambda: 0.0, random=lambda: 0.5)  # type: ignore[arg-type]
    desk = wiring.public_desk(m.folder, reader)
    desk.clock = m.clock
    for _ in range(20):
        with reader.awaited(reader.name([PHOTO])):
            assert desk.check((PHOTO,)).answer.headline is Headline.STANDS
    looked = eye.looked
    assert looked < 20
    m.do("ben", "withdraw", letter=letter)
    assert desk.check((PHOTO,)).answer.headline is Headline.WITHDRAWN
    assert eye.looked == looked, "it was not read for that"
