"""Being a witness: read what was seen last, decide, keep it, and only then answer.

What is decided is in `core/log/witness.py`; here is the order of the steps.
"""

from __future__ import annotations

from contextlib import suppress

from vidimus.core.log import fork as forks
from vidimus.core.log import witness
from vidimus.core.log.cosignature import Cosigner
from vidimus.core.log.note import Verifier
from vidimus.core.log.witness import Answer, Cosigned
from vidimus.errors import FormatError, OutsideFailed
from vidimus.operations.ports import Clock, Watched, WitnessStore


class Witness:
    """One witness: its key, its memory, its clock. Any number of threads may use it."""

    def __init__(self, cosigner: Cosigner, store: WitnessStore, clock: Clock) -> None:
        self.cosigner = cosigner
        self.store = store
        self.clock = clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """C2SP tlog-witness, add-checkpoint. Raises FormatError, OutsideFailed, Conflict."""
        request = witness.parse(body)
        origin = request.head.origin
        # Most of what must be refused is refused without making anybody wait.
        answer = self._decide(request, self.store.watched(origin))
        if answer.fork is not None:
            # It is refused whether or not there is room for the evidence.
            with suppress(OutsideFailed):
                self.store.keep_evidence(origin, forks.write(answer.fork))
        if answer.keep is None:
            return answer
        given: list[Answer] = []

        def decide(watched: Watched) -> Cosigned | None:
            given.append(self._decide(request, watched))
            return given[-1].keep

        # A crash before this returns leaves a tree that was kept and not answered for; then
        # the log hears its size from a 409. One after it has lost an answer, which is no harm.
        self.store.keep(origin, decide)
        return given[-1]

    def checkpoint(self, origin_hash: str) -> str | None:
        """The latest checkpoint that was cosigned for the log with this hash, for monitors."""
        return self.store.checkpoint(origin_hash)

    def _decide(self, request: witness.Request, watched: Watched) -> Answer:
        now = int(self.clock.now().timestamp())
        try:
            verifiers = [Verifier.parse(vkey) for vkey in watched.keys]
        except FormatError as error:
            raise OutsideFailed(
                f"the witness's file is damaged: {error.fact}", hint="begin anew, with a new key"
            ) from error
        return witness.decide(request, verifiers, watched.latest, self.cosigner, now)
