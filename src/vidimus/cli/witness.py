"""vidimus witness: watch other people's logs, and cosign what only grows."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options, serve
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import rfc3339
from vidimus.core.log.note import Verifier
from vidimus.operations.ports import Watched


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "witness",
        help="be a witness for other people's logs",
        description="A witness cosigns a log's checkpoint if it extends all that it cosigned of"
        " that log before. It does not look at entries, and says nothing about their content.",
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="init|trust|serve|…")
    init = actions.add_parser("init", help="make a witness in a folder, with a key of its own")
    init.add_argument("--name", required=True, help="as in witness.example.org/w1")
    options.new_key(init)
    init.set_defaults(run=run_init)
    trust = actions.add_parser(
        "trust", help="watch a log: trust this key of it, beside those trusted already"
    )
    trust.set_defaults(run=run_trust)
    distrust = actions.add_parser("distrust", help="trust this key of a log no more")
    distrust.set_defaults(run=run_distrust)
    show = actions.add_parser("show", help="its key, whom it watches, what it cosigned last")
    show.set_defaults(run=run_show)
    serving = actions.add_parser(
        "serve",
        help="answer logs and monitors over HTTP",
        description="Serves POST /add-checkpoint and GET /<origin hash>/checkpoint (C2SP"
        " tlog-witness). Put a reverse proxy with TLS before it where others shall reach it.",
    )
    options.passphrase(serving)
    serve.address(serving)
    serving.set_defaults(run=run_serve)
    for each in (init, trust, distrust, show, serving):
        each.add_argument("folder", metavar="DIR", type=Path)
    for each in (trust, distrust):
        each.add_argument("key", metavar="VKEY", help="the log's key, name+id+key")
        each.add_argument(
            "--origin", help="the log's name, where it is not that of its key (default: the same)"
        )


def run_init(args: argparse.Namespace, terminal: Terminal) -> int:
    passphrase = terminal.new_passphrase(args.passphrase_file, args.no_passphrase)
    made = wiring.new_witness(args.folder, args.name, passphrase)
    terminal.say(f"made {args.folder}: the witness {made.name}")
    terminal.say(f"its key: {made}")
    terminal.say("publish this key; whoever relies on you writes it into a policy")
    if passphrase is None:
        terminal.note("vidimus: note: the witness's key lies unprotected on this disk")
    terminal.say(f"next: vidimus witness trust {args.folder} VKEY")
    return 0


def run_trust(args: argparse.Namespace, terminal: Terminal) -> int:
    _list(wiring.watch(args.folder, [Verifier.parse(args.key)], args.origin), terminal)
    return 0


def run_distrust(args: argparse.Namespace, terminal: Terminal) -> int:
    _list(wiring.unwatch(args.folder, Verifier.parse(args.key), args.origin), terminal)
    return 0


def run_show(args: argparse.Namespace, terminal: Terminal) -> int:
    terminal.say(str(wiring.witness_key(args.folder)))
    _list(wiring.watched(args.folder), terminal)
    return 0


def run_serve(args: argparse.Namespace, terminal: Terminal) -> int:
    def ready(where: str) -> None:
        terminal.say(f"witnessing at {where}  (Ctrl-C ends it)")
        terminal.out.flush()

    passphrase = terminal.passphrase(args.passphrase_file)
    wiring.serve_witness(args.folder, passphrase, args.host, serve.port(args), ready)
    return 0


def _list(logs: Mapping[str, Watched], terminal: Terminal) -> None:
    for origin, each in logs.items():
        watched = "" if each.keys else "  (not watched any more)"
        terminal.say(f"{origin}{watched}")
        for vkey in each.keys:
            terminal.say(f"  trusts {vkey}")
        if each.latest is None:
            terminal.say("  cosigned nothing yet")
        else:
            when = rfc3339(datetime.fromtimestamp(each.latest.time, UTC))
            terminal.say(f"  cosigned {each.latest.size:,} entries last, {when}")
    if not logs:
        terminal.say("it watches no log")
