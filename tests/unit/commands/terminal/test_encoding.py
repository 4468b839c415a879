"""A stdout that is no UTF-8: what it cannot hold is escaped, and does not end the command."""

import io
import json
import os
import subprocess
import sys

import pytest
from aiohttp.test_utils import unused_port

from commands.terminal.output import print_json


@pytest.mark.thorough
def test_a_command_ends_as_it_does_elsewhere() -> None:
    nowhere = f"127.0.0.1:{unused_port()}"
    given = {"TENANT": "acme", "KAFKA_BOOTSTRAP_SERVERS": nowhere}
    for name in ("INGRESS_URL", "WORKER_URL"):
        given[name] = f"http://{nowhere}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "commands", "status"],
        env={**environment, **{f"BRIDGE_{name}": value for name, value in given.items()}, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert (done.returncode, b"No Kafka answers" in done.stdout) == (1, True)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_stays_json(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """Python's own escape of a letter, `\\U0001f642`, is no JSON."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", stdout)
    print_json({"name": "Zoë", "mood": "🙂"})
    stdout.flush()
    assert isinstance(stdout.buffer, io.BytesIO)
    assert json.loads(stdout.buffer.getvalue().decode(encoding)) == {"name": "Zoë", "mood": "🙂"}
