"""Playing a story into an exercise registry, act by act, through everybody's operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from vidimus.core.acts.vocabulary import Root
from vidimus.core.copies.answers import Answer
from vidimus.core.seal.keys import Signer
from vidimus.errors import NotAllowed, NotFound, UsageError, VidimusError
from vidimus.operations.desk import Desk
from vidimus.operations.fields import values
from vidimus.operations.ports import Progress, silent
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.story import Check, Step, Story
from vidimus.operations.verbs import VERBS


class Stage(Protocol):
    """What a story needs to be played: the people with their keys, and the clock."""

    def person(self, name: str) -> tuple[str, str]:
        """The full name and the public key of somebody in the story."""
        ...

    def signers(self, people: tuple[str, ...]) -> tuple[Signer, ...]: ...

    def move_clock(self, time: datetime) -> None: ...

    def text(self, name: str) -> str:
        """One of the story's texts."""
        ...


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a story: its letters by the story's names, and the answers to its checks."""

    letters: Mapping[str, str]
    answers: tuple[tuple[Check, Answer], ...]


def play(
    story: Story, registry: Registry, desk: Desk, stage: Stage, *, progress: Progress = silent
) -> Played:
    """Raises the first error, with the number of the act; what was performed before stays."""
    if not registry.settings.exercise:
        raise NotAllowed(
            f"{registry.settings.origin} is a live registry; a story is not played there",
            hint="make an exercise: vidimus play STORY --registry a-new-folder",
        )
    letters: dict[str, str] = {}
    answers: list[tuple[Check, Answer]] = []
    for step in story.steps:
        what = f"check {step.text}" if isinstance(step, Check) else step.verb
        progress(f"act {step.number}: {what}", step.number / len(story.steps))
        try:
            stage.move_clock(step.at)
            if isinstance(step, Check):
                answers.append((step, _checked(step, desk, stage)))
            else:
                _performed(step, registry, stage, letters)
        except VidimusError as error:
            error.fact = f"act {step.number} ({what}): {error.fact}"
            error.args = (error.fact,)
            raise
    if story.ends is not None:
        stage.move_clock(story.ends)
    return Played(letters, tuple(answers))


def _checked(step: Check, desk: Desk, stage: Stage) -> Answer:
    answer = desk.check((stage.text(step.text).encode(),), office=step.of).answer
    if step.expect is not None and answer.headline is not step.expect:
        raise UsageError(
            f"the story expects {step.expect.value}, and the answer is {answer.headline.value}",
            hint=answer.sentence,
        )
    return answer


def _performed(step: Step, registry: Registry, stage: Stage, letters: dict[str, str]) -> None:
    try:
        verb = VERBS[step.verb]
    except KeyError:
        raise UsageError(
            f"no act is called “{step.verb}”", hint=f"there are: {', '.join(sorted(VERBS))}"
        ) from None
    actor = Actor(step.people[0], step.office, stage.signers(step.people))
    fields = dict(step.fields)
    name = fields.pop("letter", None) if step.verb in ("draft", "declare_forged") else None
    done = verb(registry, actor, **_filled(step.verb, verb, fields, registry, stage, letters))
    if name is not None:
        letters[name] = done.act.subject


def _filled(
    verb_name: str,
    verb: Callable[..., Any],
    fields: dict[str, Any],
    registry: Registry,
    stage: Stage,
    letters: Mapping[str, str],
) -> dict[str, Any]:
    """The story's names replaced by what they stand for."""
    if "class" in fields:
        fields["cls"] = fields.pop("class")
    for field in ("letter", "successor"):
        if field in fields:
            if fields[field] not in letters:
                raise NotFound(f"the story has drafted no letter “{fields[field]}” so far")
            fields[field] = letters[fields[field]]
    if "text" in fields:
        fields["text"] = stage.text(fields["text"])
    if verb_name == "found" or (verb_name == "trust" and "founders" in fields):
        founders = fields.pop("founders", None)
        if not isinstance(founders, list):
            raise UsageError(f"{verb_name} needs its founders", hint="founders: [ada, ben]")
        fields["roots"] = tuple(Root(each, *stage.person(each)) for each in founders)
    if verb_name in ("appoint", "delegate") and "person" in fields:
        fields["name"], fields["key"] = stage.person(fields["person"])
    if verb_name == "revoke_key" and "person" in fields:
        fields.setdefault("key", stage.person(fields["person"])[1])
    if "scan" in fields:
        fields["scan"] = stage.text(fields["scan"]).encode()
    return values(verb, fields)
