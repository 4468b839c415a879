"""What `bridge doctor` finds at a Kafka that asks who connects, and that doing what it says is enough."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from typer.testing import Result

from tests.integration.secured import mistakes
from tests.integration.secured.broker import Permissions, SecuredBroker
from tests.integration.secured.conftest import Run
from tests.integration.secured.mistakes import PYTHON, Mistake
from tests.integration.waiting import wait_until

_SILENCE = ("says nothing for", "no answer within", "nothing answers at")
"""What is said of a broker that was not heard in time, on a busy machine, too."""


def doctor(bridge: Run, *arguments: str, **changed: str) -> Result:
    """What it says, asked again while Kafka was not heard in time."""

    def heard() -> Result | None:
        result = bridge("doctor", *arguments, **changed)
        return None if any(words in " ".join(result.output.split()) for words in _SILENCE) else result

    return wait_until("Kafka is heard in time", heard)


def wrong(result: Result) -> list[dict[str, Any]]:
    """The findings that make it fail."""
    return [each for each in json.loads(result.stdout)["findings"] if each["state"] == "wrong"]


def commands(result: Result) -> Iterator[list[str]]:
    """The `kafka-acls.sh` calls that it prints, as a shell would take them."""
    for finding in wrong(result):
        yield from (shlex.split(each) for each in finding["remedies"] if each.startswith("kafka-acls.sh"))


@pytest.mark.parametrize("mistake", mistakes.ALL.values(), ids=mistakes.ALL)
def test_a_mistake_is_named_with_the_remedy(secured: SecuredBroker, bridge: Run, mistake: Mistake) -> None:
    result = doctor(bridge, **mistake.variables(secured))
    assert result.exit_code == 1
    for said in mistake.said:
        assert said in result.stdout
    for said in PYTHON:
        assert said not in result.output


def test_its_commands_allow_all_that_is_missing(
    secured: SecuredBroker, bridge: Run, permissions: Permissions, environment: Mapping[str, str]
) -> None:
    """First to know of anything at all, then to create topics, then to use those that are there."""
    seen = set[str]()
    for _ in range(4):
        result = doctor(bridge, "-o", "json")
        for command in commands(result):
            assert command[1:3] == ["--bootstrap-server", secured.sasl]
            permissions.allow_as(command)
            seen.update(command)
        if not [each for each in wrong(result) if each["check"] == "permissions"]:
            bridge("topics", "apply", "--yes")
    prefix = environment["BRIDGE_TOPIC_PREFIX"]
    assert {"Read", "Write", f"{prefix}.raw.v1", f"{prefix}.bridge.v1", f"{prefix}.bridge.v1-"} <= seen
    assert wrong(result) == []
    assert bridge("topics", "check").exit_code == 0


def test_a_single_missing_permission_is_the_only_thing_that_is_wrong(
    bridge: Run, permissions: Permissions, environment: Mapping[str, str]
) -> None:
    prefix = environment["BRIDGE_TOPIC_PREFIX"]
    permissions.allow_topics(prefix)
    permissions.allow_group(prefix)
    assert bridge("topics", "apply", "--yes").exit_code == 0
    permissions.forbid_writing(prefix)
    result = doctor(bridge, "-o", "json")
    (command,) = commands(result)
    assert command[command.index("--operation") :] == ["--operation", "Write"]
    assert [each["check"] for each in wrong(result)] == ["permissions"]


def test_a_worker_that_may_no_longer_read_a_changelog_is_told_so(
    secured: SecuredBroker, bridge: Run, permissions: Permissions, environment: Mapping[str, str]
) -> None:
    """The worker itself reads it only when a lane opens, and sees nothing before that."""
    trusting = {**mistakes.UNTRUSTED.variables(secured), "BRIDGE_KAFKA_SSL_CAFILE": str(secured.ca)}
    assert bridge("topics", "apply", "--yes", **trusting).exit_code == 0
    while allowed := list(commands(doctor(bridge, "--part", "worker", "-o", "json"))):
        for command in allowed:
            permissions.allow_as(command)
    changelog = f"{environment['BRIDGE_TOPIC_PREFIX']}.orders-changelog.v1"
    permissions.forbid_reading(changelog)
    (command,) = commands(doctor(bridge, "--part", "worker", "-o", "json"))
    assert {changelog, "Read"} <= set(command)


def test_what_fits_is_not_wrong(secured: SecuredBroker, bridge: Run) -> None:
    """The same listener and certificate as in the mistakes. Nothing is hidden from an administrator."""
    trusting = {**mistakes.UNTRUSTED.variables(secured), "BRIDGE_KAFKA_SSL_CAFILE": str(secured.ca)}
    assert bridge("topics", "apply", "--yes", **trusting).exit_code == 0
    result = doctor(bridge, **trusting)
    assert result.exit_code == 0, result.output
    for said in ("certificate is trusted", "free in ", "Kafka 4.2", "allows what the settings ask for"):
        assert said in result.stdout
