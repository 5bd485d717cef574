"""vidimus log: show it, verify it, prove that an entry is on it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise, grouped
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import rfc3339


def add(commands: Any) -> None:
    parser = commands.add_parser("log", help="show, verify or prove the log")
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|verify|proof|…")
    show = actions.add_parser("show", help="its entries, as anybody may see them")
    verify = actions.add_parser(
        "verify",
        help="rebuild everything from the entries and compare",
        description="Reads every entry and every document, checks every signature and every"
        " hash, and makes the fold again. Exit status 1 if anything does not hold.",
    )
    verify.add_argument(
        "--public", action="store_true", help="as an outsider: without the sealed documents"
    )
    verify.add_argument("--json", action="store_true")
    options.passphrase(verify)
    verify.set_defaults(run=run_verify)
    proof = actions.add_parser("proof", help="a C2SP tlog-proof for one entry")
    proof.add_argument("index", metavar="ENTRY", type=options.whole_number)
    proof.set_defaults(run=run_proof)
    checkpoint = actions.add_parser("checkpoint", help="the signed size and root")
    checkpoint.set_defaults(run=run_checkpoint)
    show.set_defaults(run=run_show)
    for each in (show, verify, proof, checkpoint):
        options.registry(each)


def run_show(args: argparse.Namespace, terminal: Terminal) -> int:
    desk = wiring.public_desk(options.folder(args))
    size = desk.log.head().size
    for mark in exercise(desk.settings.origin, desk.settings.exercise):
        terminal.say(mark)
    for line in desk.log_lines(0, size):
        if line.sealed:
            terminal.say(f"{line.index:>6}  {rfc3339(line.time)}  (sealed)")
        else:
            letter = grouped(line.letter) if line.letter else ""
            terminal.say(
                f"{line.index:>6}  {rfc3339(line.time)}  {line.kind:<18} {line.office:<24} {letter}"
            )
    terminal.say(f"{size} entries")
    return 0


def run_verify(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    settings = wiring.settings(folder)
    found = wiring.verify_log(folder, args.public, progress=terminal.progress)
    terminal.progress_over()
    if args.json:
        document = {
            "registry": settings.origin,
            "exercise": settings.exercise,
            "size": found.size,
            "public": found.public,
            "sealed": found.sealed,
            "opened": found.opened,
            "letters": found.letters,
            "root": found.root.hex(),
            "refused": list(found.refused),
        }
        terminal.say(json.dumps(document, indent=1))
        return 0
    for mark in exercise(settings.origin, settings.exercise):
        terminal.say(mark)
    terminal.say(f"{found.size} entries hold: {found.public} public, {found.sealed} sealed")
    terminal.say(f"of the sealed, {found.opened} were opened and hold too")
    terminal.say(f"root {found.root.hex()}")
    for each in found.refused:
        terminal.say(f"without effect: {each}")
    return 0


def run_proof(args: argparse.Namespace, terminal: Terminal) -> int:
    terminal.out.write(wiring.public_desk(options.folder(args)).proof(args.index))
    return 0


def run_checkpoint(args: argparse.Namespace, terminal: Terminal) -> int:
    terminal.out.write(wiring.public_desk(options.folder(args)).checkpoint())
    return 0
