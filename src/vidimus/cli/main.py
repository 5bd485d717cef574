"""vidimus: release control for official letters, and a check of any copy.

The only place that prints errors: a fact, then a hint. Every command is one file beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from vidimus.cli import acts, check, debug, exercise, log, look, serve, setup
from vidimus.cli.terminal import Terminal
from vidimus.errors import VidimusError


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="vidimus",
        description="Release control for official letters, and a check of any copy."
        " It shows what was registered; it does not show that a content is right.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for each in (check, setup, acts, look, log, serve, exercise, debug):
        each.add(commands)
    return top


def main(arguments: Sequence[str], terminal: Terminal) -> int:
    """Run one command; gives its exit status."""
    args = parser().parse_args(arguments)
    try:
        status: int = args.run(args, terminal)
    except VidimusError as error:
        terminal.progress_over()
        terminal.err.write(f"vidimus: {error.code}: {error.fact}\n")
        if error.hint:
            terminal.err.write(f"vidimus: hint: {error.hint}\n")
        return error.exit_status
    return status


def run() -> None:
    """The console script."""
    terminal = Terminal(sys.stdin.buffer, sys.stdout, sys.stderr)
    try:
        status = main(sys.argv[1:], terminal)
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing is left to say to anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except Exception as error:
        if os.environ.get("VIDIMUS_DEBUG"):
            raise
        sys.stderr.write(
            f"vidimus: defect: {type(error).__name__}: {error}\n"
            "vidimus: hint: this is our mistake; VIDIMUS_DEBUG=1 shows where it happened\n"
        )
        status = 70
    sys.exit(status)
