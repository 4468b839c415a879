"""What is to be done about what a service says."""

import pytest

from bridge.settings import Settings
from bridge.topics import TopicState, difference, specs
from commands.terminal.remedies import remedy

SETTINGS = Settings(tenant="acme")


@pytest.mark.parametrize(("managed_by", "said"), [("bridge", "bridge topics apply"), ("others", "the topics' owner")])
def test_topics_are_mended_by_whoever_manages_them(managed_by: str, said: str) -> None:
    settings = Settings.model_validate({"tenant": "acme", "topics_managed_by": managed_by})
    for check in ("topics", "topic_settings"):
        assert said in (remedy(settings, check, "a does not exist.") or "")


@pytest.mark.parametrize("state", [TopicState(3, 1, {}), TopicState(SETTINGS.partitions, 0, {})])
def test_what_apply_refuses_is_not_mended_by_it(state: TopicState) -> None:
    spec = specs(SETTINGS)[0]
    (sentence,) = difference([spec], {spec.name: state}).refused
    told = remedy(SETTINGS, "topics", f"{spec.name} does not exist. {sentence}") or ""
    assert "BRIDGE_PARTITIONS and BRIDGE_REPLICATION_FACTOR" in told
    assert "apply" not in told
