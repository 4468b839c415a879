"""Requests to Kafka in a stream of bytes: whole frames, and the transactional id of a request."""

import struct
from typing import Final, NamedTuple

PRODUCE: Final = 0
INIT_PRODUCER_ID: Final = 22
ADD_PARTITIONS_TO_TXN: Final = 24
ADD_OFFSETS_TO_TXN: Final = 25
END_TXN: Final = 26

_LENGTH = struct.Struct(">i")
_HEADER = struct.Struct(">hhi")
_STRING = struct.Struct(">h")
_OLD_VERSIONS: Final = {
    PRODUCE: range(3, 9),
    INIT_PRODUCER_ID: range(2),
    ADD_PARTITIONS_TO_TXN: range(3),
    ADD_OFFSETS_TO_TXN: range(3),
    END_TXN: range(3),
}
"""Versions whose strings have a length of two bytes, and whose first field is the transactional id."""


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
    if version not in _OLD_VERSIONS.get(api_key, ()):
        return Request(api_key, None)
    _, place = _string(frame, _LENGTH.size + _HEADER.size)  # the client's id
    return Request(api_key, _string(frame, place)[0])


def _string(frame: bytes, place: int) -> tuple[str | None, int]:
    (length,) = _STRING.unpack_from(frame, place)
    begin = place + _STRING.size
    return (None, begin) if length < 0 else (frame[begin : begin + length].decode(), begin + length)
