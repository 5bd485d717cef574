"""vidimus monitor: follow somebody's log from outside, and report what is not as it should be.

It reads static files alone, from an address or a folder, and believes nothing but the trust
root that you give it. Every signature is checked, every hash computed, every act judged by
the power that the log itself had shown before. What it has read it keeps, so that nothing
can be changed behind its back; what it finds it writes down as files that show it to others.

Exit status 0: nothing was found; 1: something was, now or in an earlier round that convicted
somebody and was not acknowledged; 2: usage; 3: something could not be read.
With --evidence 0: the files prove it; 1: they do not; 3: they rest on the monitor's word.

It does not see the documents of sealed entries, nor what was never put on the log.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli.shown import exercise, grouped
from vidimus.cli.terminal import Terminal
from vidimus.core.copies.answers import rfc3339
from vidimus.core.trust import root as roots
from vidimus.errors import UsageError
from vidimus.operations.monitor.rounds import Round


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "monitor",
        help="follow a log from outside, trusting nobody",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "address",
        nargs="?",
        metavar="URL",
        help="where the log is served: http(s)://…, or a folder",
    )
    parser.add_argument(
        "--trust",
        metavar="FILE",
        help="the registry's trust root, from a place that you believe (without it, the one that"
        " is served is pinned the first time, and said aloud)",
    )
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=Path,
        help="what the monitor remembers (default: a folder of yours, by the address)",
    )
    parser.add_argument(
        "--watch",
        metavar="OFFICE",
        action="append",
        default=[],
        help="report every act in the name of this office, by id or title; again for more",
    )
    parser.add_argument(
        "--follow",
        metavar="SECONDS",
        type=_seconds,
        help="go on: a round every so many seconds, until interrupted",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document a line")
    parser.add_argument(
        "--evidence",
        metavar="DIR",
        type=Path,
        help="in place of a round: check what a saved finding proves, from its files alone",
    )
    parser.add_argument(
        "--acknowledge",
        metavar="KEY",
        action="append",
        help="in place of a round: put a finding that is kept aside (KIND/NAME); again for more",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    trust = terminal.read(args.trust) if args.trust else None
    if args.evidence is not None:
        return _evidence(args.evidence, trust, terminal)
    if args.address is None and (args.acknowledge is None or args.state is None):
        raise UsageError("which log?", hint="vidimus monitor https://letters.example.org")
    folder = args.state or wiring.monitor_folder(_home(), args.address)
    if args.acknowledge is not None:
        wiring.acknowledge(folder, args.acknowledge)
        for key in args.acknowledge:
            terminal.say(f"put aside: {key}; its evidence stays in {folder / 'evidence' / key}")
        return 0
    with wiring.monitor(
        args.address, folder, offices=args.watch, trust=trust, progress=terminal.progress
    ) as monitor:
        if monitor.pinned_now:
            terminal.note(
                "vidimus: note: no trust root was given; pinned now, as served:"
                f" {roots.fingerprint(monitor.trust)}\n"
                "vidimus: note: compare these words with the office's, on a way that you know"
            )
        while True:
            _show_lines(monitor, args.json, terminal)  # of a round that was broken off
            done = monitor.round()
            terminal.progress_over()
            _show_lines(monitor, args.json, terminal)
            quiet = args.follow is not None and not args.json and not done.read
            if not quiet:
                _show_round(done, folder, args.json, terminal)
            elif done.later:
                _show_kept(done, folder, terminal)
            terminal.out.flush()
            if args.follow is None:
                return done.exit_status
            time.sleep(args.follow)


def _show_lines(monitor: wiring.Monitoring, as_json: bool, terminal: Terminal) -> None:
    last = 0
    for number, line in monitor.untold():
        for each in [json.dumps(line, ensure_ascii=False)] if as_json else _told(line):
            terminal.say(each)
        last = number
    if last:
        # Shown first and ticked off then: a kill between shows a line twice, and never not.
        terminal.out.flush()
        monitor.told(last)


def _told(line: Mapping[str, Any]) -> list[str]:
    match line["type"]:
        case "finding":
            lines = [f"!! {line['kind']}: {line['fact']}"]
            if line["signed_by"]:
                lines.append(f"   signed by {', '.join(line['signed_by'])}")
            if by := line.get("tree_signed_by"):
                tree = f"the tree is signed by {', '.join(by)}"
                lines.append(f"   {tree}; these bytes, as its entry, by nobody")
            if line["evidence"]:
                lines.append(f"   evidence: {line['evidence']}")
            return lines
        case "over":
            return [f"over: {line['key']}"]
        case "remark":
            return [f"remark: {line['fact']}"]
        case _:
            subject = grouped(line["letter"]) if line["letter"] else "authority"
            who = f"{line['person']} in {line['office']}"
            shown = f"{line['index']:>6}  {line['time']}  {line['act']:<18} {subject:<20} {who}"
            unsettled = ", ".join(map(str, line.get("unsettles", ())))
            what = [f"        {line['what']}"] if line.get("what") else []
            more = [f"        made with this key, and in doubt now: {unsettled}"]
            return [shown, *what, *(more if unsettled else [])]


def _show_round(done: Round, folder: Path, as_json: bool, terminal: Terminal) -> None:
    if as_json:
        terminal.say(json.dumps(_json(done), ensure_ascii=False))
        return
    for mark in exercise(done.origin, done.exercise):
        terminal.say(mark)
    for finding, kept in done.found:
        if not kept.new:
            terminal.say(f"!! still {finding.kind}: {finding.fact}")
            terminal.say(f"   since {rfc3339(kept.since)}; evidence: {kept.evidence}")
    if done.later:
        _show_kept(done, folder, terminal)
    unread = (
        "the head that is served is not accepted" if done.condemned else "no head could be read"
    )
    signed = unread if done.signed is None else f"of {done.signed} signed"
    terminal.say(f"{done.origin}: {done.size} entries read ({signed}), {done.read} of them now")
    terminal.say(f"root {done.root.hex()}")
    for note in done.notes:
        terminal.say(f"not checked: {note}")
    terminal.say(f"kept in {folder}")


def _show_kept(done: Round, folder: Path, terminal: Terminal) -> None:
    """What was found once is not forgotten because today nothing is."""
    assert done.kept is not None
    many = "1 finding is" if done.kept.count == 1 else f"{done.kept.count} findings are"
    gravest = f"{done.kept.gravest}, {done.kept.fact}"
    terminal.say(f"!! {many} kept in {folder / 'evidence'}; the gravest: {gravest}")
    terminal.say(
        f"   since {rfc3339(done.kept.since)}; once it is dealt with: --acknowledge"
        f" {done.kept.gravest}"
    )


def _json(done: Round) -> dict[str, object]:
    return {
        "type": "round",
        "origin": done.origin,
        "exercise": done.exercise,
        "size": done.size,
        "signed": done.signed,
        "read": done.read,
        "root": done.root.hex(),
        "time": rfc3339(done.time),
        "findings": [
            {
                "kind": finding.kind.value,
                "fact": finding.fact,
                "since": rfc3339(kept.since),
                "evidence": kept.evidence,
                "new": kept.new,
            }
            for finding, kept in done.found
        ],
        "condemned": done.condemned,
        "kept": None
        if done.kept is None
        else {
            "count": done.kept.count,
            "convictions": done.kept.convictions,
            "gravest": done.kept.gravest,
            "fact": done.kept.fact,
            "since": rfc3339(done.kept.since),
        },
        "over": list(done.over),
        "not_checked": list(done.notes),
    }


def _evidence(folder: Path, trust: bytes | None, terminal: Terminal) -> int:
    if trust is None:
        raise UsageError(
            "evidence is checked with the keys of a trust root",
            hint="--trust FILE, from a place that you believe",
        )
    kind, shown = wiring.check_evidence(folder, trust)
    terminal.say(f"{kind}:")
    for sentence in shown.sentences:
        terminal.say(f"  {sentence}")
    return 0 if shown.proved else 3


def _home() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def _seconds(given: str) -> float:
    if not (given.isascii() and given.isdecimal() and 0 < len(given) < 7):
        raise argparse.ArgumentTypeError(f"{given[:40]!r} is no number of seconds")
    return float(given)
