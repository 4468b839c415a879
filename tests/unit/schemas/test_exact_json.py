"""Reading and writing JSON exactly: which path is taken, and what it leaves of numbers."""

import gc
import math
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from schemas import exact_json
from schemas.exact_json import _NUMBERS, InvalidJson, Number, canonical, parse, parse_exactly
from schemas.outcome import Reason

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize(
    "text",
    [
        '{"a":5.0,"b":0.0025,"c":-19.9,"d":18446744073709551615}',
        '{"a":4.9399999999999995}',
        ' { "a" :\n\t[ 1 , "b c" ] }\r\n',
        r'{"a":"line\nfeed, \"quoted\""}',
        '{"8e12-0":"3e4, 1.50, -0"}',
    ],
    ids=["shortest numbers", "a double's digits", "white space", "shortest escapes", "digits in strings"],
)
def test_what_orjson_writes_as_it_was_is_read_fast(text: str) -> None:
    assert not parse(text.encode()).exact


@pytest.mark.parametrize("number", ["0.10", "5.00", "1E5", "1e5", "-0", "0.000001", "18446744073709551616", "NaN"])
def test_a_number_in_another_spelling_is_kept_as_text(number: str) -> None:
    document = parse(f'{{"a":{number}}}'.encode())
    assert document.exact
    assert document.value == {"a": Number(number)}
    assert type(document.value["a"]) is Number


def test_the_fast_path_leaves_plain_values() -> None:
    assert parse(b'[1,2.5,"x",true,null]').value == [1, 2.5, "x", True, None]


@pytest.mark.parametrize(("text", "finite"), [("-5.10", True), ("1e400", True), ("NaN", False), ("-Infinity", False)])
def test_only_what_rfc_8259_knows_is_a_finite_number(text: str, finite: bool) -> None:
    assert Number(text).is_finite == finite


def test_an_error_says_where_but_repeats_nothing_of_the_body() -> None:
    with pytest.raises(InvalidJson, match="line 1 column 11") as refused:
        parse(b'{"secret":hunter2}')
    assert refused.value.reason == Reason.INVALID_JSON
    assert "hunter2" not in str(refused.value)


def test_what_is_no_json_value_has_no_canonical_form() -> None:
    with pytest.raises(TypeError):
        canonical({"a": {1, 2}})


def test_canonical_floats_are_written_as_they_were_read() -> None:
    """The fast path's floats are exact only because writing them gives their text."""
    value = parse(b"[0.1,5.0,100.25]").value
    assert [type(number) for number in value] == [float] * 3
    assert math.fsum(value) == 105.35
    assert canonical(value) == b"[0.1,5.0,100.25]"


def at_depth(frames: int, function: Callable[[], Any]) -> Any:
    return function() if frames == 0 else at_depth(frames - 1, function)


@pytest.mark.parametrize("text", ["[" * 500 + "0.10" + "]" * 500, '{"a":' * 500 + "0.10" + "}" * 500])
def test_five_hundred_levels_work_far_down_the_stack(text: str) -> None:
    """Each level takes one of the interpreter's 1000 recursions."""
    value = at_depth(400, lambda: parse(text.encode())).value
    assert at_depth(400, lambda: canonical(value)) == text.replace("0.10", "0.1").encode()


def python_calls(function: Callable[[], Any]) -> int:
    """Calls of Python functions: they make a body slow."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


def test_brackets_cost_no_python_on_the_exact_path() -> None:
    """8 MiB of brackets took half a minute of Python. The lone surrogate keeps orjson from writing this."""
    few, many = (parse(b'["\\ud800",%s[]]' % (b"[[{}]]," * count)).value for count in (1, 1000))
    assert python_calls(lambda: canonical(few)) == python_calls(lambda: canonical(many)) < 20


def test_the_exact_pass_has_no_other_tree_beside_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only once orjson has made its whole tree is it known that a text needs the exact pass."""
    lists_before_it: list[int] = []

    def spy(text: bytes) -> Any:
        lists_before_it.append(lists())
        return parse_exactly(text)

    def lists() -> int:
        return sum(type(each) is list for each in gc.get_objects())

    monkeypatch.setattr(exact_json, "parse_exactly", spy)
    gc.collect()  # what other tests have left would go meanwhile
    before = lists()
    document = parse(b"[" + b"[]," * 10_000 + b"1E5]")
    assert lists_before_it[0] - before < 1000
    assert lists() - before > 9000
    assert document.exact


def test_a_number_that_repeats_is_one_object() -> None:
    """Otherwise each takes 80 bytes, for two of the body's."""
    first, second, *_ = parse(b"[7,7,1E5]").value
    assert first is second


def test_what_many_different_numbers_take_is_given_back() -> None:
    before = len(_NUMBERS)
    parse(b"[%s,1E5]" % b",".join(b"%d" % number for number in range(100_000)))
    parse(b"[%s,1E5]" % b",".join([b"1" * 100_000]))
    assert before < len(_NUMBERS) <= 4096
    assert max(map(len, _NUMBERS)) <= 16
