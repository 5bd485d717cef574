"""vidimus: release control for official letters, and a check of any copy.

The only place that prints errors: a fact, then a hint. Every command is one file beside it.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from vidimus.cli import (
    acts,
    authority,
    bundle,
    check,
    coordination,
    debug,
    exercise,
    index,
    keys,
    log,
    look,
    monitor,
    notice,
    paper,
    remind,
    serve,
    setup,
    subscribers,
    witness,
)
from vidimus.cli.extras import missing
from vidimus.cli.terminal import Terminal
from vidimus.errors import VidimusError

LONGEST_LINE = 600  # characters of an error


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="vidimus",
        description="Release control for official letters, and a check of any copy."
        " It shows what was registered; it does not show that a content is right.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for each in (
        *(check, bundle, paper, setup, acts, coordination, keys, look, authority, log, index),
        *(serve, notice, remind, subscribers, exercise, witness, monitor, debug),
    ):
        each.add(commands)
    return top


def main(arguments: Sequence[str], terminal: Terminal) -> int:
    """Run one command; gives its exit status."""
    args = parser().parse_args(arguments)
    try:
        status: int = _run(args, terminal)
    except VidimusError as error:
        terminal.progress_over()
        terminal.err.write(f"vidimus: {error.code}: {_shown(error.fact)}\n")
        if error.hint:
            terminal.err.write(f"vidimus: hint: {_shown(error.hint)}\n")
        return error.exit_status
    return status


def _run(args: argparse.Namespace, terminal: Terminal) -> int:
    try:
        with terminal.at_end:
            status: int = args.run(args, terminal)
    except ModuleNotFoundError as error:
        told = missing(error)
        if told is None:
            raise
        raise told from error
    return status


def run() -> None:
    """The console script."""
    # A caller may have closed any of the three; Python then has None in its place.
    stdin = sys.stdin.buffer if sys.stdin is not None else io.BytesIO()
    out, err = (_stream(each) for each in (sys.stdout, sys.stderr))
    sys.stderr = err
    try:
        status = main(sys.argv[1:], Terminal(stdin, out, err))
        out.flush()
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing is left to say to anybody.
        _silence(out)
        status = 1
    except OSError as error:
        # Most likely the answer could not be written, so nobody may take it for given.
        _silence(out)
        err.write(f"vidimus: outside-failed: {error.strerror or error}\n")
        status = 3
    except Exception as error:
        if os.environ.get("VIDIMUS_DEBUG"):
            raise
        err.write(
            f"vidimus: defect: {type(error).__name__}: {error}\n"
            "vidimus: hint: this is our mistake; VIDIMUS_DEBUG=1 shows where it happened\n"
        )
        status = 70
    sys.exit(status)


def _shown(said: str) -> str:
    """On one line, and no more than people read: a name in it may be anybody's, and long."""
    plain = "".join(each if each.isprintable() else " " for each in said)
    return plain if len(plain) <= LONGEST_LINE else f"{plain[:LONGEST_LINE]} …"


def _stream(given: TextIO | None) -> TextIO:
    """Text is shown on any terminal, with escapes for what its encoding cannot say."""
    if given is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(given, io.TextIOWrapper):
        given.reconfigure(errors="backslashreplace")
    return given


def _silence(out: TextIO) -> None:
    """So that Python does not try once more, and complain, when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
