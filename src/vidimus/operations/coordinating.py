"""Acts of coordination: ask offices about a version, answer for one, override one by name."""

from __future__ import annotations

from datetime import datetime
from unicodedata import normalize

from vidimus.core.acts.asking import Answer, Ask, Comment, Coordinate, Override
from vidimus.core.acts.kinds import Position
from vidimus.core.acts.letter import Letter
from vidimus.core.copies.anchor import places
from vidimus.core.copies.canonical import canonical
from vidimus.errors import NotAllowed, UsageError
from vidimus.operations import lookup
from vidimus.operations.fields import moment
from vidimus.operations.perform import Done, perform
from vidimus.operations.registry import Actor, Registry


def coordinate(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    ask: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    until: datetime | None = None,
    version: int | None = None,
) -> Done:
    """Ask offices, each as OFFICE or OFFICE:TIME, until its own time or `until`.

    Those in `optional` need not answer; what they say counts as well.
    """
    found = lookup.find(registry, letter)
    lookup.is_latest(found, version)
    if not ask and not optional:
        raise UsageError("which offices are asked?", hint="--ask OFFICE --until DATE")
    asked = [_ask(each, until, required=True) for each in ask]
    asked += [_ask(each, until, required=False) for each in optional]
    return perform(registry, actor, Coordinate(found.id, found.latest.number, tuple(asked)))


def _ask(given: str, until: datetime | None, *, required: bool) -> Ask:
    office, _, own = given.partition(":")
    by = moment(own) if own else until
    if by is None:
        raise UsageError(
            f"until when is “{office}” to answer?", hint="--until 2031-04-09T10:00:00Z, or a day"
        )
    return Ask(office, by, required)


def answer(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    position: Position,
    version: int,
    comment: str | None = None,
    on: str | None = None,
    before: str | None = None,
    after: str | None = None,
    comments: tuple[Comment, ...] = (),
) -> Done:
    """The answer of the office that one acts in, on the version that one read.

    `comment` is one comment, on the words `on`; several are given as `comments`.
    """
    found = lookup.find(registry, letter)
    lookup.is_latest(found, version)
    if comment is not None:
        comments = (Comment(comment, on, before, after), *comments)
    elif (on, before, after) != (None, None, None):
        raise UsageError("words are quoted, and nothing is said of them", hint="--comment TEXT")
    anchored = tuple(_anchored(registry, found, version, each) for each in comments)
    return perform(registry, actor, Answer(found.id, version, position, anchored))


def _anchored(registry: Registry, letter: Letter, version: int, given: Comment) -> Comment:
    """As it is kept: the words as the canonical text has them, whatever they were pasted from.

    A quote stands in this version, and in one place only.
    """
    if not isinstance(given, Comment):
        raise UsageError("a comment is a text", hint="comment: TEXT, on: the quoted words")
    around = (each and canonical(each) for each in (given.quote, given.before, given.after))
    found = Comment(normalize("NFC", given.text), *around)
    if found.quote is not None:
        text = lookup.wording(registry, letter, version).text
        count = len(places(text, found.quote, found.before or "", found.after or ""))
        quoted = f"“{found.quote[:80]}”"
        if count == 0:
            raise NotAllowed(
                f"{quoted} does not stand so in version {version}",
                hint="quote the words as they stand: vidimus show LETTER --text",
            )
        if count > 1:
            raise NotAllowed(
                f"{quoted} stands in version {version} {count} times",
                hint="quote more words, or give those --before or --after it",
            )
    return found


def override(
    registry: Registry,
    actor: Actor,
    *,
    letter: str,
    office: str,
    reason: str,
    version: int | None = None,
) -> Done:
    found = lookup.find(registry, letter)
    lookup.is_latest(found, version)
    return perform(registry, actor, Override(found.id, found.latest.number, office, reason))
