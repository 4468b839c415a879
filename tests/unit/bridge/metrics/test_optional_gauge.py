"""An unknown value has no series."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bridge.metrics.kinds import OptionalGauge


def test_there_is_a_series_only_while_the_value_is_known() -> None:
    registry = CollectorRegistry()
    gauge = OptionalGauge("seconds", "Help.", registry)
    values = []
    for value in (0.0, 1.5, None):
        gauge.set(value)
        values.append(registry.get_sample_value("seconds"))
    assert values == [0.0, 1.5, None]


def test_it_exposes_what_a_gauge_of_the_library_does() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    OptionalGauge("seconds", "Help.", ours).set(2)
    Gauge("seconds", "Help.", registry=theirs).set(2)
    assert generate_latest(ours) == generate_latest(theirs)


def test_before_it_is_set_it_has_its_description_and_no_value() -> None:
    registry = CollectorRegistry()
    OptionalGauge("seconds", "Help.", registry)
    assert generate_latest(registry).decode().splitlines() == ["# HELP seconds Help.", "# TYPE seconds gauge"]
