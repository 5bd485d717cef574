"""vidimus log: show it, verify it, publish it, prove that an entry is on it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import keys, opening, options, receipts, witness
from vidimus.cli import serve as serving
from vidimus.cli.shown import exercise, grouped
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import rfc3339
from vidimus.core.log import proof as proofs
from vidimus.core.log.note import Verifier
from vidimus.core.seal import statement
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import open_checkpoint
from vidimus.errors import FormatError


def add(commands: Any) -> None:
    parser = commands.add_parser("log", help="show, verify, publish or prove the log")
    actions = parser.add_subparsers(dest="action", required=True, metavar="show|verify|proof|…")
    show = actions.add_parser("show", help="its entries, as anybody may see them")
    verify = actions.add_parser(
        "verify",
        help="rebuild everything from the entries and compare",
        description="Reads every entry and every document, checks every signature and every"
        " hash, and makes the fold again. Exit status 1 if anything does not hold.",
    )
    verify.add_argument(
        "--public", action="store_true", help="as an outsider: without the sealed documents"
    )
    verify.add_argument("--json", action="store_true")
    options.passphrase(verify)
    verify.set_defaults(run=run_verify)
    proof = actions.add_parser("proof", help="a C2SP tlog-proof for one entry")
    proof.add_argument("index", metavar="ENTRY", type=options.whole_number)
    proof.set_defaults(run=run_proof)
    checking = actions.add_parser(
        "check-proof",
        help="check a saved proof against a saved entry, without the registry",
        description="Checks offline that a log, whose key you know, holds this entry: nobody is"
        " asked, and no registry is needed. It does not say what the act means, whether it"
        " took effect, nor what came after it. Exit status 1 if the proof does not hold.",
    )
    checking.add_argument("proof", metavar="PROOF", help="as saved from /log/N.tlog-proof")
    checking.add_argument("entry", metavar="ENTRY", help="as saved from /log/N.cose")
    known = checking.add_mutually_exclusive_group(required=True)
    known.add_argument(
        "--log-key",
        metavar="VKEY",
        help="the log's key, name+id+key, from a place that you believe: it also names the log",
    )
    known.add_argument(
        "--trust", metavar="FILE", help="or the log's trust root, with every key that it ever had"
    )
    checking.set_defaults(run=run_check_proof)
    checkpoint = actions.add_parser("checkpoint", help="the signed size and root")
    checkpoint.set_defaults(run=run_checkpoint)
    witness.add_to_log(actions)
    publish = actions.add_parser(
        "publish",
        help="bring the public files up to date, for any file server to serve",
        description="Writes what is missing: tiles, entries and public documents, then the"
        " checkpoint (C2SP tlog-tiles), and the Atom feeds. Everything is checked against the"
        " signed root first; signatures of acts and what they mean are not: that is “log verify”."
        " A folder that is ahead of the log, or of another one, is refused.",
    )
    publish.add_argument(
        "--to", metavar="FOLDER", type=Path, help="default: public/log in the registry's folder"
    )
    publish.set_defaults(run=run_publish)
    keys.add_log(actions)
    opening.add_log(actions)
    receipts.add_log(actions)
    server = actions.add_parser(
        "serve",
        help="serve the log: registration, receipts, and its public face",
        description="Registers statements that arrive signed (SCITT: POST /entries) and serves"
        " receipts, tiles, bundles and claims. It holds the log's keys and the office's file: run"
        " it inside, and put a reverse proxy with TLS before it. One such server a registry.",
    )
    serving.address(server)
    options.passphrase(server)
    server.set_defaults(run=run_serve)
    show.set_defaults(run=run_show)
    for each in (show, verify, proof, checkpoint, publish, server):
        options.registry(each)


def run_show(args: argparse.Namespace, terminal: Terminal) -> int:
    desk = wiring.public_desk(options.folder(args))
    size = desk.log.head().size
    for mark in exercise(desk.settings.origin, desk.settings.exercise):
        terminal.say(mark)
    for line in desk.log_lines(0, size):
        if line.sealed:
            terminal.say(f"{line.index:>6}  {rfc3339(line.time)}  (sealed)")
        else:
            letter = grouped(line.letter) if line.letter else ""
            terminal.say(
                f"{line.index:>6}  {rfc3339(line.time)}  {line.kind:<18} {line.office:<24} {letter}"
            )
    terminal.say(f"{size} entries")
    return 0


def run_verify(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    settings = wiring.settings(folder)
    found = wiring.verify_log(folder, args.public, progress=terminal.progress)
    terminal.progress_over()
    if args.json:
        document = {
            "registry": settings.origin,
            "exercise": settings.exercise,
            "size": found.size,
            "public": found.public,
            "sealed": found.sealed,
            "opened": found.opened,
            "letters": found.letters,
            "root": found.root.hex(),
            "published": found.published,
            "refused": list(found.refused),
        }
        terminal.say(json.dumps(document, indent=1))
        return 0
    for mark in exercise(settings.origin, settings.exercise):
        terminal.say(mark)
    terminal.say(f"{found.size} entries hold: {found.public} public, {found.sealed} sealed")
    terminal.say(f"of the sealed, {found.opened} were opened and hold too")
    terminal.say(f"root {found.root.hex()}")
    if found.published is not None:
        terminal.say(f"the published files hold too, as of {found.published} entries")
    for each in found.refused:
        terminal.say(f"without effect: {each}")
    return 0


def run_proof(args: argparse.Namespace, terminal: Terminal) -> int:
    terminal.out.write(wiring.public_desk(options.folder(args)).proof(args.index))
    return 0


def run_check_proof(args: argparse.Namespace, terminal: Terminal) -> int:
    entry = terminal.read(args.entry)
    try:
        text = terminal.read(args.proof).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"malformed proof: {args.proof} is not UTF-8") from error
    proof = proofs.parse(text)
    if args.trust is not None:
        root = roots.read(terminal.read(args.trust))
        verifier = open_checkpoint(proof.checkpoint, root.trust)[1]
    else:
        verifier = Verifier.parse(args.log_key)
    head = proofs.check_proof(proof, entry, verifier, verifier.name)
    named = statement.parse(entry).digest
    for mark in exercise(verifier.name, verifier.name.endswith(wiring.EXERCISE)):
        terminal.say(mark)
    terminal.say(f"it holds: this entry is number {proof.index} of the log {verifier.name}")
    terminal.say(f"size {head.size}")
    terminal.say(f"root {head.root.hex()}")
    terminal.say(f"it names the document with the SHA-256 {named.hex()}")
    return 0


def run_publish(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    settings = wiring.settings(folder)
    size = wiring.publish(folder, args.to, progress=terminal.progress)
    wiring.publish_feeds(folder, args.to)
    terminal.progress_over()
    for mark in exercise(settings.origin, settings.exercise):
        terminal.say(mark)
    terminal.say(f"{size} entries are published in {args.to or wiring.public_face(folder)}")
    return 0


def run_serve(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)

    def ready(where: str) -> None:
        terminal.say(f"serving the log of {folder} at {where}  (Ctrl-C ends it)")
        terminal.out.flush()

    passphrase = terminal.passphrase(args.passphrase_file)
    wiring.serve_log(folder, args.host, serving.port(args), passphrase, ready, terminal.note)
    return 0


def run_checkpoint(args: argparse.Namespace, terminal: Terminal) -> int:
    terminal.out.write(wiring.public_desk(options.folder(args)).checkpoint())
    return 0
