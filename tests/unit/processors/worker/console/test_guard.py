"""Which posts are the console's own, whether a cookie may be `Secure`, and where a login leads."""

import pytest
from multidict import CIMultiDict

from processors.worker.console.guard import CSP, came_by_https, is_foreign, is_own, own_path

HOST = {"Host": "bridge.example:6066"}


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"Origin": "http://bridge.example:6066"}, True),
        ({"Origin": "https://bridge.example:6066"}, True),  # a proxy has taken TLS off
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://bridge.example"}, True),
        ({}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": "http://bridge.example"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "ftp://bridge.example:6066"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://bridge.example:6066"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
    ],
)
def test_own_posts(headers: dict[str, str], *, own: bool) -> None:
    assert is_own(CIMultiDict(HOST | headers)) is own


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"Origin": "http://bridge.example:6066"}, False),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
    ],
)
def test_posts_of_other_sites(headers: dict[str, str], *, foreign: bool) -> None:
    assert is_foreign(CIMultiDict(HOST | headers)) is foreign


def test_without_a_host_nothing_is_its_own() -> None:
    assert not is_own(CIMultiDict({"Origin": "http://"}))


@pytest.mark.parametrize(
    ("headers", "scheme", "secure"),
    [
        ({}, "http", False),
        ({}, "https", True),
        ({"X-Forwarded-Proto": "https"}, "http", True),
        ({"X-Forwarded-Proto": "HTTPS, http"}, "http", True),
        ({"X-Forwarded-Proto": "http"}, "http", False),
    ],
)
def test_by_https(headers: dict[str, str], scheme: str, *, secure: bool) -> None:
    assert came_by_https(CIMultiDict(headers), scheme) is secure


@pytest.mark.parametrize("path", ["/console/orders/a%2Fb?after=x", "/console/"])
def test_own_paths(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.example/",
        "//evil.example",
        "/console/\\evil",
        "/console//evil",
        "/console/\r\nX: y",
        "/orders/1",
    ],
)
def test_other_paths_lead_to_the_first_page(path: str) -> None:
    assert own_path(path) == "/console/"


def test_the_policy_lets_nothing_in_from_elsewhere_and_nothing_inline() -> None:
    assert CSP.startswith("default-src 'none'; ")
    assert "unsafe" not in CSP
    assert "data:" not in CSP
