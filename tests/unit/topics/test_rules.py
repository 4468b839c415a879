"""Rules that differ are named, with what they were."""

import pytest

from bridge.rules import Rules, RulesMismatch, compare

RECORDED = Rules(8, "1-abc")


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
