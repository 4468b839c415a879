"""The official AsyncAPI parser: installed once for each state of its lock, outside the tree that git sees."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".local"
LOCK = HERE / "package-lock.json"
_FILES = ("package.json", LOCK.name, ".npmrc")


def diagnostics(documents: Iterable[Path]) -> dict[Path, list[dict[str, Any]]]:
    """What the parser says of each document; skips the test where there is no npm."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed, so the official AsyncAPI parser cannot run")
    folder = _installed()
    shutil.copy(HERE / "parse.js", folder)
    run = subprocess.run(
        ["node", "parse.js", *map(str, documents)], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return {Path(path): found for path, found in json.loads(run.stdout).items()}


def _installed() -> Path:
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    folder = CACHE / f"asyncapi-parser-{digest}"
    if not folder.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            _install(Path(unfinished))
            # At once, so that a folder of that name is always complete; who comes second loses nothing.
            Path(unfinished, "done").rename(folder)
    return folder


def _install(folder: Path) -> None:
    done = folder / "done"
    done.mkdir()
    for name in _FILES:
        shutil.copy(HERE / name, done)
    run = subprocess.run(["npm", "ci", "--silent"], cwd=done, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"npm ci failed:\n{run.stdout}{run.stderr}"
