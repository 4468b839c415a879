"""Closes a listening socket without a reset for callers that have already connected."""

import ctypes
import select
import socket
import struct
import sys
from typing import Final

from bridge.log import get_logger

log = get_logger(__name__)

_SO_ATTACH_FILTER: Final = 26
_NO_SYN: Final = (
    (0x30, 0, 0, 13),  # the flags of the TCP header
    (0x54, 0, 0, 0x12),  # of them SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone:
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFF_FFFF),  # else let it through
)
"""A program of the kernel's packet filter (Linux, Documentation/networking/filter.rst)."""


def turn_away(listening: socket.socket) -> None:
    """Let nobody new connect. Connections that are made or being made can still be accepted.

    Simply closing the socket would reset the connections that wait for `accept`, with what they have sent. A new caller
    now gets no answer, and tries again a second later. On systems other than Linux nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _NO_SYN)
    code = ctypes.create_string_buffer(program, len(program))
    try:
        attached = struct.pack("HP", len(_NO_SYN), ctypes.addressof(code))
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, attached)
    except OSError as error:  # a sandbox may forbid it
        log.warning("connections that nobody has accepted yet may be reset", error=str(error))


def has_waiting(listening: socket.socket) -> bool:
    """Whether a connection waits to be accepted."""
    poll = select.poll()
    poll.register(listening.fileno(), select.POLLIN)
    return bool(poll.poll(0))
