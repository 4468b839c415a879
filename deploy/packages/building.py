"""What building any package needs."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.local.environment import BrokenEnvironment

PROJECT: Final = Path(__file__).parents[2]
DIST: Final = PROJECT / "dist"
WORK: Final = PROJECT / ".local" / "packages"
"""Packages are built here. What a build leaves here makes the next build faster."""

READER: Final = PROJECT / "schemas" / "generated" / "reader"


def copied(name: str, keep: Sequence[str] = ()) -> Path:
    """Return the folder to build a package in: a copy of its sources, beside what `keep` names of the last build."""
    source, folder = Path(__file__).with_name(name), WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.name not in keep:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    shutil.copytree(source, folder, dirs_exist_ok=True)
    shutil.copy(PROJECT / "LICENSE", folder)
    return folder


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Return what a program printed. BrokenEnvironment: it failed; the message has what it said."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise BrokenEnvironment(f"{' '.join(map(str, command))} failed:\n{said}")
    return done.stdout


def lacking_of(*programs: str) -> str | None:
    """Return a sentence about the programs that are not on this machine; None if all are."""
    absent = [program for program in programs if shutil.which(program) is None]
    return f"{' and '.join(absent)} is not on this machine" if absent else None
