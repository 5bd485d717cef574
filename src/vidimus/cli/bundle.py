"""vidimus bundle, vidimus pack: evidence that can be checked without a network.

A bundle answers for one letter; a pack for every public letter of a register. Both speak of
the moment at which they were made, and of nothing that came after it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise
from vidimus.cli.terminal import Terminal


def add(commands: Any) -> None:
    bundle = commands.add_parser(
        "bundle",
        help="one file that proves what stands of a letter, without a network",
        description="Writes the acts on a public letter and on authority, each with its proof,"
        " the log's signed word that these are all, the public texts, the trust root, and a page"
        " for people. Check it with: vidimus check --bundle FILE. It says nothing of what comes"
        " after this moment.",
    )
    bundle.add_argument("letter", metavar="LETTER", help="its number or its reference")
    bundle.add_argument(
        "-o", "--out", metavar="FILE", help="(default: NUMBER.bundle.json; - for the screen)"
    )
    options.registry(bundle)
    options.passphrase(bundle)
    bundle.set_defaults(run=run_bundle)

    pack = commands.add_parser(
        "pack",
        help="one file with all that the public check knows, to check copies offline",
        description="Writes a signed, compressed copy of the public log with its texts. Check a"
        " copy with: vidimus check COPY --pack FILE. Nothing of the office's own is in it, and"
        " nothing that comes after this moment.",
    )
    pack.add_argument("-o", "--out", metavar="FILE", type=Path, help="(default: ORIGIN.SIZE.pack)")
    options.registry(pack)
    options.passphrase(pack)
    pack.set_defaults(run=run_pack)


def run_bundle(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    letter, content = wiring.make_bundle(
        folder,
        args.letter,
        terminal.passphrase(args.passphrase_file),
        progress=terminal.progress,
    )
    terminal.progress_over()
    out = args.out or f"{letter}.bundle.json"
    if out == "-":
        terminal.out.write(content.decode())
        return 0
    terminal.write(out, content)
    settings = wiring.settings(folder)
    for mark in exercise(settings.origin, settings.exercise):
        terminal.say(mark)
    terminal.say(f"wrote {out}: {len(content):,} bytes")
    terminal.say(f"check it with: vidimus check --bundle {out}")
    return 0


def run_pack(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    secret = terminal.passphrase(args.passphrase_file)
    out, length = wiring.make_pack(folder, args.out, secret, progress=terminal.progress)
    terminal.progress_over()
    settings = wiring.settings(folder)
    for mark in exercise(settings.origin, settings.exercise):
        terminal.say(mark)
    terminal.say(f"wrote {out}: {length:,} bytes")
    terminal.say(f"check a copy with: vidimus check COPY --pack {out}")
    return 0
