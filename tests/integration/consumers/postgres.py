"""A PostgreSQL on loopback for one test: empty at first, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.ports import free_ports

_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"


class Postgres:
    """The one database, which asks for no password."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._port = port

    def run(self, sql: str) -> str:
        """What the statements answer, as text without headings."""
        command = ["psql", "-h", "127.0.0.1", "-p", str(self._port), "-U", _USER, "-v", "ON_ERROR_STOP=1", "-qAt"]
        return _run(command, sql)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Skips aloud if PostgreSQL is not installed."""
    programs = next(iter(sorted(_DEBIAN.glob("*/bin"), reverse=True)), None)
    if programs is None or shutil.which("psql") is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql), so no sink writes to it")
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="bridge-postgres-") as home:
        as_user = []
        if os.geteuid() == 0:  # it refuses to run as root
            as_user = ["runuser", "-u", _USER, "--"]
            shutil.chown(home, _USER)
        data = [*as_user, str(programs / "pg_ctl"), "-D", f"{home}/data"]
        _run([*as_user, str(programs / "initdb"), "-D", f"{home}/data", "-A", "trust", "-U", _USER, "--no-sync"])
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {home} -F"
        _run([*data, "-l", f"{home}/log", "-o", options, "-w", "start"])
        try:
            yield Postgres(port)
        finally:
            _run([*data, "-m", "immediate", "-w", "stop"])


def _run(command: list[str], text: str = "") -> str:
    run = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd="/")
    assert run.returncode == 0, run.stderr
    return run.stdout
