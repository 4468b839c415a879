"""Ports are given once, whoever asks."""

import subprocess
import sys

import pytest

from deploy.local import ports

ASKING = """\
import sys
from deploy.local import ports
ports.CANDIDATES = range(*map(int, sys.argv[1:]))
print(*ports.free_ports(8), flush=True)
sys.stdin.read()
"""


def test_nobody_gets_the_ports_of_a_living_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even while nothing listens there, as when a broker is down."""
    (port,) = ports.free_ports(1)
    few = range(port - 8, port + 8)
    monkeypatch.setattr(ports, "CANDIDATES", few)
    command = [sys.executable, "-c", ASKING, str(few.start), str(few.stop)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = {int(port) for port in other.stdout.readline().split()}
        ours = set(ports.free_ports(8))
        other.communicate()
    assert len(theirs) == 8
    assert ours
    assert not ours & theirs
    assert not ours & set(ports.free_ports(8))
