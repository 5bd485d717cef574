"""vidimus founders, vidimus log rotate|trust|fork: founders, the registry's keys, evidence.

Keys and founders change by an act of the founders, on the log, and nothing older breaks by
it. Trust roots and evidence are checked offline: nobody is asked.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.shown import exercise, said
from vidimus.cli.terminal import Terminal
from vidimus.core.acts.kinds import ROOT
from vidimus.core.acts.vocabulary import LogKey, OwnKey, Root
from vidimus.core.log import evidence, false_claim, merkle
from vidimus.core.log import fork as forks
from vidimus.core.log.false_claim import FalseClaim
from vidimus.core.log.note import Verifier
from vidimus.core.seal import statement
from vidimus.core.trust import root as roots
from vidimus.core.trust.keys import log_verifiers, open_checkpoint
from vidimus.core.trust.policy import policy_of
from vidimus.core.trust.root import TrustRoot
from vidimus.core.trust.spoken import fingerprints
from vidimus.errors import FormatError, UsageError
from vidimus.operations import trusting
from vidimus.operations.fields import moment
from vidimus.operations.registry import Actor, Registry
from vidimus.operations.trusting import Sort


def add(commands: Any) -> None:
    """The command that is not one of `vidimus log`."""
    founders = commands.add_parser(
        "founders",
        help="who the founders are from now on, how many must act, and which witnesses there are",
        description="The founders before must approve, as many as it takes now, and so must the"
        " founders whom you name, as many as it will take. Whoever is not named has no power"
        " of a founder any more. It does not take back what they did: for a stolen key, see"
        " revoke-key.",
    )
    options.acting(founders)
    founders.add_argument(
        "founders",
        metavar="A,B",
        nargs="?",
        help="all of them, by short name or .pub file (default: as now)",
    )
    founders.add_argument(
        "--threshold", metavar="N", type=options.whole_number, help="how many must act together"
    )
    founders.add_argument(
        "--witnesses",
        metavar="FILE",
        help="a C2SP tlog-policy without log lines; “none” for no witnesses",
    )
    _with(founders)
    founders.set_defaults(run=run_founders)


def add_log(actions: Any) -> None:
    """What belongs to `vidimus log`."""
    rotate = actions.add_parser(
        "rotate",
        help="a new key of the registry's own, beside the old one; --finish ends the old one",
        description="First without --finish: the new key counts beside the old one, so that"
        " everybody can learn of it. Later with --finish: the old one counts up to the present"
        " size of the log, and what it signed until then holds for ever. Restart the servers"
        " that sign for this log after each step.",
    )
    rotate.add_argument("sort", metavar="log|receipt|seal", type=Sort, choices=list(Sort))
    options.acting(rotate)
    rotate.add_argument(
        "--no-passphrase", action="store_true", help="leave the new key unprotected on the disk"
    )
    step = rotate.add_mutually_exclusive_group()
    step.add_argument("--finish", action="store_true", help="end all keys but the newest")
    step.add_argument(
        "--lost",
        action="store_true",
        help="both at once: the old key is lost or stolen, and there is no time to overlap",
    )
    rotate.add_argument(
        "--size",
        metavar="N",
        type=options.whole_number,
        help="the last size of the log for which the old key counts (default: the present one)",
    )
    _with(rotate)
    rotate.set_defaults(run=run_rotate)

    trust = actions.add_parser(
        "trust",
        help="the trust root: the founding, and every key that ever was",
        description="Prints what a stranger needs to verify this log, or checks such a file"
        " offline (--check). It says which keys are the log's; that the log is one you should"
        " believe, it cannot say: compare the fingerprint with what you know from elsewhere.",
    )
    options.registry(trust)
    trust.add_argument("-o", "--out", metavar="FILE", type=Path, help="write trust.json there")
    trust.add_argument("--check", metavar="FILE", help="check this file; no registry is needed")
    trust.add_argument(
        "--pinned", metavar="OLD", help="with --check: it must go on where this one ends"
    )
    trust.set_defaults(run=run_trust)

    fork = actions.add_parser(
        "fork",
        help="check evidence that a log signed two histories, or a false claim",
        description="Checks offline that the log, whose key you know, signed two trees that"
        " cannot both be, or said of a subject what its own tree refutes. Exit status 1 if the"
        " file does not show that.",
    )
    fork.add_argument("file", metavar="FILE")
    known = fork.add_mutually_exclusive_group(required=True)
    known.add_argument("--trust", metavar="FILE", help="the log's trust root, as you know it")
    known.add_argument("--log-key", metavar="VKEY", help="the log's key, name+id+key")
    fork.set_defaults(run=run_fork)


def _with(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--with",
        metavar="KEY",
        dest="further",
        action="append",
        default=[],
        help="a further key that approves, as the new key of a founder: a file, or the URI of"
        " one on a token (repeatable)",
    )


# --- changing what is in force ---------------------------------------------------------------


def run_founders(args: argparse.Namespace, terminal: Terminal) -> int:
    if args.founders is None and args.threshold is None and args.witnesses is None:
        raise UsageError(
            "what shall change?", hint="name the founders, or give --threshold or --witnesses"
        )
    registry, actor = _acting(args, terminal)
    changes: dict[str, Any] = {}
    if args.founders is not None:
        people = [wiring.person(options.folder(args), each) for each in args.founders.split(",")]
        changes["roots"] = tuple(Root(each.person, each.name, each.key) for each in people)
    if args.threshold is not None:
        changes["threshold"] = args.threshold
    if args.witnesses is not None:
        changes["witnesses"] = _policy(args.witnesses, terminal)
    done = trusting.trust(registry, actor, **changes)
    terminal.say(said(done, registry))
    _facts(wiring.trust_root(options.folder(args)), terminal)
    return 0


def run_rotate(args: argparse.Namespace, terminal: Terminal) -> int:
    folder = options.folder(args)
    registry, actor = _acting(args, terminal, args.sort if args.lost else None)
    now = registry.authority().trust
    size = registry.size if args.size is None else args.size
    if args.finish:
        changes = trusting.ended(now, args.sort, size)
    else:
        passphrase = terminal.new_passphrase(args.passphrase_file, args.no_passphrase)
        file, key = wiring.add_own_key(
            folder, registry, args.sort, passphrase, terminal.passphrase(args.passphrase_file)
        )
        terminal.say(f"the new key lies in {file}: keep it")
        changes = (
            trusting.ended(now, args.sort, size, key)
            if args.lost
            else trusting.added(now, args.sort, key)
        )
    done = trusting.trust(registry, actor, **changes)
    terminal.say(said(done, registry))
    trust = registry.authority().trust
    wiring.renew(folder, registry)
    for each in wiring.set_aside(folder, registry, args.sort):
        terminal.say(f"ended: {each}; nothing here needs it any more, so destroy it")
    for line in _keys(f"{args.sort} keys", trusting.keys(trust, args.sort)):
        terminal.say(line)
    if not (args.finish or args.lost):
        terminal.say(f"when everybody can know of it: vidimus log rotate {args.sort} --finish")
    terminal.say("restart the servers that sign for this log")
    return 0


def _acting(
    args: argparse.Namespace, terminal: Terminal, lost: Sort | None = None
) -> tuple[Registry, Actor]:
    folder = options.folder(args)
    passphrase = terminal.passphrase(args.passphrase_file)
    if args.time is not None:
        wiring.move_clock(folder, moment(args.time))
    registry = wiring.office(folder, passphrase, lost)
    if not registry.authority().trust.version:
        raise UsageError("this registry was not founded yet", hint="vidimus found")
    office = args.acting_as or ROOT
    actor = wiring.actor(folder, options.people(args), office, passphrase, args.key)
    return registry, wiring.joined(actor, args.further, passphrase)


def _policy(given: str, terminal: Terminal) -> str:
    if given == trusting.NO_WITNESSES:
        return given
    try:
        return terminal.read(given).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{given} is not UTF-8") from error


# --- the trust root -----------------------------------------------------------------------------


def run_trust(args: argparse.Namespace, terminal: Terminal) -> int:
    if args.check is None:
        if args.pinned is not None:
            raise UsageError("--pinned goes with --check", hint="--check NEW --pinned OLD")
        root = wiring.trust_root(options.folder(args))
        if args.out is None:
            terminal.out.write(roots.write(root).decode())
            return 0
        wiring.write_whole(args.out, roots.write(root))
        terminal.say(f"wrote {args.out}")
        _shown(root, terminal)
        return 0
    root = roots.read(terminal.read(args.check))
    if args.pinned is not None:
        pinned = roots.read(terminal.read(args.pinned))
        roots.extend(pinned, root)
        terminal.say(f"it goes on where the pinned version {pinned.version} ends")
    _shown(root, terminal)
    if args.pinned is None:
        # What was printed before a change of keys is still compared by eye.
        for version, groups in reversed(fingerprints(root)[:-1]):
            terminal.say(f"before that  {version} {groups}")
        terminal.say("it holds in itself; that this is the right registry, the fingerprint says:")
        terminal.say("compare it with what you know from elsewhere")
    return 0


def _shown(root: TrustRoot, terminal: Terminal) -> None:
    for mark in exercise(root.origin, root.mode == "exercise"):
        terminal.say(mark)
    _facts(root, terminal)


def _facts(root: TrustRoot, terminal: Terminal) -> None:
    trust = root.trust
    terminal.say(f"registry     {root.origin}")
    terminal.say(f"genesis      {roots.spoken(root.genesis)}")
    terminal.say(f"version      {root.version}, entry {root.links[-1].index}")
    terminal.say(f"fingerprint  {roots.fingerprint(root)}")
    names = ", ".join(f"{each.name} ({each.person})" for each in trust.roots)
    terminal.say(f"founders     {names}; {trust.threshold} act together")
    lists: Sequence[tuple[str, Sequence[LogKey | OwnKey]]] = (
        ("log keys", trust.log_keys),
        ("receipt keys", trust.receipt_keys),
        ("seal keys", trust.seal_keys),
    )
    for what, listed in lists:
        for line in _keys(what, listed):
            terminal.say(line)
    policy = policy_of(trust)
    if policy is None:
        terminal.say("witnesses    none are named")
    else:
        witnesses = ", ".join(each.name for each in policy.witnesses) or "none"
        terminal.say(f"witnesses    {witnesses}; quorum {policy.quorum}")


def _keys(what: str, listed: Sequence[LogKey | OwnKey]) -> list[str]:
    up_to = "entry" if what.startswith("seal") else "size"
    lines = []
    for number, each in enumerate(listed):
        end = "counts" if each.until is None else f"counted up to {up_to} {each.until}"
        lines.append(f"{what if not number else '':<12} {each.key}")
        lines.append(f"{'':<12} {end}")
    return lines


# --- evidence ------------------------------------------------------------------------------------


def run_fork(args: argparse.Namespace, terminal: Terminal) -> int:
    file = terminal.read(args.file)
    root = roots.read(terminal.read(args.trust)) if args.trust is not None else None
    keys = _pinned(Verifier.parse(args.log_key)) if root is None else _listed(root)
    if evidence.sort_of(file) == false_claim.SORT:
        _false_claim(false_claim.read(file), keys, terminal)
        return 0
    fork = forks.read(file)
    if root is not None:
        for text in fork.checkpoints:
            open_checkpoint(text, root.trust)  # it says so where a key has ended
    proved = forks.check(fork, keys, policy_of(root.trust) if root is not None else None)
    terminal.say(f"proved: the log {proved.origin} signed two histories")
    terminal.say(proved.why)
    for number, side in enumerate(proved.sides):
        head = side.checkpoint
        terminal.say("")
        terminal.say(f"a tree of {head.size} entries with the root {head.root.hex()}")
        for signer in side.signers:
            terminal.say(f"  signed by {signer}")
        for name in side.witnesses:
            terminal.say(f"  confirmed by the witness {name}")
        for name in side.others:
            terminal.say(f"  a line of {name}, which nothing here can check")
        if fork.entries is not None:
            seen = fork.entries.sides[number]
            terminal.say(f"  entry {fork.entries.index}: {_entry(seen.entry, seen.leaf)}")
    return 0


def _false_claim(found: FalseClaim, keys: forks.Keys, terminal: Terminal) -> None:
    refuted = false_claim.check(found, keys)
    head = refuted.claim
    terminal.say(f"proved: the log {head.origin} signed a false claim")
    terminal.say(refuted.why)
    terminal.say("")
    terminal.say(f"of a tree of {head.size} entries with the root {head.root.hex()}")
    for signer in refuted.signers:
        terminal.say(f"  signed by {signer}")
    terminal.say(f"  entry {found.index}: {_entry(found.entry, merkle.leaf_hash(found.entry))}")


def _entry(entry: bytes | None, leaf: bytes) -> str:
    """What an entry says of itself; its own signature is not looked at here."""
    if entry is not None:
        try:
            said = statement.parse(entry)
        except FormatError:
            return "no statement"
        time = datetime.fromtimestamp(said.issued_at, UTC)
        return f"on {said.subject}, in the name of {said.issuer}, {time:%Y-%m-%d %H:%M:%S} UTC"
    return f"only its hash is known: {leaf.hex()}"


def _listed(root: TrustRoot) -> forks.Keys:
    return lambda size: log_verifiers(root.trust, size)


def _pinned(verifier: Verifier) -> forks.Keys:
    return lambda _size: [verifier]
