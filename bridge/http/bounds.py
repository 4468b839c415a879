"""What one caller, and all of them together, can make a port hold and wait for. The table is in docs/ingress.md."""

from typing import Final

LINE_BYTES: Final = 64 * 1024
"""Of one header. aiohttp's own 8 KiB are less than what proxies make of a client certificate."""
TARGET_BYTES: Final = 32 * 1024
"""Of what a request asks for, its query included: a hundred events' ids are 22 KiB."""
PATH_BYTES: Final = 8 * 1024
"""Of that without a query. Two ids of 200 characters, each of four bytes and each byte escaped, are 5 KiB."""
PATH_PARTS: Final = 64
"""Slashes in it: aiohttp's router looks a path up once for each, and each time all of it that is before."""
HOST_CHARACTERS: Final = 255
"""Of a host that it names, as names have at most: yarl decodes `xn--` in a time that grows with its square."""
QUERY_PARTS: Final = 256
"""`&` in a query: yarl keeps what it has parsed with the last 128 URLs of each form."""
HEAD_BYTES: Final = 128 * 1024
"""Of a request's line and headers together, also while they are unfinished. aiohttp bounds each, and their number."""
SMALL_BYTES: Final = 4 * 1024
"""Of heads that each connection may hold without being counted: nearly all requests fit, and pay nothing for it."""
LARGE_HEAD_BYTES: Final = 16 * 1024
"""Whoever brings such a head gets the answer as the last one of the connection: aiohttp keeps the last request of each
until another comes."""
HELD_BYTES: Final = 32 * 1024 * 1024
"""Of heads, and of what was sent behind a request that has no answer yet, of all connections that hold more than that.
Bodies do not count here: their receiver counts them."""
TRIM_BYTES: Final = 4 * 1024 * 1024
"""Once more than that was held, and is not any more, the memory is given back to the system."""
TRIM_CONNECTIONS: Final = 256
"""So is that of so many which are gone: one that rests keeps what it brought last, up to `LARGE_HEAD_BYTES`."""
QUEUED_REQUESTS: Final = 8
"""Read and waiting behind one that has no answer yet, on one connection; then nothing more is read from it."""
BODY_BUFFER_BYTES: Final = 64 * 1024
"""Of a body before anybody has asked for it, twice that at most; then nothing more is read from its connection."""
FEW_CHUNKS: Final = 2048
"""Of one body, however small, for each costs the same. Programs that write a document piece by piece send such."""
CHUNK_BYTES: Final = 64
"""Of a body, for each of which it may have one chunk more."""
BLANK_LINES: Final = 8
"""Of one piece of a chunked body, behind each of which the next request may begin. One that begins behind more of them
in the same piece is refused."""

HEAD_S: Final = 10.0
"""From a request's first byte to the end of its headers, and from connecting to the first request."""
BODY_S: Final = 30.0
"""From the end of the headers to that of a body."""
ANSWER_BUFFER_BYTES: Final = 64 * 1024
"""Of answers in a socket before its caller has taken them. The kernel would take 4 MiB, of the container's memory."""
WRITE_S: Final = 10.0
"""In which a caller takes `WRITE_BYTES` of an answer, or all of it, while the sockets' buffers are full."""
WRITE_BYTES: Final = 64 * 1024
KEEPALIVE_S: Final = 75.0
"""Longer than the 60 s after which load balancers give an idle connection up: who closes first, closes safely."""
LINGER_S: Final = 5.0
"""For what still comes of a body that nobody wants, so that its sender reads the answer rather than a reset."""
CLOSING_S: Final = 1.0
"""From the end of our side of a connection to its being given up, for what was on its way."""
CLOSING_BYTES: Final = 1024 * 1024
"""That are read meanwhile: each costs as much as one that is wanted."""
LOOK_S: Final = 1.0
"""Between two looks for those who are overdue."""

OPS_CONNECTIONS: Final = 64
"""To the operations port: probes and scrapes are few."""

ROOM: Final = 64
"""One in so many makes room at once when all connections are taken, for to choose it takes a look at all of them."""
LAST_REQUESTS_S: Final = 1.0
"""While a port drains: in which an idle connection may bring one more request, and have it answered."""
ACCEPT_S: Final = 0.2
"""After that nobody new is let in: in which connections that are being made come to be, and are taken."""


class Budget:
    """Bytes that all connections of a port hold together."""

    def __init__(self, most: int = HELD_BYTES) -> None:
        self._most = most
        self.used = self.most_used = 0

    def change(self, by: int) -> bool:
        """Count so many more, or fewer; whether there is room for them. They are counted all the same."""
        self.used += by
        self.most_used = max(self.most_used, self.used)
        return by <= 0 or self.used <= self._most
