"""vidimus witness: watch other people's logs, and cosign what only grows.

And the other side, under vidimus log: whom this log asks, and asking them.
"""

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
from vidimus.errors import NotFound, UsageError
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
    evidence = actions.add_parser(
        "evidence",
        help="what proves that a log showed two histories",
        description="Without N, lists what was kept; with it, writes that file to standard"
        " output. “vidimus log fork FILE” checks it, without you or the log.",
    )
    evidence.set_defaults(run=run_evidence)
    serving = actions.add_parser(
        "serve",
        help="answer logs and monitors over HTTP",
        description="Serves POST /add-checkpoint and GET /<origin hash>/checkpoint (C2SP"
        " tlog-witness). Put a reverse proxy with TLS before it where others shall reach it.",
    )
    options.passphrase(serving)
    serve.address(serving)
    serving.set_defaults(run=run_serve)
    for each in (init, trust, distrust, show, evidence, serving):
        each.add_argument("folder", metavar="DIR", type=Path)
    evidence.add_argument("number", metavar="N", nargs="?", type=options.whole_number)
    trust.add_argument(
        "key", metavar="VKEY|FILE", help="the log's key, name+id+key, or its registry's trust.json"
    )
    distrust.add_argument("key", metavar="VKEY", help="the log's key, name+id+key")
    for each in (trust, distrust):
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
    if not Path(args.key).is_file():
        logs = wiring.watch(args.folder, [Verifier.parse(args.key)], args.origin)
    elif args.origin is None:
        logs = wiring.watch_root(args.folder, terminal.read(args.key))
    else:
        raise UsageError("a trust root names its log itself", hint="leave --origin away")
    _list(logs, terminal)
    return 0


def run_distrust(args: argparse.Namespace, terminal: Terminal) -> int:
    _list(wiring.unwatch(args.folder, Verifier.parse(args.key), args.origin), terminal)
    return 0


def run_show(args: argparse.Namespace, terminal: Terminal) -> int:
    terminal.say(str(wiring.witness_key(args.folder)))
    _list(wiring.watched(args.folder), terminal)
    for origin in dict.fromkeys(origin for origin, _ in wiring.witness_evidence(args.folder)):
        terminal.say(f"*** {origin} signed two histories: vidimus witness evidence {args.folder}")
    return 0


def run_evidence(args: argparse.Namespace, terminal: Terminal) -> int:
    kept = wiring.witness_evidence(args.folder)
    if args.number is None:
        for number, (origin, _file) in enumerate(kept, 1):
            terminal.say(f"{number}  {origin}")
        if not kept:
            terminal.say("no log showed this witness two histories")
    elif 1 <= args.number <= len(kept):
        terminal.out.write(kept[args.number - 1][1].decode())
    else:
        raise NotFound(f"there is no evidence {args.number}", hint=f"there are {len(kept)} files")
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


def add_to_log(actions: Any) -> None:
    """The commands of a registry about its own witnesses."""
    witnesses = actions.add_parser(
        "witnesses",
        help="show or set the policy: who shall cosign this log",
        description="With FILE, checks a policy (C2SP tlog-policy) and puts it into force;"
        " nobody is asked yet.",
    )
    witnesses.add_argument("file", metavar="FILE", nargs="?")
    witnesses.set_defaults(run=run_witnesses)
    ask = actions.add_parser(
        "ask-witnesses",
        help="ask them now to cosign the present checkpoint",
        description="Asks every witness of the policy at once. Exit status 3 if the quorum is"
        " missed; the log goes on without it, and answers say so.",
    )
    ask.set_defaults(run=run_ask)
    for each in (witnesses, ask):
        options.registry(each)


def run_witnesses(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    if args.file is not None:
        wiring.install_witnesses(folder, terminal.read(args.file))
    policy = wiring.witness_policy(folder)
    if policy is None or not policy.witnesses:
        terminal.say("this log asks no witness")
        return 0
    for each in policy.witnesses:
        terminal.say(f"{each.name}  {each.key.name}  {each.url or '(no address)'}")
    terminal.say(f"quorum {policy.quorum}")
    return 0


def run_ask(args: argparse.Namespace, terminal: Terminal) -> int:
    found = wiring.ask_witnesses(options.folder(args))
    if found is None:
        terminal.say("nobody was asked: the log is empty, or its policy names no witness")
        return 3
    seen = found.witnessed
    for name in seen.names:
        terminal.say(f"{name} cosigned {found.size:,} entries")
    for name, failure in found.failures.items():
        mark = "  *** look into this ***" if failure.alarm else ""
        terminal.say(f"{name} {failure.sentence}{mark}")
    terminal.say("the quorum is met" if seen.met else "the quorum is missed")
    return 0 if seen.met else 3
