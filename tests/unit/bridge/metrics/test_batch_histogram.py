"""A histogram that takes one value or many shows what prometheus_client's shows."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from bridge.metrics.kinds import BatchHistogram

BUCKETS = (0.5, 1, 2.5)


@given(st.lists(st.one_of(st.sampled_from([*map(float, BUCKETS), 0.0]), st.floats(0, 100)), max_size=20))
def test_it_exposes_the_same_text(values: list[float]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    histogram = BatchHistogram("seconds", "Help.", BUCKETS, ours)
    histogram.observe_many(values[:10])
    for value in values[10:]:
        histogram.observe(value)
    one_by_one = Histogram("seconds", "Help.", buckets=BUCKETS, registry=theirs)
    for value in values:
        one_by_one.observe(value)
    assert _without_rounding(generate_latest(ours)) == _without_rounding(generate_latest(theirs))


def _without_rounding(text: bytes) -> list[bytes]:
    """The lines without creation time and sum; the sum's last digit depends on the order of additions."""
    return [line for line in text.splitlines() if b"_created" not in line and b"_sum" not in line]
