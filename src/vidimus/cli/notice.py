"""vidimus notice: what to send round about a letter, as it is by now."""

from __future__ import annotations

import argparse
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.terminal import Terminal
from vidimus.operations.lookup import find


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "notice",
        help="the notice of a letter's present state, ready to send",
        description="Prints the notice of the last public act on a letter, from the office's own"
        " text in DIR/office/notices, or from ours. It sends nothing.",
    )
    parser.add_argument("letter", metavar="LETTER", help="its number or its reference")
    options.registry(parser)
    options.passphrase(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    registry = wiring.office(folder, terminal.passphrase(args.passphrase_file))
    said = wiring.notice(folder, find(registry, args.letter).id)
    for line in said.rstrip("\n").split("\n"):
        terminal.say(line)
    return 0
