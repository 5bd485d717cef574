"""vidimus play, vidimus example: stories, played into exercise registries."""

from __future__ import annotations

import argparse
import hashlib
import shutil
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options, serve
from vidimus.cli.shown import answer, grouped
from vidimus.cli.terminal import Terminal
from vidimus.errors import Conflict, VidimusError
from vidimus.operations import story as stories

EXAMPLE = Path(__file__).parent.parent / "example"
STAMP = "played.sha256"
BEGUN = "example"  # an empty file: whatever else lies here, this command may make it anew


def add(commands: Any) -> None:
    play = commands.add_parser(
        "play",
        help="play a story into a new exercise registry",
        description="Performs a story's acts in order, through the same operations as"
        " everybody's, into a new exercise registry whose clock is the story's.",
    )
    play.add_argument("story", metavar="STORY", type=Path)
    options.registry(play)
    play.set_defaults(run=run_play)

    example = commands.add_parser(
        "example",
        help="play the shipped example and check a photographed copy",
        description="Plays the shipped example (an invented case) into a folder, checks a"
        " photograph of the letter that leaked, and with --serve shows the pages.",
    )
    example.add_argument(
        "--folder", type=Path, default=Path("build/example"), help="(default: build/example)"
    )
    example.add_argument("--serve", action="store_true", help="then serve the pages")
    serve.address(example)
    example.set_defaults(run=run_example)


def run_play(args: argparse.Namespace, terminal: Terminal) -> int:
    story = stories.read(terminal.read(str(args.story)))
    folder = options.folder(args)
    played = wiring.play(story, args.story.parent, folder, progress=terminal.progress)
    terminal.progress_over()
    terminal.say(f"EXERCISE: played “{story.title}” into {folder}: {len(story.steps)} steps")
    for name, letter in played.letters.items():
        terminal.say(f"  {name:<20} {grouped(letter)}")
    for check, given in played.answers:
        terminal.say(f"  {check.at:%Y-%m-%d %H:%M}  {check.text:<20} {given.headline.value}")
    return 0


def run_example(args: argparse.Namespace, terminal: Terminal) -> int:
    _built(args.folder, terminal)
    photo = EXAMPLE / "leaked.jpg"
    terminal.say("$ vidimus check leaked.jpg          # a photograph of the letter that leaked")
    terminal.say()
    desk = wiring.public_desk(args.folder)
    checked = desk.check([photo.read_bytes()], progress=terminal.progress)
    terminal.progress_over()
    for line in answer(checked.answer.to_json()):
        terminal.say(line)
    terminal.say()
    terminal.say(f"The registry lies in {args.folder}, the photograph is {photo}")
    terminal.out.flush()
    if args.serve:

        def ready(where: str) -> None:
            terminal.say(f"Its pages: {where}  (Ctrl-C ends it)")
            terminal.out.flush()

        wiring.serve(args.folder, args.host, serve.port(args), ready)
    return 0


def _built(folder: Path, terminal: Terminal) -> None:
    """Play the example, unless just this example was played there to its end before."""
    digest = hashlib.sha256()
    for file in sorted(EXAMPLE.iterdir()):
        if file.is_file():
            digest.update(file.name.encode() + b"\x00" + file.read_bytes())
    story = stories.read((EXAMPLE / "story.yaml").read_bytes())
    stamp, begun = folder / STAMP, folder / BEGUN
    if stamp.exists() and stamp.read_text() == digest.hexdigest() and _opens(folder):
        return
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    if folder.exists():
        # Only what this command made itself is made anew: somebody's own exercise is not.
        found = wiring.settings_or_none(folder, exercise=True)
        if not begun.exists() and (found is None or found.origin != story.origin):
            raise Conflict(f"{folder} holds something else", hint="--folder ANOTHER")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    begun.touch()
    terminal.note(f"playing the example: {story.title}")
    wiring.play(story, EXAMPLE, folder, progress=terminal.progress)
    terminal.progress_over()
    stamp.write_text(digest.hexdigest())


def _opens(folder: Path) -> bool:
    """Whether this version of the program can still read what another one played there."""
    try:
        wiring.public_desk(folder).check(((EXAMPLE / "rota.txt").read_bytes(),))
    except VidimusError:
        return False
    return True
