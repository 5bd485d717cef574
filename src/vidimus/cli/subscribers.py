"""vidimus subscribers, vidimus deliver: who is told of acts by webhook, and the telling."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from threading import Event
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise, grouped
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import rfc3339
from vidimus.core.notices.subscriber import Subscriber
from vidimus.errors import FormatError


def add(commands: Any) -> None:
    top = commands.add_parser("subscribers", help="who is told of acts, by webhook")
    actions = top.add_subparsers(dest="action", required=True, metavar="add|list|remove|again")
    adding = actions.add_parser(
        "add",
        help="tell an address of public acts",
        description="From now on, a message goes to this address for every act on a public letter."
        " It is signed; the secret is shown once, for whoever receives it. It says nothing that"
        " is not public on the log.",
    )
    adding.add_argument("url", metavar="URL", help="https://… of the receiver")
    which = adding.add_mutually_exclusive_group()
    which.add_argument("--letter", metavar="ID", help="of this letter alone, by its number")
    which.add_argument("--office", metavar="OFFICE", help="of the letters of this office alone")
    adding.add_argument("--secret-file", metavar="FILE", help="use this secret (whsec_…)")
    adding.add_argument(
        "--from",
        metavar="ENTRY",
        dest="start",
        type=options.whole_number,
        help="tell it what came before, too, from this entry of the log on",
    )
    adding.add_argument(
        "--allow-private",
        action="store_true",
        help="this address is in your own network, and is meant to be",
    )
    adding.set_defaults(run=run_add)
    listed = actions.add_parser("list", help="who is told, and what did not arrive")
    listed.set_defaults(run=run_list)
    removing = actions.add_parser("remove", help="tell an address no more")
    removing.set_defaults(run=run_remove)
    again = actions.add_parser("again", help="send once more what was given up")
    again.set_defaults(run=run_again)
    for each in (removing, again):
        each.add_argument("subscriber", metavar="SUBSCRIBER", help="as the list names it")
    deliver = commands.add_parser(
        "deliver",
        help="send what is due to subscribers",
        description="Sends each subscriber what it was not told yet, in order, and tries again"
        " later what did not arrive. “vidimus log serve” does so by itself. Exit status 3 if"
        " something did not arrive.",
    )
    how = deliver.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="what is due now (as if left away)")
    how.add_argument("--watch", action="store_true", help="go on until interrupted")
    deliver.set_defaults(run=run_deliver)
    for each in (adding, listed, removing, again, deliver):
        options.registry(each)


def run_add(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    secret = None
    if args.secret_file is not None:
        try:
            secret = terminal.read(args.secret_file).decode("ascii").strip()
        except UnicodeDecodeError as error:
            raise FormatError(f"{args.secret_file} holds no secret") from error
    made, shown = wiring.add_subscriber(
        folder,
        args.url,
        letter=args.letter,
        office=args.office,
        secret=secret,
        private=args.allow_private,
        start=args.start,
    )
    _marks(folder, terminal)
    terminal.say(f"{made.id} is told of {_scope(made)}, from entry {made.place.index} on")
    if secret is None:
        terminal.say(f"secret, shown this once: {shown}")
    return 0


def run_list(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    found, dead = wiring.subscribers(folder)
    _marks(folder, terminal)
    for each in found:
        terminal.say(f"{each.id}  {each.url}")
        terminal.say(f"  of {_scope(each)}; told up to entry {each.place.index}")
        if each.private:
            terminal.say("  may be in your own network")
        if each.ended:
            terminal.say(f"  is told no more: {each.ended}")
        elif each.failures:
            terminal.say(
                f"  {each.failures} attempts failed: {each.said}; next {_moment(each.not_before)}"
            )
        for lost in dead:
            if lost.subscriber == each.id:
                terminal.say(f"  given up {_moment(lost.time)}: {lost.telling}: {lost.said}")
    if not found:
        terminal.say("nobody is told")
    return 0


def run_remove(args: argparse.Namespace, terminal: Terminal) -> int:
    wiring.remove_subscriber(options.folder(args), args.subscriber)
    terminal.say(f"{args.subscriber} is told no more")
    return 0


def run_again(args: argparse.Namespace, terminal: Terminal) -> int:
    count = wiring.tell_again(options.folder(args), args.subscriber)
    terminal.say(f"{args.subscriber} is told again, from the first of {count} that were given up")
    return 0


def run_deliver(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    if args.watch:
        terminal.note("delivering  (Ctrl-C ends it)")
        wiring.deliver_on(folder, terminal.note, Event())
        return 0
    done = wiring.deliver_once(folder, terminal.note)
    _marks(folder, terminal)
    terminal.say(f"{done.sent} sent, {done.failed} to be tried again, {done.dead} given up")
    return 3 if done.failed or done.dead else 0


def _marks(folder: Any, terminal: Terminal) -> None:
    found = wiring.settings(folder)
    for mark in exercise(found.origin, found.exercise):
        terminal.say(mark)


def _scope(subscriber: Subscriber) -> str:
    if subscriber.letter is not None:
        return f"the letter {grouped(subscriber.letter)}"
    if subscriber.office is not None:
        return f"the letters of {subscriber.office}"
    return "every letter"


def _moment(seconds: float) -> str:
    return rfc3339(datetime.fromtimestamp(seconds, UTC))
