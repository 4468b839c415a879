"""A process that takes too much memory is ended, and that is seen."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.programs.chaos import memory_limit
from tests.programs.chaos.memory_limit import MemoryLimit

pytestmark = pytest.mark.thorough  # they start processes

TAKES = "import sys; taken = b'x' * (int(sys.argv[1]) << 20)"


@pytest.fixture(params=["as it is", "without a cgroup"])
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MemoryLimit]:
    if request.param == "without a cgroup":
        monkeypatch.setattr(memory_limit, "_CGROUPS", tmp_path / "none" / "such")
    with closing(MemoryLimit("test", 128)) as limit:
        yield limit


def run(limit: MemoryLimit, mib: int, log: Path) -> int:
    with log.open("wb") as output:
        command = [*limit.wrapper, sys.executable, "-c", TAKES, str(mib)]
        return subprocess.run(command, check=False, stderr=output).returncode


def test_who_takes_too_much_is_ended_and_counted(limit: MemoryLimit, tmp_path: Path) -> None:
    assert run(limit, 400, tmp_path / "log") != 0
    assert limit.kills(tmp_path / "log") == 1


def test_who_takes_less_is_not(limit: MemoryLimit, tmp_path: Path) -> None:
    assert run(limit, 40, tmp_path / "log") == 0
    assert limit.kills(tmp_path / "log") == 0
