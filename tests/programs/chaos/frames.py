"""Requests to Kafka in a stream of bytes: whole frames, and the transactional id of a request."""

import struct
from typing import Final, NamedTuple

PRODUCE: Final = 0
INIT_PRODUCER_ID: Final = 22
ADD_PARTITIONS_TO_TXN: Final = 24
ADD_OFFSETS_TO_TXN: Final = 25
END_TXN: Final = 26
TXN_OFFSET_COMMIT: Final = 28

_LENGTH = struct.Struct(">i")
_HEADER = struct.Struct(">hhi")
_STRING = struct.Struct(">h")
_FLEXIBLE_FROM: Final = {
    PRODUCE: 9,
    INIT_PRODUCER_ID: 2,
    ADD_PARTITIONS_TO_TXN: 3,
    ADD_OFFSETS_TO_TXN: 3,
    END_TXN: 3,
    TXN_OFFSET_COMMIT: 3,
}
"""Requests whose first field is the transactional id, and the first version in the flexible format: there a string has
a length of one byte (127 bytes would take two), one more than it is, and the header ends with tags."""
_WITHOUT_ID: Final = {PRODUCE: range(3), ADD_PARTITIONS_TO_TXN: range(4, 6)}
"""Versions that have another first field."""


class Request(NamedTuple):
    """`transactional_id` None: the request belongs to no transaction, or its kind or version is not read here."""

    api_key: int
    transactional_id: str | None


class Frames:
    """Cuts one connection's bytes into frames, each with its length before it."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, data: bytes) -> list[bytes]:
        """The frames that are complete with `data`, in order. The rest waits for more."""
        data, start, frames = self._rest + data, 0, []
        while len(data) - start >= _LENGTH.size:
            end = start + _LENGTH.size + _LENGTH.unpack_from(data, start)[0]
            if end > len(data):
                break
            frames.append(data[start:end])
            start = end
        self._rest = data[start:]
        return frames


def request_in(frame: bytes) -> Request:
    """What a frame asks for."""
    api_key, version, _ = _HEADER.unpack_from(frame, _LENGTH.size)
    if api_key not in _FLEXIBLE_FROM or version in _WITHOUT_ID.get(api_key, ()):
        return Request(api_key, None)
    _, place = _string(frame, _LENGTH.size + _HEADER.size)  # the client's id, in the old format in each header
    if version < _FLEXIBLE_FROM[api_key]:
        return Request(api_key, _string(frame, place)[0])
    return Request(api_key, _compact_string(frame, place + 1))  # behind no tags


def _string(frame: bytes, place: int) -> tuple[str | None, int]:
    (length,) = _STRING.unpack_from(frame, place)
    begin = place + _STRING.size
    return (None, begin) if length < 0 else (frame[begin : begin + length].decode(), begin + length)


def _compact_string(frame: bytes, place: int) -> str | None:
    length = frame[place] - 1
    return None if length < 0 else frame[place + 1 : place + 1 + length].decode()
