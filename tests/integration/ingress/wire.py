"""HTTP written by hand, for what no client library lets a test do."""

import socket
from types import TracebackType
from typing import Self

KEY = "Authorization: Bearer right"


class Wire:
    """One connection. `head` sends a request's head, `send` any bytes; `answer` reads the next answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._stream = self._socket.makefile("rb")
        self.body = b""

    def head(self, *headers: str, request: str = "POST /webhooks/newstore HTTP/1.1") -> None:
        self.send("\r\n".join([request, "Host: localhost", *headers, "", ""]).encode())

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def end(self) -> None:
        """End our side: nothing more comes from here."""
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self) -> tuple[int, dict[str, str]]:
        """Status and headers, in lower case, of the next answer; its body is then in `body`."""
        line = self._stream.readline()
        assert line, "the connection was closed without an answer"
        headers = {}
        while field := self._stream.readline().strip():
            name, _, value = field.decode().partition(":")
            headers[name.lower()] = value.strip()
        self.body = self._stream.read(int(headers.get("content-length", 0)))
        return int(line.split()[1]), headers

    def closed(self) -> bool:
        """Whether the other side closed the connection; waits for its next byte or its end."""
        return self._stream.read(1) == b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._socket.close()
