"""How often an event came again, counted in a row beside the row of its key. Pure.

The count has the format of a `Seen` row, with the first record's place and time. So it has the key's age, and both are
forgotten together. A worker that does not know of counts can read the row, leaves it alone and decides as before.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Self

from processors.dedupe.decision import Seen, conflict_key

AGAIN: Final = b"+again/"
"""Prefix of these rows' keys. No event's row starts like this."""
_FORMAT: Final = 1
_COUNT: Final = struct.Struct(">BIq")
_MOST: Final = 2**32 - 1


class Redeliveries(NamedTuple):
    """How often an event came again and was dropped as a duplicate, and when the last one was received (ms)."""

    times: int
    last_received_ms: int

    def plus(self, more: Self | None) -> Self:
        """The sum of both."""
        if more is None:
            return self
        times = min(_MOST, self.times + more.times)
        return self._replace(times=times, last_received_ms=max(self.last_received_ms, more.last_received_ms))

    def pack(self, first: Seen) -> bytes:
        """The row as the table stores it; ``first`` is the event's own row."""
        return first._replace(payload_hash=_COUNT.pack(_FORMAT, *self)).pack()

    @classmethod
    def unpack(cls, row: bytes | None, first: Seen) -> Self | None:
        """Read a row of the table. None: there is none, or it is from before the key was forgotten.

        ValueError: the row has another format.
        """
        if row is None:
            return None
        counted = Seen.unpack(row)
        if counted[:3] != first[:3]:
            return None
        version, times, last_received_ms = _COUNT.unpack_from(counted.payload_hash)
        if version != _FORMAT:
            raise ValueError(f"a count of format {version}, not {_FORMAT}: another version of the bridge wrote it")
        return cls(times, last_received_ms)


class Delivered(NamedTuple):
    """What the table knows of an event: its first record, and its re-deliveries."""

    first: Seen
    again: Redeliveries | None


Rows = Callable[[Sequence[bytes]], Sequence[bytes | None]]
"""Reads rows of the table, in the order of the given keys."""


def delivered(rows: Rows, event_id: bytes) -> Delivered | None:
    """What is known of an event's deliveries. None: it was not seen, or is forgotten.

    ``event_id``: its `ce_id` without the tenant: `<event>/<key>`, or that and `~<payload hash>` for one payload of the
    key.
    """
    key, tilde, payload_hash = event_id.rpartition(b"~")
    first = _seen(rows, key) if tilde else None
    if first is None:  # a key may hold a tilde, too
        key, first = event_id, _seen(rows, event_id)
    elif first.payload_hash != payload_hash:
        of_key, key = first, conflict_key(key, payload_hash)
        first = _seen(rows, key)
        if first is not None and first.is_before(of_key):  # a row from before the key was forgotten
            return None
    if first is None:
        return None
    [again] = rows([AGAIN + key])
    return Delivered(first, Redeliveries.unpack(again, first))


def _seen(rows: Rows, key: bytes) -> Seen | None:
    [row] = rows([key])
    return None if row is None else Seen.unpack(row)
