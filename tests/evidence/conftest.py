from __future__ import annotations

import pytest
from tests.evidence.cases import Cases, make


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """Made once: whoever asks for it changes nothing in it."""
    return make(tmp_path_factory.mktemp("evidence") / "registry")


@pytest.fixture(scope="session")
def good(cases: Cases) -> bytes:
    """The bundle on a letter that stands."""
    return cases.bundle(cases.stands)


@pytest.fixture(scope="session")
def fallen(cases: Cases) -> bytes:
    """The bundle on a letter that was withdrawn."""
    return cases.bundle(cases.withdrawn)
