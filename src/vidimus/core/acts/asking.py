"""The acts of coordination: offices are asked, they answer, and one may be overridden by name.

    {"asked":[{"office":"ministry/legal","required":true,"until":"2031-04-09T10:00:00Z"}],
     "letter":"QF3M…","version":3}

All three are sealed. What they do to a letter is the business of `coordinating.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vidimus.core.acts.body import Body
from vidimus.core.acts.kinds import Kind, Position
from vidimus.core.acts.shapes import LetterId, Prose, Slug


@dataclass(frozen=True, slots=True)
class Ask:
    """One office and its suspense date. What is required must be answered or overridden."""

    office: Slug
    until: datetime
    required: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """Without a quote it speaks of the whole text.

    `before` and `after` are the words around the quote, where it occurs more than once.
    """

    text: Prose
    quote: Prose | None = None
    before: Prose | None = None
    after: Prose | None = None


@dataclass(frozen=True, slots=True)
class Coordinate(Body):
    kind = Kind.COORDINATE
    letter: LetterId
    version: int
    asked: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Answer(Body):
    """The answer of the office that the act is done in, on one version."""

    kind = Kind.ANSWER
    letter: LetterId
    version: int
    position: Position
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Override(Body):
    """The letter may go on although this office said no, or said nothing by its date."""

    kind = Kind.OVERRIDE
    letter: LetterId
    version: int
    office: Slug
    reason: Prose
