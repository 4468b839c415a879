"""Whose answer a 404 is."""

import re
from pathlib import Path

import pytest

from commands.terminal import worker
from tests.unit.commands.conftest import Run

WORKER = Path(__file__).parents[4] / "processors" / "worker"


def test_every_404_of_a_worker_is_known_as_one() -> None:
    """One that was renamed would be told as something else that listens there."""
    sources = "".join(path.read_text(encoding="utf-8") for path in WORKER.rglob("*.py"))
    titles = set(re.findall(r'problem\(404, "([^"]+)"', sources))
    assert titles == set(worker._UNKNOWN)


@pytest.mark.parametrize("url", ["http://[::1", "localhost:6066", "localhost", "ftp://a", "http://"])
def test_an_address_that_is_none_is_said_with_its_setting(bridge: Run, url: str) -> None:
    """`http://[::1` ended in a traceback."""
    result = bridge("order", "SO-1", worker_url=url)
    assert (result.exit_code, "set BRIDGE_WORKER_URL." in result.stderr) == (2, True)
