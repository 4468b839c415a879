"""What commands say when Kafka does not let them in, or not do what they want."""

import pytest

from tests.integration.secured import mistakes
from tests.integration.secured.broker import Permissions, SecuredBroker
from tests.integration.secured.conftest import Run
from tests.integration.secured.mistakes import PYTHON, Mistake
from tests.unit.commands.messages import messages_of


@pytest.mark.parametrize("mistake", mistakes.ALL.values(), ids=mistakes.ALL)
@pytest.mark.parametrize("command", [("topics", "check"), ("topics", "apply", "--yes")])
def test_a_mistake_is_told_in_one_line_with_the_remedy(
    secured: SecuredBroker, bridge: Run, command: tuple[str, ...], mistake: Mistake
) -> None:
    result = bridge(*command, BRIDGE_REPLICATION_FACTOR="3", **mistake.variables(secured))
    assert result.exit_code == 2
    assert len(messages_of(result.stderr)) == 1, result.stderr
    for said in mistake.said:
        assert said in result.stderr
    for said in PYTHON:
        assert said not in result.output


def test_without_permissions_apply_says_who_knows_the_command_that_gives_them(bridge: Run) -> None:
    result = bridge("topics", "apply", "--yes", BRIDGE_REPLICATION_FACTOR="1")
    assert result.exit_code == 2
    assert "TOPIC_AUTHORIZATION_FAILED" in result.stderr
    assert "`bridge doctor`, as User:bridge, prints the command" in result.stderr
    assert not any(said in result.output for said in PYTHON)


def test_without_the_transactional_ids_permission_apply_says_so_and_leaves_no_producer_behind(
    bridge: Run, permissions: Permissions, environment: dict[str, str]
) -> None:
    permissions.allow_only_topics(environment["BRIDGE_TOPIC_PREFIX"])
    result = bridge("topics", "apply", "--yes")
    assert result.exit_code == 2
    assert "TRANSACTIONAL_ID_AUTHORIZATION_FAILED" in result.stderr
    assert f"({environment['BRIDGE_TOPIC_PREFIX']}.bridge.rules): `bridge doctor`" in result.stderr
    assert not any(said in result.output for said in PYTHON)


def test_with_the_permissions_of_the_documentation_everything_is_made(
    bridge: Run, permissions: Permissions, environment: dict[str, str]
) -> None:
    permissions.allow_topics(environment["BRIDGE_TOPIC_PREFIX"])
    for command in (("apply", "--yes"), ("check",)):
        result = bridge("topics", *command)
        assert result.exit_code == 0, result.output


def test_a_topic_is_made_later_without_a_permission_on_the_group(
    bridge: Run, permissions: Permissions, environment: dict[str, str]
) -> None:
    """The group's offsets would only tell whether the topic may have held something."""
    prefix = environment["BRIDGE_TOPIC_PREFIX"]
    permissions.allow_topics(prefix)
    assert bridge("topics", "apply", "--yes").exit_code == 0
    result = bridge("topics", "apply", "--yes", BRIDGE_ORDER_LINES="true")
    assert result.exit_code == 0, result.output
    assert f"{prefix}.order-lines.v1: what it held before is gone, if it was there" in " ".join(result.stderr.split())


def test_tls_that_fits_is_no_mistake(secured: SecuredBroker, bridge: Run) -> None:
    """The same listener and certificate as in the mistakes."""
    variables = mistakes.UNTRUSTED.variables(secured)
    result = bridge("topics", "check", BRIDGE_KAFKA_SSL_CAFILE=str(secured.ca), **variables)
    assert result.exit_code == 1  # the topics do not exist
