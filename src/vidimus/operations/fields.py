"""From the words that people type to the plain values that the verbs take.

The command line and the stories give texts; each verb's own signature says what they mean.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from vidimus.core.acts.document import time as read_time
from vidimus.errors import FormatError, UsageError

NOT_FIELDS = {"registry", "actor"}


@cache
def hints(verb: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """name -> (type, is it required?) of what the verb takes besides registry and actor."""
    found = typing.get_type_hints(verb)
    return {
        name: (_plain(found[name]), parameter.default is inspect.Parameter.empty)
        for name, parameter in inspect.signature(verb).parameters.items()
        if name not in NOT_FIELDS
    }


def values(verb: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given words as the values that the verb takes. Raises UsageError, FormatError."""
    known = hints(verb)
    unknown = sorted(set(given) - set(known))
    missing = sorted(name for name, (_, needed) in known.items() if needed and name not in given)
    if unknown or missing:
        said = [f"does not know {', '.join(unknown)}"] if unknown else []
        said += [f"needs {', '.join(missing)}"] if missing else []
        raise UsageError(
            f"{verb.__name__} {' and '.join(said)}", hint=f"it takes: {', '.join(known)}"
        )
    return {name: value(each, known[name][0], name) for name, each in given.items()}


def value(given: Any, hint: Any, name: str) -> Any:
    if isinstance(given, list) and typing.get_origin(hint) is tuple:
        return tuple(given)
    if not isinstance(given, str):
        return given
    if hint is datetime:
        return moment(given)
    if hint is bool:
        if given not in ("true", "false"):
            raise FormatError(f"{name} is {given!r}", hint="true or false")
        return given == "true"
    if hint is int:
        if not (given.isascii() and given.isdecimal() and len(given) <= 15):
            raise FormatError(f"{name} is {given!r}, not a whole number")
        return int(given)
    if typing.get_origin(hint) is tuple:
        if typing.get_args(hint)[0] is not str:
            raise FormatError(f"{name} cannot be given as a text")
        return tuple(given.split(","))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        allowed = [each.value for each in hint]
        if given not in allowed:
            raise FormatError(f"{name} is {given!r}", hint=f"one of: {', '.join(allowed)}")
        return hint(given)
    return given


def moment(given: str) -> datetime:
    """A time as 2031-04-09T10:00:00Z, or a day, which begins at midnight UTC."""
    return read_time(f"{given}T00:00:00Z" if len(given) == 10 else given)


def _plain(hint: Any) -> Any:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return next(each for each in typing.get_args(hint) if each is not type(None))
    return hint
