"""Packages from npm, installed once for each state of their lock, outside the tree that git sees."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".local"
LOCK = "package-lock.json"
_FILES = ("package.json", LOCK, ".npmrc")


def can_run() -> bool:
    """Say whether Node and npm are on this machine."""
    return shutil.which("npm") is not None and shutil.which("node") is not None


def installed(locked: Path) -> Path:
    """Return the folder with the packages of the lock in the folder `locked`."""
    digest = hashlib.sha256(b"".join((locked / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    folder = CACHE / f"{locked.name}-{digest}"
    if not folder.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            done = Path(unfinished, "done")
            _install(locked, done)
            _move(done, folder)
    return folder


def _install(locked: Path, done: Path) -> None:
    done.mkdir()
    for name in _FILES:
        shutil.copy(locked / name, done)
    run = subprocess.run(["npm", "ci", "--silent"], cwd=done, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"npm ci failed:\n{run.stdout}{run.stderr}"


def _move(done: Path, folder: Path) -> None:
    """Move it at once, so that a folder of that name is always complete."""
    try:
        done.rename(folder)
    except OSError:
        if not folder.exists():  # else another test was faster, and has the same
            raise
