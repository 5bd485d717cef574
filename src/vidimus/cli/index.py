"""vidimus index: the index of words, by which a copy is found."""

from __future__ import annotations

import argparse
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.terminal import Terminal


def add(commands: Any) -> None:
    parser = commands.add_parser("index", help="the index of words: show it, make it anew")
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|rebuild")
    show = actions.add_parser("show", help="what it holds, and how large it is")
    show.set_defaults(run=run_show)
    rebuild = actions.add_parser(
        "rebuild",
        help="make it anew from the texts, as one part",
        description="Makes the index of words anew from the registered texts, of the letters"
        " and of the drafts. It may be interrupted, and goes on where it was; the registry can"
        " be used meanwhile. It takes about 600 MB of memory, however many texts there are.",
    )
    rebuild.set_defaults(run=run_rebuild)
    for each in (show, rebuild):
        options.registry(each)


def run_show(args: argparse.Namespace, terminal: Terminal) -> int:
    for name, size in wiring.index_sizes(options.folder(args)):
        terminal.say(
            f"{name}: texts {size.texts:,}, of them recent {size.recent:,};"
            f" parts {size.parts}, bytes {size.bytes:,}"
        )
    return 0


def run_rebuild(args: argparse.Namespace, terminal: Terminal) -> int:
    for name, count in wiring.rebuild_index(options.folder(args), progress=terminal.progress):
        terminal.progress_over()
        terminal.say(f"{name}: {count:,} can be found")
    return 0
