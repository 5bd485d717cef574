"""vidimus authority: who holds what, by the log, and why somebody may or may not."""

from __future__ import annotations

import argparse
import json
import textwrap
from datetime import datetime
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import WIDTH, exercise
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.authority import Authority
from vidimus.core.acts.explained import Span
from vidimus.core.acts.held import Bar, stamp
from vidimus.operations.who import NAMES, Asked, Told, Who, asked_act, asked_at


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "authority",
        help="who holds what: offices, people, classes, promises; and why: authority show",
        description="Offices and who holds them now, delegations, classes and promises, as the"
        " public log has them. It does not say who should.",
    )
    options.registry(parser)
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(dest="action", metavar="show")
    show = actions.add_parser(
        "show",
        help="why somebody may, or may not, do something in an office on a day",
        description="Step by step, each with its entry on the log, why somebody who acts in"
        " OFFICE may or may not sign, release or take back letters of a class on a day. It"
        " knows nothing of a letter's own state, and does not say who should. Exit status 0,"
        " whatever the answer is.",
    )
    show.add_argument("office", metavar="OFFICE", help="the office that would be acted in")
    show.add_argument(
        "--at",
        metavar="DATE",
        help="2031-04-09, the whole day (UTC), or 2031-04-09T10:00:00Z (default: now)",
    )
    show.add_argument(
        "--class",
        dest="cls",
        metavar="CLS",
        help="letters of this class (default: all that the office has to do with)",
    )
    show.add_argument(
        "--person", metavar="PERSON", help="(default: whoever was appointed or lent to it)"
    )
    show.add_argument(
        "--act", metavar="ACT", default="sign", help=f"one of: {', '.join(NAMES)} (default: sign)"
    )
    show.add_argument(
        "--as-known-now",
        action="store_true",
        help="by everything that is on the log today, and not by what was on it then",
    )
    show.add_argument("--json", action="store_true")
    # Where it is not given again behind “show”, the one before it holds.
    show.add_argument("--registry", metavar="DIR", default=argparse.SUPPRESS)
    show.set_defaults(run=explain)


def explain(args: argparse.Namespace, terminal: Terminal) -> int:
    asked = Asked(
        args.office,
        asked_act(args.act),
        args.cls,
        args.person,
        asked_at(args.at) if args.at else None,
        args.as_known_now,
    )
    told = Who(wiring.public_desk(options.folder(args))).ask(asked)
    if args.json:
        terminal.say(json.dumps(told.to_json(), indent=1, ensure_ascii=False))
    else:
        for line in lines(told):
            terminal.say(line)
    return 0


def lines(told: Told) -> list[str]:
    asked = told.asked
    said = exercise(told.registry, told.exercise)
    said.append(f"{asked.office}  {told.title}, {asked.at or stamp(told.time)}")
    said += _wrapped(told.judged_by(), "")
    for number, step in enumerate(told.explanation.steps, 1):
        status = f"[{step.status}] " if step.status else ""
        said += _wrapped(f"{step.about}: {status}{step.says}", f"{number:>3}. ")
    if told.bars:
        said += ["", "Held, as the log has it through time:"]
        said += [f"  {period(each):<48} {held(each)}" for each in told.bars]
    act = asked.kind.value.replace("_", " ")
    said += ["", f"May they {act}?" if asked.person is None else f"May {asked.person} {act}?"]
    for spans in told.explanation.answers:
        said += _answer(spans)
    if not told.explanation.answers:
        said += _wrapped(
            "Nobody was appointed to it by then, or no class of letters has to do with it.",
            "  ",
        )
    for other in told.others:
        said += _wrapped(f"But {other}", "  ")
    return said


def period(bar: Bar) -> str:
    return f"{stamp(bar.since)} – {stamp(bar.until) if bar.until is not None else 'open'}"


def held(bar: Bar) -> str:
    how = ", acting" if bar.acting else f", may sign “{bar.cls}”" if bar.cls else ""
    return f"{bar.name} ({bar.person}){how} (entry {bar.entry})"


def _answer(spans: tuple[Span, ...]) -> list[str]:
    said = []
    for number, span in enumerate(spans):
        answer = span.answer
        when = f"from {stamp(span.since)}: " if len(spans) > 1 else ""
        word = "may" if answer.may else "may not"
        about = f", class “{answer.cls}”" if answer.cls else ""
        why = f": {answer.because}" if answer.may else f", because {answer.because}"
        said += _wrapped(f"{when}{answer.name}{about}: {word}{why}", "  ")
        if answer.failing is not None:
            said += _wrapped(f"fails first: {answer.failing.value}", "      ")
        if answer.entries:
            told = ", ".join(f"entry {each}" for each in answer.entries)
            said += _wrapped(f"rests on: {told}", "      ")
        if answer.needed and number == len(spans) - 1:
            said += _wrapped(f"needed: {answer.needed}", "      ")
        for each in answer.provided:
            said += _wrapped(f"provided: {each}", "      ")
    return said


def _wrapped(text: str, start: str) -> list[str]:
    further = " " * (len(start) if start.strip() else len(start) + 2 if start else 0)
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=further, break_on_hyphens=False
    )


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    desk = wiring.public_desk(options.folder(args))
    state, now = desk.authority()
    authority = state.authority
    for mark in exercise(desk.settings.origin, desk.settings.exercise):
        terminal.say(mark)
    founders = authority.trust.roots
    threshold = authority.trust.threshold if founders else 0
    names = ", ".join(f"{each.name} ({each.person})" for each in founders)
    terminal.say(f"founders    {names or 'none yet'}; {threshold} act together")
    for office in sorted(authority.offices):
        terminal.say(f"{office:<28} {authority.title(office)}")
        for line in _holders(authority, office, state.size, now):
            terminal.say(f"{'':<28} {line}")
    for cls, rules in sorted(authority.classes.items()):
        body = rules[-1].body
        rule = body.rule.value
        terminal.say(f"class {cls:<22} {body.title}, of {body.office}; signature: {rule}")
        second = "a second person" if body.second_person else "no second person"
        terminal.say(f"{'':<28} signed by {', '.join(body.signers) or 'nobody'}")
        terminal.say(f"{'':<28} released by {', '.join(body.releasers)}; {second}")
        for promise in authority.covered(body.office, now):
            if promise.cls == cls:
                terminal.say(f"{'':<28} every one is registered since {promise.since:%Y-%m-%d}")
    return 0


def _holders(authority: Authority, office: str, size: int, now: datetime) -> list[str]:
    lines = []
    for person in sorted({each.person for each in authority.appointments}):
        held = authority.holds(person, office, size, now)
        if held is not None:
            until = f", until {held.until:%Y-%m-%d %H:%M} UTC" if held.until else ""
            acting = "acting, " if held.acting else ""
            since = f"{acting}since {held.effective:%Y-%m-%d} (entry {held.index}){until}"
            lines.append(f"{held.name} ({person}), {since}")
    for lent in authority.delegations:
        known = authority.delegated(lent.person, office, lent.cls, size, now)
        if known is lent:
            lines.append(f"may sign “{lent.cls}”: {lent.name} ({lent.person}), from {lent.by}")
    return lines or ["held by nobody now"]
