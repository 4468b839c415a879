"""Who may see the console: by a key, for a while, from the console's own pages."""

import re

import pytest

from bridge import metrics
from processors.worker.console.session import COOKIE
from tests.unit.processors.worker.console.fakes import FakeQueries
from tests.unit.processors.worker.console.known import BUSY, PAGES
from tests.unit.processors.worker.console.serving import KEY, Served

pytestmark = pytest.mark.thorough


def logins(outcome: str) -> float:
    counted = metrics.console_logins_total.labels(outcome).collect()
    return sum(each.value for family in counted for each in family.samples)


@pytest.mark.parametrize("page", PAGES)
async def test_without_a_session_every_page_leads_to_the_login(
    console: Served, page: str, queries: FakeQueries
) -> None:
    answer = await console.get(page)
    assert answer.status == 303
    assert answer.location.startswith("/console/login")
    assert (await console.get(page, Cookie=f"{COOKIE}=9999999999.a.b")).status == 303
    assert (await console.get(page, Authorization=f"Bearer {KEY}")).status == 303, "a page is no place for bearer keys"
    assert not queries.asked


@pytest.mark.parametrize("outcome", ["accepted", "refused", "held_off"])
def test_each_outcome_has_a_series_before_the_first_one(outcome: str) -> None:
    """Prometheus sees no increase from no series to one."""
    assert metrics.worker.registry.get_sample_value("bridge_console_logins_total", {"outcome": outcome}) is not None


async def test_a_key_opens_a_session_that_a_script_cannot_read(console: Served, queries: FakeQueries) -> None:
    wanted = f"/console/orders/{BUSY.order_id}?items=1"
    login = await console.get((await console.get(wanted)).location)
    assert login.status == 200
    [field] = re.findall(r'name="next" value="([^"]*)"', login.text)
    answer = await console.post("/console/login", {"key": KEY, "next": field})
    assert (answer.status, answer.location) == (303, wanted)
    cookie = answer.answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"))
    assert "Secure" not in cookie
    assert KEY not in cookie
    assert (await console.get(wanted)).status == 200
    assert queries.asked[0][1].startswith("session ")


async def test_behind_tls_the_cookie_never_goes_without(console: Served) -> None:
    answer = await console.post("/console/login", {"key": KEY}, **{"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.answer.headers["Set-Cookie"]


async def test_a_wrong_key_opens_nothing_and_is_counted(
    console: Served,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("processors.worker.console.attempts.PAUSE_S", 0.0)
    before = logins("refused")
    answer = await console.post("/console/login", {"key": "WRONG-KEY"})
    assert answer.status == 401
    assert "not in force" in answer.text
    assert "Set-Cookie" not in answer.answer.headers
    assert logins("refused") == before + 1
    assert "WRONG-KEY" not in answer.text + caplog.text + "".join(capsys.readouterr())


async def test_too_many_wrong_keys_are_held_off_and_the_right_one_with_them(
    console: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processors.worker.console.attempts.MOST_WAITING", 0)
    answer = await console.post("/console/login", {"key": KEY})
    assert answer.status == 429
    assert answer.answer.headers["Retry-After"] == "10"
    assert "Set-Cookie" not in answer.answer.headers


@pytest.mark.parametrize("path", ["/console/login", "/console/logout"])
async def test_a_form_of_another_site_changes_nothing(console: Served, path: str) -> None:
    await console.log_in()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await console.post(path, {"key": KEY}, **headers)
        assert answer.status == 403
        assert "Set-Cookie" not in answer.answer.headers
    assert (await console.get("/console/")).status == 200


@pytest.mark.parametrize("body", [b"key=" + b"x" * 20_000, b"\xff\xfe", b"", b"next=/console/"])
async def test_odd_forms_open_nothing(console: Served, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr("processors.worker.console.attempts.PAUSE_S", 0.0)
    assert (await console.post("/console/login", body)).status in {401, 413}


@pytest.mark.parametrize("path", ["/console/login", "/console/logout"])
async def test_a_form_of_more_fields_than_any_has_is_refused(console: Served, path: str) -> None:
    assert (await console.post(path, {f"field-{n}": "x" for n in range(30)})).status == 400


async def test_logging_out_ends_it(console: Served) -> None:
    await console.log_in()
    assert (await console.get("/console/login")).location == "/console/"
    assert (await console.post("/console/logout")).status == 303
    assert (await console.get("/console/")).status == 303


async def test_where_no_key_is_asked_for_there_is_no_login(open_console: Served) -> None:
    answer = await open_console.get("/console/")
    assert answer.status == 200
    assert "Log out" not in answer.text
    assert (await open_console.get("/console/login")).location == "/console/"
