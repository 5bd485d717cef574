"""vidimus log check-receipt: a receipt, or a statement with receipts, checked offline."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from vidimus import wiring
from vidimus.cli.shown import exercise
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import rfc3339
from vidimus.core.evidence.vouched import vouched
from vidimus.core.seal import receipt, statement
from vidimus.core.seal.receipt import Receipt
from vidimus.core.trust import root as roots
from vidimus.errors import FormatError, VidimusError


def add_log(actions: Any) -> None:
    """Under `vidimus log`."""
    parser = actions.add_parser(
        "check-receipt",
        help="check a saved receipt against a saved entry, without the registry",
        description="Checks offline that the log of this trust root vouches for an entry: a"
        " statement with its receipts, as the registry gives it back, or an entry and a receipt"
        " apart. It does not say what the act means, nor what came after it. Exit status 1 if"
        " no receipt holds.",
    )
    parser.add_argument("entry", metavar="STATEMENT", help="with its receipts, or without")
    parser.add_argument("receipt", metavar="RECEIPT", nargs="?", help="where it is a file apart")
    parser.add_argument(
        "--trust",
        metavar="FILE",
        required=True,
        help="the register's trust root (trust.json), from a place that you believe",
    )
    parser.set_defaults(run=run_check_receipt)


def run_check_receipt(args: argparse.Namespace, terminal: Terminal) -> int:
    root = roots.read(terminal.read(args.trust))
    entry, receipts = _given(args, terminal)
    held: list[Receipt] = []
    spoilt: list[VidimusError] = []
    for each in receipts:
        try:
            held.append(vouched(each, entry, root))
        except VidimusError as error:
            spoilt.append(error)
    # A stranger may add what he likes; one that holds is enough, and none that holds is not.
    if not held:
        raise next(iter(spoilt), FormatError("this statement has no receipt on it"))
    named = statement.parse(entry).digest
    for mark in exercise(root.origin, root.origin.endswith(wiring.EXERCISE)):
        terminal.say(mark)
    for found in held:
        time = rfc3339(datetime.fromtimestamp(found.issued_at, UTC))
        terminal.say(f"it holds: this entry is number {found.index} of the log {root.origin}")
        terminal.say(f"the log said so at {time}, when it had {found.size} entries")
    for other in spoilt:
        terminal.note(f"vidimus: note: another receipt on it counts for nothing: {other.fact}")
    terminal.say(f"it names the document with the SHA-256 {named.hex()}")
    return 0


def _given(args: argparse.Namespace, terminal: Terminal) -> tuple[bytes, tuple[bytes, ...]]:
    statement_or_entry = terminal.read(args.entry)
    if args.receipt:
        return statement_or_entry, (terminal.read(args.receipt),)
    return receipt.detach(statement_or_entry)
