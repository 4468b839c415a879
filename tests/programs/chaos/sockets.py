"""Which process holds a TCP port of the loopback interface, from Linux's /proc."""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path


def holders(ports: Collection[int], pids: Mapping[str, int]) -> dict[int, str]:
    """By port, the name under which ``pids`` has the process with a connection from there."""
    inodes = _inodes(set(ports)) if ports else {}
    return {inodes[inode]: name for name, pid in pids.items() for inode in _sockets(pid) if inode in inodes}


def _inodes(ports: Collection[int]) -> dict[str, int]:
    """The port of each socket whose local end is one of these."""
    found = {}
    for table in ("tcp", "tcp6"):  # a JVM's sockets are of the second kind
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, inode = line.split(maxsplit=10)[1:10:8]
            if (port := int(local[-4:], 16)) in ports:
                found[inode] = port
    return found


def _sockets(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):  # a process that has ended
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                kind, _, inode = str(descriptor.readlink()).partition(":")
                if kind == "socket":
                    yield inode[1:-1]
