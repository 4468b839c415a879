"""The recorded rules, as this revision stores them and as older ones do, which know a key table by its fingerprint."""

import json
from typing import Any

import orjson
import pytest

from bridge.refusals import RulesUnreadable
from bridge.rules.record import decode, encode, names_rules
from bridge.rules.rules import Recorded, Rules
from schemas.key_rule import KeyPath, KeyRule
from schemas.keytable import KeyTable

SHIPPED = KeyTable.shipped_before()
ID = KeyRule((KeyPath.parse("id"),), content=False, documented=False)
RULES = Rules(8, SHIPPED.rules, SHIPPED.fingerprint)
MORE = KeyTable({**SHIPPED.rules, "loyalty.points_added": ID})
FIRST = Recorded.first(RULES)
ADOPTED = FIRST.with_rules_of(Rules(8, MORE.rules, MORE.fingerprint))

BY_FINGERPRINT = (
    b'{"rules":{"partitions":8,"rules_version":"1-bdf17722e3c3"},"epochs":[[4,0],[7,7,7]],"migrating":null}'
)
"""What such an older revision writes, word for word."""


def as_before(value: bytes) -> dict[str, Any]:
    """What such an older revision reads in a record. It fails if a key is missing, or if rules have another field."""
    document = orjson.loads(value)
    rules, migrating = document["rules"], document["migrating"]
    for each in (rules, migrating):
        assert each is None or each.keys() == {"partitions", "rules_version"}
    return {"rules": rules, "epochs": document["epochs"], "migrating": migrating}


@pytest.mark.parametrize(
    "recorded",
    [
        FIRST,
        ADOPTED,
        FIRST.announcing(Rules(9, SHIPPED.rules, SHIPPED.fingerprint)),
        ADOPTED.migrated(Rules(9, MORE.rules, MORE.fingerprint), (1, 2)),
        Recorded(RULES, "1-former", adopting=frozenset({"a", "b"})),
        Recorded(Rules(8, None, "1-abc"), "1-abc", ((1,),)),
    ],
)
def test_what_is_recorded_is_read_back(recorded: Recorded) -> None:
    value = encode(recorded)
    read = decode(value, [SHIPPED])
    assert read == recorded
    assert read.rules.fingerprint == recorded.rules.fingerprint
    assert names_rules(value) == (recorded.rules.keys is not None)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\x1b[2J",
        b"{}",
        b"[]",
        b"null",
        b'"rules"',
        b"[" * 10_000,
        BY_FINGERPRINT.replace(b"8", b'"\\u001b[2J"'),
        BY_FINGERPRINT.replace(b'"1-bdf17722e3c3"', b"[1]"),
        BY_FINGERPRINT.replace(b"4,0", b'"[/bold]"'),
        encode(FIRST).replace(b'"key":["id"]', b'"key":"\\u001b[2J"'),
        None,
    ],
)
def test_what_somebody_else_has_written_is_no_record(value: Any) -> None:
    with pytest.raises(RulesUnreadable):
        decode(value, [SHIPPED])


def test_a_fingerprint_is_understood_by_the_table_that_has_it() -> None:
    assert decode(BY_FINGERPRINT, [MORE, SHIPPED]) == Recorded(RULES, "1-bdf17722e3c3", ((4, 0), (7, 7, 7)))
    assert not names_rules(BY_FINGERPRINT)


def test_a_fingerprint_that_no_table_has_stays_one() -> None:
    assert decode(BY_FINGERPRINT, [MORE]).rules.keys is None


def test_a_migration_that_such_a_revision_has_begun_is_one() -> None:
    value = json.loads(BY_FINGERPRINT)
    value["migrating"] = {"partitions": 9, "rules_version": "1-other"}
    assert decode(orjson.dumps(value), [SHIPPED]).migrating == Rules(9, None, "1-other")


def test_such_a_revision_goes_on_where_nothing_has_changed_for_it() -> None:
    """This also holds after a table that lists more names has rewritten the record."""
    understood = decode(BY_FINGERPRINT, [MORE, SHIPPED])
    assert as_before(encode(understood)) == as_before(BY_FINGERPRINT)


def test_such_a_revision_waits_while_a_rule_is_adopted_and_then_ends() -> None:
    """The older revision cannot know the rule."""
    adopting = Recorded(RULES, "1-bdf17722e3c3", adopting=frozenset({"loyalty.points_added"}))
    seen = as_before(encode(adopting))
    assert seen["migrating"] == {"partitions": 8, "rules_version": "with one for loyalty.points_added"}
    assert as_before(encode(ADOPTED))["rules"] == {"partitions": 8, "rules_version": MORE.fingerprint}
    assert as_before(encode(ADOPTED))["migrating"] is None
