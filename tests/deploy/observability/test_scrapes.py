"""What promtool is given of a service's pages."""

from tests.deploy.observability.scrapes import Scrapes

COUNTED = 'bridge_events_total{event="order.opened",instance="w",job="bridge",namespace="shop",outcome="conflict"}'
UP = 'bridge_kafka_up{instance="w",job="bridge",namespace="shop"}'
ANSWERS = 'up{instance="w",job="bridge",namespace="shop"}'


def page(count: int) -> str:
    return (
        "# TYPE bridge_events_total counter\n"
        f'bridge_events_total{{event="order.opened",outcome="conflict"}} {count}\n'
        "# TYPE bridge_kafka_up gauge\n"
        f"bridge_kafka_up {count % 2}\n"
        "# TYPE bridge_purged_rows_total counter\n"
        f'bridge_purged_rows_total{{table="seen"}} {count}\n'
    )


def test_a_counter_goes_on_as_it_grew_and_a_gauge_stays() -> None:
    """Counters begin at 0. What no rule asks for is left out. Services that were not looked at are said to run."""
    scrapes = Scrapes()
    scrapes.look(then=5, w=page(1))
    scrapes.look(then=10, w=page(4))
    scrapes.look(then=2, w=page(4))
    assert scrapes.last == 19
    found = dict(scrapes.series())
    running = [name for name in found if name.startswith(("bridge_build_info", "bridge_lane_state"))]
    assert [found.pop(name) for name in running] == ["1x19"] * 3
    assert found == {
        COUNTED: "0.000000+0.000000x5 3.000000+3.000000x10 33.000000+0.000000x2",
        UP: "1.000000+0.000000x5 0.000000+0.000000x10 0.000000+0.000000x2",
        ANSWERS: "1.000000+0.000000x5 1.000000+0.000000x10 1.000000+0.000000x2",
    }


def test_who_does_not_answer_has_no_samples_and_begins_anew() -> None:
    scrapes = Scrapes()
    for each in (page(6), None, page(2)):
        scrapes.look(w=each)
    series = scrapes.series(bridge_events_total=20.0)
    assert series[COUNTED] == "0.000000+0.000000x0 _x1 40.000000+0.000000x0"
    assert series[ANSWERS] == "1.000000+0.000000x0 0.000000+0.000000x0 1.000000+0.000000x0"


def test_a_counter_grows_at_its_pace_where_a_second_stands_for_a_minute() -> None:
    """It grew only by what there was in a second, and no rate was near what alerts look at."""
    scrapes = Scrapes(iter([0.0, 2.0, 3.0, 7.0]).__next__)
    for each in (page(1), page(3), page(3), page(7)):
        scrapes.look(w=each)
    assert scrapes.series(paced_s=120)[COUNTED] == " ".join(
        f"{told:f}+{grown:f}x0" for told, grown in ((0, 0), (120, 120), (120, 0), (240, 120))
    )
