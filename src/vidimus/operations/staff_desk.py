"""The office's own desk: it checks against the drafts too. Never behind a public page."""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.acts import entries
from vidimus.core.acts.standing import Folding
from vidimus.errors import NotFound
from vidimus.operations.desk import Desk
from vidimus.operations.ports import Reader, TextIndex
from vidimus.operations.registry import Registry, raw_at


class StaffDesk(Desk):
    """The office's own desk: it checks against the drafts too. Never behind a public page."""

    def __init__(self, registry: Registry, *, reader: Reader) -> None:
        super().__init__(registry.settings, registry.log, clock=registry.clock, reader=reader)
        self._registry = registry

    def _indexes(self) -> tuple[TextIndex, ...]:
        return (self.log, self._registry.office)

    def _fold(self, letters: Sequence[str], size: int) -> Folding:
        folding = Folding()
        for stored in self.log.entries(0, size):
            document = self._registry.document(stored)
            if document is None:
                raise NotFound(f"the document of entry {stored.index} is missing")
            entry = entries.verified(
                stored.index, stored.raw, document, folding.authority, raw_at(self.log)
            )
            folding.add(entry)
        return folding
