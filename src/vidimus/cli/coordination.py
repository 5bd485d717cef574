"""vidimus coordinate, answer, override, owed, ready: who is asked, who said what, what is open.

All of it stays inside. None of it signs or releases anything; what is open blocks both.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.acts import begin
from vidimus.cli.shown import WIDTH, exercise, grouped, said
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.asking import Comment
from vidimus.core.acts.coordination import Turn
from vidimus.core.acts.kinds import Kind, Position
from vidimus.core.acts.letter import Letter
from vidimus.core.acts.readiness import Item, ready
from vidimus.core.acts.readiness import said as answered
from vidimus.errors import UsageError
from vidimus.operations import coordinating, readiness
from vidimus.operations.fields import moment
from vidimus.operations.lookup import find
from vidimus.operations.lookup import now as now_of
from vidimus.operations.perform import Done
from vidimus.operations.registry import Registry

POSITIONS = {
    "concur": Position.CONCUR,
    "comment": Position.CONCUR_WITH_COMMENT,
    "nonconcur": Position.NONCONCUR,
}


def add(commands: Any) -> None:
    asking = commands.add_parser("coordinate", help="ask offices to answer on the latest version")
    _letter(asking)
    for flag, what in (("--ask", "must answer"), ("--optional", "may answer")):
        asking.add_argument(
            flag,
            action="append",
            default=[],
            metavar="OFFICE[:UNTIL]",
            help=f"an office that {what}; several: give it again",
        )
    asking.add_argument(
        "--until", metavar="DATE", help="by when, for all without a date of their own (UTC)"
    )
    asking.add_argument("--version", type=options.whole_number, metavar="N", help="refuse another")
    options.acting(asking)
    asking.set_defaults(run=run_coordinate)

    answering = commands.add_parser(
        "answer",
        help="answer for your office on one version",
        description="Answer for an office that was asked. A comment is about the words quoted"
        " after it, or about the whole; give --comment again for a further one.",
    )
    _letter(answering)
    answering.add_argument("position", choices=POSITIONS, metavar="concur|comment|nonconcur")
    answering.add_argument(
        "--version", type=options.whole_number, metavar="N", required=True, help="that you read"
    )
    for flag, what in (
        ("--comment", "what is to be said"),
        ("--on", "the words that the comment before it is about"),
        ("--before", "the words before these, where they stand more than once"),
        ("--after", "the words after these"),
    ):
        answering.add_argument(
            flag, action=_Commenting, dest="comments", default=(), metavar="TEXT", help=what
        )
    options.acting(answering)
    answering.set_defaults(run=run_answer)

    overriding = commands.add_parser(
        "override", help="let a letter go on against an office, in your own name"
    )
    _letter(overriding)
    overriding.add_argument("office", metavar="OFFICE", help="that said no, or is overdue")
    overriding.add_argument("--reason", required=True, metavar="TEXT")
    overriding.add_argument("--version", type=options.whole_number, metavar="N")
    options.acting(overriding)
    overriding.set_defaults(run=run_override)

    owed = commands.add_parser("owed", help="who owes which answer by when, over all letters")
    owed.add_argument("--office", metavar="OFFICE", help="of this office alone")
    _looking(owed)
    owed.set_defaults(run=run_owed)

    ready_ = commands.add_parser(
        "ready",
        help="what a letter still needs to be signed and released",
        description="Exit 0: it can be released now; 1: something is missing or blocked.",
    )
    _letter(ready_)
    ready_.add_argument("--version", type=options.whole_number, metavar="N", help="that you read")
    ready_.add_argument("--by", metavar="PERSON", help="who would release it")
    ready_.add_argument("--as", metavar="OFFICE", dest="acting_as", help="in which office")
    _looking(ready_)
    ready_.set_defaults(run=run_ready)


def _letter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("letter", metavar="LETTER", help="its number or its reference")


def _looking(parser: argparse.ArgumentParser) -> None:
    options.registry(parser)
    options.passphrase(parser)


class _Commenting(argparse.Action):
    """Each --comment begins a comment; what follows it is about that one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        given: tuple[dict[str, Any], ...] = getattr(namespace, self.dest)
        name = {"--comment": "text", "--on": "quote"}.get(
            str(option_string), str(option_string).removeprefix("--")
        )
        if name == "text":
            given = (*given, {})
        if not given or name in given[-1]:
            parser.error(f"{option_string} stands after the --comment that it belongs to, once")
        setattr(namespace, self.dest, (*given[:-1], {**given[-1], name: values}))


def run_coordinate(args: argparse.Namespace, terminal: Terminal) -> int:
    registry, actor = begin("coordinate", args, terminal)
    done = coordinating.coordinate(
        registry,
        actor,
        letter=args.letter,
        ask=tuple(args.ask),
        optional=tuple(args.optional),
        until=None if args.until is None else moment(args.until),
        version=args.version,
    )
    return _told(done, registry, terminal)


