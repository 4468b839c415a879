"""Index rows: which order has an id, or stands in a list. Their keys say everything, and follow from the order's row.

In a key, an id ends with a byte that UTF-8 never has. So no id is the beginning of another one, whatever it holds. For
blind returns it is another such byte.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Self

from processors.orders.ids import Id, ids_in, normalised
from processors.orders.row import Row
from processors.orders.standing import LISTS, Standing

PRESENT: Final = b"1"
"""Value of such a row."""
_BY_ID: Final = "x/"
_BY_LIST: Final = "by/"
_END: Final = b"\xff"
_END_BLIND: Final = b"\xfe"
_TIME_BYTES: Final = 8


def id_prefix(kind: str, text: str) -> bytes:
    """Return the prefix of keys for the orders with this id; the rest is the order's id."""
    return _id(kind, text) + _END


def id_in(prefix: bytes) -> str:
    """Return the normalised id in an `id_prefix`."""
    return prefix.removesuffix(_END).decode().split("/", 2)[2]


def blind_id_prefix(kind: str, text: str) -> bytes:
    """Return the prefix of keys for the blind returns with this id; the rest is a `blind.BlindReturn.place`."""
    return _id(kind, text) + _END_BLIND


def _id(kind: str, text: str) -> bytes:
    return f"{_BY_ID}{kind}/{normalised(kind, text)}".encode()


def list_prefix(name: str) -> bytes:
    """Return the prefix of keys for the orders in a list; the rest is a `Since`."""
    return f"{_BY_LIST}{name}/".encode()


class Since(NamedTuple):
    """What is in a list, and since when (`at`, ms since 1970); packed, it sorts by time. `id` is an order's, or the raw
    record of a return that belongs to none."""

    at: int
    id: bytes

    @property
    def packed(self) -> bytes:
        """The bytes that keys have."""
        return self.at.to_bytes(_TIME_BYTES) + self.id

    @classmethod
    def read(cls, packed: bytes) -> Self:
        """Read it from a key. ValueError: it is none."""
        if len(packed) < _TIME_BYTES:
            raise ValueError(f"{len(packed)} bytes are no time")
        return cls(int.from_bytes(packed[:_TIME_BYTES]), packed[_TIME_BYTES:])


def id_keys(order_id: bytes, ids: Sequence[Id]) -> list[bytes]:
    """Return the keys of the rows by which an order with these ids is found."""
    return [id_prefix(*each) + order_id for each in ids]


def list_keys(order_id: bytes, standing: Standing) -> set[bytes]:
    """Return the keys of the rows for the lists that an order stands in."""
    return {list_prefix(LISTS[place]) + Since(at, order_id).packed for place, at in standing.items()}


def list_changes(order_id: bytes, before: Standing, after: Standing) -> Iterator[tuple[bytes, bytes | None]]:
    """Return the rows to write when an order leaves lists or enters others."""
    gone, new = list_keys(order_id, before), list_keys(order_id, after)
    yield from ((key, None) for key in gone - new)
    yield from ((key, PRESENT) for key in new - gone)


def keys_of(row: Row) -> list[bytes]:
    """Return the keys of all of an order's index rows, except `due/`."""
    order_id = row.order_id.encode()
    standing = {} if row.summary is None else row.summary.standing
    return [*dict.fromkeys(id_keys(order_id, ids_in(row.slots))), *sorted(list_keys(order_id, standing))]
