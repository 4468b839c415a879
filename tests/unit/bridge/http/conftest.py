"""Loops for these tests."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The services run on uvloop; what is asked of a transport must hold for any."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
