"""Listening: an address one can open, and an error one can understand."""

from __future__ import annotations

import urllib.request

import pytest
from tests.web import town as towns
from tests.web.browsing import serving

from vidimus.errors import OutsideFailed, UsageError
from vidimus.web.app import create_app
from vidimus.web.server import address_of, listen


def test_ready_is_told_an_address_that_answers(
    town: towns.Town, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(create_app(town.desk)) as address:
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.status == 200
            assert "server" not in answer.headers
    out, err = capfd.readouterr()
    assert "GET" not in out + err, "who asked for what is nobody's business"


def test_a_port_that_is_taken_is_an_error_with_a_hint() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OutsideFailed) as raised:
            listen("127.0.0.1", port)
    assert str(port) in raised.value.fact
    assert "--port" in raised.value.hint


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_is_a_number_of_sixteen_bits(port: int) -> None:
    with pytest.raises(UsageError):
        listen("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(OutsideFailed):
        listen("192.0.2.1", 0)


def test_an_address_of_version_six_stands_in_brackets() -> None:
    try:
        listening = listen("::1", 0)
    except OutsideFailed:
        pytest.skip("no IPv6 on this machine")
    with listening:
        assert address_of(listening).startswith("http://[::1]:")
