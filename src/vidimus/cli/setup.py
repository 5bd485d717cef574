"""vidimus init, vidimus key new|adopt|show: an empty registry, and keys for people."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.terminal import Terminal
from vidimus.errors import UsageError
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

    key = commands.add_parser("key", help="keys of people: make one, use one on a token, show one")
    actions = key.add_subparsers(dest="action", required=True, metavar="new|adopt|show")
    new = actions.add_parser(
        "new",
        help="a new private key, and the .pub file to hand over",
        description="Makes a key file; with --token, a key that never leaves the token, and a"
        " file that says where it is.",
    )
    _person(new)
    options.new_key(new)
    new.add_argument(
        "--token",
        metavar="URI",
        help="make it there: pkcs11:token=…?module-path=… (its PIN is asked for, or read from"
        " pin-source); object=… names it, else PERSON does",
    )
    new.set_defaults(run=run_key)
    adopt = actions.add_parser(
        "adopt",
        help="use a P-256 key that lies on a token already",
        description="Makes the .pub file to hand over, and a file that says where the key is."
        " It proves that this key signs; that the token keeps it in, it cannot prove.",
    )
    _person(adopt)
    adopt.add_argument(
        "--token", metavar="URI", required=True, help="pkcs11:token=…;object=…?module-path=…"
    )
    adopt.set_defaults(run=run_adopt)
    show = actions.add_parser("show", help="the public key of a key file, or of a key on a token")
    show.add_argument("key", metavar="KEY", help="a key file, or pkcs11:token=…;object=…")
    options.passphrase(show)
    show.set_defaults(run=run_show)


def _person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("person", metavar="PERSON", help="a short name: ada")
    parser.add_argument("--name", required=True, help="the full name, as it shall be shown")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where (default: DIR/people)")
    options.registry(parser)


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
    if args.token is not None:
        if args.no_passphrase or args.passphrase_file:
            raise UsageError("a key on a token has a PIN and no passphrase", hint="leave it away")
        return _on_token(args, terminal, make=True)
    folder = args.out or wiring.Folder(options.folder(args)).people
    passphrase = terminal.new_passphrase(args.passphrase_file, args.no_passphrase)
    file, person = wiring.new_person(folder, args.person, args.name, passphrase)
    terminal.say(f"made {file.with_suffix('.key')}: keep it")
    terminal.say(f"made {file}: hand it over to be appointed")
    terminal.say(person.key)
    if passphrase is None:
        terminal.note("vidimus: note: this key lies unprotected on this disk")
    return 0


def run_adopt(args: argparse.Namespace, terminal: Terminal) -> int:
    return _on_token(args, terminal, make=False)


def _on_token(args: argparse.Namespace, terminal: Terminal, *, make: bool) -> int:
    folder = args.out or wiring.Folder(options.folder(args)).people
    file, person, stays = wiring.new_token_person(
        folder, args.person, args.name, args.token, terminal.passphrase(None), make=make
    )
    if make:
        terminal.say("made a key on the token; the token says that it cannot be taken out")
    terminal.say(f"made {file.with_suffix('.token')}: where the key is; its PIN is not in it")
    terminal.say(f"made {file}: hand it over to be appointed")
    terminal.say(person.key)
    if not stays:
        terminal.note("vidimus: note: the token does not say that this key was never outside of it")
    return 0


def run_show(args: argparse.Namespace, terminal: Terminal) -> int:
    secrets = terminal.passphrase(args.passphrase_file)
    public = wiring.signing_key(args.key, secrets).public
    terminal.say(public.to_text())
    terminal.say(f"its name (kid) is {public.kid.hex()}")
    return 0
