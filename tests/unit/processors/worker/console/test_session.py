"""Sessions are valid as long as their key, for twelve hours at most."""

from typing import Any

import pytest
from aiohttp._cookie_helpers import parse_cookie_header
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from processors.worker.console.session import COOKIE, LIFE_S, Sessions, shown_in

OLD, NEW = b"the-old-key-of-the-worker", "der-neue-schlüssel".encode()


class Keys:
    def __init__(self, *in_force: bytes, anonymous: bool = False) -> None:
        self.in_force = None if anonymous else in_force


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.5

    def __call__(self) -> float:
        return self.now


def sessions(keys: Keys, clock: Clock | None = None) -> Sessions:
    of: Any = keys
    return Sessions(of, clock or Clock())


@pytest.mark.parametrize("given", [OLD.decode(), f" {OLD.decode()}\n", NEW.decode()])
def test_a_key_in_force_opens_one(given: str) -> None:
    found = sessions(Keys(OLD, NEW))
    caller = found.caller(found.open(given))
    assert caller is not None
    assert caller.name.startswith("session ")
    assert caller.authorization is None


@pytest.mark.parametrize("given", ["", "the-old-key", f"{OLD.decode()}x", "\udcff", "\x00"])
def test_nothing_else_does(given: str) -> None:
    assert sessions(Keys(OLD, NEW)).open(given) is None


def test_no_key_opens_where_there_are_none() -> None:
    assert sessions(Keys()).open("") is None


def test_every_worker_with_the_same_keys_takes_it() -> None:
    cookie = sessions(Keys(OLD, NEW)).open(OLD.decode())
    assert sessions(Keys(NEW, OLD)).caller(cookie) is not None


def test_a_key_that_is_added_logs_nobody_out_and_one_that_goes_does() -> None:
    cookie = sessions(Keys(OLD)).open(OLD.decode())
    assert sessions(Keys(NEW, OLD)).caller(cookie) is not None
    assert sessions(Keys(NEW)).caller(cookie) is None


def test_it_ends_after_twelve_hours() -> None:
    clock = Clock()
    found = sessions(Keys(OLD), clock)
    cookie = found.open(OLD.decode())
    clock.now += LIFE_S - 1
    assert found.caller(cookie) is not None
    clock.now += 1
    assert found.caller(cookie) is None


@pytest.mark.parametrize(("ahead_s", "is_somebody"), [(3600, True), (3601, False)])
def test_one_that_a_clock_opened_that_was_too_far_ahead_is_nobody_s(ahead_s: int, *, is_somebody: bool) -> None:
    """The session would outlive its twelve hours by as much. The clocks of workers with the same keys differ a
    little."""
    clock = Clock()
    found = sessions(Keys(OLD), clock)
    clock.now += ahead_s
    cookie = found.open(OLD.decode())
    clock.now -= ahead_s
    assert (found.caller(cookie) is not None) is is_somebody


def test_two_sessions_have_different_names() -> None:
    found = sessions(Keys(OLD))
    assert found.caller(found.open(OLD.decode())) != found.caller(found.open(OLD.decode()))


@pytest.mark.parametrize("cookie", [None, "", ".", "..", "9999999999.name.", "9" * 10_000, "1.2.3.4", "é.ü.\udcff"])
def test_made_up_cookies_are_nobody_s(cookie: str | None) -> None:
    assert sessions(Keys(OLD)).caller(cookie) is None


def test_not_a_character_of_it_can_be_changed() -> None:
    found = sessions(Keys(OLD))
    cookie = found.open(OLD.decode())
    assert cookie is not None
    for place, char in enumerate(cookie):
        other = "1" if char != "1" else "2"
        assert found.caller(cookie[:place] + other + cookie[place + 1 :]) is None


def test_where_no_key_is_asked_for_everybody_is_in() -> None:
    found = sessions(Keys(anonymous=True))
    assert not found.are_needed
    caller = found.caller(None)
    assert caller is not None
    assert caller.name == "anybody"


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ([], None),
        ([""], None),
        (["a=b; c"], None),
        ([f"{COOKIE}=x"], "x"),
        ([f"a=b; {COOKIE}=x;c=d"], "x"),
        ([f"a=b;{COOKIE} = x "], "x"),
        ([f'{COOKIE}="x"; a="b'], "x"),
        ([f"a;;=;{COOKIE}=x"], "x"),
        ([f"{COOKIE}="], ""),
        ([f"{COOKIE}=x=y"], "x=y"),
        (["a=b", f"{COOKIE}=x"], "x"),
        ([f"{COOKIE}=old; {COOKIE}=x"], "x"),
        ([f"other_{COOKIE}=x"], None),
        ([f"{COOKIE}s=x"], None),
        ([COOKIE], None),
        ([f"a={COOKIE}=x"], None),
        ([f"a=b, {COOKIE}=x"], "x"),
        ([f"{COOKIE}=x, a=b"], "x"),
        ([f'a=b {COOKIE}="x" c=d'], "x"),
        ([f"sso_0={'b' * 4000}; sso_1={'b' * 4000}; sso_2={'b' * 4000}; {COOKIE}=x"], "x"),
        ([f"{COOKIE}=x", "a=b;" * 16_000], "x"),
    ],
)
def test_a_cookie_is_found_among_others(headers: list[str], shown: str | None) -> None:
    """Also among a proxy's login cookies, several of 4 kB, and where a proxy joins headers by commas."""
    assert shown_in(CIMultiDict(("cookie", each) for each in headers)) == shown


@given(
    st.lists(
        st.sampled_from([f"{COOKIE}=1.ab.cd", f'{COOKIE}="1.ab.cd"', *'=;, \t"', "; ", "a", "a=b", "path=/"]),
        max_size=9,
    )
)
def test_where_aiohttp_finds_a_session_it_is_found(parts: list[str]) -> None:
    cookies = "".join(parts)
    found = {name: morsel.value for name, morsel in parse_cookie_header(cookies)}.get(COOKIE)
    if found == "1.ab.cd" and '"' not in cookies.replace(f'{COOKIE}="1.ab.cd"', ""):
        assert shown_in(CIMultiDict(cookie=cookies)) == found
