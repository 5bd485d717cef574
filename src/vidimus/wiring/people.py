"""People and their keys, where these are kept on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from vidimus.adapters import key_files
from vidimus.adapters.key_files import Person
from vidimus.adapters.story_folder import FolderStage, KeptPerson, StoryTexts
from vidimus.core.acts.shapes import SLUG, Line
from vidimus.core.seal.keys import PublicKey
from vidimus.errors import Conflict, OutsideFailed, UsageError
from vidimus.operations.play import Played
from vidimus.operations.play import play as play_story
from vidimus.operations.ports import Progress, silent
from vidimus.operations.story import Story
from vidimus.wiring.desks import office, public_desk
from vidimus.wiring.folder import Folder, init, move_clock

LINE = get_args(Line)[1]


def new_person(
    folder: Path, person: str, name: str, passphrase: bytes | None
) -> tuple[Path, Person]:
    """A key of their own for somebody; gives the file to hand over, and what is in it."""
    may_be_made(folder, person, name)
    key = key_files.new_es256()
    key_files.save(folder / f"{person}.key", key, passphrase)
    made = Person(person, name, PublicKey.of(key.public_key()).to_text())
    key_files.save_person(folder / f"{person}.pub", made)
    return folder / f"{person}.pub", made


def may_be_made(folder: Path, person: str, name: str) -> None:
    """Make the folder where keys of people lie. Raises where this person cannot have one there."""
    if not SLUG.fullmatch(person) or "/" in person:
        raise UsageError(
            f"“{person}” is no short name", hint="lower-case letters, digits and hyphens"
        )
    if not LINE.fullmatch(name):
        raise UsageError("a name is one line of at most 300 characters", hint="--name NAME")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OutsideFailed(f"{folder} cannot be made: {error}") from error
    if (folder / f"{person}.pub").exists():
        raise Conflict(f"{folder / person}.pub exists already", hint="move it away first")


def person(path: Path, name: str) -> Person:
    """Somebody to be appointed: a name in the registry's folder, or a .pub file."""
    given = Path(name)
    file = given if given.suffix == ".pub" else Folder(path).people / f"{name}.pub"
    return key_files.load_person(file)


def play(story: Story, story_folder: Path, path: Path, *, progress: Progress = silent) -> Played:
    """Play a story into a new exercise registry, whose people get keys of their own there."""
    init(
        path,
        origin=story.origin,
        exercise=True,
        passphrase=None,  # an exercise has nothing to protect, and its keys no value
        start=story.steps[0].at,
    )
    folder = Folder(path)
    people = {}
    for name, full in story.people.items():
        made = new_person(folder.people, name, full, None)[1]
        key = key_files.signer(folder.people / f"{name}.key", _no_passphrase)
        people[name] = KeptPerson(full, made.key, key)
    texts = StoryTexts(
        story_folder,
        {name: each.content for name, each in story.texts.items() if each.content is not None},
        {name: each.file for name, each in story.texts.items() if each.file is not None},
    )
    stage = FolderStage(people, texts, lambda time: move_clock(path, time))
    return play_story(
        story, office(path, _no_passphrase), public_desk(path), stage, progress=progress
    )


def _no_passphrase(name: str) -> tuple[bytes, ...]:
    raise UsageError(f"{name} is encrypted; the keys of an exercise are not")
