"""How many records a unit takes, judged by what the last units wrote."""

from itertools import pairwise

from processors.engine.unit_size import START, UnitSize

MANY = 100_000


def test_it_begins_small_and_doubles_while_little_is_written() -> None:
    size = UnitSize(5000, 1_000_000)
    assert size.of(MANY) <= START
    taken = []
    for _ in range(6):
        taken.append(size.of(5000))
        size.committed(taken[-1], 10 * taken[-1])
    assert taken == [500, 1000, 1667, 2500, 5000, 5000]


def test_it_settles_below_what_one_unit_takes_without_ever_exceeding_it() -> None:
    size, exceeded = UnitSize(5000, 1_000_000), 0
    for _ in range(50):
        records = size.of(5000)
        if 9_000 * records > 1_000_000:
            exceeded += 1
            size.exceeded(records)
        else:
            size.committed(records, 9_000 * records)
    assert exceeded <= 3
    assert 0.5 < 9_000 * size.of(5000) / 1_000_000 <= 1


def test_records_that_vary_waste_little_work() -> None:
    """One unit in ten writes a quarter more for each record."""
    size, exceeded, passed = UnitSize(5000, 1_000_000), 0, 0
    for turn in range(1000):
        records = size.of(5000)
        written = records * (11_250 if turn % 10 == 0 else 9_000)
        if written > 1_000_000 and records > 1:
            exceeded += 1
            size.exceeded(records)
        else:
            passed += records
            size.committed(records, written)
    assert exceeded < 20
    assert passed / 1000 > 0.4 * 1_000_000 / 9_000


def test_what_did_not_get_through_in_time_is_never_repeated_at_the_same_size() -> None:
    size, taken = UnitSize(5000, 1_000_000), []
    for _ in range(12):
        taken.append(size.of(500))
        size.exceeded(taken[-1])
    assert taken[-1] == 1
    assert all(later < before or later == 1 for before, later in pairwise(taken))
    size.committed(1, 10)
    assert size.of(500) == 2


def test_the_end_of_a_chunk_says_little_about_a_whole_one() -> None:
    size = UnitSize(5000, 1_000_000)
    size.committed(1, 900_000)
    assert size.of(500) == 500


def test_what_is_due_gets_less_room_until_it_fits_or_is_one_thing_alone() -> None:
    size, rooms = UnitSize(5000, 1 << 20), []
    while size.room:
        rooms.append(size.room)
        size.exceeded(0)
    assert rooms == [1 << 20, 1 << 19, 1 << 18, 1 << 17, 1 << 16]
    for _ in range(9):
        size.committed(0, 10)
        rooms.append(size.room)
    assert rooms[5:10] == rooms[4::-1]
    assert rooms[-1] == 1 << 20
    assert size.of(500) == START  # a tick's room says nothing about records


def test_a_chunk_is_cut_into_equal_parts_instead_of_leaving_a_small_one() -> None:
    assert UnitSize(5000, 1_000_000).of(501) == 251
