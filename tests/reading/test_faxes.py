"""Pages in black and white alone, and grainy photos: each by the engine that reads it best."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from tests.reading import pages as made

from vidimus.adapters.reading import light, rapid
from vidimus.adapters.reading.eye import Engines, Eye
from vidimus.adapters.reading.types import Image

ENGINES = Engines.find(None)
NEEDS_BOTH = pytest.mark.skipif(
    not (ENGINES.tesseract and ENGINES.rapid), reason="both engines are needed"
)


def fax(*, dots: int = 196, noise: float = 40, specks: float = 0.001) -> Image:
    """The letter as a fax machine sends it, 1728 dots wide; a coarse one has half the lines."""
    chance = np.random.default_rng(5)
    page = cv2.cvtColor(made.draw(made.letter_pdf(), 200), cv2.COLOR_BGR2GRAY)
    height = round(1728 * page.shape[0] / page.shape[1] * dots / 204)
    small = cv2.resize(page, (1728, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    small = cv2.GaussianBlur(small + chance.normal(0, noise, small.shape), (0, 0), 0.5)
    bits = np.where((small < 150) ^ (chance.random(small.shape) < specks), 0, 255)
    return np.repeat(bits.astype(np.uint8), 196 // dots, axis=0)


def read(image: Image) -> tuple[str, str, dict[str, float]]:
    """Its text, by which engine, and at which stages time was spent."""
    eye = Eye(ENGINES, time.monotonic() + 120)
    colour = image if image.ndim == 3 else np.repeat(image[:, :, np.newaxis], 3, axis=2)
    _, reading = eye.page(np.ascontiguousarray(colour))
    return " ".join(word.text for word in reading.words), reading.engine, eye.spent


def test_a_fax_is_told_from_a_scan_by_its_two_values() -> None:
    scan = light.grey(made.draw(made.letter_pdf(), 150))
    assert light.is_two_valued(fax())
    assert not light.is_two_valued(scan), "soft edges"
    assert not light.is_two_valued(light.grey(made.photograph(made.draw(made.letter_pdf(), 100))))


@NEEDS_BOTH
def test_a_fax_is_read_without_asking_the_second_engine() -> None:
    text, engine, spent = read(fax())
    assert made.character_errors(text) < 0.005
    assert engine == "tesseract"
    assert not {"detect", "recognise"} & spent.keys()


@NEEDS_BOTH
def test_a_coarse_fax_is_read_by_whoever_reads_it_better() -> None:
    text, _, _ = read(fax(dots=98, noise=30))
    assert made.character_errors(text) < 0.05


@NEEDS_BOTH
def test_a_fax_on_its_head_is_turned() -> None:
    text, _, _ = read(np.ascontiguousarray(fax()[::-1, ::-1]))
    assert made.character_errors(text) < 0.01


@NEEDS_BOTH
def test_a_grainy_photo_is_given_to_the_second_engine_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its lines are looked for twice: to make it flat, and on the flat page."""
    asked: list[str] = []
    for name in ("detect", "trace"):
        found = getattr(rapid, name)

        def counted(image: Image, name: str = name, found: object = found) -> object:
            asked.append(name)
            return found(image)  # type: ignore[operator]

        monkeypatch.setattr(rapid, name, counted)
    page = made.draw(made.letter_pdf(), 200)
    photo = made.photograph(page, side=1500, noise=22, blur=1.0)
    text, engine, spent = read(photo)
    assert made.character_errors(text) < 0.03
    assert engine == "rapidocr"
    assert "tesseract" not in spent
    assert asked == ["detect", "trace"]
    _, engine, spent = read(made.photograph(page))
    assert engine == "tesseract"
    assert "recognise" not in spent


@NEEDS_BOTH
def test_a_grainy_photo_that_lies_on_its_head_is_turned() -> None:
    page = made.draw(made.letter_pdf(), 200)
    photo = made.photograph(page, side=1500, noise=22, blur=1.0)
    text, _, _ = read(np.ascontiguousarray(photo[::-1, ::-1]))
    assert made.character_errors(text) < 0.05
