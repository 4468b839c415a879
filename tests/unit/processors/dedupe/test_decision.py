"""The outcome of an event, given what was seen before."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.dedupe.decision import Seen, Verdict, decide, decide_accepted
from schemas.outcome import Outcome

KEY, HASH, OTHER = b"order.created/1", b"v1:aa", b"v1:bb"
DAY = 86_400_000


def seen(payload_hash: bytes = HASH, timestamp: int = 0, offset: int = 3, partition: int = 2) -> bytes:
    return Seen(partition, offset, timestamp, payload_hash).pack()


def now(payload_hash: bytes = HASH, timestamp: int = 0) -> Seen:
    return Seen(2, 100, timestamp, payload_hash)


def verdict(rows: dict[bytes, bytes], payload_hash: bytes = HASH, timestamp: int = 0) -> Verdict:
    return decide(KEY, now(payload_hash, timestamp), rows.get, retention_ms=DAY)


def test_a_key_not_seen_before_is_unique() -> None:
    assert verdict({}) == Verdict(Outcome.UNIQUE, KEY, now().pack())


def test_the_same_payload_under_a_key_is_a_duplicate() -> None:
    assert verdict({KEY: seen()}).outcome is Outcome.DUPLICATE


def test_another_payload_under_a_key_is_a_conflict_with_the_first() -> None:
    found = verdict({KEY: seen(offset=7)}, OTHER)
    assert found == Verdict(Outcome.CONFLICT, KEY + b"~" + OTHER, now(OTHER).pack(), Seen(2, 7, 0, HASH))


def test_the_redelivery_of_a_conflict_is_a_duplicate() -> None:
    rows = {KEY: seen(offset=3), KEY + b"~" + OTHER: seen(OTHER, offset=4)}
    assert verdict(rows, OTHER).outcome is Outcome.DUPLICATE


def test_a_third_payload_is_one_more_conflict() -> None:
    rows = {KEY: seen(offset=3), KEY + b"~" + OTHER: seen(OTHER, offset=4)}
    assert verdict(rows, b"v1:cc").row_key == KEY + b"~v1:cc"


def test_a_key_older_than_the_retention_counts_as_not_seen() -> None:
    """Record times decide. Whether the purge has run changes no verdict."""
    assert verdict({KEY: seen()}, timestamp=DAY).outcome is Outcome.DUPLICATE
    assert verdict({KEY: seen()}, timestamp=DAY + 1) == Verdict(Outcome.UNIQUE, KEY, now(timestamp=DAY + 1).pack())


def test_a_conflict_from_before_the_key_was_forgotten_is_a_conflict_again() -> None:
    """A key beyond the retention starts anew, and only its new first payload was seen under it."""
    rows = {KEY: seen(offset=9), KEY + b"~" + OTHER: seen(OTHER, offset=5)}
    assert verdict(rows, OTHER).outcome is Outcome.CONFLICT


def test_of_two_partitions_the_times_tell_which_was_first() -> None:
    """After a migration the first record may be in another raw partition. Offsets of two partitions cannot be
    compared."""
    first = seen(offset=9, partition=1, timestamp=5)
    assert verdict({KEY: first, KEY + b"~" + OTHER: seen(OTHER, offset=3, timestamp=6)}, OTHER).row_key is None
    assert verdict({KEY: first, KEY + b"~" + OTHER: seen(OTHER, offset=30, timestamp=4)}, OTHER).row_key is not None


def test_a_record_older_than_the_first_is_not_expired() -> None:
    """Clocks of two ingress pods differ, and a backfill brings old times."""
    assert verdict({KEY: seen(timestamp=5)}, timestamp=0).outcome is Outcome.DUPLICATE


def test_an_accepted_conflict_is_unique_once_per_place_in_the_conflicts_topic() -> None:
    rows: dict[bytes, bytes] = {}
    assert decide_accepted(b"0:5", now(), rows.get, DAY) == Verdict(Outcome.UNIQUE, b"+accept/0:5", now().pack())
    rows[b"+accept/0:5"] = seen(OTHER)
    assert decide_accepted(b"0:5", now(timestamp=DAY), rows.get, DAY).outcome is Outcome.DUPLICATE
    assert decide_accepted(b"0:50", now(timestamp=DAY), rows.get, DAY).outcome is Outcome.UNIQUE


def test_an_accepted_conflict_is_remembered_as_long_as_a_key() -> None:
    rows = {b"+accept/0:5": seen(OTHER)}
    assert decide_accepted(b"0:5", now(timestamp=DAY + 1), rows.get, DAY).outcome is Outcome.UNIQUE


@given(st.integers(0, 2**31), st.integers(0, 2**62), st.integers(0, 2**62), st.binary(min_size=1, max_size=40))
def test_a_row_comes_back_as_it_was_stored(partition: int, offset: int, timestamp: int, payload_hash: bytes) -> None:
    row = Seen(partition, offset, timestamp, payload_hash)
    assert Seen.unpack(row.pack()) == row


def test_a_row_is_stored_as_it_was_before() -> None:
    """The changelog keeps rows for longer than a version of the bridge lives."""
    assert seen(timestamp=5) == bytes.fromhex("01 00000002 0000000000000003 0000000000000005") + HASH


def test_a_row_of_another_format_is_not_misread() -> None:
    """The first version's rows were offset, time and hash: they began with a zero."""
    with pytest.raises(ValueError, match="another version"):
        Seen.unpack(struct.pack(">qq", 7, 1_700_000_000_000) + HASH)
