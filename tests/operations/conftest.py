"""The ministry, founded once and copied for each test: a copy is cheaper than a founding."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.operations.ministry import Ministry, build


@pytest.fixture
def m(tmp_path: Path) -> Ministry:
    return build(tmp_path / "registry")
