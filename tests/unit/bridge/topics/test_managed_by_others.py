"""If others own the topics, the bridge changes nothing and says what they have to do. No Kafka is asked."""

import pytest

from bridge.refusals import TopicsRefused
from bridge.settings import Settings
from bridge.topics import ConfigChange, TopicsPlan, apply, partitions_lacking, require_growth_allowed, specs

OTHERS = Settings(tenant="acme", topics_managed_by="others", kafka_bootstrap_servers=("127.0.0.1:1",))
OURS = Settings(tenant="acme")
RAW = specs(OTHERS)[0]


def plan(**changed: tuple[object, ...]) -> TopicsPlan:
    return TopicsPlan(**{"create": (), "alter": (), "refused": (), **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(create=(RAW,)), "newstore.raw.v1 does not exist"),
        (plan(alter=(ConfigChange(RAW.name, "retention.ms", "1000", RAW.config["retention.ms"]),)), "retention.ms"),
        (plan(refused=("newstore.raw.v1 has 3 partitions, not 8",)), "has 3 partitions"),
    ],
)
async def test_what_would_lose_data_is_theirs_to_do_first(made: TopicsPlan, said: str) -> None:
    with pytest.raises(TopicsRefused, match="BRIDGE_TOPICS_MANAGED_BY is others") as told:
        await apply(OTHERS, made)
    assert said in str(told.value)
    assert "bridge topics plan -o strimzi" in str(told.value)


async def test_what_loses_nothing_is_no_hindrance_and_is_left_as_it_is() -> None:
    harmless = plan(alter=(ConfigChange(RAW.name, "min.cleanable.dirty.ratio", "0.5", "0.2"),))
    assert await apply(OTHERS, harmless) == ()


def test_partitions_are_theirs_to_add() -> None:
    lacking = partitions_lacking(OTHERS, {spec.name: spec.partitions for spec in specs(OTHERS)} | {RAW.name: 3})
    assert lacking == {RAW.name: 8}
    with pytest.raises(TopicsRefused, match=r"newstore\.raw\.v1 needs 8 partitions"):
        require_growth_allowed(OTHERS, lacking)
    require_growth_allowed(OTHERS, {})
    require_growth_allowed(OURS, lacking)
