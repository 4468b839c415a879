"""`bridge schema register`: the same tests with a registry that behaves as documented and with a real one."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from commands.schema.publish import files
from commands.schema.register.forms import DIALECT
from commands.schema.register.plan import LEVEL
from tests.contract.registry.apicurio import apicurio
from tests.contract.registry.fake import FakeRegistry, serving
from tests.unit.commands.conftest import Run
from tests.unit.commands.conftest import bridge as bridge  # noqa: PLC0414 - a fixture

PUBLISHED = files.published()
OF_TOPICS = 12
OF_RECORDS = 44


@pytest.fixture(scope="module", params=["fake", "apicurio"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty registry."""
    made = serving(FakeRegistry()) if request.param == "fake" else apicurio(tmp_path_factory.mktemp("apicurio"))
    with made as url:
        yield url


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once: it takes most of a second."""
    monkeypatch.setattr(files, "published", lambda: PUBLISHED)


def registered(bridge: Run, url: str, *options: str, prefix: str) -> Any:
    result = bridge("schema", "register", "--url", url, *options, topic_prefix=prefix)
    return result.exit_code, result.stdout, result.stderr


def effects(bridge: Run, url: str, *options: str, prefix: str) -> dict[str, tuple[str, str]]:
    code, stdout, stderr = registered(bridge, url, "--dry-run", "-o", "json", *options, prefix=prefix)
    assert code == 0, stderr
    return {step["subject"]: (step["effect"], step["level"]) for step in json.loads(stdout)}


def put(url: str, path: str, body: dict[str, str], method: str = "POST") -> None:
    request = Request(f"{url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
    with urlopen(request, timeout=30) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("strategy", "number", "one"),
    [
        ("topic", OF_TOPICS, "a.order-lines.v1-key"),
        ("record", OF_RECORDS, "order.created"),
        ("topic-record", OF_RECORDS, "a.orders.v1-order.created"),
    ],
)
def test_each_subject_is_registered_once_with_its_level(
    bridge: Run, url: str, strategy: str, number: int, one: str
) -> None:
    options = ("--subject-strategy", strategy)
    before = effects(bridge, url, *options, prefix="a")
    assert (len(before), before[one]) == (number, ("new subject", LEVEL))
    assert registered(bridge, url, "--yes", *options, prefix="a")[0] == 0
    assert set(effects(bridge, url, *options, prefix="a").values()) == {("is there", LEVEL)}
    again = registered(bridge, url, *options, prefix="a")  # with nothing to do it asks nobody
    assert (again[0], "registered" in again[2]) == (0, False)


def with_more(field: str) -> dict[str, str]:
    """The files as if the state had this field, too, and one known value more."""
    schema = json.loads(PUBLISHED["order-state.json"])
    schema["properties"][field] = {"type": "string"}
    schema["properties"]["status"]["anyOf"][0]["enum"].append("lost")
    return {**PUBLISHED, "order-state.json": json.dumps(schema)}


def test_a_new_field_and_a_new_known_value_are_a_new_version_and_a_field_that_is_gone_is_refused(
    bridge: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the level and the form in which schemas are registered, what the bridge may do passes."""
    subject = "b.order-state.v1-value"
    assert registered(bridge, url, "--yes", prefix="b")[0] == 0
    monkeypatch.setattr(files, "published", lambda: with_more("colour"))
    found = effects(bridge, url, prefix="b")
    assert [name for name, (effect, _) in found.items() if effect != "is there"] == [subject]
    assert found[subject] == ("new version", LEVEL)
    assert registered(bridge, url, "--yes", prefix="b")[0] == 0
    monkeypatch.setattr(files, "published", lambda: with_more("odour"))
    code, stdout, stderr = registered(bridge, url, "--yes", prefix="b")
    assert (code, "incompatible" in stdout, "Nothing was registered" in stderr) == (1, True, True)


def put_version(url: str, subject: str, **more: object) -> None:
    schema = json.dumps({"$schema": DIALECT, "type": "object", **more})
    put(url, f"/subjects/{subject}/versions", {"schemaType": "JSON", "schema": schema})


def test_what_an_earlier_version_forbids_is_in_the_plan(bridge: Run, url: str) -> None:
    """The last one has nothing against it. Only a command that asks about all learns what the registry would refuse
    half-way."""
    subject = "d.order-state.v1-value"
    put_version(url, subject, properties={"gone": {"type": "string"}})
    put_version(url, subject)
    put(url, f"/config/{subject}", {"compatibility": LEVEL}, "PUT")
    code, stdout, stderr = registered(bridge, url, "--yes", prefix="d")
    assert (code, "incompatible" in stdout, "Nothing was registered" in stderr) == (1, True, True)
    assert effects_of_others(bridge, url, subject, prefix="d") == {"new subject"}


def effects_of_others(bridge: Run, url: str, subject: str, prefix: str) -> set[str]:
    _, stdout, _ = registered(bridge, url, "--dry-run", "-o", "json", prefix=prefix)
    return {step["effect"] for step in json.loads(stdout) if step["subject"] != subject}


def test_a_level_that_somebody_has_set_stays(bridge: Run, url: str) -> None:
    subject = "c.order-state.v1-value"
    put_version(url, subject)
    put(url, f"/config/{subject}", {"compatibility": "NONE"}, "PUT")
    assert registered(bridge, url, "--yes", prefix="c")[0] == 0
    assert effects(bridge, url, prefix="c")[subject] == ("is there", "NONE")
