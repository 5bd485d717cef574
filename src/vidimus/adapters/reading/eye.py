"""Reading one picture: which way up, how to make it flat, and which engine to believe.

    scan or render   level it → Tesseract → good? done
    fax              the same, its ragged letters made soft; mostly sound? the other engine
    photo            find its lines → flatten page and light → Tesseract → good? done
    grainy photo     the same by the other engine → reads well? done
    read badly       the other engine, a half turn, other scripts; keep the best reading

What "good" and "best" mean is told in `merit.py`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import cv2
import numpy as np

from vidimus.adapters.reading import bent, ctc, framing, light, rapid, rectify, scripts, tesseract
from vidimus.adapters.reading.merit import (
    GOOD_MEAN,
    GOOD_MEAN_FAX,
    is_good,
    merit,
    reads_well,
    runs_sideways,
)
from vidimus.adapters.reading.rectify import Plan
from vidimus.adapters.reading.types import Floats, Image, Reading
from vidimus.core.copies.page import Box
from vidimus.errors import OutsideFailed

T = TypeVar("T")

CONVINCED = -0.6  # mean log probability of letters that are truly read
ENOUGH = 320  # pixels of a strip that tell which way up it is
LONGEST_RUN = 25.0  # seconds for one run of Tesseract, where another engine is there
MARGIN = 0.04  # of the page, kept around its text: a line the detector missed lies there
# Of 28 simulated photos up to a grain of 0.081 Tesseract read 19 well, of 10 from 0.093 up none.
MOST_GRAIN = 0.09
RETRY = 0.009  # share of letters left out from which the page is read once more, as one block


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
        # A screenshot is flat as it is, though a dark screen is not evenly lit; and a frame's
        # few lines would make a perspective of nothing.
        even = self._timed("light", light.is_even, grey)
        if self.engines.tesseract and (even or framing.is_drawn(image)):
            plan = self._level(grey)
            level = plan.apply(grey)
            fax = self._timed("light", light.is_two_valued, grey)
            if fax:
                level = light.softened(level)
            mean = GOOD_MEAN_FAX if fax else GOOD_MEAN
            reading = self._tesseract(level)
            # Tesseract also reads lines that run up the page, and then says nothing of it.
            if not runs_sideways(reading):
                if not is_good(reading, mean):
                    reading = self._with_scripts(level, reading)
                good = is_good(reading, mean)
                if good and (even or framing.is_flat(image, plan, reading.words)):
                    return plan, reading
                if fax and even and _mostly_sound(reading):
                    # It lies straight: there is nothing to be made flat, and Tesseract has had
                    # its say.
                    flat = plan.apply(image)
                    others = self._others(flat, self._traced(flat, None))
                    return plan, max([reading, *others], key=merit)
                first = (plan, reading) if even else None
        lines = self._lines(image)
        if not lines:
            plan = _as_it_is(image, 0)
            return first or (plan, self._tesseract(light.flatten(grey)))
        turned = 1 if rectify.lies_sideways(lines) else 0
        if turned:
            lines = [rapid.clockwise(_turned(corners, image.shape[0])) for corners in lines]
        height, width = rectify.turn(image, turned).shape[:2]
        plan = self._timed("rectify", rectify.from_lines, lines, width, height, turned)
        return self._best(image, plan, plan.region(lines), first)

    def flat(self, page: Image) -> Reading:
        """Read a page that is upright and flat already, such as a rendered one."""
        self._needs_an_engine()
        grey = light.grey(page)
        reading = self._tesseract(grey)
        if not is_good(reading):
            reading = self._with_scripts(grey, reading)
        if is_good(reading):
            return reading
        best = max([reading, *self._others(page, self._traced(page, None))], key=merit)
        return best if best is reading else self._with_scripts(grey, best)

    def _best(
        self, image: Image, plan: Plan, text: Box, first: tuple[Plan, Reading] | None
    ) -> tuple[Plan, Reading]:
        page = self._timed("rectify", plan.apply, image)
        even = self._timed("light", light.flatten, light.grey(page))
        found = [first] if first else []
        page = in_colour(even)
        lines: list[Floats] = []
        others: list[Reading] = []
        if self.engines.rapid and light.grain(_cut(even, text)) > MOST_GRAIN:
            lines = self._traced(page, text)
            others = self._others(page, lines)
            if reads_well(others[0]):
                return plan, self._with_scripts(even, others[0], text)
        reading = self._tesseract(even, within=text)
        if is_good(reading):
            return plan, reading
        found.append((plan, reading))
        lines = lines or self._traced(page, text)
        # Badly read: perhaps it stands on its head. Then hardly a word of it is sound.
        if not _mostly_sound(reading) and self._upside_down(page, lines):
            plan = plan.upside_down()
            even = rectify.turn(even, 2)
            page = in_colour(even)
            height, width = even.shape
            text = Box(
                width - text.right, height - text.bottom, width - text.left, height - text.top
            )
            reading = self._tesseract(even, within=text)
            if is_good(reading):
                return plan, reading
            found.append((plan, reading))
            lines, others = self._traced(page, text), []
        found += [(plan, other) for other in others or self._others(page, lines)]
        plan, best = max(found, key=lambda item: merit(item[1]))
        if first is not None and best is first[1]:
            return plan, best  # it was looked through for other scripts before
        even = light.flatten(plan.apply(light.grey(image)))
        return plan, self._with_scripts(even, best, text)

    def _with_scripts(self, grey: Image, reading: Reading, text: Box | None = None) -> Reading:
        """The same, with what is written in other scripts, as far as they are installed."""
        languages = [each for each in self.engines.languages if each in scripts.OTHERS]
        for band in scripts.bands(grey, reading, text) if languages else ():
            for language in languages[: scripts.MOST_LANGUAGES]:
                # A page on its head is of no known script either: a few lines tell.
                start = scripts.start(grey, band)
                if start != band and not scripts.promising(self._band(grey, language, start)):
                    continue
                mended = scripts.put(reading, self._band(grey, language, band), band)
                if mended is not None:
                    missed = light.left_out(grey, mended.words)
                    reading = Reading(mended.words, mended.engine, missed)
                    break
        return reading

    def _band(self, grey: Image, language: str, band: Box) -> Reading:
        """A part of the page in this language, as one block of text."""
        cut = _cut(grey, band)
        best = Reading((), "none")
        for factor in scripts.sizes(grey, language):
            page = light.resize(cut, factor)
            given = self._run(page, language, tesseract.BLOCK, scripts.LONGEST)
            given = given.scaled(1 / factor).moved(band.left, band.top)
            best = max(best, given, key=merit)
            if is_good(best):
                break
        return best

    def _others(self, page: Image, lines: list[Floats]) -> list[Reading]:
        """These lines of the same page by the other engine."""
        if not self.engines.rapid:
            return []
        return [Reading(self._timed("recognise", rapid.read, page, lines), "rapidocr")]

    def _traced(self, page: Image, within: Box | None) -> list[Floats]:
        """The lines of the text, those that are bent as ribbons."""
        if not self.engines.rapid:
            return self._timed("detect", plain_lines, light.grey(page))
        # The text alone: on the whole frame of a photo its lines are too small and too dense.
        area = within and _with_margin(within, page)
        lines = self._timed("detect", rapid.trace, _cut(page, area))
        if area is not None:
            lines = [line + np.array([area.left, area.top]) for line in lines]
        return lines

    def _tesseract(
        self, grey: Image, language: str = "eng", *, within: Box | None = None
    ) -> Reading:
        """By Tesseract; once more as one block of text when it left something out."""
        if not self.engines.tesseract:
            return Reading((), "none")
        factor = self._timed("light", light.reading_scale, grey)
        # The desk around a photographed page costs time, and what is read in its grain is noise.
        area = within and _with_margin(within, grey)
        page = light.resize(_cut(grey, area), factor)
        reading = Reading((), "none")
        for layout in (tesseract.PAGE, tesseract.BLOCK):
            given = self._run(page, language, layout).scaled(1 / factor)
            if area is not None:
                given = given.moved(area.left, area.top)
            missed = self._timed("light", light.left_out, grey, given.words, within)
            given = Reading(given.words, given.engine, missed)
            if not reading.words or (merit(given), -missed) > (merit(reading), -reading.left_out):
                reading = given
            if missed <= RETRY or not _mostly_sound(given):
                break
        return reading

    def _run(
        self, page: Image, language: str, layout: int, longest: float = LONGEST_RUN
    ) -> Reading:
        assert self.engines.tesseract is not None
        seconds = self.deadline - time.monotonic()
        if self.engines.rapid:
            # A page of noise can hold it for minutes; then the other engine reads on.
            seconds = min(seconds, longest)
        try:
            return self._timed(
                "tesseract", tesseract.read, self.engines.tesseract, page, language, seconds, layout
            )
        except OutsideFailed:
            # One page that it cannot bear; the other engine may still read it.
            if self.engines.rapid and time.monotonic() < self.deadline:
                return Reading((), "none")
            raise

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

    def _upside_down(self, page: Image, lines: list[Floats]) -> bool:
        """Read the longest lines both ways; letters on their heads are read without conviction."""
        longest = sorted(lines, key=lambda c: -_length(c))[:5]
        if self.engines.rapid and longest:
            strips = [rapid.strip(page, corners)[:, :ENOUGH] for corners in longest]
            both = [rectify.turn(strip, 2) for strip in strips]
            given = self._timed("recognise", rapid.posteriors, strips + both)
            sure = [_conviction(g) for g in given]
            upright, turned = (
                float(np.mean(sure[: len(strips)])),
                float(np.mean(sure[len(strips) :])),
            )
            # A script that the network does not know convinces it neither way.
            return turned > max(upright, CONVINCED)
        grey = light.grey(page)
        return merit(self._tesseract(rectify.turn(grey, 2))) > merit(self._tesseract(grey))

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


def in_colour(grey: Image) -> Image:
    """Three equal channels, as the networks want them."""
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def _with_margin(text: Box, page: Image) -> Box:
    height, width = page.shape[:2]
    aside, above = round(MARGIN * width), round(MARGIN * height)
    return Box(
        max(0, text.left - aside),
        max(0, text.top - above),
        min(width, text.right + aside),
        min(height, text.bottom + above),
    )


def _cut(page: Image, area: Box | None) -> Image:
    if area is None:
        return page
    return np.ascontiguousarray(page[area.top : area.bottom, area.left : area.right])


def _mostly_sound(reading: Reading) -> bool:
    """On a page that is not, the layout is not to blame; one that stands on its head is not."""
    return merit(reading) > 0.5 * sum(len(word.text) for word in reading.words)


def plain_lines(grey: Image) -> list[Floats]:
    """Text lines without a network: letters smeared sideways. For machines without RapidOCR."""
    factor = min(1.0, 1600 / max(grey.shape))
    small = light.flatten(light.resize(grey, factor))
    ink = (cv2.GaussianBlur(small, (3, 3), 0) < 190).astype(np.uint8)
    smeared = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, 15), np.uint8))
    contours, _ = cv2.findContours(smeared, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
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


def _length(line: Floats) -> float:
    corners = bent.straight(line)
    return float(np.linalg.norm(corners[1] - corners[0]))


def _turned(corners: Floats, height: int) -> Floats:
    """Points of a picture after a quarter turn clockwise."""
    return np.stack([height - corners[:, 1], corners[:, 0]], axis=1)


def _conviction(given: Floats) -> float:
    """Mean log probability of the letters read, weak when there are none."""
    letters = ctc.greedy(given)
    return float(np.mean([np.log(p) for _, p, _, _ in letters])) if letters else -5.0
