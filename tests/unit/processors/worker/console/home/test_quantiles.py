"""Quantiles, as far as buckets tell."""

import pytest

from processors.worker.console.home.quantiles import Buckets, at_most, quantile

INF = float("inf")
BUCKETS = Buckets([1, 5, 900, INF], [50, 98, 99, 100])


@pytest.mark.parametrize(
    ("share", "bound"), [(0, 1), (0.5, 1), (0.51, 5), (0.98, 5), (0.99, 900), (0.991, INF), (1, INF)]
)
def test_a_quantile_is_within_the_first_bucket_that_has_as_many(share: float, bound: float) -> None:
    assert quantile(BUCKETS, share) == bound


def test_in_words() -> None:
    assert at_most(BUCKETS, 0.5) == "≤ 1 s"
    assert at_most(BUCKETS, 0.99) == "≤ 15 min"
    assert at_most(BUCKETS, 1) == "> 15 min"


def test_of_nothing_none_is_known() -> None:
    assert quantile(Buckets((), ()), 0.5) is None
    assert at_most(BUCKETS.since(BUCKETS), 0.5) is None
