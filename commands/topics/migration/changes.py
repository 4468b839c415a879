"""What lies between a table as its changelog has it and as it must be."""

from collections.abc import Iterator
from hashlib import blake2b
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from commands.topics.migration.home import untimed
from commands.topics.migration.scratch import Kind, Scratch, place_of


class Change(NamedTuple):
    """A row to write to a partition of a changelog; None: it does not belong there. `timestamp` in milliseconds."""

    key: bytes
    partition: int
    row: bytes | None
    timestamp: int


def digest(row: bytes) -> bytes:
    """What is remembered of a row that a changelog has."""
    return blake2b(row, digest_size=16).digest()


def changes(scratch: Scratch, rebuilt: Kind, before: Kind, now_ms: int) -> Iterator[Change]:
    """Every row that is new, another, or gone; the time of what is gone is now.

    In the order of row keys: so a row that moves to another partition comes right beside its removal from the old one.
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
