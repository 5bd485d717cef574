"""What every body of an act has: the kind it is the body of."""

from __future__ import annotations

from typing import ClassVar

from vidimus.core.acts.kinds import Kind


class Body:
    __slots__ = ()
    kind: ClassVar[Kind]
