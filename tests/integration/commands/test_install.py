"""docs/install.md: its ten commands, run as they stand there."""

import os
import re
import subprocess
from pathlib import Path

from deploy.local.kafka import LocalKafka
from deploy.local.ports import free_ports
from tests.integration.waiting import PATIENCE

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
[BLOCK] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line for line in BLOCK.splitlines() if line]


def test_there_are_ten() -> None:
    assert len(COMMANDS) == 10


def test_they_lead_from_nothing_to_a_ledger_that_balances(kafka: LocalKafka, prefix: str, tmp_path: Path) -> None:
    """All but the first one, which made the environment that this test runs in."""
    assert COMMANDS[0].startswith("make setup && export PATH=")
    ingress, worker = free_ports(2)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    environment = inherited | {
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",
        "KAFKA": kafka.bootstrap_servers,
        "BRIDGE_TOPIC_PREFIX": prefix,
        "BRIDGE_PARTITIONS": "2",
        "BRIDGE_INGRESS_PORT": str(ingress),
        "BRIDGE_WORKER_WEB_PORT": str(worker),
    }
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    script = "\n".join(["set -e", "trap 'kill $(jobs -p)' EXIT", *COMMANDS[1:]])
    run = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=4 * PATIENCE,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"unique\s+1\b", run.stdout), run.stdout
