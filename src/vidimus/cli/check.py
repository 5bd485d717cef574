"""vidimus check: the four answers about a copy.

Against a registry's folder, its server, or evidence that came without either: a bundle on one
letter, a pack of a whole register. Evidence says how old it is, and cannot know what came later.

Exit status 0: it stands (STANDS, PART_STANDS, RATIFIED); 1: it does not; 2: usage, or the
input cannot be read; 3: cannot say (NO_RECORD, CANNOT_TELL). In an exercise the answer
says so, and nothing in it is real.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import answer
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import EXIT_STATUS, Headline
from vidimus.errors import OutsideFailed, UsageError, VerificationFailed
from vidimus.operations.fields import moment


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "check",
        help="the four answers about a copy: text, PDF, scan or photo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a text, a PDF, or the pictures of its pages in order; - for standard input",
    )
    options.registry(parser)
    parser.add_argument(
        "--bundle",
        metavar="FILE",
        help="against this bundle alone; without a copy, what stood of its letter, and no"
        " words are compared",
    )
    parser.add_argument(
        "--pack", metavar="FILE", type=Path, help="against this pack of a whole register"
    )
    parser.add_argument(
        "--trust",
        metavar="ROOT",
        help="whose evidence it must be: a trust root (trust.json), or its fingerprint as the"
        ' office published it ("1 ac85 c90e …"; an older one or the genesis will do), from a'
        " place that you believe; without it nothing stands by a bundle or a pack",
    )
    parser.add_argument("--json", action="store_true", help="the answer as one JSON document")
    parser.add_argument("--at", metavar="TIME", help="as of then: 2031-04-09T10:00:00Z")
    parser.add_argument("--from", dest="office", metavar="OFFICE", help="where it says it is from")
    parser.add_argument(
        "--staff",
        action="store_true",
        help="for the office itself: against its drafts too; not an answer for the public",
    )
    options.passphrase(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    offline = args.bundle or args.pack
    document = _offline(args, terminal) if offline else _asked(args, terminal)
    terminal.progress_over()
    if args.json:
        terminal.say(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for line in answer(document):
            terminal.say(line)
    return EXIT_STATUS.get(Headline(document["headline"]), 1)


def _asked(args: argparse.Namespace, terminal: Terminal) -> dict[str, Any]:
    """The answer of a registry's folder, or of its server."""
    if args.trust:
        raise UsageError("a trust root is for evidence", hint="--bundle FILE, --pack FILE")
    if not args.files:
        raise UsageError("which copy?", hint="give a file, or - for standard input")
    parts = [terminal.read(each) for each in args.files]
    at = moment(args.at) if args.at else None
    place = args.registry or ""
    if place.startswith(("http://", "https://")):
        return wiring.remote_check(place, parts, office=args.office, at=at)
    folder = options.folder(args)
    if args.staff:
        registry = wiring.office(folder, terminal.passphrase(args.passphrase_file))
        desk: Any = wiring.staff_desk(registry)
    else:
        desk = wiring.public_desk(folder)
    try:
        checked = desk.check(parts, office=args.office, at=at, progress=terminal.progress)
    except VerificationFailed as error:
        # A register that does not hold says nothing of the copy, neither yes nor no.
        raise OutsideFailed(error.fact, hint=error.hint) from error
    document: dict[str, Any] = checked.answer.to_json()
    return document


def _offline(args: argparse.Namespace, terminal: Terminal) -> dict[str, Any]:
    """The answer of evidence. What does not hold in it is an error, and never an answer."""
    if args.registry or args.staff or (args.bundle and args.pack):
        raise UsageError(
            "one thing is asked at a time: a registry, a bundle or a pack",
            hint="leave the others away",
        )
    trust = wiring.pin(args.trust, terminal.read) if args.trust else wiring.Pin()
    if args.pack:
        if not args.files:
            raise UsageError("which copy?", hint="give a file, or - for standard input")
        parts = [terminal.read(each) for each in args.files]
        at = moment(args.at) if args.at else None
        with wiring.open_pack(args.pack, trust) as found:
            return found.about_copy(parts, office=args.office, at=at, progress=terminal.progress)
    if args.at or args.office:
        raise UsageError(
            "a bundle answers for one letter, as of its own moment",
            hint="leave --at and --from away, or ask the register",
        )
    bundle = wiring.open_bundle(terminal.read(args.bundle), trust)
    if not args.files:
        return bundle.about_letter()
    parts = [terminal.read(each) for each in args.files]
    return bundle.about_copy(parts, progress=terminal.progress)
