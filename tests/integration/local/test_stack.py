"""What a local stack does with settings that are there before it."""

import os

import pytest

from deploy.local import stack


@pytest.mark.parametrize(
    ("external", "passed_over"),
    [(True, ["BRIDGE_PARTITIONS", "BRIDGE_TENANT"]), (False, ["BRIDGE_KAFKA_X", "BRIDGE_PARTITIONS", "BRIDGE_TENANT"])],
)
def test_settings_that_it_passes_over_are_named(
    external: bool, passed_over: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gives a tenant or a number of partitions would not see that they have no effect."""
    given = {"BRIDGE_KAFKA_BOOTSTRAP_SERVERS": "a:1", "BRIDGE_KAFKA_X": "x", "BRIDGE_TENANT": "acme"}
    monkeypatch.setattr(os, "environ", {**given, "BRIDGE_PARTITIONS": "16", "HOME": "/"})
    assert stack._set_environment("b:1", None, external=external) == passed_over
    assert (os.environ["BRIDGE_TENANT"], os.environ["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"]) == (stack.TENANT, "b:1")
