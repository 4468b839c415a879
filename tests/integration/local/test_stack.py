"""What a local stack does with settings that are there before it."""

import os

import pytest

from bridge.settings import Settings
from bridge.topics import specs
from deploy.local import stack
from deploy.local.environment import BrokenEnvironment


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
    assert stack._pass_over(external=external) == passed_over
    stack._set_environment("b:1", None, external=external)
    assert (os.environ["BRIDGE_TENANT"], os.environ["BRIDGE_KAFKA_BOOTSTRAP_SERVERS"]) == (stack.TENANT, "b:1")


def test_order_lines_are_let_through_for_they_have_a_topic_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the warehouse examples could not be tried here."""
    monkeypatch.setattr(os, "environ", {"BRIDGE_ORDER_LINES": "true", "BRIDGE_TENANT": "acme"})
    assert stack._pass_over(external=False) == ["BRIDGE_TENANT"]
    stack._set_environment("b:1", None, external=False)
    assert "newstore.order-lines.v1" in {spec.name for spec in specs(Settings())}


def test_what_is_let_through_is_refused_in_a_sentence_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"BRIDGE_ORDER_LINES": "maybe"})
    monkeypatch.setattr(stack, "LocalKafka", None)
    with pytest.raises(BrokenEnvironment, match="BRIDGE_ORDER_LINES"), stack.Stack(print):
        pass


def test_topics_that_stay_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: Settings, names: list[str]) -> list[str]:
        return [f"{len(names)} stay."]

    said: list[str] = []
    monkeypatch.setattr(stack, "delete_topics", refused)
    settings = Settings(tenant="acme")
    stack.Stack(said.append)._delete_topics(settings)
    assert said == [f"{len(specs(settings))} stay."]
