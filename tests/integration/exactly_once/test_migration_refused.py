"""When `bridge topics migrate` does not begin, or does not go on."""

import signal

import pytest

from tests.integration.commands.records import ByHand, order_event
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.exactly_once.migrating import AT_ONCE, OLD, SIX, migrate
from tests.integration.waiting import PATIENCE


def test_a_running_worker_is_a_reason_not_to_begin(deployment: Deployment) -> None:
    """Nothing is announced, and nobody disturbed. Its long session keeps the worker in the group on a busy machine."""
    deployment.load.send(OLD)
    deployment.worker("worker", session_timeout="60s").wait_ready()
    refused = deployment.command("topics", "migrate", "--yes", **SIX, session_timeout="500ms").result()
    assert (refused.exit_code, "Workers are running (1)" in refused.stderr) == (2, True), refused.stderr
    deployment.check()


def test_raw_records_that_are_not_processed_are_a_reason_not_to_begin(deployment: Deployment) -> None:
    deployment.load.send(OLD)
    refused = deployment.command("topics", "migrate", "--yes", **SIX).result()
    assert (refused.exit_code, f"{OLD:,} raw records are not processed" in refused.stderr) == (2, True)
    assert deployment.command("topics", "check").result().exit_code == 0


@pytest.mark.parametrize("dataset", ["raw", "orders_changelog"])
def test_a_transaction_that_hides_records_is_a_reason_not_to_begin(deployment: Deployment, dataset: str) -> None:
    """A migration once left them to be processed in the partitions of the old rules, where nobody knows their keys, or
    split the orders."""
    topic = getattr(deployment.settings.topics, dataset)
    rogue = ByHand(deployment.settings).open_transaction(topic)
    refused = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE).result()
    assert (refused.exit_code, "a transaction is open: 1 offsets from" in refused.stderr) == (2, True), refused.stderr
    assert deployment.command("topics", "check").result().exit_code == 0
    rogue.abort_transaction(PATIENCE)


def test_what_nobody_can_read_of_its_announcement_is_taken_back(deployment: Deployment) -> None:
    """The announcement once came into force when the transaction that hid it had ended, and all services stopped."""
    rogue = ByHand(deployment.settings).open_transaction(deployment.settings.topics.rules)
    refused = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE).result()
    assert (refused.exit_code, "nobody can read them there" in refused.stderr) == (2, True), refused.stderr
    rogue.abort_transaction(PATIENCE)
    assert deployment.command("topics", "check").result().exit_code == 0


def test_a_processed_record_that_topics_take_no_more_is_a_reason(deployment: Deployment) -> None:
    """It was once left out: its order lost a fact, and it passed when it came again. A migration that goes on with an
    announced one ends there, too. It has a way out: the limit of before."""
    worker = deployment.worker("worker")
    ByHand(deployment.settings).raw(order_event("order.created", "o-1", note="x" * 80_000))
    deployment.wait_settled()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    lowered = {**SIX, **AT_ONCE, "ingress_max_body_bytes": "10000"}
    refused = deployment.command("topics", "migrate", "--yes", **lowered).result()
    assert (refused.exit_code, "more than topics take by" in refused.stderr) == (2, True), refused.stderr
    assert deployment.command("topics", "check").result().exit_code == 0
    killed = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE, test_fault="migration-announced:KILL:1")
    assert killed.result().exit_code == -signal.SIGKILL
    halted = deployment.command("topics", "migrate", "--yes", **lowered).result()
    assert (halted.exit_code, "A worker has processed" in halted.stderr) == (2, True), halted.stderr
    migrate(deployment, **SIX)
    assert deployment.command("topics", "check", **SIX).result().exit_code == 0


def test_without_a_terminal_it_shows_its_plan_and_wants_yes(deployment: Deployment) -> None:
    asked = deployment.command("topics", "migrate", **SIX).result()
    assert asked.exit_code == 2
    assert "needs --yes" in asked.stderr
    assert "partitions" in asked.stderr
    assert deployment.command("topics", "check").result().exit_code == 0


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [({}, 0, "Nothing to do"), ({"partitions": "3"}, 2, "cannot take any away"), ({"topic_prefix": "no"}, 2, "apply")],
)
def test_what_it_cannot_do_it_says(deployment: Deployment, settings: dict[str, str], code: int, says: str) -> None:
    done = deployment.command("topics", "migrate", "--yes", **settings).result()
    assert (done.exit_code, says in done.stderr) == (code, True), done.stderr
