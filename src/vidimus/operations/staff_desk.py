"""The office's own desk: it checks against the drafts too. Never behind a public page."""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.acts.standing import Folding
from vidimus.operations.desk import Desk
from vidimus.operations.ports import Reader, TextIndex, WholeLog
from vidimus.operations.registry import Registry


class StaffDesk(Desk):
    """The office's own desk: it checks against the drafts too. Never behind a public page."""

    def __init__(self, registry: Registry, acts: WholeLog, *, reader: Reader) -> None:
        super().__init__(registry.settings, registry.log, acts, clock=registry.clock, reader=reader)
        self._registry = registry

    def _indexes(self) -> tuple[TextIndex, ...]:
        return (self.log, self._registry.office)

    def _fold(self, letters: Sequence[str], size: int) -> Folding:
        self._registry.catch_up()
        known = {name: self._registry.letter_at(name, size) for name in letters}
        folding = Folding()
        folding.authority = self._registry.history.at(size)
        folding.letters.update({name: each for name, each in known.items() if each is not None})
        return folding
