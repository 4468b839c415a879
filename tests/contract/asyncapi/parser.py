"""The official AsyncAPI parser, from npm."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests import npm

HERE = Path(__file__).parent
LOCK = HERE / npm.LOCK


def diagnostics(documents: Iterable[Path]) -> dict[Path, list[dict[str, Any]]]:
    """What the parser says of each document. Skips the test if there is no npm."""
    if not npm.can_run():
        pytest.skip("node and npm are not installed, so the official AsyncAPI parser cannot run")
    folder = npm.installed(HERE)
    shutil.copy(HERE / "parse.js", folder)
    run = subprocess.run(
        ["node", "parse.js", *map(str, documents)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return {Path(path): found for path, found in json.loads(run.stdout).items()}
