"""Loading key tables: what a user may write, and what is refused with its place."""

from pathlib import Path

import pytest
import yaml

from schemas import keytable
from schemas.events import EVENT_NAMES
from schemas.key_rule import InvalidKeyTable, KeyPath, KeyRule, rule_of
from schemas.keytable import KeyTable, load_yaml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.yaml"


def load(file: Path, text: str) -> KeyTable:
    file.write_text(text, encoding="utf-8")
    return KeyTable.load(file)


def test_the_shipped_file_lists_every_documented_event() -> None:
    """This includes content keys, so that a user who starts from the file sees them all."""
    shipped = Path(keytable.__file__).with_name("idempotency_keys.yaml")
    assert sorted(load_yaml(shipped.read_bytes())) == sorted(EVENT_NAMES)


def test_a_users_table_replaces_the_shipped_one_as_a_whole(file: Path) -> None:
    table = load(file, 'order.created: {key: [id, "lines[].id"], content: true, documented: true}')
    paths = (KeyPath.parse("id"), KeyPath.parse("lines[].id"))
    assert table.rule("order.created") == KeyRule(paths, content=True, documented=True)
    assert table.rule("order.opened") == KeyRule((), content=True, documented=False)


def test_an_empty_mapping_gives_every_event_the_content_key(file: Path) -> None:
    assert load(file, "{}").rule("order.created") == KeyRule((), content=True, documented=False)


def test_the_fingerprint_follows_what_is_listed_and_not_the_layout(file: Path) -> None:
    one = load(
        file, "a.b: {key: [id], content: false, documented: false}\nc.d: {key: [], content: true, documented: no}"
    )
    same = load(file, "# moved\n'c.d': {documented: false, content: on, key: []}\na.b:\n  content: false\n"
                      "  documented: false\n  key:\n    - id\n")  # fmt: skip
    assert (one.fingerprint, one.rules) == (same.fingerprint, same.rules)


@pytest.mark.parametrize(
    "text",
    [
        "a.b: {key: [id], content: true, documented: false}",
        "a.b: {key: [id], content: false, documented: true}",
        "a.b: {key: [other], content: false, documented: false}",
        "a.c: {key: [id], content: false, documented: false}",
        "{}",
    ],
)
def test_another_rule_is_another_version(file: Path, text: str) -> None:
    other, table = load(file, text), load(file, "a.b: {key: [id], content: false, documented: false}")
    assert other.rules != table.rules
    assert other.version("a.b") != table.version("a.b") or other.version("a.c") != table.version("a.c")


def test_a_listed_content_key_is_no_rule_of_its_own(file: Path) -> None:
    """So names with content keys may come and go."""
    listing = load(
        file, "a.b: {key: [id], content: false, documented: false}\nc.d: {key: [], content: true, documented: no}"
    )
    bare = load(file, "a.b: {key: [id], content: false, documented: false}")
    assert listing.rules == bare.rules
    assert listing.version("c.d") == bare.version("c.d") == bare.version("e.f") != bare.version("a.b")


def test_a_rule_is_written_as_it_is_read() -> None:
    for name, rule in KeyTable.shipped().rules.items():
        assert rule_of(name, rule.entry) == rule
        assert rule_of(name, yaml.safe_load(str(rule))) == rule


def test_versions_of_the_names_own_rule_are_recognised(file: Path) -> None:
    table = load(file, "a.b: {key: [id], content: false, documented: false}")
    own, default = table.version("a.b").encode(), table.version("c.d").encode()
    assert table.recognises(own, b"a.b")
    assert table.recognises(default, b"c.d")
    assert not table.recognises(default, b"a.b")
    assert not table.recognises(own, b"c.d")
    assert not table.recognises(b"", b"a.b")


def test_a_former_version_of_everything_holds_but_for_names_whose_rules_came_later(file: Path) -> None:
    rules = load(
        file, "a.b: {key: [id], content: false, documented: false}\na.c: {key: [x], content: true, documented: no}"
    ).rules
    table = KeyTable(rules, "1-former", {"a.c"})
    assert table.recognises(b"1-former", b"a.b")
    assert table.recognises(b"1-former", b"e.f")
    assert not table.recognises(b"1-former", b"a.c")
    assert not table.recognises(table.fingerprint.encode(), b"a.b")
    assert KeyTable(rules).recognises(KeyTable(rules).fingerprint.encode(), b"a.b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping"),
        ("- a.b", "must be a mapping"),
        ("a.b: {", "line 1"),
        ("1: {key: [id], content: false, documented: false}", "1: an event name must be a non-empty string"),
        ("'': {key: [id], content: false, documented: false}", "'': an event name must be a non-empty string"),
        ("a.b: id", "a.b: a rule must have exactly"),
        ("a.b: {key: [id], content: false}", "a.b: a rule must have exactly"),
        ("a.b: {key: [id], content: false, documented: false, hash: x}", "a.b: a rule must have exactly"),
        ("a.b: {key: id, content: false, documented: false}", "a.b: key must be a list of paths"),
        ("a.b: {key: [1], content: false, documented: false}", "a.b: key must be a list of paths"),
        ("a.b: {key: [id, id], content: false, documented: false}", "a.b: key names a path twice"),
        ("a.b: {key: ['items[0].id'], content: false, documented: false}", "a.b: 'items[0].id' is no path"),
        ("a.b: {key: [], content: false, documented: false}", "a.b: without key fields"),
        ("a.b: {key: [id], content: 1, documented: false}", "a.b: content must be true or false"),
        ("a.b: {key: [id], content: false, documented: 'no'}", "a.b: documented must be true or false"),
        ("a.b: {key: [id], key: [x], content: false, documented: false}", "key is given twice"),
        ("a.b: {key: [], content: true, documented: false}\n" * 2, "a.b is given twice"),
        ("? [a]\n: x", "unhashable"),
        ("!!python/object:os.system {}", "could not determine a constructor"),
        (r'"a\ud800": {key: [id], content: false, documented: false}', r"'a\ud800': an event name must not have half"),
        (r'a.b: {key: ["\ud800"], content: false, documented: false}', r"a.b: '\ud800' is no path"),
        ("[" * 1000, "nested too deeply"),
        ("a: 1\n---\nb: 2", "expected a single document"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_entry(file: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidKeyTable) as refused:
        load(file, text)
    assert str(refused.value).startswith(f"{file}: ")
    assert message in str(refused.value)


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(InvalidKeyTable):
        KeyTable.load(file)


def test_a_missing_file_stays_an_os_error(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        KeyTable.load(file)
