"""`bridge doctor` on a machine whose disk is full."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs.chaos.small_disk import may_mount, on_small_disk

_SIZE = 32 << 20
"""Bytes. Half are taken, which leaves less than a worker needs."""


@pytest.mark.skipif(not may_mount(), reason="this user may not mount a disk in a namespace of its own")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """Whatever else doctor finds: there is no Kafka here."""
    data = tmp_path / "data"
    command = [*on_small_disk(data, _SIZE, _SIZE // 2), sys.executable, "-m", "commands", "doctor", "-o", "json"]
    nowhere = {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    given = {"BRIDGE_TENANT": "acme", "BRIDGE_WORKER_DATA_DIR": str(data), **nowhere}
    done = subprocess.run(command, env=os.environ | given, capture_output=True, check=False)
    assert done.returncode == 1
    (found,) = [each for each in json.loads(done.stdout)["findings"] if each["check"] == "disk"]
    assert (found["state"], "the disk is full" in found["what"]) == ("wrong", True)
    assert found["remedies"]
