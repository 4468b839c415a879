"""How often an event came again: counted in a row beside the one that remembers its key. Pure.

It has the frame of a `Seen` row, first record and all, for whatever reads rows of the table: its age is the key's, so
both are forgotten together, and a worker that does not know of counts leaves it alone and decides as ever.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Self

from processors.dedupe.decision import Seen, conflict_key

AGAIN: Final = b"+again/"
"""Before the keys of such rows; no event's row starts so."""
_FORMAT: Final = 1
_COUNT: Final = struct.Struct(">BIq")
_MOST: Final = 2**32 - 1


class Redeliveries(NamedTuple):
    """Of one event: how often it came again, each time dropped as a duplicate, and when the last was received (ms)."""

    times: int
    last_received_ms: int

    def plus(self, more: Self | None) -> Self:
        """Both together."""
        if more is None:
            return self
        times = min(_MOST, self.times + more.times)
        return self._replace(times=times, last_received_ms=max(self.last_received_ms, more.last_received_ms))

    def pack(self, first: Seen) -> bytes:
        """As the table stores it; ``first`` is the row of the event."""
        return first._replace(payload_hash=_COUNT.pack(_FORMAT, *self)).pack()

    @classmethod
    def unpack(cls, row: bytes | None, first: Seen) -> Self | None:
        """From a row of the table. None: there is none, or it is of the key's life before, which was forgotten.

        ValueError: it has another format.
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
    """An event as the table has it: its first record, and what came again."""

    first: Seen
    again: Redeliveries | None


Rows = Callable[[Sequence[bytes]], Sequence[bytes | None]]
"""Reads rows of the table, in the order of their keys."""


def delivered(rows: Rows, event_id: bytes) -> Delivered | None:
    """Return what is known of the deliveries of an event by its `ce_id` without the tenant: `<event>/<key>`, or with
    `~<payload hash>` of that payload under the key. None: it was not seen, or is forgotten."""
    key, tilde, payload_hash = event_id.rpartition(b"~")
    first = _seen(rows, key) if tilde else None
    if first is None:  # a key may hold a tilde, too
        key, first = event_id, _seen(rows, event_id)
    elif first.payload_hash != payload_hash:
        of_key, key = first, conflict_key(key, payload_hash)
        first = _seen(rows, key)
        if first is not None and first.is_before(of_key):  # from before the key was forgotten
            return None
    if first is None:
        return None
    [again] = rows([AGAIN + key])
    return Delivered(first, Redeliveries.unpack(again, first))


def _seen(rows: Rows, key: bytes) -> Seen | None:
    [row] = rows([key])
    return None if row is None else Seen.unpack(row)
