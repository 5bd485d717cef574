"""What the fields of an act may hold: each text matches one whole pattern (spec/acts.md, 3)."""

from __future__ import annotations

import re
from typing import Annotated

# What a field may hold: a text that matches the whole pattern. Names are lower-case slugs
# so that nobody can register two offices that look alike.
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*")
ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?:/[a-z0-9._-]+)*")
LETTER_ID = re.compile(r"[A-Z2-7]{16}")

Slug = Annotated[str, SLUG]
LetterId = Annotated[str, LETTER_ID]
Hex32 = Annotated[str, re.compile(r"[0-9a-f]{64}")]
Key = Annotated[str, re.compile(r"(?:es256|ed25519):[A-Za-z0-9_-]{40,64}")]
Language = Annotated[str, re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")]
Vkey = Annotated[str, re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+")]
# No control characters, none that turn the direction of writing, none that nobody sees: a
# title must not be able to look like another one. (The joiners U+200C and U+200D stay:
# Persian and the scripts of India need them.)
Line = Annotated[
    str,
    re.compile(
        r"[^\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]{1,300}"
    ),
]
Prose = Annotated[
    str,
    re.compile(
        r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]{1,4000}"
    ),
]
Document = Annotated[str, re.compile(r"[^\x00-\x1f]{2,60000}")]
Mode = Annotated[str, re.compile(r"live|exercise")]
Base64Signature = Annotated[str, re.compile(r"[A-Za-z0-9_-]{86}")]
