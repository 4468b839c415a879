from ingress.unacknowledged import FORGOTTEN_S, STANDSTILL_S, Unacknowledged

LATE = STANDSTILL_S + 1


def failing(*times: float) -> Unacknowledged:
    """An Unacknowledged that was told of failures at these times (seconds)."""
    unacknowledged = Unacknowledged()
    for now in times:
        unacknowledged.failed(now)
    return unacknowledged


def test_a_short_silence_leaves_it_ready() -> None:
    assert failing(10, 10 + STANDSTILL_S).problem(10 + STANDSTILL_S) is None


def test_kafka_that_acknowledges_nothing_makes_it_unready() -> None:
    assert failing(10, 20, 10 + LATE).problem(10 + LATE) == "Kafka has acknowledged nothing for 21 s"


def test_one_acknowledgement_makes_it_ready() -> None:
    unacknowledged = failing(10, 10 + LATE)
    unacknowledged.acknowledged()
    assert unacknowledged.problem(10 + LATE) is None
    unacknowledged.failed(11 + LATE)
    assert unacknowledged.problem(12 + LATE) is None


def test_without_requests_it_becomes_ready_to_find_out_that_kafka_is_back() -> None:
    unacknowledged = failing(10, 10 + LATE)
    assert unacknowledged.problem(10 + LATE + FORGOTTEN_S)
    assert unacknowledged.problem(11 + LATE + FORGOTTEN_S) is None
    unacknowledged.failed(12 + LATE + FORGOTTEN_S)  # Kafka is not back: unready at once
    assert unacknowledged.problem(12 + LATE + FORGOTTEN_S)


def test_one_failure_after_a_quiet_time_leaves_it_ready() -> None:
    """Nothing was tried meanwhile: a failure of an hour ago says nothing about now."""
    hour = 3600
    assert failing(10, hour).problem(hour) is None
    assert failing(10, hour, hour + LATE).problem(hour + LATE) == "Kafka has acknowledged nothing for 21 s"
