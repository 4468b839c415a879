"""Which process holds a TCP port of the loopback interface, from Linux's /proc."""

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

Ends = tuple[int, int]
"""Ports of a connection: the one that dialled, and the one that was dialled. The first alone is not enough: the kernel
gives it to several connections at a time if they lead to different places."""


def holders(connections: Collection[Ends], pids: Mapping[str, int]) -> dict[Ends, str]:
    """By connection, the name that `pids` has for the process that dialled. The process named last is looked at first:
    services dial more often than brokers, and have fewer open files."""
    inodes = _inodes(set(connections)) if connections else {}
    found: dict[Ends, str] = {}
    for name, pid in reversed([*pids.items()]):
        if len(found) == len(inodes):
            break
        found |= {inodes[inode]: name for inode in _sockets(pid) if inode in inodes}
    return found


def _inodes(connections: Collection[Ends]) -> dict[str, Ends]:
    """By inode of each socket that is a dialling end: its connection."""
    found = {}
    for table in ("tcp", "tcp6"):  # a JVM's sockets are of the second kind
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, remote, *_, inode, _ = line.split(maxsplit=10)
            if (ends := (int(local[-4:], 16), int(remote[-4:], 16))) in connections:
                found[inode] = ends
    return found


def _sockets(pid: int) -> Iterator[str]:
    """Inodes of its sockets. By `os`: `pathlib` takes four times as long for the thousands of files of a broker."""
    with contextlib.suppress(OSError):  # a process that has ended
        for descriptor in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):  # closed meanwhile
                kind, _, inode = os.readlink(descriptor.path).partition(":")  # noqa: PTH115  # as said
                if kind == "socket":
                    yield inode[1:-1]
