"""vidimus log open, check-opening: a sealed act shown to somebody entitled, and his check of it."""

from __future__ import annotations

import argparse
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise, grouped
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.copies.answers import rfc3339
from vidimus.core.trust import opening as openings
from vidimus.core.trust import root as roots
from vidimus.core.trust.root import fingerprint
from vidimus.operations.opening import opening


def add_log(actions: Any) -> None:
    """What belongs to `vidimus log`."""
    shown = actions.add_parser(
        "open",
        help="a sealed act, with the proof that it was there, for somebody entitled",
        description="Writes what the office kept of a sealed entry, with the proof that the log"
        " held the commitment to it at this index. Whoever gets the file can read the act and"
        " pass it on: nothing can be taken back.",
    )
    shown.add_argument("index", metavar="ENTRY", type=options.whole_number)
    shown.add_argument("-o", "--out", metavar="FILE", default="-", help="(default: print it)")
    options.registry(shown)
    options.passphrase(shown)
    shown.set_defaults(run=run_open)
    checking = actions.add_parser(
        "check-opening",
        help="check a sealed act that was opened to you, without the registry",
        description="Checks offline that the log of this trust root held this very act, sealed,"
        " at its index. Whether the act was allowed, it does not say. Exit status 1 if the"
        " file does not hold.",
    )
    checking.add_argument("file", metavar="FILE")
    checking.add_argument(
        "--trust", metavar="FILE", required=True, help="the registry's trust.json, as you know it"
    )
    checking.set_defaults(run=run_check_opening)


def run_open(args: argparse.Namespace, terminal: Terminal) -> int:
    registry = wiring.office(options.folder(args), terminal.passphrase(args.passphrase_file))
    content = openings.write(opening(registry, args.index))
    if args.out == "-":
        terminal.say(content.decode())
    else:
        terminal.write(args.out, content)
    return 0


def run_check_opening(args: argparse.Namespace, terminal: Terminal) -> int:
    root = roots.read(terminal.read(args.trust))
    given = openings.read(terminal.read(args.file))
    shown = openings.check(given, root)
    act = shown.act
    for mark in exercise(root.origin, root.mode == "exercise"):
        terminal.say(mark)
    of = "" if act.subject == AUTHORITY else f", of the letter {grouped(act.subject)}"
    terminal.say(f"it holds: entry {shown.index} of the log {root.origin} is this act")
    terminal.say(f"  {act.kind.value.replace('_', ' ')}{of}")
    terminal.say(f"  by {act.person} as {act.office}, {rfc3339(act.at)}")
    terminal.say(f"  signed with the key {given.key}")
    terminal.say(f"size {shown.head.size}")
    terminal.say(f"trust root {fingerprint(root)}")
    terminal.say("not checked: whose key that was on that day, and whether the act was allowed")
    return 0
