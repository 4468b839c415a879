"""Where two bodies differ."""

from commands.evidence.comparison import Difference, differences


def test_every_field_that_differs_is_named_with_both_values() -> None:
    first = b'{"payload":{"id":"o-1","items":[{"price":1.10},{"price":2}],"note":"a","gone":{}}}'
    second = b'{"payload":{"note":"b","items":[{"price":1.1},{"price":3}],"id":"o-1","new":[]}}'
    assert differences(first, second) == [
        Difference("payload.gone", "{}", None),
        Difference("payload.items[1].price", "2", "3"),
        Difference("payload.new", None, "[]"),
        Difference("payload.note", '"a"', '"b"'),
    ]


def test_another_spelling_is_no_difference() -> None:
    assert differences(b'\xef\xbb\xbf{"a":1.50, "b": "\\u0041"}', b'{"b":"A","a":1.5}') == []


def test_another_kind_of_value_is_one() -> None:
    assert differences(b'{"a":1}', b'{"a":"1"}') == [Difference("a", "1", '"1"')]
    assert differences(b'{"a":[]}', b'{"a":[null]}') == [Difference("a", "[]", None), Difference("a[0]", None, "null")]


def test_what_is_no_json_cannot_be_compared() -> None:
    assert differences(b"{", b"{}") is None


def test_the_deepest_body_that_passes_can_be_compared() -> None:
    deep = b'{"a":' * 499 + b"%d" + b"}" * 499
    assert differences(deep % 1, deep % 1) == []
    assert len(differences(deep % 1, deep % 2) or ()) == 1


def test_names_with_dots_hide_no_difference() -> None:
    """Two fields whose paths look alike were taken for one."""
    first, second = (b'{"p":{"x.y":%d,"x":{"y":5}},"a":[0],"a[0]":%d}' % (number, number) for number in (1, 2))
    assert differences(first, second) == [Difference("a[0]", "1", "2"), Difference("p.x.y", "1", "2")]
    assert differences(b'{"a":{"b":1}}', b'{"a.b":1}') == [Difference("a.b", "1", None), Difference("a.b", None, "1")]
