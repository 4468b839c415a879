"""What a local stack keeps over its runs."""

import socket
import stat
import subprocess
from pathlib import Path

import pytest

from deploy.local.environment import BrokenEnvironment
from deploy.local.home import RUN, Home
from deploy.local.kafka import NAMED
from deploy.local.ports import free_ports

PORT = "BRIDGE_INGRESS_PORT"
EXAMPLES = Path(__file__).parents[3] / "examples" / "consumers" / "README.md"


def test_its_settings_are_there_for_the_next_one_and_for_nobody_else(tmp_path: Path) -> None:
    first = Home(tmp_path / "run")
    assert (first.kept, first.port(PORT)) == ({}, [])
    first.write({NAMED: "127.0.0.1:29092", PORT: "28080", "BRIDGE_INGRESS_API_KEYS": "a'b #c", "PATH": "/bin"})
    again = Home(tmp_path / "run")
    assert (again.port(NAMED), again.port(PORT)) == ([29092], [28080])
    assert again.kept["BRIDGE_INGRESS_API_KEYS"] == "a'b #c"
    assert "PATH" not in again.kept
    assert stat.S_IMODE(again.env_file.stat().st_mode) == 0o600


def test_a_shell_can_read_its_settings_as_the_examples_have_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write({NAMED: "127.0.0.1:29092,[::1]:29092", "BRIDGE_LATE_AFTER": "15 min"})
    (reading,) = [line for line in EXAMPLES.read_text().splitlines() if line.startswith("set -a; . ")]
    printed = f'printf "%s, %s" "${NAMED}" "$BRIDGE_LATE_AFTER"'
    script = f"{reading.replace('.local/run/bridge.env', str(home.env_file))}\nsh -c '{printed}'"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "127.0.0.1:29092,[::1]:29092, 15 min"
    assert str(RUN / "bridge.env").endswith("/.local/run/bridge.env")


def test_two_stacks_do_not_write_over_each_other(tmp_path: Path) -> None:
    """The second one once took other ports, and its settings replaced those of the first."""
    first, second = Home(tmp_path / "run"), Home(tmp_path / "run")
    with first.held(), pytest.raises(BrokenEnvironment, match="Another `make run`"), second.held():
        pass
    with second.held():
        pass


def test_a_wanted_port_is_taken_unless_somebody_listens_there() -> None:
    """Connections that have just ended there linger for a minute, and are in nobody's way."""
    busy, lingering = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    wanted = [each.getsockname()[1] for each in (busy, lingering)]
    with busy:
        with lingering, socket.create_connection(("127.0.0.1", wanted[1])) as client:
            accepted, _ = lingering.accept()
            accepted.close()  # the side that closes first is the one that lingers
            assert client.recv(1) == b""
        first, second = free_ports(2, wanted)
    assert first == wanted[1]
    assert second not in wanted
