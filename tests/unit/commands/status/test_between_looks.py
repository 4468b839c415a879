"""What happened between two looks: known only of services that told both times."""

from dataclasses import replace

from commands.status.problems import problems
from commands.terminal.services import Service
from tests.unit.commands.status.pictures import LANES, picture, refusing, worker

MUTE = Service("http://w2", silence="frozen")


def test_what_was_processed_is_known_from_the_second_look_on() -> None:
    first = picture([worker(bridge_events_total=100)])
    assert first.per_second() == (None, None)
    assert picture([worker(bridge_events_total=150)], at=1010.0, since=first).per_second() == (None, 5.0)
    restarted = picture([worker(bridge_events_total=20)], at=1010.0, since=first)
    assert restarted.per_second() == (None, None)


def test_the_rate_of_a_worker_lies_between_the_moments_at_which_it_was_heard() -> None:
    """The first look asks Kafka before it asks the workers that Kafka names, the second one asks all of them at once.
    Of 5,000 events a second a Kafka that took a second to answer made 2,500."""
    second = [replace(_second(events), heard_at=at) for events, at in ((7000, 1001.0), (12000, 1002.0))]
    known = [replace(worker(bridge_events_total=100 * at), heard_at=at) for at in (1000.0, 1002.0)]
    before = picture([known[0], second[0]], at=1000.0)
    assert picture([known[1], second[1]], at=1002.0, since=before).per_second() == (None, 5100.0)


def test_one_of_several_workers_that_has_begun_to_count_anew_leaves_the_rate_unknown() -> None:
    before = picture([worker(bridge_events_total=9000), _second(40)])
    assert picture([worker(bridge_events_total=9100), _second(5)], at=1010.0, since=before).per_second() == (None, None)


def test_what_a_worker_has_ever_processed_is_not_what_it_has_since_a_look_at_which_it_said_nothing() -> None:
    """A worker that answered again after 3 s of silence turned 19 events a second into 857."""
    one, both = ([worker(bridge_events_total=100), other] for other in (MUTE, _second(7000)))
    for before, after in ((one, both), (both, one), (both[:1], both), ([MUTE], both[1:])):
        assert picture(after, at=1010.0, since=picture(before)).per_second() == (None, None)
    later = [worker(bridge_events_total=150), MUTE]
    assert picture(later, at=1010.0, since=picture(one)).per_second() == (None, 5.0)


def test_deliveries_that_are_refused_now_are_told_and_those_of_before_are_not() -> None:
    """Such an ingress may be ready for a while, and only its log has Kafka's answers."""
    before = picture(ingress=refusing(kafka_error=4, draining=1))
    assert not list(problems(before))
    assert not list(problems(picture(ingress=refusing(kafka_error=4, draining=1), at=1001.0, since=before)))
    after = picture(ingress=refusing(kafka_error=7, draining=1, parser=1), at=1001.0, since=before)
    kafka, parser = problems(after)
    assert "has answered 3 deliveries 500 while it was looked at: kafka_error" in kafka.what
    assert "a missing ACL" in (kafka.remedy or "")
    assert "1 delivery 500 while it was looked at: parser" in parser.what
    assert "why-a-delivery-was-not-taken" in (parser.remedy or "")


def test_an_ingress_that_was_started_anew_has_refused_nothing_yet() -> None:
    before = picture(ingress=refusing(kafka_error=4))
    assert picture(ingress=refusing(kafka_error=2), at=1001.0, since=before).refused() == {}


def test_what_an_ingress_has_ever_refused_is_not_what_it_has_since_a_look_at_which_it_said_nothing() -> None:
    mute = picture(ingress=Service("http://i", silence="frozen"))
    assert picture(ingress=refusing(kafka_error=400), at=1001.0, since=mute).refused() == {}


def _second(events: float) -> Service:
    return replace(worker({LANES[1]: "ready"}, bridge_events_total=events), url="http://w2")
