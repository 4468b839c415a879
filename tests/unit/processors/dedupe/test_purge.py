"""A purge changes no verdict: a table that is purged now and then decides like a dictionary that keeps everything."""

from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors.dedupe.decision import Seen, decide
from processors.dedupe.redeliveries import AGAIN, Redeliveries
from processors.engine.expiry import MARGIN_MS, Expiry
from processors.engine.store import TablePartition

pytestmark = pytest.mark.thorough

DAY = 86_400_000
RETENTION_MS = 3 * DAY
AGE = 1_000 * DAY
EXPIRY = Expiry(RETENTION_MS, Seen.time_of, (AGAIN,))


class Arrival(NamedTuple):
    """A record that comes ``pause`` ms after the last one. Its clock is ``ahead`` by so many ms. ``purge``: a purge
    follows."""

    key: bytes
    payload_hash: bytes
    pause: int
    ahead: int
    purge: bool


_QUARTER = MARGIN_MS // 4

# Pauses around the edges of retention and margin. Ingress clocks differ by up to half the margin, a quarter to
# either side.
ARRIVALS = st.builds(
    Arrival,
    key=st.sampled_from([b"a", b"b"]),
    payload_hash=st.sampled_from([b"v1:aa", b"v1:bb"]),
    pause=st.builds(
        lambda quarters, more: quarters * _QUARTER + more, st.sampled_from([0, 0, 1, 11, 12, 13, 16]), st.integers(0, 1)
    ),
    ahead=st.sampled_from([-_QUARTER, 0, _QUARTER]),
    purge=st.booleans(),
)


def at_an_edge(key: bytes, quarters: int, ahead: int) -> Arrival:
    """An arrival, then a purge. ``quarters`` and ``ahead``: quarters of the margin."""
    return Arrival(key, b"v1:aa", quarters * _QUARTER, ahead * _QUARTER, purge=True)


def arrive(arrival: Arrival, offset: int, timestamp: int, rows: dict[bytes, bytes], table: TablePartition) -> None:
    """Decide by the dictionary and by the table. Both must give the same verdict."""
    hashed, lookups = arrival.payload_hash, (rows.get, table.get)
    seen = Seen(0, offset, timestamp, hashed)
    verdict, same = (decide(arrival.key, seen, lookup, RETENTION_MS) for lookup in lookups)
    assert same == verdict
    if verdict.row_key is not None:
        assert verdict.row == seen.pack()
        rows[verdict.row_key] = verdict.row
        table.apply([(verdict.row_key, rows[verdict.row_key])], offset)


def purge(table: TablePartition) -> int:
    """Purge all rows that are due. Returns their number."""
    return sum(iter(lambda: table.purge(now_ms=2**62), None))


def test_verdicts_are_the_same_with_and_without_purges(tmp_path: Path) -> None:
    """Although record times may go back by half a day from one record to the next."""
    table, offsets, ages = TablePartition(tmp_path / "0", EXPIRY), count(), count(1)

    @settings(max_examples=1_000)
    @given(st.lists(ARRIVALS, max_size=10))
    @example([at_an_edge(b"a", 0, -1), at_an_edge(b"b", 12, 1), at_an_edge(b"a", 0, -1)])
    def compare(arrivals: list[Arrival]) -> None:
        clock, rows = next(ages) * AGE, dict[bytes, bytes]()  # so late that no earlier example matters
        for arrival in arrivals:
            clock += arrival.pause
            arrive(arrival, next(offsets), clock + arrival.ahead, rows, table)
            if arrival.purge:
                purge(table)

    compare()


def test_old_keys_and_conflicts_are_purged(tmp_path: Path) -> None:
    rows, table = dict[bytes, bytes](), TablePartition(tmp_path / "0", EXPIRY)
    for offset, payload_hash in enumerate([b"v1:aa", b"v1:bb"]):
        arrive(Arrival(b"a", payload_hash, 0, 0, purge=False), offset, AGE, rows, table)
    later = AGE + RETENTION_MS + MARGIN_MS + 1
    arrive(Arrival(b"b", b"v1:aa", 0, 0, purge=False), 2, later, rows, table)
    assert purge(table) == 2
    assert table.get_many([b"a", b"a~v1:bb"]) == [None, None]


def test_counts_go_with_their_keys_however_late_the_last_delivery_was(tmp_path: Path) -> None:
    rows, table = dict[bytes, bytes](), TablePartition(tmp_path / "0", EXPIRY)
    arrive(Arrival(b"a", b"v1:aa", 0, 0, purge=False), 0, AGE, rows, table)
    for again in range(1, 4):
        count = Redeliveries(again, AGE + RETENTION_MS).pack(Seen.unpack(rows[b"a"]))
        table.apply([(AGAIN + b"a", count)], again)
    arrive(Arrival(b"b", b"v1:aa", 0, 0, purge=False), 4, AGE + RETENTION_MS + MARGIN_MS + 1, rows, table)
    assert purge(table) == 2
    assert table.get_many([b"a", AGAIN + b"a"]) == [None, None]
