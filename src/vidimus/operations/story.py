"""A story: acts in order, performed through the same operations as everybody's.

    story: The notice that went out too early
    origin: letters.harbour.example/exercise
    people:
      ada: Ada Example
    texts:
      notice: {file: notice.txt}
    acts:
      - {at: "2031-03-02T09:00:00Z", by: ada as root, do: found, founders: [ada]}
      - {at: "2031-03-02T10:00:00Z", check: notice, expect: NO_RECORD}

See spec/story.md. A story plays in an exercise registry only, whose clock is the story's.
Here is its form; `play.py` performs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vidimus.core.acts.document import time as read_time
from vidimus.core.acts.shapes import ORIGIN, SLUG
from vidimus.core.copies.answers import Headline
from vidimus.errors import FormatError, TooLarge

LONGEST_STORY = 1_000_000  # bytes
MOST_STEPS = 100_000
# May be several; every other field is one text.
LISTS = {"founders", "signers", "releasers", "ask", "optional"}

_BY = re.compile(r"(?P<person>[a-z0-9-]+(?:\+[a-z0-9-]+)*) as (?P<office>[a-z0-9/-]+)")


@dataclass(frozen=True, slots=True)
class Step:
    """One act: at this time these people, in this office, do this with these fields."""

    number: int
    at: datetime
    people: tuple[str, ...]
    office: str
    verb: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the public desk, and the headline that the story expects."""

    number: int
    at: datetime
    text: str  # name of a text
    expect: Headline | None
    of: str | None  # an office it claims to come from


@dataclass(frozen=True, slots=True)
class Text:
    content: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    title: str
    origin: str
    people: Mapping[str, str]
    texts: Mapping[str, Text]
    steps: tuple[Step | Check, ...]
    ends: datetime | None


def read(source: bytes) -> Story:
    """Raises FormatError with the number of the act that is wrong, or TooLarge."""
    if len(source) > LONGEST_STORY:
        raise TooLarge(f"a story of {len(source)} bytes; at most {LONGEST_STORY}")
    # The bare install, which verifies and plays nothing, has no YAML.
    from vidimus.operations.plain_yaml import parse

    top = _mapping(parse(source), "the story")
    _only(top, {"story", "origin", "people", "texts", "acts", "ends"}, "the story")
    origin = _string(top.get("origin"), "origin")
    if not ORIGIN.fullmatch(origin):
        raise FormatError(f"malformed story: origin {origin!r}")
    acts = top.get("acts")
    if not isinstance(acts, list) or not acts or len(acts) > MOST_STEPS:
        raise FormatError("malformed story: acts must be a list of at least one act")
    people = _mapping(top.get("people", {}), "people")
    steps = tuple(_step(each, number) for number, each in enumerate(acts, 1))
    ends = read_time(top["ends"]) if "ends" in top else None
    _in_order(steps, ends)
    return Story(
        title=_string(top.get("story"), "story"),
        origin=origin,
        people={_slug(k): _string(v, f"people: {k}") for k, v in people.items()},
        texts={k: _text(v, k) for k, v in _mapping(top.get("texts", {}), "texts").items()},
        steps=steps,
        ends=ends,
    )


def _in_order(steps: Sequence[Step | Check], ends: datetime | None) -> None:
    """Found out before the first act, and not when half the story is on the log."""
    last = steps[0].at
    for step in steps:
        if step.at < last:
            raise FormatError(
                f"malformed story: act {step.number} comes before act {step.number - 1}",
                hint="put the acts of a story in the order of their times",
            )
        last = step.at
    if ends is not None and ends < last:
        raise FormatError("malformed story: it ends before its last act")


def _step(value: Any, number: int) -> Step | Check:
    what = f"act {number}"
    fields = dict(_mapping(value, what))
    try:
        at = read_time(fields.pop("at", None))
    except FormatError as error:
        raise FormatError(f"malformed story: {what}: at: {error.fact}") from error
    if "check" in fields:
        _only(fields, {"check", "expect", "from"}, what)
        return Check(
            number,
            at,
            _string(fields["check"], what),
            _headline(fields.get("expect"), what),
            None if "from" not in fields else _string(fields["from"], f"{what}: from"),
        )
    by = _BY.fullmatch(_string(fields.pop("by", None), f"{what}: by"))
    if by is None:
        raise FormatError(f"malformed story: {what}: by", hint="as in “by: ada as director”")
    verb = _string(fields.pop("do", None), f"{what}: do")
    for name, each in fields.items():
        texts = each if isinstance(each, list) and name in LISTS else [each]
        if not all(isinstance(text, str) for text in texts):
            raise FormatError(f"malformed story: {what}: {name} is not a text")
    return Step(number, at, tuple(by["person"].split("+")), by["office"], verb, fields)


def _headline(value: Any, what: str) -> Headline | None:
    if value is None:
        return None
    if value not in [each.value for each in Headline]:
        raise FormatError(f"malformed story: {what}: no headline is called {value!r}")
    return Headline(value)


def _text(value: Any, name: str) -> Text:
    if isinstance(value, str):
        return Text(content=value)
    fields = _mapping(value, f"text {name}")
    _only(fields, {"file"}, f"text {name}")
    return Text(file=_string(fields.get("file"), f"text {name}: file"))


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise FormatError(f"malformed story: {what} must be a list of “name: value”")
    return value


def _only(value: Mapping[str, Any], known: set[str], what: str) -> None:
    unknown = set(value) - known
    if unknown:
        raise FormatError(
            f"malformed story: {what}: {', '.join(sorted(unknown)[:3])} is not known",
            hint=f"known are: {', '.join(sorted(known))}",
        )


def _string(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise FormatError(f"malformed story: {what} is missing or no text")
    return value


def _slug(value: str) -> str:
    if not SLUG.fullmatch(value) or "/" in value:
        raise FormatError(f"malformed story: {value!r} is no short name for a person")
    return value
