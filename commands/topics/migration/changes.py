"""The differences between a table as its changelog has it and as it must be."""

from collections.abc import Iterator
from hashlib import blake2b
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from commands.topics.migration.home import untimed
from commands.topics.migration.scratch import Kind, Scratch, place_of


class Change(NamedTuple):
    """A row to write to a partition of a changelog. `row` None: delete the row there. `timestamp` in milliseconds."""

    key: bytes
    partition: int
    row: bytes | None
    timestamp: int


def digest(row: bytes) -> bytes:
    """The hash by which a row of a changelog is compared."""
    return blake2b(row, digest_size=16).digest()


def changes(scratch: Scratch, rebuilt: Kind, before: Kind, now_ms: int) -> Iterator[Change]:
    """Yield each row that is new, different or gone. A row that is gone has the time `now_ms`.

    Rows come in the order of their keys: so a moved row comes next to its removal from the old partition.
    """
    sides = merge(_side(scratch, rebuilt, new=True), _side(scratch, before, new=False))
    for placed_key, members in groupby(sides, key=itemgetter(0)):
        found = {new: row for _, new, row in members}
        if True not in found:
            yield Change(*place_of(placed_key), None, now_ms)
            continue
        timestamp, row = untimed(found[True])
        if found.get(False) != digest(row):
            yield Change(*place_of(placed_key), row, timestamp)


def _side(scratch: Scratch, kind: Kind, *, new: bool) -> Iterator[tuple[bytes, bool, bytes]]:
    return ((key, new, row) for key, row in scratch.items(kind))
