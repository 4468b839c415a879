"""Types of `compiled.pyx`."""

from collections.abc import Iterable
from typing import Self, final

@final
class Record:
    """A record that was read."""

    def __init__(
        self,
        topic: str,
        partition: int,
        offset: int,
        timestamp: int | None,
        timestamp_type: int | None,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes | None]],
    ) -> None: ...
    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def timestamp_type(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]: ...
    def find(self, names: tuple[str, ...]) -> tuple[bytes | None, ...]: ...

class Reader:
    """Reads the records of one batch."""

    def __init__(
        self,
        topic: str,
        partition: int,
        base_offset: int,
        first_timestamp: int,
        append_timestamp: int | None,
        data: bytes | bytearray | memoryview,
        count: int,
    ) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Record: ...

class Writer:
    """Collects the records of one batch."""

    def __init__(self, max_bytes: int, size: int) -> None: ...
    @property
    def size(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def first_timestamp(self) -> int: ...
    @property
    def max_timestamp(self) -> int: ...
    def add(
        self,
        timestamp: int,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
        carried: object | None = None,
    ) -> int: ...
    def close(self) -> None: ...
    def joined(self) -> bytes: ...
