"""One message to a subscriber: its bytes, its name and its signature (Standard Webhooks 1.0).

    webhook-id: msg_5b0c…                the same each time that this message is sent
    webhook-timestamp: 1930467600        when it was sent this time, in seconds since 1970
    webhook-signature: v1,K5oZfzN95Z9U…  HMAC-SHA256 of id.timestamp.body

A receiver drops what it has by this id already, and what is more than five minutes old. And then
it verifies: the message says where the proof is. See spec/notices.md, section 5.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vidimus.core.copies.answers import rfc3339
from vidimus.core.notices.states import Telling
from vidimus.errors import FormatError, VerificationFailed

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes of a secret, as the standard has it
TOLERANCE = 300  # seconds that a message may be old, or ahead, when it arrives


@dataclass(frozen=True, slots=True)
class AsOf:
    """How far the log went when the message was written."""

    size: int
    root: bytes
    time: datetime  # of its last entry


def body(told: Telling, as_of: AsOf, address: str) -> bytes:
    entry = f"{address}log/{told.index}"
    document: dict[str, Any] = {
        "type": f"letter.{told.act}",
        "timestamp": rfc3339(told.time),
        "exercise": told.exercise,
        "data": told.to_json(),
        "as_of": {
            "tree_size": as_of.size,
            "root": as_of.root.hex(),
            "time": rfc3339(as_of.time),
        },
        "check": {
            "how": "Do not believe this message: fetch the letter's state, or the entry with its"
            " proof, and hold that against the log's key, which you know from elsewhere.",
            "letter": f"{address}c/{told.letter}",
            "state": f"{address}c/{told.letter}/state.json",
            "entry": f"{entry}.cose",
            "document": f"{entry}.json",
            "proof": f"{entry}.tlog-proof",
            "checkpoint": f"{address}checkpoint",
        },
    }
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def message_id(subscriber: str, told: Telling) -> str:
    """One name for one message to one subscriber, however often it is sent."""
    named = f"{subscriber}\n{told.id}".encode()
    return f"msg_{hashlib.sha256(named).hexdigest()[:32]}"


def read_secret(given: str) -> bytes:
    """The bytes of whsec_<base64>. Raises FormatError for anything else."""
    try:
        secret = b64decode(given.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise FormatError("malformed secret: it is no base64", hint=_AS_IN) from error
    if write_secret(secret) != given or not SHORTEST <= len(secret) <= LONGEST:
        raise FormatError(f"malformed secret: not {SHORTEST} to {LONGEST} bytes", hint=_AS_IN)
    return secret


_AS_IN = "whsec_ and the base64 of 24 to 64 random bytes"


def write_secret(secret: bytes) -> str:
    return PREFIX + b64encode(secret).decode()


def sign(secret: bytes, name: str, timestamp: int, content: bytes) -> str:
    signed = f"{name}.{timestamp}.".encode() + content
    return "v1," + b64encode(hmac.digest(secret, signed, "sha256")).decode()


def headers(secret: bytes, name: str, timestamp: int, content: bytes) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, name, timestamp, content),
    }


def check(secret: bytes, given: dict[str, str], content: bytes, now: int) -> str:
    """What a receiver does: the id of a message that is ours and fresh.

    Raises VerificationFailed. The caller drops the ids that it has seen.
    """
    name, said = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (said.isascii() and said.isdecimal() and len(said) <= 12) or said != str(int(said)):
        raise VerificationFailed("the message has no timestamp")
    if abs(now - int(said)) > TOLERANCE:
        raise VerificationFailed("the message is too old, or from the future: it may be replayed")
    wanted = sign(secret, name, int(said), content).encode()
    signatures = given.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(wanted, each.encode()) for each in signatures):
        raise VerificationFailed("the signature is not of this message")
    return name
