"""vidimus list, vidimus show: the office's letters, drafts too. Not for the public."""

from __future__ import annotations

import argparse
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.coordination import coordinated
from vidimus.cli.shown import exercise, grouped, one_letter
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.lifecycle import allowed
from vidimus.operations.lookup import find, shares


def add(commands: Any) -> None:
    listed = commands.add_parser("list", help="the office's letters and where they stand")
    options.registry(listed)
    options.passphrase(listed)
    listed.set_defaults(run=run_list)
    show = commands.add_parser("show", help="one letter: versions, signatures, what may follow")
    show.add_argument("letter", metavar="LETTER", help="its number or its reference")
    show.add_argument("--text", action="store_true", help="print the latest version's text")
    options.registry(show)
    options.passphrase(show)
    show.set_defaults(run=run_show)


def run_list(args: argparse.Namespace, terminal: Terminal) -> int:
    registry = wiring.office(options.folder(args), terminal.passphrase(args.passphrase_file))
    letters = list(registry.letters())
    for mark in exercise(registry.settings.origin, registry.settings.exercise):
        terminal.say(mark)
    for letter in letters:
        terminal.say(one_letter(letter))
    if not letters:
        terminal.say("no letters yet")
    return 0


def run_show(args: argparse.Namespace, terminal: Terminal) -> int:
    registry = wiring.office(options.folder(args), terminal.passphrase(args.passphrase_file))
    letter = find(registry, args.letter)
    if args.text:
        for each in registry.office.wordings((letter.id,)):
            if each.version == letter.latest.number:
                terminal.out.write(each.text if each.text.endswith("\n") else each.text + "\n")
        return 0
    for mark in exercise(registry.settings.origin, registry.settings.exercise):
        terminal.say(mark)
    terminal.say(one_letter(letter))
    terminal.say(
        f"  office     {letter.office}, class {letter.cls}, signature: {letter.rule.value}"
    )
    for version in letter.versions:
        shown = "released" if version.number == letter.released else ""
        shown = "acknowledged draft" if version.number in letter.acknowledged else shown
        drafter = version.drafter or "somebody"
        terminal.say(
            f"  version {version.number}  {version.language}, entry {version.index},"
            f" by {drafter}  {shown}"
        )
    for line in coordinated(registry, letter):
        terminal.say(line)
    for signature in letter.signatures:
        terminal.say(f"  signed     version {signature.version} by {signature.name},")
        terminal.say(f"             {signature.because}")
    for event in letter.events:
        name = event.kind.value.replace("_", " ")
        terminal.say(f"  {name:<10} {event.time:%Y-%m-%d %H:%M} by {event.name}, {event.because}")
        if event.reason or event.code:
            terminal.say(f"  {'':<10} {event.code or ''} {event.reason or ''}".rstrip())
    for share in shares(registry, letter):
        copy = f"copy {share.number} of {share.of_total} of version {share.version}"
        terminal.say(f"  {copy} went to {share.receiver}")
    if letter.successor:
        terminal.say(f"  replaced by {grouped(letter.successor)}")
    follow = ", ".join(sorted({each.value.replace("_", "-") for each in allowed(letter.state)}))
    terminal.say(f"  from here the life of a letter knows: {follow or 'nothing more'}")
    return 0
