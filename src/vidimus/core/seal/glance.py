"""What an entry says of itself at a glance: its subject, its time, and whether it is sealed.

Whoever holds a long log against its root must know of each entry what it speaks of, and of
few of them more. This takes those fields from their places in the bytes, at a tenth of the
price of reading the statement. Whatever `statement.parse` accepts is seen here as it reads
it, since names are visible ASCII and nothing that delimits them is; what it refuses may
still pass here. So nothing may be believed of an entry that was only glanced at: when it
counts, it is parsed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vidimus.core.seal import statement
from vidimus.errors import FormatError

_FORM = re.compile(
    # tag, array, protected header; six labels: algorithm, key id
    rb"\xd2\x84(?:\x58.|\x59..)\xa6\x01[\x26\x27]\x04\x58\x20.{32}"
    # claims: issuer, subject, time
    rb"\x0f\xa3\x01(?:[\x61-\x77]|\x78.)[!-~]+\x02(?:[\x61-\x77]|\x78.)([!-~]+)"
    rb"\x06([\x00-\x17]|\x18.|\x19..|\x1a.{4}|\x1b.{8})"
    # type, hash algorithm, content type; unprotected header, digest, signature
    rb"\x10\x78\x26" + re.escape(statement.TYP.encode()) + rb"\x19\x01\x02\x2f\x19\x01\x03"
    rb"(?:[\x61-\x77]|\x78.)([!-~]+)\xa0\x58\x20.{32}\x58\x40.{64}",
    re.DOTALL,
)


class Glance(NamedTuple):
    subject: str
    issued_at: int
    content_type: str


def glance(entry: bytes) -> Glance:
    """Raises FormatError for what has not the form of a statement."""
    found = _FORM.fullmatch(entry)
    if found is None:
        # Let the one reader that decides say what is wrong with it.
        said = statement.parse(entry)
        raise FormatError(f"malformed statement on {said.subject}: its parts are elsewhere")
    subject, time, content_type = found.groups()
    issued_at = time[0] if len(time) == 1 else int.from_bytes(time[1:])
    return Glance(subject.decode(), issued_at, content_type.decode())
