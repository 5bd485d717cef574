"""vidimus init, vidimus key new: an empty registry, and keys for people."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.terminal import Terminal
from vidimus.operations.fields import moment


def add(commands: Any) -> None:
    init = commands.add_parser(
        "init",
        help="make an empty registry in a folder",
        description="Makes the folder with the registry's own keys. It founds nothing yet.",
    )
    init.add_argument("folder", metavar="DIR", type=Path)
    init.add_argument("--origin", required=True, help="the log's name: letters.example.org/office")
    init.add_argument(
        "--exercise", action="store_true", help="for training: its name ends in /exercise"
    )
    init.add_argument("--time", metavar="TIME", help="when an exercise begins")
    options.new_key(init)
    init.set_defaults(run=run_init)

    key = commands.add_parser("key", help="make a key for a person")
    actions = key.add_subparsers(dest="action", required=True, metavar="new")
    new = actions.add_parser("new", help="a new private key, and the .pub file to hand over")
    new.add_argument("person", metavar="PERSON", help="a short name: ada")
    new.add_argument("--name", required=True, help="the full name, as it shall be shown")
    new.add_argument("--out", metavar="DIR", type=Path, help="where (default: DIR/people)")
    options.registry(new)
    options.new_key(new)
    new.set_defaults(run=run_key)


def run_init(args: argparse.Namespace, terminal: Terminal) -> int:
    passphrase = terminal.new_passphrase(args.passphrase_file, args.no_passphrase)
    made = wiring.init(
        args.folder,
        origin=args.origin,
        exercise=args.exercise,
        passphrase=passphrase,
        start=moment(args.time) if args.time else None,
    )
    terminal.say(f"made {args.folder}: the log {made.origin}")
    terminal.say(f"its key: {made.log_key}")
    terminal.say("publish this key where people already trust you; checkpoints are signed by it")
    if passphrase is None:
        terminal.note("vidimus: note: the registry's keys lie unprotected on this disk")
    terminal.say(f"next: vidimus key new PERSON --name NAME --registry {args.folder}")
    return 0


def run_key(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = args.out or wiring.Folder(options.folder(args)).people
    passphrase = terminal.new_passphrase(args.passphrase_file, args.no_passphrase)
    file, person = wiring.new_person(folder, args.person, args.name, passphrase)
    terminal.say(f"made {file.with_suffix('.key')}: keep it")
    terminal.say(f"made {file}: hand it over to be appointed")
    terminal.say(person.key)
    if passphrase is None:
        terminal.note("vidimus: note: this key lies unprotected on this disk")
    return 0
