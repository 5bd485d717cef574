"""vidimus draft, sign, release, withdraw, …: one command for each act.

Each performs one act, signed with the key of whoever acts, on the log at once. It does not
ask twice, and nothing takes an act back but a later act.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import grouped, said
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.kinds import LOWERING, ROOT, Kind
from vidimus.core.acts.vocabulary import Root
from vidimus.errors import UsageError, VidimusError
from vidimus.operations.fields import hints, moment, values
from vidimus.operations.perform import Done
from vidimus.operations.registered_text import text_of
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.verbs import VERBS

NOTICED = LOWERING | {Kind.CLEAR, Kind.RATIFY}  # the acts after which people must be told


@dataclass(frozen=True, slots=True)
class Command:
    """How a verb looks on the command line: what it is for, and what stands without a dash."""

    help: str
    positional: tuple[str, ...] = ()


COMMANDS: dict[str, Command] = {
    "found": Command("write the first entry: the founders and the registry's keys"),
    "establish": Command("make an office", ("office",)),
    "appoint": Command("appoint a person to an office", ("person",)),
    "end": Command("end a person's tenure of an office", ("person",)),
    "delegate": Command("let a person sign a class for your office", ("person",)),
    "revoke": Command("take a delegation back", ("person",)),
    "revoke_key": Command("say up to which entry a key counts", ("person",)),
    "define_class": Command("define a class of letters and how it is signed", ("cls",)),
    "cover": Command("promise that every letter of a class is registered", ("cls",)),
    "draft": Command("register a draft from a text file or a PDF", ("text",)),
    "revise": Command("register a new version of a draft", ("letter", "text")),
    "share": Command("note a coordination copy that goes outside: no release", ("letter",)),
    "sign": Command("sign the latest version, or attest a signature by hand", ("letter",)),
    "abandon": Command("give a draft up", ("letter",)),
    "release": Command("release a signed letter, as the second person", ("letter",)),
    "hold": Command("ask everybody not to use a letter while you check", ("letter",)),
    "clear": Command("end a hold: the letter stands again", ("letter",)),
    "correct": Command("replace a letter by its corrected wording", ("letter", "successor")),
    "supersede": Command("replace a letter by another one", ("letter", "successor")),
    "withdraw": Command("take a letter back, from now on", ("letter",)),
    "disown": Command("say that a letter was never authorised", ("letter",)),
    "ratify": Command("confirm a letter that was sent without authority", ("letter",)),
    "acknowledge_draft": Command("say in public that a text is a real draft", ("letter",)),
    "declare_forged": Command("put a text on the list of forgeries", ("text",)),
}

EXPLAINED = {
    "letter": "its number or its reference",
    "successor": "the letter that takes its place",
    "text": "a UTF-8 text or a PDF; - for standard input",
    "person": "the short name of somebody in DIR/people, or a .pub file",
    "office": "short name of an office, as in press or ministry/press",
    "cls": "short name of a class of letters",
    "rule": "digital, ink, initials or none",
    "signers": "offices that sign it, as a,b",
    "releasers": "offices that release it, as a,b",
    "second_person": "true (as if left away) or false: may the only signer release it?",
    "effective": "from when (default: now)",
    "until": "until when",
    "since": "since when (default: now)",
    "scan": "the scanned signed page, for a signature by hand",
    "code": "not-authorised, sent-in-error, released-too-early, wrong-text or forged",
    "reason": "in words, for the public page",
    "to": "who receives the copy",
    "copy": "its number",
    "of": "how many copies there are",
    "threshold": "how many founders must approve what the founders do (default: 1)",
    "last_index": "the last entry at which the key counts",
    "under": "the office that it belongs to",
}
GIVEN_BY_FILE = {"name", "key"}  # taken from the person's .pub file


def add(commands: Any) -> None:
    for verb, command in COMMANDS.items():
        name = verb.replace("_", "-")
        parser = commands.add_parser(name, help=command.help, description=command.help)
        options.acting(parser)
        if verb == "found":
            parser.add_argument(
                "--founders", metavar="A,B", help="who founds it (default: whoever acts)"
            )
        taken = hints(VERBS[verb])
        for each in command.positional:
            parser.add_argument(each, metavar=_shown(each), help=EXPLAINED.get(each))
        for field, (_, needed) in taken.items():
            if field in command.positional or field == "roots":
                continue
            if field in GIVEN_BY_FILE and "person" in taken:
                continue
            flag = "--" + _shown(field).lower().replace("_", "-")
            if field == "acting":
                parser.add_argument(flag, action="store_const", const="true", dest=field)
                continue
            parser.add_argument(
                flag, dest=field, required=needed, help=EXPLAINED.get(field), metavar="…"
            )
        parser.set_defaults(run=_runner(verb))


def _runner(verb: str) -> Callable[[argparse.Namespace, Terminal], int]:
    def run(args: argparse.Namespace, terminal: Terminal) -> int:
        return perform(verb, args, terminal)

    return run


def perform(verb_name: str, args: argparse.Namespace, terminal: Terminal) -> int:
    folder, people = options.folder(args), options.people(args)
    registry, actor = begin(verb_name, args, terminal)
    verb = VERBS[verb_name]
    given = {
        name: getattr(args, name) for name in hints(verb) if getattr(args, name, None) is not None
    }
    if verb_name == "found":
        founders = args.founders.split(",") if args.founders else people
        found = [wiring.person(folder, each) for each in founders]
        given["roots"] = tuple(Root(each.person, each.name, each.key) for each in found)
    if "person" in given and verb_name in ("appoint", "delegate", "revoke_key"):
        person = wiring.person(folder, given["person"])
        filled = {"person": person.person, "name": person.name, "key": person.key}
        given |= {name: each for name, each in filled.items() if name in hints(verb)}
    if "text" in given:
        source = terminal.read(given["text"])
        given["text"] = text_of(source, wiring.reader(), progress=terminal.progress)
        terminal.progress_over()
        if verb_name == "draft" and given["reference"] not in given["text"]:
            terminal.note("vidimus: note: the reference does not stand in the text itself")
    if "scan" in given:
        given["scan"] = terminal.read(given["scan"])
        if wiring.reader().read([given["scan"]], progress=terminal.progress).kind == "text":
            raise UsageError(
                f"{args.scan} is a text, not a scan", hint="give the signed page as it was scanned"
            )
    done = verb(registry, actor, **values(verb, given))
    terminal.say(said(done, registry))
    if verb_name in ("draft", "declare_forged"):
        terminal.say(grouped(done.act.subject))
    if done.act.kind in NOTICED:
        _notice(folder, registry, done, terminal)
    return 0


def _notice(folder: Path, registry: Registry, done: Done, terminal: Terminal) -> None:
    """What to send round now. The act is on the log: nothing that fails here undoes it."""
    try:
        said = wiring.notice_of(folder, registry, done)
    except VidimusError as error:
        terminal.note(f"vidimus: note: the act is done; its notice is not: {error.fact}")
        return
    if said is not None:
        terminal.say("Its notice, ready to send:")
        for line in said.rstrip("\n").split("\n"):
            terminal.say(f"  {line}".rstrip())


def begin(verb_name: str, args: argparse.Namespace, terminal: Terminal) -> tuple[Registry, Actor]:
    """The registry, and whoever acts there with which key."""
    folder, people = options.folder(args), options.people(args)
    passphrase = terminal.passphrase(args.passphrase_file)
    if args.time is not None:
        wiring.move_clock(folder, moment(args.time))
    registry = wiring.office(folder, passphrase)
    office = args.acting_as or _only_office(registry, verb_name, people[0])
    return registry, wiring.actor(folder, people, office, passphrase, args.key)


def _only_office(registry: Registry, verb: str, person: str) -> str:
    """The office to act in, when there is only one that it could be."""
    authority = registry.authority()
    if verb == "found":
        return ROOT
    now = registry.clock.now()
    held = sorted(
        office
        for office in authority.offices
        if authority.holds(person, office, registry.size, now)
    )
    if authority.root(person) is not None:
        held.append(ROOT)
    if len(held) == 1:
        return held[0]
    raise UsageError(
        f"{person} holds {', '.join(held)}; in which office is this?"
        if held
        else f"{person} holds no office here at this time",
        hint="--as OFFICE" if held else "a delegate names the office it signs for: --as OFFICE",
    )


def _shown(name: str) -> str:
    return {"cls": "CLASS", "text": "FILE"}.get(name, name.upper())
