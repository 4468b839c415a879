"""Which recorded rules fit a table, and what is said if they do not."""

from dataclasses import replace

import pytest
from hypothesis import given

from bridge.refusals import Adopting, Migrating, RulesMismatch, RulesNotRecorded
from bridge.rules.rules import Recorded, Rules, compare, require_adopted
from schemas.key_rule import CONTENT_KEY, KeyPath, KeyRule
from schemas.keytable import KeyTable
from tests.unit.bridge.tables import LISTED

ID = KeyRule((KeyPath.parse("id"),), content=False, documented=False)
OTHER = KeyRule((KeyPath.parse("other"),), content=False, documented=False)


def rules(listed: dict[str, KeyRule], partitions: int = 8) -> Rules:
    table = KeyTable(listed)
    return Rules(partitions, table.rules, table.fingerprint)


BASE = {"a": ID, "b": ID}
RECORDED = Recorded.first(rules(BASE))
ADOPTED = RECORDED.with_rules_of(rules({**BASE, "c": ID}))


def test_equal_rules_pass() -> None:
    assert compare(RECORDED, rules(BASE)) == RECORDED
    require_adopted(RECORDED, rules(BASE))


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        (rules(BASE, 4), "BRIDGE_PARTITIONS=8, not 4"),
        (Rules(8, RECORDED.rules.keys, "2-def"), "the canonicalisation 1, not 2"),
        (rules({"a": ID, "b": OTHER}), r"\(b has the key rule \{key: \[id\],.* not \{key: \[other\],"),
        (rules({"b": ID}), r"\(a has the key rule \{key: \[id\],.* not \{key: \[\], content: true"),
        (rules({"A": ID, "b": ID}), "a has the key rule"),
    ],
)
def test_a_mismatch_says_what_it_was_set_up_with(wanted: Rules, named: str) -> None:
    with pytest.raises(RulesMismatch, match=named):
        compare(RECORDED, wanted)


def test_what_is_equal_is_not_named() -> None:
    with pytest.raises(RulesMismatch) as mismatch:
        compare(RECORDED, rules(BASE, 4))
    assert "key rule" not in str(mismatch.value)
    with pytest.raises(RulesMismatch) as mismatch:
        compare(RECORDED, rules({"a": OTHER, "b": ID, "c": ID}))
    assert "b has" not in str(mismatch.value)
    assert "c has" not in str(mismatch.value)


@pytest.mark.parametrize("extra", [{"c": CONTENT_KEY}, {"d": CONTENT_KEY, "e": CONTENT_KEY}])
def test_names_with_the_content_key_come_and_go(extra: dict[str, KeyRule]) -> None:
    with_more = Recorded.first(rules({**BASE, **extra}))
    for recorded, wanted in ((with_more, rules(BASE)), (RECORDED, rules({**BASE, **extra}))):
        require_adopted(compare(recorded, wanted), wanted)
        assert (recorded.unadopted(wanted), recorded.retained(wanted)) == ([], [])


def test_a_rule_for_a_new_name_is_waited_for_by_who_gives_verdicts() -> None:
    wanted = rules({**BASE, "c": ID})
    assert compare(RECORDED, wanted) == RECORDED
    with pytest.raises(RulesNotRecorded, match="for c are not in force yet: run `bridge topics apply`"):
        require_adopted(RECORDED, wanted)


def test_an_adopted_rule_is_in_force_for_tables_with_and_without_it() -> None:
    assert ADOPTED.key_table.rule("c") == ID
    for listed in (BASE, {**BASE, "c": ID}):
        assert compare(ADOPTED, rules(listed)) == ADOPTED
        require_adopted(ADOPTED, rules(listed))
    assert [change.name for change in ADOPTED.retained(rules(BASE))] == ["c"]


def test_an_adopted_rule_may_not_be_another_one_and_no_other_may_be_missing() -> None:
    with pytest.raises(RulesMismatch, match="c has"):
        compare(ADOPTED, rules({**BASE, "c": OTHER}))
    with pytest.raises(RulesMismatch, match="a has"):
        compare(ADOPTED, rules({"b": ID, "c": ID}))


def test_while_rules_are_adopted_nobody_gives_verdicts_and_everybody_else_goes_on() -> None:
    adopting = replace(RECORDED, adopting=frozenset({"c"}))
    for listed in (BASE, {**BASE, "c": ID}):
        compare(adopting, rules(listed))
        with pytest.raises(Adopting, match="for c"):
            require_adopted(adopting, rules(listed))
    assert adopting.with_rules_of(rules({**BASE, "c": ID})) == ADOPTED
    assert adopting.announcing(rules(BASE, 9)).adopting == frozenset()


