from ingress.probation import Probation


def test_everything_passes_while_kafka_acknowledges() -> None:
    probation = Probation()
    assert all(probation.admits(0.0) for _ in range(100))


def test_one_record_a_second_passes_after_kafka_fell_silent() -> None:
    probation = Probation()
    probation.begin(10.0)
    passed = [now for now in (10.0, 10.1, 10.9, 11.0, 11.5, 12.1) if probation.admits(now)]
    assert passed == [10.0, 11.0, 12.1]


def test_the_first_acknowledgement_opens_it_again() -> None:
    probation = Probation()
    probation.begin(10.0)
    probation.admits(10.0)
    probation.end()
    assert not probation.active
    assert probation.admits(10.0)
