"""Imports all that services and commands do, then forks one for each request: ``python -m …fork_server 5 4711``, the
descriptor of a socket and who is at its other end.

A request is a JSON list of arguments and environment, with the descriptors of stdout and stderr; the answer is the id
of a process. It is a child of whoever asked, who must be its subreaper: it is forked twice, and the one between ends.
"""

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
    """Until the other end is closed; in each process that is forked, what it was forked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the starter, whose end is ours
    for name in (*_SERVICES, *(entry.module for entry in COMMANDS.values())):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection would copy every page that is shared
    if asked := _serve(channel):
        channel.close()
        _become(*asked)
        child.run(parent)


def _serve(channel: socket.socket) -> tuple[bytes, list[int]] | None:
    """In each process that is forked, its request; None at the end of them."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(channel, _MOST_BYTES, 2)
        if not request:
            return None
        if _forked(channel):
            return request, descriptors
        for descriptor in descriptors:
            os.close(descriptor)


def _forked(channel: socket.socket) -> bool:
    """Whether this is the new process; it goes on once its parent is the one that asked, who knows its id by then."""
    ours, theirs = socket.socketpair()
    if between := os.fork():
        theirs.close()
        with ours:  # at whose end the new one goes on
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
    """As if this interpreter had been started so."""
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