def run_answer(args: argparse.Namespace, terminal: Terminal) -> int:
    registry, actor = begin("answer", args, terminal)
    done = coordinating.answer(
        registry,
        actor,
        letter=args.letter,
        position=POSITIONS[args.position],
        version=args.version,
        comments=tuple(Comment(**each) for each in args.comments),
    )
    return _told(done, registry, terminal)


def run_override(args: argparse.Namespace, terminal: Terminal) -> int:
    registry, actor = begin("override", args, terminal)
    done = coordinating.override(
        registry,
        actor,
        letter=args.letter,
        office=args.office,
        reason=args.reason,
        version=args.version,
    )
    return _told(done, registry, terminal)


def _told(done: Done, registry: Registry, terminal: Terminal) -> int:
    terminal.say(said(done, registry))
    letter = registry.letter(done.act.subject)
    for line in coordinated(registry, letter) if letter is not None else ():
        terminal.say(line)
    return 0


def run_owed(args: argparse.Namespace, terminal: Terminal) -> int:
    registry = wiring.office(options.folder(args), terminal.passphrase(args.passphrase_file))
    if args.office is not None and args.office not in registry.authority().offices:
        raise UsageError(f"there is no office “{args.office}”", hint="see them: vidimus authority")
    for mark in exercise(registry.settings.origin, registry.settings.exercise):
        terminal.say(mark)
    found = readiness.owed(registry, args.office)
    for each in found:
        until, letter = each.turn.asked.until, each.letter
        by = "ask again" if until is None else f"{until:%Y-%m-%d %H:%M}"
        late = "overdue" if each.overdue else "optional" if not each.turn.asked.required else ""
        name = f"{letter.reference} version {letter.latest.number}"
        terminal.say(f"{by:<16}  {late:<8}  {each.turn.office:<24}  {name}  {letter.title}")
    if not found:
        terminal.say("nobody owes an answer")
    return 0


def run_ready(args: argparse.Namespace, terminal: Terminal) -> int:
    if (args.by is None) != (args.acting_as is None):
        raise UsageError("who would release it, and in which office?", hint="--by P --as OFFICE")
    registry = wiring.office(options.folder(args), terminal.passphrase(args.passphrase_file))
    letter = find(registry, args.letter)
    releaser = None if args.by is None else (args.by, args.acting_as)
    items = readiness.list_of(registry, letter, version=args.version, releaser=releaser)
    for mark in exercise(registry.settings.origin, registry.settings.exercise):
        terminal.say(mark)
    terminal.say(f"{grouped(letter.id)}  {letter.reference}  {letter.title}")
    for line in _listed(items):
        terminal.say(line)
    can = ready(items, Kind.RELEASE)
    if can:
        terminal.say("it can be released")
    elif ready(items, Kind.SIGN):
        signed = "" if letter.signatures else "it can be signed; "
        terminal.say(f"{signed}it cannot be released yet")
    else:
        terminal.say("it can be neither signed nor released")
    return 0 if can else 1


def _listed(items: Iterable[Item]) -> list[str]:
    lines = []
    for each in items:
        only = "" if each.only is None or each.what != "letter" else f"to {each.only}: "
        lines += _wrapped(f"  {each.state:<8} ", f"{each.what}: {only}{each.why}")
    return lines


def coordinated(registry: Registry, letter: Letter) -> list[str]:
    """Who was asked about a letter, and who said what, for whoever looks at it."""
    lines: list[str] = []
    now, is_open = now_of(registry), letter.state in readiness.OPEN
    for turn in readiness.turns(registry, letter):
        if is_open or not turn.owes:
            lines += _wrapped("  asked      ", f"{turn.office}: {answered(turn, letter, now)}")
            lines += _comments(turn)
    void = letter.coordination.void(letter.latest.number)
    if void and is_open:
        count = "1 answer" if len(void) == 1 else f"{len(void)} answers"
        are = "is" if len(void) == 1 else "are"
        again = ": ask again" if any(t.owes for t in readiness.turns(registry, letter)) else ""
        lines.append(f"  void       {count} of version {void[0].version} {are} void{again}")
        for each in void:
            position = each.position.value.replace("_", " ")
            lines += _wrapped(" " * 13, f"{each.office}: {position}, {each.name}")
    return lines


def _comments(turn: Turn) -> list[str]:
    lines: list[str] = []
    for each in turn.answer.comments if turn.answer is not None else ():
        on = "on the whole" if each.quote is None else f"on “{' '.join(each.quote.split())}”"
        lines += _wrapped(" " * 13, f"{on}: {' '.join(each.text.split())}")
    over = turn.override
    if over is not None:
        by = f"overridden by {over.name}, {over.because}, in entry {over.index}"
        lines += _wrapped(" " * 13, f"{by}: {' '.join(over.reason.split())}")
    return lines


def _wrapped(start: str, text: str) -> list[str]:
    indent = " " * len(start)
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=indent)
