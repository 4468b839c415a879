"""Wrong use and a broken environment: one sentence on stderr, exit 2, no traceback."""

import os
import subprocess
import sys

import pytest
from aiohttp.test_utils import unused_port

from tests.unit.commands.conftest import Run

KAFKA_COMMANDS = [
    ["topics", "plan"],
    ["topics", "apply", "--yes"],
    ["topics", "check"],
    ["verify"],
    ["schema", "drift"],
]


@pytest.mark.parametrize("command", [*KAFKA_COMMANDS, ["simulate"], ["order", "o1"], ["ingress"], ["worker"]])
def test_a_missing_setting_is_named(bridge: Run, command: list[str]) -> None:
    result = bridge(*command, tenant=None)
    assert result.exit_code == 2
    assert "BRIDGE_TENANT" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", KAFKA_COMMANDS)
def test_without_kafka_the_address_is_named(bridge: Run, command: list[str]) -> None:
    address = f"127.0.0.1:{unused_port()}"
    result = bridge(*command, kafka_bootstrap_servers=address)
    assert result.exit_code == 2
    assert f"No Kafka answers at {address}" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_simulate_without_an_ingress_says_so(bridge: Run) -> None:
    result = bridge("simulate", "--orders", "1", ingress_port=str(unused_port()))
    assert result.exit_code == 2
    assert "Nothing listens" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "options",
    [
        ["--duplicates", "0.9", "--malformed", "0.5"],
        ["--start", "2026-01-01"],
        ["--patience", "soon"],
        ["--orders", "0"],
        ["--disorder", "2"],
        ["--disorder-window", "late"],
        ["--replay", "0s"],
        ["--duration", "long"],
    ],
)
def test_simulate_refuses_what_makes_no_sense(bridge: Run, options: list[str]) -> None:
    result = bridge("simulate", *options)
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_help_loads_nothing_that_takes_long() -> None:
    """Help answers at once, on any machine: rich alone would take three times as long as all the rest."""
    code = (
        "import sys; from commands.app import app\n"
        "slow = 'aiokafka', 'aiohttp', 'faust', 'pydantic', 'rich', 'dotenv'\n"
        "try: app(['--help'])\n"
        "finally: print([name for name in slow if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "simulate" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.thorough  # starts an interpreter
def test_topics_are_created_and_checked_without_a_worker_s_modules() -> None:
    """These modules are for moving a deployment to other rules, and take half of the time."""
    code = (
        "import sys; from commands.topics import command\n"
        "print([name for name in ('faust', 'mode', 'rocksdict', 'processors.worker') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("command", [["worker"], ["topics", "migrate"]])
def test_variables_of_a_service_named_faust_end_no_command(command: list[str]) -> None:
    """Faust reads them when it is imported, and wants a number."""
    links = {"FAUST_WEB_PORT": "tcp://10.0.0.1:80", "F_CONSOLE_PORT": "tcp://10.0.0.2:80"}
    begun = [sys.executable, "-m", "commands", *command]
    found = subprocess.run(begun, env={**os.environ, **links}, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "BRIDGE_TENANT" in found.stderr
    assert "Traceback" not in found.stderr
