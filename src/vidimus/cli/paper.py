"""vidimus paper: numbered, sealed copies of a released letter; coordination copies of a draft."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise
from vidimus.cli.terminal import Terminal
from vidimus.errors import UsageError

SHOWN = 20  # copies that are listed on the screen; the office's list has them all


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "paper",
        help="numbered, sealed PDFs of a released letter",
        description="Sets a released letter from its registered text and writes copies 1 to N:"
        " PDF/A-3a and PDF/UA-1, with the seal on page 1, the evidence inside, and the office's"
        " signature. Copies that were made before are kept. With --draft: the coordination"
        " copies that “vidimus share” noted, without a seal. It sends nothing to anybody.",
    )
    parser.add_argument("letter", metavar="LETTER", help="its number or its reference")
    parser.add_argument(
        "--copies", metavar="N", type=options.whole_number, help="how many there are (default: 1)"
    )
    parser.add_argument(
        "--to",
        metavar="NAME",
        action="append",
        default=[],
        help="who gets copy 1, copy 2, …; only the office's list says so. With --draft: whose copy",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="where to write")
    parser.add_argument("--draft", action="store_true", help="coordination copies of a draft")
    parser.add_argument(
        "--timestamp",
        metavar="URL",
        default=os.environ.get("VIDIMUS_TIMESTAMP"),
        help="a time-stamp service (RFC 3161) whose word goes into each signature"
        " (default: $VIDIMUS_TIMESTAMP)",
    )
    options.registry(parser)
    options.passphrase(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    settings = wiring.settings(folder)
    secret = terminal.passphrase(args.passphrase_file)
    if args.draft:
        if args.copies is not None:
            raise UsageError(
                "how many coordination copies there are, the acts say",
                hint="leave --copies away; vidimus share LETTER --to NAME --copy 2 --of 3",
            )
        names = wiring.print_coordination(folder, args.letter, secret, args.out, receivers=args.to)
        for mark in exercise(settings.origin, settings.exercise):
            terminal.say(mark)
        for name in names:
            terminal.say(f"wrote {args.out / name}: no seal, marked as not released")
        return 0
    copies = args.copies if args.copies is not None else max(1, len(args.to))
    printed = wiring.print_letter(
        folder,
        args.letter,
        secret,
        args.out,
        copies=copies,
        receivers=args.to,
        timestamps=args.timestamp or None,
        progress=terminal.progress,
    )
    terminal.progress_over()
    for mark in exercise(settings.origin, settings.exercise):
        terminal.say(mark)
    for each in printed.copies[:SHOWN]:
        to = f"  for {each.receiver}" if each.receiver else ""
        terminal.say(f"{each.sha256}  {args.out / each.file}{to}")
    if len(printed.copies) > SHOWN:
        terminal.say(f"… and {len(printed.copies) - SHOWN:,} more")
    kept = len(printed.copies) - printed.fresh
    terminal.say(f"{printed.fresh:,} written, {kept:,} kept as they were")
    terminal.say(f"their list: {folder / 'office' / 'paper' / f'{printed.letter.id}.jsonl'}")
    if printed.doubt:
        terminal.note(f"vidimus: note: our own check of this paper: {printed.doubt}")
    return 0
