"""Results of the suite belong to a revision of what the services run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs.chaos.__main__ import APART, ROOT

pytestmark = pytest.mark.thorough

LOADED = """
import sys, ingress.main, processors.worker.main
print(*{module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)}, sep="\\n")
"""


def test_no_service_runs_what_is_apart() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = [Path(line).relative_to(ROOT) for line in run.stdout.splitlines() if Path(line).is_relative_to(ROOT)]
    assert Path("processors/engine/lane.py") in loaded
    assert not [path for path in loaded if any(path.is_relative_to(apart) for apart in APART)]


def test_what_is_apart_is_there() -> None:
    assert all((ROOT / path).exists() for path in APART)
