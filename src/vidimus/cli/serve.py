"""vidimus serve: the public pages of a registry. Nothing of the office is behind them."""

from __future__ import annotations

import argparse
import os
from typing import Any

from vidimus import wiring
from vidimus.cli import options
from vidimus.cli.terminal import Terminal
from vidimus.errors import UsageError


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="serve the public pages: check, letters, log",
        description="Serves the public pages over HTTP. Put a reverse proxy with TLS before it"
        " where others than you shall reach it. It keeps no copy of what is checked.",
    )
    options.registry(parser)
    address(parser)
    parser.set_defaults(run=run)


def address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="(default: 127.0.0.1)")
    parser.add_argument("--port", help="(default: $PORT, else 8000)")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    def ready(where: str) -> None:
        terminal.say(f"serving {options.folder(args)} at {where}  (Ctrl-C ends it)")
        terminal.out.flush()

    wiring.serve(options.folder(args), args.host, port(args), ready)
    return 0


def port(args: argparse.Namespace) -> int:
    given = args.port or os.environ.get("PORT") or "8000"
    if not (given.isascii() and given.isdecimal() and len(given) < 6 and int(given) < 65536):
        raise UsageError(f"“{given}” is no port", hint="a number below 65536; 0 takes a free one")
    return int(given)
