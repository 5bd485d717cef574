"""The office's own desk: it checks against the drafts too. Never behind a public page."""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.acts.standing import Folding
from vidimus.errors import VerificationFailed
from vidimus.operations.desk import Desk
from vidimus.operations.ports import Reader, TextIndex, WholeLog
from vidimus.operations.registry import RESTORE, Registry


class StaffDesk(Desk):
    """The office's own desk: it checks against the drafts too. Never behind a public page."""

    def __init__(self, registry: Registry, acts: WholeLog, *, reader: Reader) -> None:
        super().__init__(registry.settings, registry.log, acts, clock=registry.clock, reader=reader)
        self._registry = registry
        self._compared = 0  # up to where the acts on authority were

    def _indexes(self) -> tuple[TextIndex, ...]:
        return (self.log, self._registry.office)

    def _fold(self, letters: Sequence[str], size: int) -> Folding:
        self._registry.catch_up()
        self._require_all(AUTHORITY, size, self._compared)
        self._compared = max(size, self._compared)
        for name in letters:
            self._require_all(name, size)
        known = {name: self._registry.letter_at(name, size) for name in letters}
        folding = Folding()
        folding.authority = self._registry.history.at(size)
        folding.letters.update({name: each for name, each in known.items() if each is not None})
        return folding

    def _require_all(self, name: str, size: int, start: int = 0) -> None:
        """The office finds its acts by the store's index, which may hide a withdrawal."""
        kept, own = self._registry.log, self.acts
        found = [each.index for each in kept.about((name,), size, start)]
        if found != [each.index for each in own.about((name,), size, start)]:
            raise VerificationFailed(f"the log's index hides or adds acts on {name}", hint=RESTORE)
