"""Reading one picture: which way up, how to make it flat, and which engine to believe.

    scan or render   level it → Tesseract → good? done
    photo            find its lines → flatten page and light → Tesseract → good? done
    read badly       the other engine, a half turn, other scripts; keep the best reading

"Good" and "best" are judged from the words alone (`merit`, `is_good`), since the two
engines' confidences do not mean the same.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import cv2
import numpy as np

from vidimus.adapters.reading import ctc, light, rapid, rectify, tesseract
from vidimus.adapters.reading.rectify import Plan
from vidimus.adapters.reading.types import Floats, Image, Reading
from vidimus.core.copies.page import Word
from vidimus.errors import OutsideFailed

T = TypeVar("T")

FEW_WORDS = 8
SURE = 0.60  # a word below this counts against a reading
# Mean confidence by characters. On simulated photos Tesseract's pages above 0.945 had at
# most 0.2 % wrong characters, those from 0.90 to 0.945 up to 4 %; clean scans have 0.96.
GOOD_MEAN = 0.945
GOOD_SHARE = 0.90  # of characters in words that are sure and look like words

NUMBER = re.compile(r"[^\w]*[\d][\d.,:/%()\-–]*[\w]{0,3}[^\w]*\Z")
VOWEL = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûü]", re.IGNORECASE)
ARABIC = re.compile(r"[^\w]*[\u0620-\u065f\u0671-\u06d3]+[^\w]*\Z")
CASED = re.compile(r"[^\w]*(?:[A-Z]?[a-z’'-]+|[A-Z]+|(?:[A-Z]?[a-z]+[-’'/])+[A-Z]?[a-z]+)[^\w]*\Z")


@dataclass(frozen=True, slots=True)
class Engines:
    """What is installed; found once for each cell."""

    tesseract: str | None
    languages: tuple[str, ...]
    rapid: bool

    @classmethod
    def find(cls, program: str | None) -> Engines:
        found = tesseract.find(program)
        languages = tesseract.languages(found) if found else ()
        return cls(found if "eng" in languages else None, languages, rapid.models() is not None)


@dataclass(slots=True)
class Eye:
    engines: Engines
    deadline: float  # of time.monotonic()
    spent: dict[str, float] = field(default_factory=dict)  # seconds by stage, for the bench

    def page(self, image: Image) -> tuple[Plan, Reading]:
        """Read a picture of a page: how it was made upright and flat, and its words there."""
        self._needs_an_engine()
        first: tuple[Plan, Reading] | None = None
        grey = light.grey(image)
        if self.engines.tesseract and self._timed("light", light.is_even, grey):
            plan = self._level(grey)
            reading = self.flat(plan.apply(grey), fallback=False)
            # Tesseract also reads lines that run up the page, and then says nothing of it.
            if not runs_sideways(reading):
                if is_good(reading):
                    return plan, reading
                first = (plan, reading)
        lines = self._lines(image)
        if not lines:
            return first or (_as_it_is(image, 0), Reading((), "none"))
        turned = 1 if rectify.lies_sideways(lines) else 0
        upright = rectify.turn(image, turned)
        if turned:
            lines = [rapid.clockwise(_turned(corners, image.shape[0])) for corners in lines]
        height, width = upright.shape[:2]
        plan = self._timed("rectify", rectify.from_lines, lines, width, height, turned)
        return self._best(image, plan, first)

    def flat(self, page: Image, *, fallback: bool = True) -> Reading:
        """Read a page that is upright and flat already, such as a rendered one."""
        self._needs_an_engine()
        grey = light.grey(page)
        reading = self._tesseract(grey, "eng") if self.engines.tesseract else Reading((), "none")
        if not fallback or is_good(reading):
            return reading
        return max([reading, *self._others(page, reading)], key=merit)

    def _best(
        self, image: Image, plan: Plan, first: tuple[Plan, Reading] | None
    ) -> tuple[Plan, Reading]:
        page = self._timed("rectify", plan.apply, image)
        flattened = self._timed("light", light.flatten, light.grey(page))
        even: Image = np.repeat(flattened[:, :, np.newaxis], 3, axis=2)
        found = [first] if first else []
        if self.engines.tesseract:
            reading = self._tesseract(light.grey(even), "eng")
            if is_good(reading):
                return plan, reading
            found.append((plan, reading))
        # Badly read: perhaps it stands on its head.
        if self._upside_down(even):
            plan = plan.upside_down()
            even = rectify.turn(even, 2)
            if self.engines.tesseract:
                reading = self._tesseract(light.grey(even), "eng")
                if is_good(reading):
                    return plan, reading
                found.append((plan, reading))
        latest = found[-1][1] if found else Reading((), "none")
        found += [(plan, reading) for reading in self._others(even, latest)]
        return max(found, key=lambda item: merit(item[1]))

    def _others(self, page: Image, reading: Reading) -> list[Reading]:
        """The same page by the other engine, and in Arabic when it is hardly Latin at all."""
        found: list[Reading] = []
        if self.engines.rapid:
            lines = self._timed("detect", rapid.detect, page)
            words = self._timed("recognise", rapid.read, page, lines)
            found.append(Reading(words, "rapidocr"))
        best = max([reading, *found], key=merit)
        hardly = merit(best) < 0.3 * sum(len(word.text) for word in best.words)
        if self.engines.tesseract and "ara" in self.engines.languages and hardly:
            found.append(self._tesseract(light.grey(page), "ara"))
        return found

    def _tesseract(self, grey: Image, language: str) -> Reading:
        assert self.engines.tesseract is not None
        factor = self._timed("light", light.reading_scale, grey)
        page = light.resize(grey, factor)
        seconds = self.deadline - time.monotonic()
        reading = self._timed(
            "tesseract", tesseract.read, self.engines.tesseract, page, language, seconds
        )
        return reading.scaled(1 / factor)

    def _level(self, grey: Image) -> Plan:
        degrees = self._timed("rectify", rectify.skew, grey)
        height, width = grey.shape
        if abs(degrees) < 0.15:
            return _as_it_is(grey, 0)
        return rectify.rotation(width, height, degrees)

    def _lines(self, image: Image) -> list[Floats]:
        if self.engines.rapid:
            return self._timed("detect", rapid.detect, image)
        return self._timed("detect", plain_lines, light.grey(image))

    def _upside_down(self, page: Image) -> bool:
        """Read the longest lines both ways; letters on their heads are read without conviction."""
        lines = self._lines(page)
        longest = sorted(lines, key=lambda c: -float(np.linalg.norm(c[1] - c[0])))[:6]
        if self.engines.rapid:
            strips = [rapid.strip(page, corners) for corners in longest]
            both = [rectify.turn(strip, 2) for strip in strips]
            given = self._timed("recognise", rapid.posteriors, strips + both)
            sure = [_conviction(g) for g in given]
            return sum(sure[len(strips) :]) > sum(sure[: len(strips)])
        grey = light.grey(page)
        upright = self._tesseract(grey, "eng")
        return merit(self._tesseract(rectify.turn(grey, 2), "eng")) > merit(upright)

    def _needs_an_engine(self) -> None:
        if not self.engines.tesseract and not self.engines.rapid:
            raise OutsideFailed(
                "nothing that reads pictures is installed",
                hint="apt-get install tesseract-ocr, or pip install 'vidimus[reading]'",
            )
        if time.monotonic() > self.deadline:
            raise OutsideFailed(
                "reading took longer than the time allowed",
                hint="send fewer pages, or smaller pictures",
            )

    def _timed(self, stage: str, call: Callable[..., T], *arguments: object) -> T:
        start = sum(os.times()[:4])  # of this process and of its finished children
        try:
            return call(*arguments)
        finally:
            self.spent[stage] = self.spent.get(stage, 0.0) + sum(os.times()[:4]) - start


def is_good(reading: Reading) -> bool:
    """Sure enough to stop here. Few words are never enough to be sure of a page."""
    characters = sum(len(word.text) for word in reading.words)
    if len(reading.words) < FEW_WORDS:
        return False
    mean = sum(len(w.text) * (w.confidence or 0.0) for w in reading.words) / characters
    return mean >= GOOD_MEAN and _sound(reading) >= GOOD_SHARE * characters


def runs_sideways(reading: Reading) -> bool:
    """Whether most of the longer words stand in boxes taller than wide."""
    boxes = [word.box for word in reading.words if word.box and len(word.text) >= 4]
    return sum(b.bottom - b.top > b.right - b.left for b in boxes) * 2 > len(boxes)


def merit(reading: Reading) -> float:
    """Characters in sound words, less those in the others: what was read, not how proudly."""
    characters = sum(len(word.text) for word in reading.words)
    sound = _sound(reading)
    return sound - 1.5 * (characters - sound)


def _sound(reading: Reading) -> int:
    return sum(
        len(word.text)
        for word in reading.words
        if (word.confidence or 0.0) >= SURE and looks_like_a_word(word)
    )


def looks_like_a_word(word: Word) -> bool:
    """Letters in a usual case with a vowel among them, an abbreviation, or a number."""
    text = word.text
    if NUMBER.match(text) or ARABIC.match(text):
        return True
    if not CASED.match(text):
        return False
    letters = re.sub(r"[^A-Za-z]", "", text)
    return len(letters) <= 4 or letters.isupper() or VOWEL.search(letters) is not None


def plain_lines(grey: Image) -> list[Floats]:
    """Text lines without a network: letters smeared sideways. For machines without RapidOCR."""
    height, width = grey.shape
    factor = min(1.0, 1200 / max(height, width))
    small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(
        small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 15
    )
    smeared = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 15), np.uint8))
    contours, _ = cv2.findContours(smeared, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found: list[Floats] = []
    for contour in contours:
        box = cv2.minAreaRect(contour)
        thin, long = sorted(box[1])
        if 5 <= thin <= 60 and long >= 4 * thin:
            found.append(rapid.clockwise(np.asarray(cv2.boxPoints(box)) / factor))
    return found


def _as_it_is(image: Image, turned: int) -> Plan:
    height, width = image.shape[:2]
    return Plan(turned, rectify.IDENTITY, width, height)


def _turned(corners: Floats, height: int) -> Floats:
    """Points of a picture after a quarter turn clockwise."""
    return np.stack([height - corners[:, 1], corners[:, 0]], axis=1)


def _conviction(given: Floats) -> float:
    """Mean log probability of the letters read, weak when there are none."""
    letters = ctc.greedy(given)
    return float(np.mean([np.log(p) for _, p, _, _ in letters])) if letters else -5.0
