"""Whose word it takes: the logs, the witnesses, and how many of these must have signed.

    log letters.example.org/log+015d638a+AWXxMW… https://letters.example.org/log
    witness north witness.example.org/w1+5f3a…+BHk… https://witness.example.org/
    witness south witness.example.net+90b1…+BOd…    https://witness.example.net/
    group both all north south
    quorum both

C2SP tlog-policy. See spec/witness.md, section 2. Names of witnesses and groups are words of
this file alone. The quorum is a tree: each name stands in one group at most, so a witness
counts in one way only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from vidimus.core.log.cosignature import CosignatureVerifier
from vidimus.core.log.lines import from_decimal
from vidimus.core.log.note import Verifier
from vidimus.errors import FormatError

# The standard asks for 32 of each at least. A note takes 100 signatures, the log's own included.
MOST = 64
LONGEST = 64 * 1024
NONE = "none"

_BLANK = re.compile("[ \t]+")
# Of the control characters of ASCII the standard allows the tab and the newline.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Log:
    """The name of its key is the log's origin. `url` is empty where none is given."""

    key: Verifier
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """`name` is what the policy calls it; cosignatures bear the name in its key."""

    name: str
    key: CosignatureVerifier
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Has witnessed what at least `least` of its members have witnessed."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was read. Groups stand in the order in which they were defined."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @property
    def demands(self) -> bool:
        """Is there a quorum that can be missed?"""
        return self.quorum != NONE

    def met(self, names: Collection[str]) -> bool:
        """Do these witnesses make the quorum?"""
        return not self.demands or self.reached(dict.fromkeys(names, 0)) is not None

    def reached(self, times: Mapping[str, int]) -> int | None:
        """The time at which the quorum was reached, if these witnesses signed at these times.

        A group has witnessed at the k-th smallest time of its members, k being how many of
        them it takes. None where the quorum is not met, or where there is none to meet.
        As long as fewer than k members of each group lie about the time, that is no earlier
        than the time of one who does not.
        """
        found: dict[str, int] = {
            each.name: times[each.name] for each in self.witnesses if each.name in times
        }
        for group in self.groups:
            reached = sorted(found[name] for name in group.members if name in found)
            if len(reached) >= group.least:
                found[group.name] = reached[group.least - 1]
        return found.get(self.quorum)

    def __str__(self) -> str:
        """A policy file that says the same, in one form."""
        lines = [f"log {each.key} {each.url}".rstrip(" ") for each in self.logs]
        lines += [f"witness {e.name} {e.key} {e.url}".rstrip(" ") for e in self.witnesses]
        lines += [f"group {e.name} {e.least} {' '.join(e.members)}" for e in self.groups]
        return "\n".join([*lines, f"quorum {self.quorum}"]) + "\n"


@dataclass(slots=True)
class _Reading:
    """What was defined on the lines so far."""

    logs: list[Log] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def log(self, vkey: str, url: str = "") -> None:
        key = Verifier.parse(vkey)
        if any(each.key.key == key.key for each in self.logs):
            raise FormatError(f"the key of the log {key.name!r} stands there twice")
        self.logs.append(Log(key, url))

    def witness(self, name: str, vkey: str, url: str = "") -> None:
        key = CosignatureVerifier.parse(vkey)
        if any(each.key.key == key.key for each in self.witnesses):
            raise FormatError(
                f"the key of the witness {name!r} stands there twice",
                hint="one witness under two names would count as two",
            )
        self._define(name)
        self.witnesses.append(Witness(name, key, url))

    def group(self, name: str, least: str, *members: str) -> None:
        words = {"all": len(members), "any": 1}
        count = words[least] if least in words else from_decimal(least)
        if not 1 <= count <= len(members):
            raise FormatError(f"the group {name!r} demands {least} of {len(members)} members")
        for each in members:
            if each not in self.names:
                raise FormatError(
                    f"the group {name!r} has the member {each!r}, which no line before defines"
                )
            if each in self.members:
                raise FormatError(
                    f"{each!r} is a member twice", hint="each may count in one way only"
                )
            self.members.add(each)
        self._define(name)
        self.groups.append(Group(name, count, members))

    def demand(self, name: str) -> None:
        if self.quorum is not None:
            raise FormatError("there are two quorum lines")
        if name != NONE and name not in self.names:
            raise FormatError(f"the quorum {name!r} is defined on no line before")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name == NONE or name in self.names:
            raise FormatError(
                f"the name {name!r} cannot be given",
                hint="witnesses and groups have each a name of their own, and “none” is taken",
            )
        self.names.add(name)


# Of each kind of line: how many words stand behind the keyword, and who takes them.
_LINES: dict[str, tuple[range, Callable[..., None]]] = {
    "log": (range(1, 3), _Reading.log),
    "witness": (range(2, 4), _Reading.witness),
    "group": (range(3, 3 + 2 * MOST), _Reading.group),
    "quorum": (range(1, 2), _Reading.demand),
}


def parse(content: bytes | str) -> Policy:
    """Read a policy. Raises FormatError, with the number of the line.

    The standard lets names be any octets; here what is no comment is UTF-8, because the names
    of witnesses are shown to people.
    """
    text = _text(content)
    reading = _Reading()
    for number, line in enumerate(text.split("\n")[:-1], 1):
        keyword, *words = _BLANK.split(line.strip(" \t"))
        if not keyword or keyword.startswith("#"):
            continue
        try:
            line.encode()
            if keyword not in _LINES:
                raise FormatError(f"a line that begins with {keyword[:40]!r}")
            arity, take = _LINES[keyword]
            if len(words) not in arity:
                raise FormatError(f"a {keyword} line of {len(words) + 1} words")
            take(reading, *words)
            if max(len(reading.logs), len(reading.witnesses), len(reading.groups)) > MOST:
                raise FormatError(f"more than {MOST} logs, witnesses or groups are not read")
        except FormatError as error:
            raise FormatError(
                f"malformed policy, line {number}: {error.fact}", hint=error.hint
            ) from error
        except UnicodeEncodeError as error:
            raise FormatError(
                f"malformed policy, line {number}: not UTF-8", hint="only a comment may be so"
            ) from error
    if reading.quorum is None:
        raise FormatError(
            "malformed policy: no quorum line", hint="“quorum none” demands no witness"
        )
    return Policy(
        tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), reading.quorum
    )


def _text(content: bytes | str) -> str:
    if len(content) > LONGEST:
        raise FormatError(f"malformed policy: longer than {LONGEST:,}")
    text = content if isinstance(content, str) else content.decode("utf-8", "surrogateescape")
    if _CONTROL.search(text):
        raise FormatError(
            "malformed policy: a control character", hint="lines end in a newline alone"
        )
    if not text.endswith("\n"):
        raise FormatError("malformed policy: the last line does not end in a newline")
    return text
