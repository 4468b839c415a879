"""`bridge doctor` with no Kafka, or a silent one."""

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp.test_utils import unused_port

from bridge.settings import Settings
from commands.doctor import brokers, command, examination
from commands.doctor.finding import Finding, State
from commands.streams import NobodyReadsError
from commands.terminal.output import Format
from tests.terminal import HOSTILE, assert_inert
from tests.unit.commands.conftest import Run

PLAIN = HOSTILE.replace("\ud800", "").replace("\x00", "")


@pytest.fixture
def silent() -> Iterator[str]:
    """Takes connections, as the system does for a frozen process, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def wrong(document: dict[str, Any]) -> dict[str, str]:
    return {each["check"]: each["what"] for each in document["findings"] if each["state"] == "wrong"}


def asked(bridge: Run, **given: str) -> dict[str, Any]:
    nowhere = f"http://127.0.0.1:{unused_port()}"
    result = bridge("doctor", "-o", "json", ingress_url=nowhere, worker_url=nowhere, **given)
    assert result.exit_code == 1
    found: dict[str, Any] = json.loads(result.stdout)
    assert found["ok"] is False
    return found


def test_a_bad_setting_is_a_finding_and_ends_it(bridge: Run) -> None:
    result = bridge("doctor", "-o", "json", tenant=None)
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert wrong(document) == {"settings": "BRIDGE_TENANT is required"}
    assert document["registration"] is None


def test_bad_settings_are_told_whole_and_beside_those_that_are_none(bridge: Run) -> None:
    result = bridge("doctor", "-o", "json", partitions="0", tennant="acme")
    misspelt, bad = (each for each in json.loads(result.stdout)["findings"] if each["check"] == "settings")
    assert (misspelt["state"], "BRIDGE_TENNANT" in misspelt["what"]) == ("warning", True)
    assert bad["what"] == "BRIDGE_PARTITIONS: is not more than 0"
    assert "docs/settings.md" in bad["remedies"][0]


def test_a_broker_that_is_not_there(bridge: Run) -> None:
    address = f"127.0.0.1:{unused_port()}"
    assert wrong(asked(bridge, kafka_bootstrap_servers=address)) == {"brokers": f"nothing listens at {address}"}


def test_a_broker_that_is_frozen(bridge: Run, silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "PATIENCE_S", 0.2)
    found = wrong(asked(bridge, kafka_bootstrap_servers=silent))
    assert f"{silent} takes connections, and then says nothing" in found["brokers"]


def test_a_name_that_is_not_known(bridge: Run) -> None:
    found = wrong(asked(bridge, kafka_bootstrap_servers="kafka.invalid:9092"))
    assert "the name kafka.invalid is not known here" in found["brokers"]


def test_an_event_that_newstore_does_not_document_is_told(bridge: Run) -> None:
    found = asked(bridge, kafka_bootstrap_servers="kafka.invalid:9092", events="order.creatd,order.opened")
    told = {each["what"]: each["state"] for each in found["findings"]}
    sentence = "BRIDGE_EVENTS: order.creatd is no event that NewStore documents; order.created is"
    assert told[sentence] == State.WARNING


@pytest.mark.parametrize(
    ("part", "disk", "keys"),
    [
        ("reader", False, set()),
        ("ingress", False, {"ingress"}),
        ("worker", True, {"worker"}),
        ("", True, {"ingress", "worker"}),
    ],
)
def test_a_part_is_asked_for_nothing_that_only_others_have(
    bridge: Run, monkeypatch: pytest.MonkeyPatch, part: str, disk: bool, keys: set[str]
) -> None:
    """Where commands run in Kubernetes, there are no keys of services and no writable directory."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    given = {"ingress_api_keys": None, "worker_api_keys": None, "kafka_bootstrap_servers": "kafka.invalid:9092"}
    result = bridge("doctor", "-o", "json", *(["--part", part] if part else []), **given)
    found = json.loads(result.stdout)
    assert ("disk" in wrong(found)) is disk
    advised = [each["remedies"][-1] for each in found["findings"] if each["check"] == "disk"]
    assert any("`bridge doctor --part PART`" in each for each in advised) is (not part)
    told = " ".join(each["what"] for each in found["findings"] if each["check"] == "settings")
    assert {name for name in ("ingress", "worker") if f"the {name} does not start" in told} == keys


@pytest.mark.parametrize("check", ["settings", "brokers", "kafka"])
def test_whoever_has_read_enough_hears_nothing_of_what_was_still_asked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, check: str
) -> None:
    """Each generator was closed by itself, also while one inside it ran: "asynchronous generator is already
    running"."""
    settings = Settings(tenant="acme", kafka_bootstrap_servers=(f"127.0.0.1:{unused_port()}",))

    def show(_console: object, finding: Finding) -> None:
        if finding.check == check:
            raise NobodyReadsError

    monkeypatch.setattr(command, "show", show)
    with pytest.raises(NobodyReadsError):
        asyncio.run(command._examined(examination.examine(settings, None), Format.TABLE))
    assert caplog.messages == []


def test_everything_is_told_within_five_seconds() -> None:
    """Brokers are tried at the same time, and what one of them is asked has the rest of the time."""
    assert brokers.PATIENCE_S < examination._ANSWER_WITHIN_S < 5


def test_whatever_the_settings_hold_is_text(bridge: Run) -> None:
    given = {"ingress_url": f"http://{PLAIN}", "worker_url": PLAIN, "worker_data_dir": PLAIN.replace("/", "")}
    result = bridge("doctor", "--through", tenant=PLAIN, kafka_bootstrap_servers=PLAIN, **given)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert_inert(result.output)


def test_for_people_the_remedy_stands_below_what_is_wrong(bridge: Run) -> None:
    address = f"127.0.0.1:{unused_port()}"
    result = bridge("doctor", kafka_bootstrap_servers=address)
    lines = result.stdout.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith("WRONG")]
    assert "-> start Kafka" in lines[at + 1]
    assert any(line.startswith("curl -X POST https://acme.") for line in lines)
    assert lines[-1].startswith("1 wrong:")
