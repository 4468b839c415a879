"""What `topics plan` finds, and what `topics apply` never does."""

from dataclasses import replace

from bridge.topics import ConfigChange, TopicSpec, TopicState, difference

SPEC = TopicSpec("n.raw.v1", 8, 3, {"cleanup.policy": "compact,delete", "retention.ms": "1000"})
AS_IT_MUST_BE = TopicState(8, 3, {"cleanup.policy": "compact,delete", "retention.ms": "1000", "other": "x"})


def test_a_missing_topic_is_to_be_created() -> None:
    plan = difference([SPEC], {})
    assert plan.create == (SPEC,)
    assert plan.problems == ("n.raw.v1 does not exist.",)


def test_a_topic_as_it_must_be_needs_nothing_and_other_entries_are_left_alone() -> None:
    plan = difference([SPEC], {SPEC.name: AS_IT_MUST_BE})
    assert (plan.create, plan.alter, plan.refused, plan.problems) == ((), (), (), ())


def test_a_differing_entry_is_to_be_set() -> None:
    state = replace(AS_IT_MUST_BE, config=AS_IT_MUST_BE.config | {"retention.ms": "7"})  # type: ignore[operator]
    plan = difference([SPEC], {SPEC.name: state})
    assert plan.alter == (ConfigChange(SPEC.name, "retention.ms", "7", "1000"),)
    assert plan.problems == ("n.raw.v1 has retention.ms = 7, not 1000.",)


RATIO = TopicSpec("n.rules.v1", 1, 1, {"min.cleanable.dirty.ratio": "0.2", "retention.ms": "1000"})


def test_a_tolerated_setting_is_neither_a_problem_nor_set() -> None:
    state = TopicState(1, 1, {"min.cleanable.dirty.ratio": "0.5", "retention.ms": "1000"})
    plan = difference([RATIO], {RATIO.name: state}, ["min.cleanable.dirty.ratio"])
    assert (plan.alter, plan.problems, plan.losses, plan.harmless) == ((), (), (), ())


def test_what_loses_data_is_not_tolerated_and_says_so() -> None:
    state = TopicState(1, 1, {"min.cleanable.dirty.ratio": "0.2", "retention.ms": "7"})
    plan = difference([RATIO], {RATIO.name: state}, ["retention.ms"])
    assert plan.alter == (ConfigChange(RATIO.name, "retention.ms", "7", "1000"),)
    assert plan.problems == plan.losses
    assert "BRIDGE_TOLERATED_TOPIC_SETTINGS does not cover it" in plan.problems[0]


def test_what_costs_no_data_stops_no_service_but_is_a_problem() -> None:
    state = TopicState(1, 1, {"min.cleanable.dirty.ratio": "0.5", "retention.ms": "1000"})
    plan = difference([RATIO], {RATIO.name: state})
    assert plan.losses == ()
    assert plan.harmless == plan.alter
    assert plan.problems == ("n.rules.v1 has min.cleanable.dirty.ratio = 0.5, not 0.2.",)


def test_keeping_records_longer_is_set_right_by_apply_and_troubles_no_service() -> None:
    state = TopicState(1, 1, {"min.cleanable.dirty.ratio": "0.2", "retention.ms": "1001"})
    plan = difference([RATIO], {RATIO.name: state})
    assert (plan.losses, plan.harmless) == ((), ())
    assert [change.name for change in plan.alter] == ["retention.ms"]


def test_missing_topics_and_what_apply_refuses_stop_every_service() -> None:
    assert difference([SPEC], {}).losses == ("n.raw.v1 does not exist.",)
    assert "4 partitions" in difference([SPEC], {SPEC.name: replace(AS_IT_MUST_BE, partitions=4)}).losses[0]
    assert "1 replicas" in difference([SPEC], {SPEC.name: replace(AS_IT_MUST_BE, replication=1)}).losses[0]


def test_an_entry_that_the_broker_does_not_name_is_to_be_set() -> None:
    plan = difference([SPEC], {SPEC.name: TopicState(8, 3, {"cleanup.policy": "compact,delete"})})
    assert plan.alter == (ConfigChange(SPEC.name, "retention.ms", None, "1000"),)


def test_the_order_of_cleanup_policies_means_nothing() -> None:
    state = TopicState(8, 3, {"cleanup.policy": "delete,compact", "retention.ms": "1000"})
    assert not difference([SPEC], {SPEC.name: state}).problems


def test_another_partition_count_is_refused_not_planned() -> None:
    plan = difference([SPEC], {SPEC.name: replace(AS_IT_MUST_BE, partitions=4)})
    assert (plan.create, plan.alter) == ((), ())
    assert "has 4 partitions, not 8" in plan.refused[0]


def test_fewer_replicas_are_refused_and_more_are_fine() -> None:
    fewer = difference([SPEC], {SPEC.name: replace(AS_IT_MUST_BE, replication=1)})
    more = difference([SPEC], {SPEC.name: replace(AS_IT_MUST_BE, replication=4)})
    assert "has 1 replicas, not 3" in fewer.refused[0]
    assert not more.problems


LARGE = TopicSpec("n.raw.v1", 1, 1, {"max.message.bytes": "8388608"})


def test_a_segment_that_the_largest_record_does_not_fit_in_loses_data() -> None:
    """Kafka refuses such a record like one above `max.message.bytes`, and only that refusal told of it."""
    state = TopicState(1, 1, {"max.message.bytes": "8388608", "segment.bytes": "1048576"})
    plan = difference([LARGE], {LARGE.name: state}, ["segment.bytes"])
    assert plan.alter == (ConfigChange(LARGE.name, "segment.bytes", "1048576", "8388608"),)
    assert plan.problems == plan.losses
    assert "n.raw.v1 has segment.bytes = 1048576, not 8388608 or more" in plan.problems[0]


def test_any_larger_segment_is_as_it_must_be() -> None:
    for segment in ({}, {"segment.bytes": "8388608"}, {"segment.bytes": "1073741824"}):
        state = TopicState(1, 1, {"max.message.bytes": "8388608", **segment})
        assert not difference([LARGE], {LARGE.name: state}).problems
