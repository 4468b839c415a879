"""A transport that closes without losing the last answer."""

import asyncio
import socket
import struct
from typing import Any, Final

from bridge.http.bounds import CLOSING_BYTES, CLOSING_S

_AT_ONCE: Final = struct.pack("ii", 1, 0)


class ClosingTransport(asyncio.Transport):
    """Wraps `transport`; its `close` ends our side first, and reads on for a while what the protocol then drops.

    A socket that is closed with unread bytes sends a reset. That takes from the other side even what it has received
    and not read yet: the answer.
    """

    __slots__ = ("_ended", "_in_vain", "_loop", "_transport", "closing")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport, self._loop, self._in_vain = transport, loop, 0
        self.closing = self._ended = False  # `closing` is read for each piece of data: a property would cost time

    def ended(self) -> None:
        """The other side has ended its side: nothing more comes from there."""
        self._ended = True

    def close(self) -> None:
        """Send what is written, and the end. The connection is gone once the other side ends it, or after a while."""
        if self.closing:
            return
        self.closing = True
        if self._ended or self._transport.is_closing():
            self._transport.close()
            return
        try:
            self._transport.write_eof()
            self._transport.resume_reading()
        except OSError:  # the other side is gone
            self._transport.abort()
            return
        self._loop.call_later(CLOSING_S, self._transport.close)

    def read_in_vain(self, size: int) -> None:
        """`size` bytes came after the end of our side. If they are too many, abort: the caller does not read our
        answer."""
        self._in_vain += size
        if self._in_vain > CLOSING_BYTES:
            self.abort()

    def close_at_once(self) -> None:
        """As any other transport."""
        self.closing = True
        self._transport.close()

    def abort(self) -> None:
        """Drop what is written, here and in the socket."""
        self.closing = True
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._transport.abort()

    def is_closing(self) -> bool:
        """As any other transport."""
        return self.closing or self._transport.is_closing()

    def write(self, data: Any) -> None:
        """As any other transport."""
        self._transport.write(data)

    def writelines(self, list_of_data: Any) -> None:
        """As any other transport."""
        self._transport.writelines(list_of_data)

    def pause_reading(self) -> None:
        """As any other transport; but while it closes, it reads on."""
        if not self.closing:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """As any other transport."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As any other transport."""
        return self._transport.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        """As any other transport."""
        return self._transport.get_write_buffer_size()
