"""Brokers are cut off with their controllers, or only from each other's records."""

from tests.programs.chaos.network import _with_controllers


def test_a_cut_goes_for_both_controllers_too() -> None:
    pairs = {frozenset(pair) for pair in _with_controllers([("broker-1", "broker-2")])}
    assert pairs == {
        frozenset({"broker-1", "broker-2"}),
        frozenset({"broker-1-controller", "broker-2"}),
        frozenset({"broker-2-controller", "broker-1"}),
    }
