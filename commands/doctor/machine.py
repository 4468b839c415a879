"""What a service needs of this machine: disk space, open files, and a synchronised clock."""

import ctypes
import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bridge.kafka.acls import Part
from bridge.settings import Settings
from commands.doctor.finding import Finding, State, ok, unknown, warning, wrong
from commands.terminal.disks import FULL, NEARLY_FULL

_BESIDE_CONNECTIONS: Final = 1024
"""Open files besides connections, mostly RocksDB's."""
_OF_NO_WORKER: Final = "if no worker runs here: `bridge doctor --part PART` looks at what that part needs"
_TIMEX_BYTES: Final = 512
"""Larger than `struct timex` on any platform."""
_TIME_ERROR: Final = 5  # timex.h


def machine(settings: Settings, part: Part | None) -> Iterator[Finding]:
    """All findings on this machine. Only workers and migrations need the disk."""
    if part in {None, Part.WORKER, Part.MIGRATION}:
        found = disk(settings.worker_data_dir)
        is_asked = part is not None or found.state is not State.WRONG
        yield found if is_asked else found._replace(remedies=(*found.remedies, _OF_NO_WORKER))
    yield open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[1], settings.http_max_connections)
    yield clock()


def disk(directory: Path) -> Finding:
    """A finding on the disk of the tables."""
    if not _is_utf8(directory):
        remedy = "give it a name in ASCII, or run everything with a locale of UTF-8, or PYTHONUTF8=1"
        return wrong("disk", f"BRIDGE_WORKER_DATA_DIR, {directory}, is no UTF-8 here: no table can be opened", remedy)
    there = _existing(directory.absolute())
    try:
        usage = shutil.disk_usage(there)
    except OSError as error:
        return wrong("disk", f"{there} cannot be looked at: {error.strerror}", "set BRIDGE_WORKER_DATA_DIR")
    space = f"{_size(usage.free)} of {_size(usage.total)} free for BRIDGE_WORKER_DATA_DIR, {directory}"
    if not os.access(there, os.W_OK | os.X_OK):
        return wrong("disk", f"{there} is not writable", "give it to the worker's user, or set BRIDGE_WORKER_DATA_DIR")
    if usage.free < FULL:
        return wrong(
            "disk", f"the disk is full: {space}", "make space: the worker goes on by itself once there is some"
        )
    if usage.free < usage.total * NEARLY_FULL:
        return warning("disk", f"the disk is nearly full: {space}", "enlarge it, see docs/engine.md for a key's cost")
    return ok("disk", space)


def open_files(hard_limit: int, connections: int) -> Finding:
    """`hard_limit`: the most open files that a process of this user may have."""
    needed = connections + _BESIDE_CONNECTIONS
    if hard_limit != resource.RLIM_INFINITY and hard_limit < needed:
        what = f"{hard_limit} open files are allowed, {connections} connections need {needed}"
        return warning("limits", what, "raise `ulimit -Hn`, or lower BRIDGE_HTTP_MAX_CONNECTIONS")
    return ok("limits", "enough open files are allowed")


def clock() -> Finding:
    """Whether the kernel takes its clock for synchronised."""
    adjtimex = getattr(ctypes.CDLL(None, use_errno=True), "adjtimex", None)
    if adjtimex is None:
        return unknown("clock", "this system does not say whether its clock is kept right")
    state = adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))  # all zeros: reads only
    if state < 0:
        return unknown("clock", f"the kernel does not tell about its clock: {os.strerror(ctypes.get_errno())}")
    if state == _TIME_ERROR:
        what = "the kernel does not know of anything that keeps this machine's clock right"
        return warning("clock", what, "run chrony or another NTP client here or on the host, if none does")
    return ok("clock", "this machine's clock is kept right, as the kernel says")


def _is_utf8(path: Path) -> bool:
    """Whether RocksDB, which writes paths in UTF-8, and Python, which does so as the locale says, mean the same one."""
    try:
        return str(path).encode() == os.fsencode(path)
    except UnicodeEncodeError:
        return False


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def _size(size: int) -> str:
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
