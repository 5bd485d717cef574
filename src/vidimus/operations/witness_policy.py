"""Which witnesses a log asks: those that its founders named on it, else those of its operator.

The founders' word stands in the act `trust` (spec/trust.md), as a policy without its own log
keys. Until they give one, whoever runs the registry may keep a file.
"""

from __future__ import annotations

from collections.abc import Callable

from vidimus.core.acts import entries
from vidimus.core.acts.history import History
from vidimus.core.acts.kinds import AUTHORITY
from vidimus.core.log.policy import Policy
from vidimus.core.trust.policy import policy_of
from vidimus.errors import VerificationFailed
from vidimus.operations.ports import LogStore


class PolicyInForce:
    """Follows the acts on authority as the log grows. One thread at a time may call it."""

    def __init__(self, log: LogStore, operators: Callable[[], Policy | None]) -> None:
        self._log = log
        self._operators = operators
        self._history = History()
        self._size = 0

    def __call__(self) -> Policy | None:
        """Raises FormatError for a policy that cannot be read, VerificationFailed for a log."""
        size = self._log.head().size
        for stored in self._log.about((AUTHORITY,), size, self._size):
            if stored.document is None:
                raise VerificationFailed(f"entry {stored.index} speaks of authority, and is sealed")
            authority = self._history.at(stored.index)
            self._history.add(
                entries.verified(stored.index, stored.raw, stored.document, authority)
            )
            # One by one: whatever fails, nothing is taken in twice.
            self._size = stored.index + 1
        self._size = max(size, self._size)
        found = policy_of(self._history.latest.trust, max(size, 1))
        return found if found is not None else self._operators()
