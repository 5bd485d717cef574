"""vidimus remind: tell by e-mail who owes an answer. Run it once an hour, say, by a timer.

It reminds each person once a day of each answer. It signs nothing, and no act comes of it.
"""

from __future__ import annotations

import argparse
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise
from vidimus.cli.terminal import Terminal
from vidimus.operations.reminding import plan, send
from vidimus.wiring import reminding


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "remind",
        help="remind people of answers that are due within a day, or overdue",
        description="The mail server and the addresses are in DIR/office/mail.json."
        " Exit status 3 if something could not be sent; the next run tries it again.",
    )
    parser.add_argument("--dry-run", action="store_true", help="show it, and send nothing")
    options.registry(parser)
    options.passphrase(parser)
    parser.set_defaults(run=run_remind)


def run_remind(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    registry = wiring.office(folder, terminal.passphrase(args.passphrase_file))
    mail, reminded = reminding.mail_of(folder), reminding.reminded(folder)
    for mark in exercise(registry.settings.origin, registry.settings.exercise):
        terminal.say(mark)
    planned = plan(registry, mail.people, reminded)
    for each in planned.unreachable:
        terminal.note(f"vidimus: note: {each}")
    if args.dry_run:
        for message in planned.messages:
            terminal.say(f"to {message.to}: {message.subject}")
            for line in message.text.splitlines():
                terminal.say(f"  {line}".rstrip())
        terminal.say(f"{len(planned.messages)} to be sent")
        return 0
    done = send(planned, reminding.notifier(mail, registry), reminded)
    for message in done.sent:
        terminal.say(f"sent to {message.to}: {message.subject}")
    for message, why in done.failed:
        terminal.note(f"vidimus: note: {message.person} was not reminded: {why}")
    terminal.say(f"{len(done.sent)} sent, {len(done.failed)} to be tried again")
    return 3 if done.failed else 0
