"""vidimus debug: every form in between, to be looked at."""

from __future__ import annotations

import argparse
import json
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.terminal import Terminal
from vidimus.core.acts import document as documents
from vidimus.core.copies.canonical import canonical, digest
from vidimus.core.copies.fingerprints import fingerprints
from vidimus.core.seal import statement
from vidimus.errors import NotFound


def add(commands: Any) -> None:
    parser = commands.add_parser("debug", help="show the forms in between")
    actions = parser.add_subparsers(dest="action", required=True, metavar="canonical|read|…")
    for name, help_, run in (
        ("canonical", "the canonical text, its digest and its fingerprints", run_canonical),
        ("read", "what the reader makes of a file: pages, words, boxes, confidences", run_read),
    ):
        action = actions.add_parser(name, help=help_)
        action.add_argument("file", metavar="FILE")
        action.set_defaults(run=run)
    entry = actions.add_parser("entry", help="one entry: its statement and its public document")
    entry.add_argument("index", metavar="ENTRY", type=options.whole_number)
    options.registry(entry)
    entry.set_defaults(run=run_entry)


def run_canonical(args: argparse.Namespace, terminal: Terminal) -> int:
    text = terminal.read(args.file).decode("utf-8", "replace")
    terminal.say(canonical(text))
    terminal.say(f"sha-256 {digest(text).hex()}")
    terminal.say(f"{len(fingerprints(text))} fingerprints")
    return 0


def run_read(args: argparse.Namespace, terminal: Terminal) -> int:
    copy = wiring.reader().read([terminal.read(args.file)], progress=terminal.progress)
    terminal.progress_over()
    for page in copy.pages:
        size = f"{page.width}x{page.height}"
        terminal.say(f"page {page.number}: {page.source.value} {page.engine} {size}")
        for word in page.words:
            box = word.box and (word.box.left, word.box.top, word.box.right, word.box.bottom)
            sure = "" if word.confidence is None else f"{word.confidence:.2f}"
            terminal.say(f"  {word.line:>4} {sure:>5} {box or '':<24} {word.text}")
        for word in page.witness:
            terminal.say(f"  witness {word.line:>4} {word.confidence or 0:.2f} {word.text}")
    return 0


def run_entry(args: argparse.Namespace, terminal: Terminal) -> int:
    log = wiring.public_desk(options.folder(args)).log
    for stored in log.entries(args.index, args.index + 1):
        found = statement.parse(stored.raw)
        document = {
            "issuer": found.issuer,
            "subject": found.subject,
            "issued_at": found.issued_at,
            "kid": found.kid.hex(),
            "digest": found.digest.hex(),
            "content_type": found.content_type,
            "entry": stored.raw.hex(),
        }
        terminal.say(json.dumps(document, indent=1))
        if stored.document is not None:
            documents.read(stored.document)
            terminal.say(stored.document.decode())
        return 0
    raise NotFound(f"the log has no entry {args.index}")
