"""The log's keys change under a server that was started before: it signs with none that ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.operations.ministry import build, no_passphrase
from tests.service.door import opened, told
from tests.service.test_registering import ROOMY, hold

from vidimus import wiring
from vidimus.core.acts import vocabulary as v
from vidimus.core.log.claim import open_claim
from vidimus.core.trust.keys import log_verifiers
from vidimus.operations import trusting
from vidimus.operations.trusting import Sort
from vidimus.operations.verbs import VERBS


def test_a_server_signs_with_no_key_that_has_ended(tmp_path: Path) -> None:
    """Claims and registrations; what it showed before goes on being shown."""
    m = build(tmp_path / "registry")
    letter = m.released()
    with opened(m, ROOMY) as door:
        other = wiring.office(m.folder, no_passphrase)
        other.clock = m.clock

        def trust(**changes: Any) -> None:
            m.clock.pass_(seconds=1)
            VERBS["trust"](other, m.actor("ada"), **changes)
            wiring.renew(m.folder, other)

        def claim_holds() -> bool:
            answer = door.client.get(f"/subjects/{letter}")
            root = wiring.trust_root(m.folder)
            verifiers = log_verifiers(root.trust, other.log.head().size)
            return answer.status_code == 200 and bool(
                open_claim(answer.text, verifiers, root.origin)
            )

        _file, key = wiring.add_own_key(m.folder, other, Sort.LOG, None, no_passphrase)
        trust(**trusting.added(other.authority().trust, Sort.LOG, key))
        assert claim_holds()
        door.registers(*hold(door, letter))
        assert claim_holds()
        trust(**trusting.ended(other.authority().trust, Sort.LOG, other.log.head().size))
        for answer in (
            door.client.get(f"/subjects/{letter}"),
            door.post(*door.signed("cleo", v.Clear(letter))),
        ):
            assert answer.status_code == 503
            assert "restart" in told(answer)[1]
        assert door.client.get("/checkpoint").status_code == 200
    m.verify()
