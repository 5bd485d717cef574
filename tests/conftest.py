"""How long hypothesis looks: a while in `make test`, long in `make soak`.

No deadline: the machines are shared, and no test here times anything.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("usual", deadline=None)
settings.register_profile(
    "soak", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("soak" if os.environ.get("VIDIMUS_SOAK") else "usual")
