"""Reminders of a registry's folder.

DIR/office/mail.json   the office's mail server, and where its people get mail:

    {"server": "mail.example.org", "from": "letters@example.org",
     "people": {"lea": "lea@legal.example.org"}}

and, where they are not the usual: "port", "security" (starttls, tls, none), "user" with
"password_file", "ca_file". The two files are found from DIR/office. None of it is on the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidimus.adapters.smtp import MailServer, Smtp
from vidimus.adapters.sqlite.reminded import SqliteReminded
from vidimus.core.acts.shapes import SLUG
from vidimus.errors import FormatError, NotFound, OutsideFailed
from vidimus.operations.registry import Registry
from vidimus.operations.reminding import Notifier, Reminded
from vidimus.wiring.folder import Folder

PORTS = {"starttls": 587, "tls": 465, "none": 25}
TEXTS = {"server", "from", "security", "user", "password_file", "ca_file"}
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})")
EXAMPLE = '{"server": "mail.example.org", "from": "letters@example.org", "people": {"lea": "…"}}'


@dataclass(frozen=True, slots=True)
class Mail:
    server: MailServer
    people: Mapping[str, str]


def mail_of(path: Path) -> Mail:
    """Raises NotFound, FormatError or OutsideFailed."""
    file = path / "office" / "mail.json"
    try:
        return _mail(file, json.loads(_read(file)))
    except FormatError as error:
        raise FormatError(f"{file}: {error.fact}", hint=error.hint or EXAMPLE) from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{file} is not JSON", hint=EXAMPLE) from error


def notifier(mail: Mail, registry: Registry) -> Notifier:
    return Smtp(mail.server, registry.clock.now)


def reminded(path: Path) -> Reminded:
    return SqliteReminded(Folder(path).office)


def _mail(file: Path, value: Any) -> Mail:
    if not isinstance(value, dict) or not {"server", "from", "people"} <= set(value):
        raise FormatError("it needs server, from and people")
    unknown = sorted(set(value) - TEXTS - {"port", "people"})
    if unknown:
        raise FormatError(f"it does not know {unknown[0][:40]!r}")
    for name in TEXTS & set(value):
        if not isinstance(value[name], str) or not value[name]:
            raise FormatError(f"{name} is not a text")
    people = value["people"]
    if not isinstance(people, dict) or not all(map(SLUG.fullmatch, people)):
        raise FormatError("people is not a list of short names with addresses")
    for each in (value["from"], *people.values()):
        if not isinstance(each, str) or not ADDRESS.fullmatch(each):
            raise FormatError(f"{str(each)[:80]!r} is no mail address")
    security = value.get("security", "starttls")
    port = value.get("port", PORTS.get(security, 0))
    if type(port) is not int or not 0 <= port <= 65_535:
        raise FormatError(f"{str(port)[:40]} is no port")
    if ("user" in value) != ("password_file" in value):
        raise FormatError("user and password_file go together")
    password = None
    if "password_file" in value:
        password = _read(file.parent / value["password_file"]).rstrip("\r\n")
    ca_file = file.parent / value["ca_file"] if "ca_file" in value else None
    server = MailServer(
        value["server"], port, value["from"], security, value.get("user"), password, ca_file
    )
    return Mail(server, people)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFound(f"there is no {file}", hint=f"write it: {EXAMPLE}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideFailed(f"{file} cannot be read: {error}") from error
