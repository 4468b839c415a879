"""How two key tables differ."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.rules.changes import Change, changes
from schemas.key_rule import CONTENT_KEY, KeyPath, KeyRule
from schemas.keytable import KeyTable
from tests.unit.bridge.tables import LISTED, RULES

ID = KeyRule((KeyPath.parse("id"),), content=False, documented=False)


def test_each_name_that_has_another_rule_is_named_with_both() -> None:
    other = KeyRule(ID.paths, content=True, documented=False)
    found = changes({"a": ID, "b": ID, "c": ID}, {"a": ID, "b": other, "d": ID})
    assert found == [Change("b", ID, other), Change("c", ID, None), Change("d", None, ID)]
    assert str(found[0]) == (
        "b has the key rule {key: [id], content: false, documented: false},"
        " not {key: [id], content: true, documented: false}"
    )
    assert str(found[2]).startswith("d has the key rule {key: [], content: true, documented: false}, not {key: [id]")


@given(LISTED, LISTED)
def test_changes_lead_from_one_table_to_the_other_and_back(one: dict[str, KeyRule], two: dict[str, KeyRule]) -> None:
    before, after = KeyTable(one), KeyTable(two)
    found = changes(before.rules, after.rules)
    names = {*one, *two}
    assert {change.name for change in found} == {name for name in names if before.rule(name) != after.rule(name)}
    for name, was, becomes in found:
        assert (was or CONTENT_KEY, becomes or CONTENT_KEY) == (before.rule(name), after.rule(name))
    assert [(name, becomes, was) for name, was, becomes in found] == changes(after.rules, before.rules)


@given(LISTED, st.sets(st.text(min_size=1, max_size=3)))
def test_names_listed_with_the_content_key_change_nothing(one: dict[str, KeyRule], names: set[str]) -> None:
    more = {**dict.fromkeys(names, CONTENT_KEY), **one}
    assert changes(KeyTable(one).rules, KeyTable(more).rules) == []


@given(RULES, RULES)
def test_rules_have_the_same_version_if_they_are_the_same(one: KeyRule, two: KeyRule) -> None:
    assert (one.version == two.version) == (one == two)
