"""The YAML that stories are written in: mappings, lists and plain texts, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import yaml

from vidimus.errors import FormatError


class _Plain(yaml.SafeLoader):
    """YAML without anchors, tags or guesses: every scalar is the text that was written."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own shape

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call] # PyYAML has no types
        if self.check_event(yaml.events.AliasEvent) or event.anchor is not None:
            raise FormatError("malformed story: it uses YAML aliases", hint="write it out")
        if event.tag is not None:
            raise FormatError(
                f"malformed story: it uses the YAML tag {str(event.tag)[:40]!r}",
                hint="every value is plain text",
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = Counter(str(self.construct_object(key)) for key, _ in node.value)
        doubles = [key for key, count in keys.items() if count > 1]
        if doubles:
            raise FormatError(
                f"malformed story: {', '.join(sorted(doubles)[:3])} is given twice"
                f" (line {node.start_mark.line + 1})"
            )
        return super().construct_mapping(node, deep)


def parse(source: bytes) -> Any:
    """Raises FormatError, with the line where it can be named."""
    try:
        return yaml.load(source.decode("utf-8"), _Plain)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(f"malformed story: {_problem(error)}", hint="YAML in UTF-8") from error


def _problem(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} (line {error.problem_mark.line + 1})"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).splitlines()[0]