@given(LISTED, LISTED, LISTED)
def test_everybody_who_may_give_verdicts_gives_the_same(
    one: dict[str, KeyRule], two: dict[str, KeyRule], three: dict[str, KeyRule]
) -> None:
    """This holds whatever tables a deployment's processes have, and whatever was adopted."""
    recorded = Recorded.first(rules(one))
    for listed in (two, three):
        try:
            compare(recorded, rules(listed))
        except RulesMismatch:
            continue
        adopted = recorded.with_rules_of(rules(listed))
        for name, rule in recorded.key_table.rules.items():
            assert adopted.key_table.rule(name) == rule  # no rule in force has changed
        recorded = adopted
    for listed in (one, two, three):
        try:
            require_adopted(compare(recorded, rules(listed)), rules(listed))
        except (RulesMismatch, RulesNotRecorded):
            continue
        own, in_force = KeyTable(listed), recorded.key_table
        differing = {name for name in {*listed, *in_force.rules} if own.rule(name) != in_force.rule(name)}
        assert differing <= recorded.adopted - own.rules.keys()


def test_without_a_rule_to_add_the_fingerprint_stays() -> None:
    """This holds whatever names the table lists that ends another table's adoption."""
    adopting = replace(RECORDED, adopting=frozenset({"c"}))
    ended = adopting.with_rules_of(rules({**BASE, "d": CONTENT_KEY}))
    assert (ended, ended.rules.fingerprint) == (RECORDED, RECORDED.rules.fingerprint)


def test_an_added_rule_makes_the_fingerprint_that_of_the_table_that_has_all_in_force() -> None:
    """Processes that compare only fingerprints go on only with such a table."""
    listed = rules({**BASE, "c": ID, "d": CONTENT_KEY})
    assert RECORDED.with_rules_of(listed).rules.fingerprint == listed.fingerprint
    without_c = rules({**BASE, "e": ID})
    assert ADOPTED.with_rules_of(without_c).rules.fingerprint == rules({**BASE, "c": ID, "e": ID}).fingerprint


def test_headers_of_an_earlier_revision_are_recognised_for_names_without_adopted_rules() -> None:
    """Processes of that revision write them until they notice that a rule was adopted."""
    former = RECORDED.rules.fingerprint.encode()
    assert ADOPTED.rules.fingerprint.encode() != former
    assert ADOPTED.key_table.recognises(former, b"a")
    assert not ADOPTED.key_table.recognises(former, b"c")


def test_nothing_recorded_is_not_the_same() -> None:
    with pytest.raises(RulesNotRecorded, match="topics apply"):
        compare(None, rules(BASE))


def test_a_fingerprint_that_nobody_knows_is_told_with_the_way_out() -> None:
    unknown = Recorded(Rules(8, None, "1-abc"), "1-abc")
    with pytest.raises(RulesMismatch, match=r"fingerprint 1-abc only .run `bridge topics apply` with that table once"):
        compare(unknown, rules(BASE))


@pytest.mark.parametrize("partitions", [8, 9, 7])
def test_while_a_migration_runs_no_rules_are_the_right_ones(partitions: int) -> None:
    """Old and new rules are both wrong: the tables are in between."""
    with pytest.raises(Migrating, match="9 partitions"):
        compare(RECORDED.announcing(rules(BASE, 9)), rules(BASE, partitions))


def test_a_migration_ends_with_the_new_rules_and_where_they_began() -> None:
    nine, other = rules(BASE, 9), rules({"a": OTHER}, 9)
    first = RECORDED.announcing(nine).migrated(nine, (5, 6))
    assert first == Recorded(nine, RECORDED.former_version, ((5, 6),))
    second = first.migrated(other, (7, 8, 9))
    assert second == Recorded(other, other.fingerprint, ((5, 6), (7, 8, 9)))


def test_a_migration_of_partitions_alone_forgets_nothing_about_keys() -> None:
    nine = rules({**BASE, "c": ID}, 9)
    moved = ADOPTED.migrated(nine, (5,))
    assert (moved.adopted, moved.former_version) == (ADOPTED.adopted, ADOPTED.former_version)


def test_a_migration_takes_an_adopted_rule_away() -> None:
    after = ADOPTED.migrated(rules(BASE), (5,))
    assert (after.rules, after.adopted) == (rules(BASE), frozenset())
