"""A limit on one process's memory, as its container would have."""

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_CGROUPS: Final = Path("/sys/fs/cgroup/memory")
_JOIN: Final = 'echo $$ >"$0/cgroup.procs" && exec "$@"'
_SAID_WITHOUT_MEMORY: Final = ("MemoryError", "bad_alloc", "Cannot allocate memory")


class MemoryLimit:
    """For one process after the other, each begun with `wrapper`.

    A memory cgroup, if this user may make one: the kernel takes back the page cache before it kills anybody, as in
    Kubernetes. Else a limit on the data segment, which counts what was asked for, used or not.
    """

    def __init__(self, name: str, mib: int) -> None:
        self._bytes = mib << 20
        self._group = _CGROUPS / f"bridge-{os.getpid()}-{name}"
        self.in_cgroup = _may_make(self._group)
        if self.in_cgroup:
            (self._group / "memory.limit_in_bytes").write_text(str(self._bytes))
            with contextlib.suppress(OSError):  # without swap there is nothing to limit
                (self._group / "memory.memsw.limit_in_bytes").write_text(str(self._bytes))

    @property
    def wrapper(self) -> Sequence[str]:
        """A command that runs the rest of its arguments in its own place, under the limit."""
        if self.in_cgroup:
            return ("sh", "-c", _JOIN, str(self._group))
        return (shutil.which("prlimit") or "prlimit", f"--data={self._bytes}")

    def kills(self, log: Path) -> int:
        """How often a process was killed for memory or, without a cgroup, was refused some and wrote so."""
        if not self.in_cgroup:
            text = log.read_text()
            return sum(text.count(said) for said in _SAID_WITHOUT_MEMORY)
        counted = dict(line.split() for line in (self._group / "memory.oom_control").read_text().splitlines())
        return int(counted.get("oom_kill", 0))

    @property
    def most_mib(self) -> float | None:
        """The most that was taken at any time, page cache included; None: nobody counts it."""
        if not self.in_cgroup:
            return None
        return int((self._group / "memory.max_usage_in_bytes").read_text()) / (1 << 20)

    def close(self) -> None:
        """Remove the limit. Its processes must have ended."""
        with contextlib.suppress(OSError):  # one that was killed may not be gone entirely
            if self.in_cgroup:
                self._group.rmdir()


def _may_make(group: Path) -> bool:
    try:
        group.mkdir()
    except OSError:
        return False
    return (group / "memory.oom_control").exists()
