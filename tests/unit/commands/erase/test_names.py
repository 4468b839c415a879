"""Which bodies name somebody, however they write it."""

import json

import pytest

from commands.erase.names import Names


def named(text: str, body: str) -> bool:
    return Names([text]).are_in(body.encode())


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("éva@x.example", "ÉVA@x.example"),
        ("ünal.ä@x.example", "ÜNAL.Ä@x.example"),
        ("STRASSE@x.example", "straße@x.example"),
        ("zed@x.example", " zed@x.example\t"),
        (" zed@x.example ", "ZED@x.example"),
        ("a+b@c", "a+b@c"),
        ("a/b", "a/b"),
        ('"ada b"@c', '"Ada B"@c'),
        ("back\\slash", "back\\slash"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_a_whole_string_is_found_in_whatever_case_and_escaped_or_not(text: str, written: str) -> None:
    """Names are found as a customer's orders are: by `casefold`, without the blanks around them."""
    for body in (json.dumps({"email": written}), json.dumps({"email": written}, ensure_ascii=False)):
        assert named(text, body)
    assert named(text, json.dumps([written], ensure_ascii=False).replace("/", "\\/").replace("e", "\\u0065"))


@pytest.mark.parametrize(
    "body",
    [
        '{"id":990011,"name":"Ada"}',
        '{"customer_id" : 990011}',
        '{"a":{"order_id":990011\n}}',
    ],
)
def test_a_number_is_found_where_it_is_an_id(body: str) -> None:
    """Orders are found by such an id, as written."""
    assert named("990011", body)
    assert not named("99001", body)


def test_a_number_that_is_no_id_is_not() -> None:
    assert not named("7", '{"quantity":7,"lines":[7],"id":70,"product_id":"17"}')
    assert named("1E3", '{"id":1e3}')


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("a.b", '{"id":"aXb"}'),
        ("ada", '{"id":"ada b"}'),
        ("ada@b", '{"email":"x-ada@b"}'),
        ("id", "{id}"),
        ("\\u0041", '{"id":"A"}'),
        ("", '{"id":""}'),
        (" ", '{"id":" "}'),
    ],
)
def test_nothing_else_is(text: str, body: str) -> None:
    assert not named(text, body)


def test_what_is_no_json_and_no_text_is_searched_as_far_as_it_can_be() -> None:
    names = Names(["o-1", "ada@b"])
    assert names.are_in(b'{"id":"o-1", no json')
    assert names.are_in(b'an odd quote " and {"id":"o-1"}')
    assert names.are_in(b'\xff{"email":"ADA@b"')
    assert not any(map(names.are_in, (None, b"", b"o-1", b'"\\', b'"\\u00', b'"\\ud800"')))
    assert not Names([]).are_in(b'{"id":""}')
