"""Options that many commands share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from vidimus.errors import UsageError


def registry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--registry",
        metavar="DIR",
        help="the registry's folder (default: $VIDIMUS_REGISTRY, else ./registry)",
    )


def folder(args: argparse.Namespace) -> Path:
    return Path(args.registry or os.environ.get("VIDIMUS_REGISTRY") or "registry")


def passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file", metavar="FILE", help="read the passphrase of the keys from here"
    )


def new_key(parser: argparse.ArgumentParser) -> None:
    passphrase(parser)
    parser.add_argument(
        "--no-passphrase",
        action="store_true",
        help="leave the new key unprotected on the disk; chosen, never assumed",
    )


def acting(parser: argparse.ArgumentParser) -> None:
    registry(parser)
    passphrase(parser)
    parser.add_argument(
        "--by",
        metavar="PERSON",
        default=os.environ.get("VIDIMUS_BY"),
        help="who acts; several founders as a,b (default: $VIDIMUS_BY)",
    )
    parser.add_argument(
        "--as",
        metavar="OFFICE",
        dest="acting_as",
        default=os.environ.get("VIDIMUS_AS"),
        help="in which office (default: $VIDIMUS_AS, else the only one that PERSON holds)",
    )
    parser.add_argument(
        "--key",
        metavar="KEY",
        help="PERSON's key: a file, or the URI of one on a token"
        " (pkcs11:token=…;object=…?module-path=…; its PIN is asked for, or read from pin-source)",
    )
    parser.add_argument(
        "--time", metavar="TIME", help="in an exercise: it is this time (2031-04-09T10:00:00Z)"
    )


def whole_number(given: str) -> int:
    """For entries and ports. int() would also take "+7", " 7", "1_000" and other digits."""
    if not (given.isascii() and given.isdecimal() and len(given) <= 15):
        raise argparse.ArgumentTypeError(f"{given[:40]!r} is not a whole number")
    return int(given)


def people(args: argparse.Namespace) -> list[str]:
    if not args.by:
        raise UsageError("who acts?", hint="--by PERSON, or set VIDIMUS_BY")
    names: list[str] = args.by.split(",")
    return names
