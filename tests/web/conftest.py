"""One live town and one exercise for all tests of the pages; nothing here writes to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.web import town as towns
from tests.web.client import TestClient

from vidimus.web.app import create_app
from vidimus.web.limits import Limits

ROOMY = Limits(bucket=1e9, refill=1e9)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> towns.Town:
    return towns.build(tmp_path_factory.mktemp("live") / "register", exercise=False)


@pytest.fixture(scope="session")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> towns.Town:
    return towns.build(tmp_path_factory.mktemp("exercise") / "register", exercise=True)


@pytest.fixture
def client(town: towns.Town) -> Iterator[TestClient]:
    with TestClient(create_app(town.desk, limits=ROOMY), follow_redirects=False) as made:
        yield made
