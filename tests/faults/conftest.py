from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.faults.parts import CHILDREN, PYTHONPATH, founded
from tests.operations.ministry import Ministry


@pytest.fixture(scope="session", autouse=True)
def _preloaded() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        # The server starts afresh, and would import what is installed and not what lies here.
        patch.setenv("PYTHONPATH", PYTHONPATH)
        CHILDREN.set_forkserver_preload(["tests.faults.beside", "tests.store.life"])
        yield


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Ministry:
    """Founded once; each test copies it."""
    return founded(tmp_path_factory.mktemp("base") / "registry")
