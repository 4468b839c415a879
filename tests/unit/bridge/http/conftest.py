"""Event loops for these tests, and shorter deadlines."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

from bridge.http import connections, protocol, server


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The services run on uvloop, but what we ask of a transport must hold for any loop."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten waits of a second."""
    monkeypatch.setattr(connections, "LOOK_S", 0.02)
    monkeypatch.setattr(server, "LAST_REQUESTS_S", 0.5)


@pytest.fixture
def shorten_deadlines(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on ten seconds take a moment, too."""

    def shorten() -> None:
        monkeypatch.setattr(protocol, "HEAD_S", 0.1)
        monkeypatch.setattr(protocol, "WRITE_S", 0.1)

    return shorten


@pytest.fixture
def short_deadlines(shorten_deadlines: Callable[[], None]) -> None:
    """They do all the time."""
    shorten_deadlines()
