"""Imports all that services and commands need, then forks a process for each request: ``python -m …fork_server 5
4711``, a socket's descriptor and the id of the process at its other end.

A request is a JSON list of arguments and environment, with the descriptors of stdout and stderr. The answer is the new
process's id. The asker must be a subreaper to become its parent: the server forks twice, and the process in between
ends."""

import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import Final

from commands.app import COMMANDS
from processors.engine import crash
from tests.integration.exactly_once import child

_SERVICES: Final = ("ingress.main", "processors.worker.main")
_MOST_BYTES: Final = 1 << 20


def main(channel: socket.socket, parent: int) -> None:
    """Serve until the other end is closed. Each forked process runs what it was forked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the starter; when that ends, we do
    for name in (*_SERVICES, *(entry.module for entry in COMMANDS.values())):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection would copy every page that is shared
    if asked := _serve(channel):
        channel.close()
        _become(*asked)
        child.run(parent)


def _serve(channel: socket.socket) -> tuple[bytes, list[int]] | None:
    """In each forked process, its request; in the server None, once there are no more."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(channel, _MOST_BYTES, 2)
        if not request:
            return None
        if _forked(channel):
            return request, descriptors
        for descriptor in descriptors:
            os.close(descriptor)


def _forked(channel: socket.socket) -> bool:
    """Whether this is the new process. It goes on only when it is the asker's child, and the asker has been sent its
    id."""
    ours, theirs = socket.socketpair()
    if between := os.fork():
        theirs.close()
        with ours:  # when it is closed, the new process goes on
            pid = ours.recv(_MOST_BYTES)
            os.waitpid(between, 0)
            channel.send(pid)
        return False
    if os.fork():
        os._exit(0)
    ours.close()
    with theirs:
        theirs.send(str(os.getpid()).encode())
        theirs.recv(1)
    return True


def _become(request: bytes, descriptors: list[int]) -> None:
    """As if this interpreter had been started with the request."""
    for number, descriptor in enumerate(descriptors, start=1):
        os.dup2(descriptor, number)
        os.close(descriptor)
    arguments, environment = json.loads(request)
    sys.argv[:] = [child.__file__, *arguments]
    os.environ.clear()
    os.environ.update(environment)
    importlib.reload(crash)  # the one module of ours that reads the environment when it is imported
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
