"""Whose answer a 404 is."""

import re
from pathlib import Path

from commands.terminal import worker

WORKER = Path(__file__).parents[4] / "processors" / "worker"


def test_every_404_of_a_worker_is_known_as_one() -> None:
    """One that was renamed would be told as something else that listens there."""
    sources = "".join(path.read_text(encoding="utf-8") for path in WORKER.rglob("*.py"))
    titles = set(re.findall(r'problem\(404, "([^"]+)"', sources))
    assert titles == set(worker._UNKNOWN)
