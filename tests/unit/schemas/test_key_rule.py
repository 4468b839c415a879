"""Key fields: where a path leads, and when it leads nowhere."""

from typing import Any

import pytest

from schemas.key_rule import KeyPath


@pytest.mark.parametrize("text", ["id", "a.b.c", "transactions[].id", "a[].b[].c", "tags[]", "données"])
def test_a_path_is_written_as_it_was_read(text: str) -> None:
    assert str(KeyPath.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a..b", "a b", "[]", "a[0]", "a[].[]", "a]", "$.a[", " id", "id\n"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        KeyPath.parse(text)


@pytest.mark.parametrize(
    ("path", "payload", "parts"),
    [
        ("id", {"id": "e"}, ["e"]),
        ("shipment.id", {"shipment": {"id": 7}}, ["7"]),
        ("tags[]", {"tags": ["b", "a"]}, ["a", "b"]),
        ("boxes[].items[].id", {"boxes": [{"items": [{"id": "2"}]}, {"items": [{"id": "1"}]}]}, ["1", "2"]),
    ],
)
def test_a_path_leads_to_its_parts(path: str, payload: dict[str, Any], parts: list[str]) -> None:
    assert KeyPath.parse(path).parts(payload) == parts


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("shipment.id", {"shipment": "e"}),
        ("shipment.id", {}),
        ("tags[]", {"tags": "ab"}),
        ("tags[]", {"tags": []}),
        ("boxes[].items[].id", {"boxes": [{"items": [{"id": "2"}]}, {"items": []}]}),
        ("boxes[].items[].id", {"boxes": [{"items": [{"id": "2"}]}, {}]}),
    ],
)
def test_a_path_that_leads_nowhere_is_absent(path: str, payload: dict[str, Any]) -> None:
    assert KeyPath.parse(path).parts(payload) is None
