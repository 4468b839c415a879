"""Rules that differ are named, with what they were."""

import pytest

from bridge.rules import Migrating, Recorded, Rules, RulesMismatch, RulesNotRecorded, compare

RECORDED = Recorded(Rules(8, "1-abc"))


def test_equal_rules_pass() -> None:
    compare(RECORDED, Rules(8, "1-abc"))


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        (Rules(4, "1-abc"), "BRIDGE_PARTITIONS=8, not 4"),
        (Rules(8, "2-def"), "the key rules 1-abc, not 2-def"),
    ],
)
def test_a_mismatch_says_what_it_was_set_up_with(wanted: Rules, named: str) -> None:
    with pytest.raises(RulesMismatch, match=named):
        compare(RECORDED, wanted)


def test_what_is_equal_is_not_named() -> None:
    with pytest.raises(RulesMismatch) as mismatch:
        compare(RECORDED, Rules(4, "1-abc"))
    assert "key rules" not in str(mismatch.value)


def test_nothing_recorded_is_not_the_same() -> None:
    with pytest.raises(RulesNotRecorded, match="topics apply"):
        compare(None, Rules(8, "1-abc"))


@pytest.mark.parametrize("wanted", [Rules(8, "1-abc"), Rules(9, "1-abc"), Rules(7, "1-abc")])
def test_while_a_migration_runs_no_rules_are_the_right_ones(wanted: Rules) -> None:
    """Neither the old nor the new ones: the tables are in between."""
    with pytest.raises(Migrating, match="9 partitions"):
        compare(RECORDED.announcing(Rules(9, "1-abc")), wanted)


def test_a_migration_ends_with_the_new_rules_and_where_they_began() -> None:
    first = RECORDED.announcing(Rules(9, "1-abc")).migrated(Rules(9, "1-abc"), (5, 6))
    assert first == Recorded(Rules(9, "1-abc"), ((5, 6),))
    assert first.migrated(Rules(9, "1-def"), (7, 8, 9)).epochs == ((5, 6), (7, 8, 9))
