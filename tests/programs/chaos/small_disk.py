"""A disk for one process alone, small enough to be full soon."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


def may_mount() -> bool:
    """Whether this user may give a process a disk of its own."""
    return subprocess.run(["unshare", "--mount", "--map-root-user", "true"], check=False).returncode == 0


def on_small_disk(directory: Path, size: int, ballast: int = 0) -> Sequence[str]:
    """A wrapper for a command, which finds in `directory` a disk of `size` bytes. Nobody else sees the disk, and it
    ends with the command. A file takes `ballast` bytes of it, see `ballast_of`."""
    directory.mkdir(parents=True)
    script = f'mount -t tmpfs -o size={size} bridge "$0" && head -c {ballast} /dev/zero >"$0/ballast" && exec "$@"'
    return ("unshare", "--mount", "--map-root-user", "sh", "-c", script, str(directory))


def ballast_of(pid: int, directory: Path) -> Path:
    """The ballast file, as seen from here, of the process that has the disk."""
    return Path(f"/proc/{pid}/root{directory}/ballast")


def fill(ballast: Path, left: int) -> None:
    """Let the ballast file take all of its disk but so many bytes."""
    disk = os.statvfs(ballast)
    with ballast.open("ab") as more:
        more.write(bytes(disk.f_bavail * disk.f_frsize - left))
