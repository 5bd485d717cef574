"""vidimus authority: who holds what, by the log: offices, tenures, classes, promises."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.authority import Authority


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "authority",
        help="who holds what: offices, people, classes, promises",
        description="Offices and who holds them now, delegations, classes and promises, as the"
        " public log has them. It does not say who should.",
    )
    options.registry(parser)
    parser.set_defaults(run=run)


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
