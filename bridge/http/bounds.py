"""What one caller, and all callers together, can make a port hold and wait for. The table is in docs/ingress.md."""

from typing import Final

LINE_BYTES: Final = 64 * 1024
"""The largest header. Proxies make more than aiohttp's own 8 KiB of a client certificate."""
TARGET_BYTES: Final = 32 * 1024
"""The largest target of a request, with its query: a hundred events' ids are 22 KiB."""
PATH_BYTES: Final = 8 * 1024
"""The largest path. Two ids of 200 characters, each of four bytes and each byte escaped, are 5 KiB."""
PATH_PARTS: Final = 64
"""Most slashes in a path: for each of them, aiohttp's router looks up all of the path before it."""
HOST_CHARACTERS: Final = 255
"""The longest host in a target, as long as names can be: yarl decodes `xn--` in a time that grows with the square."""
QUERY_PARTS: Final = 256
"""Most `&` in a query: yarl keeps the last 128 URLs of each form, with all that it parsed of them."""
HEAD_BYTES: Final = 128 * 1024
"""A request's line and headers together, even while incomplete. aiohttp bounds only each one, and their number."""
SMALL_BYTES: Final = 4 * 1024
"""Heads that each connection may hold uncounted. Nearly all requests fit, and pay nothing for the count."""
LARGE_HEAD_BYTES: Final = 16 * 1024
"""A larger head makes its answer the connection's last: aiohttp keeps each connection's last request until the next."""
HELD_BYTES: Final = 32 * 1024 * 1024
"""Heads, trailers, and what was sent behind a request that has no answer yet, of all connections that hold more than
`SMALL_BYTES`. Bodies do not count here: whoever reads them counts them."""
TRIM_BYTES: Final = 4 * 1024 * 1024
"""If connections held more than this and now hold less, the memory is given back to the system."""
TRIM_CONNECTIONS: Final = 256
"""The same if more connections than this are gone: an idle one keeps its last request, up to `LARGE_HEAD_BYTES`."""
QUEUED_REQUESTS: Final = 8
"""Requests that one connection may have waiting behind one without an answer; then nothing more is read from it."""
BODY_BUFFER_BYTES: Final = 64 * 1024
"""Read of a body before anybody asks for it; at twice this at most, nothing more is read from its connection."""
FEW_CHUNKS: Final = 2048
"""Chunks of one body, however small: each costs the same. Programs that write a document piece by piece send many."""
CHUNK_BYTES: Final = 64
"""Bytes of a body for which it may have one more chunk."""
BLANK_LINES: Final = 8
"""In one piece of a chunked body, a request may begin behind up to this many blank lines; behind more it is refused."""

HEAD_S: Final = 10.0
"""Longest time from a request's first byte to the end of its headers, and from connecting to that first byte."""
BODY_S: Final = 30.0
"""Longest time from the end of the headers to the end of the body."""
ANSWER_BUFFER_BYTES: Final = 64 * 1024
"""Answers that wait in a socket until the caller takes them. The kernel would take 4 MiB, of the container's memory."""
WRITE_S: Final = 10.0
"""While the sockets' buffers are full, a caller must take `WRITE_BYTES` of an answer, or the rest, in this time."""
WRITE_BYTES: Final = 64 * 1024
KEEPALIVE_S: Final = 75.0
"""Longer than the 60 s after which load balancers close idle connections: were we first, a request could get lost."""
LINGER_S: Final = 5.0
"""How long the rest of an unwanted body is read, so that its sender reads the answer rather than a reset."""
CLOSING_S: Final = 1.0
"""After we end our side of a connection, how long we read what was on its way before we close it."""
CLOSING_BYTES: Final = 1024 * 1024
"""Most bytes that are read in that time: each costs as much as a wanted one."""
LOOK_S: Final = 1.0
"""Time between two looks for overdue connections."""

OPS_CONNECTIONS: Final = 64
"""Most connections to the operations port: probes and scrapes are few."""

ROOM: Final = 64
"""If all connections are taken, one of this many makes room at once: choosing takes a look at all of them."""
LAST_REQUESTS_S: Final = 1.0
"""While a port drains, an idle connection may bring one more request in this time, and have it answered."""
ACCEPT_S: Final = 0.2
"""After that nobody new is let in. Connections that are being made are completed and accepted in this time."""


class Budget:
    """Bytes that all connections of a port hold together."""

    def __init__(self, most: int = HELD_BYTES) -> None:
        self._most = most
        self.used = self.most_used = 0

    def change(self, by: int) -> bool:
        """Count `by` more bytes, or fewer. Return whether there is room; they are counted all the same."""
        self.used += by
        self.most_used = max(self.most_used, self.used)
        return by <= 0 or self.used <= self._most
